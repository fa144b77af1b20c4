/** Colours against the formula of WCAG 2.2, and the tokens against each other. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { contrast, readable, textOn } from "../../src/shared/contrast";
import { brandProperties, GROUNDS } from "../../src/widget/brand";

const css = readFileSync(new URL("../../src/shared/tokens.css", import.meta.url), "utf8");
const pairs = [...css.matchAll(/--([\w-]+): light-dark\((#[\da-f]{6}), (#[\da-f]{6})\)/g)];
const tokensOf = (at: 2 | 3): Record<string, string> => Object.fromEntries(pairs.map((pair) => [pair[1], pair[at]]));
const schemes = { light: tokensOf(2), dark: tokensOf(3) };

/** A grid of 9 × 9 × 9 colours. */
const steps = Array.from({ length: 9 }, (_, at) => Math.min(255, at * 32));
const colours = steps.flatMap((r) =>
  steps.flatMap((g) => steps.map((b) => "#" + [r, g, b].map((part) => part.toString(16).padStart(2, "0")).join(""))),
);

test("it agrees with known ratios", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
  expect(contrast("#ff0000", "#ffffff")).toBeCloseTo(4.0, 1);
});

test("a colour that is readable already stays as it is", () => {
  expect(readable("#1f6f5c", "#ffffff", 4.5)).toBe("#1f6f5c");
});

test("text on any colour reaches 4.5:1", () => {
  for (const colour of colours) expect(contrast(textOn(colour), colour)).toBeGreaterThanOrEqual(4.5);
});

describe.each(["light", "dark"] as const)("%s", (scheme) => {
  const tokens = schemes[scheme];
  const [ground, sunken] = GROUNDS[scheme];
  const ratio = (one: string, other: string): number => contrast(tokens[one] ?? "", tokens[other] ?? "");

  test("the grounds the brand is computed for are those of the tokens", () => {
    expect([tokens.ground, tokens.sunken]).toEqual([ground, sunken]);
  });

  test.each([
    ["ink", "ground"],
    ["ink", "raised"],
    ["ink", "sunken"],
    ["ink", "mark"],
    ["muted", "ground"],
    ["muted", "raised"],
    ["muted", "sunken"],
    ["danger", "ground"],
  ])("%s on %s reaches 4.5:1", (text, on) => {
    expect(ratio(text, on)).toBeGreaterThanOrEqual(4.5);
  });

  test.each([["edge"], ["danger"]])("%s draws controls at 3:1", (name) => {
    expect(ratio(name, "ground")).toBeGreaterThanOrEqual(3);
  });

  test("every brand colour becomes a readable one", () => {
    for (const colour of colours) {
      const both = brandProperties(colour).map(([, value]) => value.match(/#[\da-f]{6}/g) ?? []);
      const [accent = "", onAccent = "", link = ""] = both.map((shades) => shades[scheme === "light" ? 0 : 1]);
      expect(contrast(accent, ground)).toBeGreaterThanOrEqual(3);
      expect(contrast(onAccent, accent)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(link, sunken)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(link, tokens.raised ?? "")).toBeGreaterThanOrEqual(4.5);
      expect(contrast(link, ground)).toBeGreaterThanOrEqual(4.5);
    }
  });
});

test.each(["red", "", "#fff", "url(x)", "#12345g"])("the colour %j counts as unknown", (colour) => {
  expect(brandProperties(colour)).toEqual(brandProperties());
});
