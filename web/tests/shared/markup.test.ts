/** The Markdown subset: what it reads, and what it leaves as the text it was. */
import { describe, expect, test } from "vitest";
import { blocks, inline, meant, safeLink, sentenceEnd, spoken } from "../../src/shared/markup";

describe("inline", () => {
  test("it reads bold, code, links and citation marks", () => {
    expect(inline("**Yes**, run `go` ([help](https://a.example/x)) [12].")).toEqual([
      { kind: "bold", text: "Yes" },
      { kind: "text", text: ", run " },
      { kind: "code", text: "go" },
      { kind: "text", text: " (" },
      { kind: "link", text: "help", href: "https://a.example/x", host: "a.example" },
      { kind: "text", text: ") " },
      { kind: "cite", index: 12 },
      { kind: "text", text: "." },
    ]);
  });

  test.each(["[x](javascript:alert(1))", "[x](http://a.example)", "[x](data:text/html,hi)", "[x](//a.example)", "<b>x</b>", "**", "`", "[123]"])(
    "it leaves %s as text",
    (text) => {
      expect(inline(text).map((part) => part.kind)).toEqual(["text"]);
      expect(inline(text)[0]).toEqual({ kind: "text", text });
    },
  );
});

test("it reads paragraphs and lists", () => {
  const text = "First\nsecond\n\n1. one\n2. two\n- three\n\nlast";
  expect(blocks(text).map((block) => (block.kind === "list" ? [block.ordered, block.first, block.items.length] : block.lines.length))).toEqual([
    2,
    [true, 1, 2],
    [false, 1, 1],
    1,
  ]);
  expect(blocks("3) three")).toMatchObject([{ kind: "list", ordered: true, first: 3 }]);
  expect(blocks("")).toEqual([]);
});

test("it follows https and mailto only", () => {
  expect(safeLink("https://a.example/")?.host).toBe("a.example");
  expect(safeLink("mailto:a@b.example")).not.toBeNull();
  expect(["http://a.example", "javascript:1", "nonsense", ""].map(safeLink)).toEqual([null, null, null, null]);
});

test("it speaks the words alone", () => {
  expect(spoken("**Yes** [1]: see [our page](https://a.example) `now`.")).toBe("Yes: see our page now.");
});

test.each([
  ["", 0],
  ["Still going", 0],
  ["One. Tw", 4],
  ["It is 3.5 m", 0],
  ["Done [1].", 9],
  ["Done. [1] Next", 9],
  ["He said “go.” And", 13],
  ["Line\nnext", 5],
])("the last whole sentence of %j ends at %i", (text, end) => {
  expect(sentenceEnd(text)).toBe(end);
});

test("what the server stored for a tag or an entity reads as it was meant, once", () => {
  expect(meant("a &lt;b> &amp; &amp;lt; c")).toBe("a <b> & &lt; c");
});
