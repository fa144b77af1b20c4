/** Every address that the pages call is one that the server's contract knows. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const { paths } = JSON.parse(read("../src/app/api/openapi.json")) as { paths: Record<string, unknown> };

const PART = /^(?:\{.*\}|.*\$\{.*\}.*)$/;
const parts = (path: string): string[] => path.split("/");

/** Part by part the same, where `{id}` there and `${id}` here stand for anything. */
const meets = (called: string, known: string): boolean =>
  parts(called).length === parts(known).length &&
  parts(called).every((part, at) => part === parts(known)[at] || PART.test(part) || PART.test(parts(known)[at] ?? ""));

test.each(["app/api/calls.ts", "app/api/knowledge.ts", "app/api/actions.ts", "app/api/workflows.ts", "app/api/models.ts", "app/live/stream.ts", "widget/chat.ts", "widget/api.ts", "widget/later/card.tsx", "widget/later/code.tsx"])("%s", (file) => {
  const found = [...read(`../src/${file}`).matchAll(/["`](\/v1\/[^"`]*)["`]/g)];
  const called = found.map(([, text = ""]) => text.replace(/\$\{query\(.*$/, ""));
  expect(called.length).toBeGreaterThan(0);
  expect(called.filter((address) => !Object.keys(paths).some((known) => meets(address, known)))).toEqual([]);
});
