/** The promises of the built file: small, and without the doors that others have been entered by. */
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { beforeAll, expect, test } from "vitest";

/** 15 kB gzip. */
const LIMIT_BYTES = 15_000;

let code = "";

beforeAll(async () => {
  const root = resolve(import.meta.dirname, "../..");
  const configFile = resolve(root, "vite.widget.config.ts");
  const [{ output }] = (await build({ root, configFile, logLevel: "silent", build: { write: false } })) as [Rolldown.RolldownOutput];
  expect(output).toHaveLength(1);
  ({ code } = output[0]);
});

test("it is one script within its size", () => {
  expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(LIMIT_BYTES);
});

test.each([
  ["listens to no messages from other windows", /addEventListener\(["'`]message|window\.onmessage|self\.onmessage/],
  ["posts nothing to other windows", /(?:parent|top|opener|window|source)\??\.postMessage/],
  ["writes no markup", /innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser/],
  ["evaluates no text", /\beval\(|new Function|setTimeout\(["'`]/],
  ["adds no style element or attribute", /createElement\(["'`]style|cssText|setAttribute\(["'`]style/],
  ["sets no cookie", /document\.cookie/],
])("it %s", (_what, pattern) => {
  expect(code.length).toBeGreaterThan(10_000);
  expect(code).not.toMatch(pattern);
});
