/** Articles, versions and figures as a person reads them. */
import { describe, expect, test } from "vitest";
import { ago, duration, initials, measured, readable } from "../../src/app/format";
import { diffLines, shownLines } from "../../src/app/knowledge/diff";
import { articleBlocks, plainly } from "../../src/app/knowledge/markdown";
import { pluralIn } from "../../src/app/words/plural";

describe("an article's blocks", () => {
  test("headings, lists, quotation, code, table and rule", () => {
    const text = "# Title\n\nText\nmore\n\n- one\n- two\n  still two\n\n1. first\n\n> said\n\n```\n# no heading\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---";
    expect(articleBlocks(text).map((block) => block.kind)).toEqual(["heading", "paragraph", "list", "list", "quote", "code", "table", "rule"]);
  });
  test("markup stays text", () => {
    expect(articleBlocks("<img src=x onerror=alert(1)>")).toEqual([{ kind: "paragraph", lines: [[{ kind: "text", text: "<img src=x onerror=alert(1)>" }]] }]);
  });
  test("a fence left open holds the rest", () => {
    expect(articleBlocks("```\ncode")).toEqual([{ kind: "code", text: "code" }]);
  });
});

describe("the difference of two versions", () => {
  test("names what came and went, in order", () => {
    const lines = diffLines("a\nb\nc", "a\nx\nc");
    expect(lines.map((line) => line.kind + line.text)).toEqual(["samea", "removedb", "addedx", "samec"]);
  });
  test("either text comes back from its lines", () => {
    const before = "one\ntwo\nthree\nfour\nfive";
    const after = "zero\none\nthree\n3.5\nfive\nsix";
    const lines = diffLines(before, after);
    expect(lines.filter((line) => line.kind !== "added").map((line) => line.text).join("\n")).toBe(before);
    expect(lines.filter((line) => line.kind !== "removed").map((line) => line.text).join("\n")).toBe(after);
  });
  test("long sameness is left out", () => {
    const before = Array.from({ length: 40 }, (_, at) => `line ${at}`).join("\n");
    const shown = shownLines(diffLines(before, before.replace("line 20", "LINE 20")));
    expect(shown.map((line) => (line.kind === "hidden" ? line.lines : line.kind))).toEqual([18, "same", "same", "removed", "added", "same", "same", 17]);
  });
});

test("times and names", () => {
  const now = Date.parse("2026-01-02T12:00:00Z");
  expect(ago("2026-01-02T11:59:50Z", now)).toBe("now");
  expect(ago("2026-01-02T11:57:00Z", now)).toBe("3 min. ago");
  expect(duration(90 * 60_000)).toBe("1h");
  expect(measured(1_340)).toBe("1.3s");
  expect(measured(0.42)).toBe("0.4ms");
  expect(readable("account_access")).toBe("Account access");
  expect(initials("Ann Okafor")).toBe("AO");
});

test("plurals follow the language", () => {
  expect(pluralIn("en")(1, { one: "# day", other: "# days" })).toBe("1 day");
  expect(pluralIn("en")(1_200, { one: "# day", other: "# days" })).toBe("1,200 days");
  expect(pluralIn("ar")(2, { two: "pair", other: "#" })).toBe("pair");
});

test("a passage in plain lines", () => {
  expect(plainly("## Stores\n\nWe have two.\n\n| Store | Open |\n|---|---|\n| Utrecht | 10-18 |")).toBe("Stores\nWe have two.\nStore · Open\nUtrecht · 10-18");
});
