/** The promises of the built files: small, and without the doors that others have been entered by. */
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { beforeAll, expect, test } from "vitest";

/** Of the script that every page loads: 15 kB gzip. */
const LIMIT_BYTES = 15_000;
/** Of what few conversations need: 5 kB gzip. */
const LATER_LIMIT_BYTES = 5_000;

const FIRST = "widget.js";
let later = "";
const code: Record<string, string> = {};

beforeAll(async () => {
  const root = resolve(import.meta.dirname, "../..");
  const configFile = resolve(root, "vite.widget.config.ts");
  const [{ output }] = (await build({ root, configFile, logLevel: "silent", build: { write: false } })) as [Rolldown.RolldownOutput];
  for (const file of output) code[file.fileName] = file.type === "chunk" ? file.code : String(file.source);
  later = Object.keys(code).find((name) => name !== FIRST) ?? "";
});

test("it is one script, and one file for later that the script names", () => {
  expect(Object.keys(code)).toHaveLength(2);
  expect(later).toMatch(/^later-[\w-]{8}\.js$/);
  expect(code[FIRST]).toContain(later);
});

test("both are within their size", () => {
  expect(gzipSync(code[FIRST] ?? "", { level: 9 }).length).toBeLessThanOrEqual(LIMIT_BYTES);
  expect(gzipSync(code[later] ?? "", { level: 9 }).length).toBeLessThanOrEqual(LATER_LIMIT_BYTES);
});

test.each([
  ["listens to no messages from other windows", /addEventListener\(["'`]message|window\.onmessage|self\.onmessage/],
  ["posts nothing to other windows", /(?:parent|top|opener|window|source)\??\.postMessage/],
  ["writes no markup", /innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser/],
  ["evaluates no text", /\beval\(|new Function|setTimeout\(["'`]/],
  ["adds no style element or attribute", /createElement\(["'`]style|cssText|setAttribute\(["'`]style/],
  ["adds no script element", /createElement\(["'`]script/],
  ["sets no cookie", /document\.cookie/],
])("it %s", (_what, pattern) => {
  expect(code[FIRST]?.length).toBeGreaterThan(10_000);
  expect(code[later]?.length).toBeGreaterThan(2_000);
  for (const text of Object.values(code)) expect(text).not.toMatch(pattern);
});
