/**
 * Keeps a colour readable, by the contrast formula of WCAG 2.2 (relative luminance).
 *
 * Knows nothing about pages; colours are "#rrggbb".
 */

const parts = (hex: string): number[] => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

const luminance = (hex: string): number => {
  const [red = 0, green = 0, blue = 0] = parts(hex).map((part) =>
    part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** The contrast ratio of two colours, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Black or white, whichever stands out more from `ground`. */
export function textOn(ground: string): string {
  return contrast("#ffffff", ground) >= 4.5 ? "#ffffff" : "#000000";
}

/** `colour` moved towards black or white, in the least of 20 steps, until it reaches `ratio` on `ground`. */
export function readable(colour: string, ground: string, ratio: number, step = 0): string {
  const [target = 0] = parts(textOn(ground));
  const moved = parts(colour).map((part) => Math.round(part + ((target - part) * step) / 20));
  const hex = "#" + moved.map((part) => part.toString(16).padStart(2, "0")).join("");
  return step === 20 || contrast(hex, ground) >= ratio ? hex : readable(colour, ground, ratio, step + 1);
}
