/**
 * The tenant's brand colour made safe for both colour schemes. Knows the two grounds of tokens.css, no page.
 */

import { readable, textOn } from "../shared/contrast";

/** `--ground` and `--sunken` of tokens.css, between which all others lie; a test holds them together. */
export const GROUNDS = {
  light: ["#ffffff", "#e9ebef"],
  dark: ["#15181c", "#2d323a"],
} as const;

/** Until the tenant's own is known. */
const INK = "#1f2937";

/**
 * Custom properties for a brand colour ("#rrggbb", anything else counts as unknown), each for both schemes: `accent`
 * reaches 3:1 as a control on its ground, `on-accent` 4.5:1 as text on the accent, `link` 4.5:1 as text on any of them.
 */
export function brandProperties(wanted = ""): [name: string, colour: string][] {
  const colour = /^#[\da-f]{6}$/i.test(wanted) ? wanted : INK;
  const both = (shade: (grounds: readonly [string, string]) => string): string =>
    `light-dark(${shade(GROUNDS.light)},${shade(GROUNDS.dark)})`;
  const accent = ([ground]: readonly [string, string]): string => readable(colour, ground, 3);
  return [
    ["--accent", both(accent)],
    ["--on-accent", both((grounds) => textOn(accent(grounds)))],
    ["--link", both(([, sunken]) => readable(colour, sunken, 4.5))],
  ];
}
