/** Rules of the look that must not rot: contrast of the tokens, logical directions only, no markup strings. */
import { readFileSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { refuseMarkup } from "../../src/app/markup-guard";
import { contrast } from "../../src/shared/contrast";

const root = resolve(import.meta.dirname, "../../src/app");
const files = readdirSync(root, { recursive: true, encoding: "utf8" });
const read = (name: string): string => readFileSync(resolve(root, name), "utf8");

const tokens = (scheme: string): Record<string, string> => {
  const block = read("tokens.css").split(`[data-mantine-color-scheme="${scheme}"] {`)[1]?.split("}")[0] ?? "";
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[\da-f]{6});/g)].map(([, name, value]) => [name, value]));
};

describe.each(["light", "dark"])("%s", (scheme) => {
  const colours = tokens(scheme);
  const ratio = (one: string, other: string): number => contrast(colours[one] ?? "", colours[other] ?? "");
  const grounds = ["canvas", "surface", "sunken", "hover", "selected"];
  const text = ["text", "text-dim"].flatMap((ink) => grounds.map((ground) => [ink, ground] as const));
  const tinted = ["red", "amber", "green", "blue", "accent"].flatMap((ink) => [[ink, `${ink}-soft`], [ink, "surface"]] as const);
  test.each([...text, ...tinted, ["note-text", "note"], ["on-accent", "accent"]] as const)("%s on %s is readable", (ink, ground) => {
    expect(ratio(ink, ground)).toBeGreaterThanOrEqual(4.5);
  });
  test.each([["line-strong", "surface"], ["line-strong", "canvas"], ["focus", "surface"], ["focus", "canvas"], ["accent", "sunken"]] as const)("%s on %s can be seen", (edge, ground) => {
    expect(ratio(edge, ground)).toBeGreaterThanOrEqual(3);
  });
});

test("styles know start and end, never left and right", () => {
  const sheets = files.filter((name) => name.endsWith(".css"));
  expect(sheets.length).toBeGreaterThan(4);
  for (const name of sheets) expect(read(name), name).not.toMatch(/(?:margin|padding|border|inset)-(?:left|right|top|bottom)|[\s{;](?:left|right|width|height)\s*:|text-align:\s*(?:left|right)/);
});

test("no page writes markup", () => {
  const sources = files.filter((name) => /\.tsx?$/.test(name));
  for (const name of sources) expect(read(name), name).not.toMatch(/innerHTML|dangerouslySetInnerHTML|\beval\(|document\.write/);
  expect(() => refuseMarkup("<b>")).toThrow();
  expect(refuseMarkup(".a > .b { color: red }")).toContain("color");
});
