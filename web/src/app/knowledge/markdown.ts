/**
 * Reads an article's Markdown into blocks for the preview: headings, paragraphs, lists, quotations, code, rules.
 * Plain values only; no HTML on the way. Inline marks are the message subset's.
 */
import { type Inline, inline, meant } from "../../shared/markup";

export type ArticleBlock =
  | { kind: "heading"; level: 1 | 2 | 3 | 4; parts: Inline[] }
  | { kind: "paragraph"; lines: Inline[][] }
  | { kind: "list"; ordered: boolean; first: number; items: Inline[][] }
  | { kind: "quote"; lines: Inline[][] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] }
  | { kind: "code"; text: string }
  | { kind: "rule" };

const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const ITEM = /^\s*(?:[-*+]|(\d{1,3})[.)])\s+(.*)$/;
const QUOTE = /^>\s?(.*)$/;
const FENCE = /^\s*(?:```|~~~)/;
const RULE = /^\s*(?:-{3,}|\*{3,}|_{3,})\s*$/;
const TABLE_LINE = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$/;

const cells = (line: string): Inline[][] =>
  line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => inline(cell.trim()));

const level = (marks: string): 1 | 2 | 3 | 4 => Math.min(4, marks.length) as 1 | 2 | 3 | 4;

/** A passage in a few plain lines: without the marks of headings, and of a table what stands in it. */
export function plainly(text: string): string {
  return meant(text)
    .split("\n")
    .filter((line) => !TABLE_LINE.test(line))
    .map((line) => (/^\s*\|.*\|\s*$/.test(line) ? line.trim().replaceAll(/^\|\s*|\s*\|$/g, "").replaceAll(/\s*\|\s*/g, " · ") : line.replace(/^#+\s*/, "")))
    .join("\n")
    .replaceAll(/\n{2,}/g, "\n");
}

/** Never throws; what it does not know stays text. */
export function articleBlocks(text: string): ArticleBlock[] {
  const lines = meant(text).replaceAll("\r\n", "\n").split("\n");
  const found: ArticleBlock[] = [];
  let open: ArticleBlock | null = null;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (FENCE.test(line)) {
      const end = lines.findIndex((other, index) => index > at && FENCE.test(other));
      const to = end < 0 ? lines.length : end;
      found.push({ kind: "code", text: lines.slice(at + 1, to).join("\n") });
      at = to;
      open = null;
      continue;
    }
    const heading = HEADING.exec(line);
    const item = ITEM.exec(line);
    const quote = QUOTE.exec(line);
    if (!line.trim()) open = null;
    else if (RULE.test(line)) {
      found.push({ kind: "rule" });
      open = null;
    } else if (heading) {
      found.push({ kind: "heading", level: level(heading[1] ?? "#"), parts: inline(heading[2] ?? "") });
      open = null;
    } else if (line.includes("|") && TABLE_LINE.test(lines[at + 1] ?? "")) {
      const table: ArticleBlock = { kind: "table", head: cells(line), rows: [] };
      for (at += 2; at < lines.length && (lines[at] ?? "").includes("|"); at++) table.rows.push(cells(lines[at] ?? ""));
      at--;
      found.push(table);
      open = null;
    } else if (item) {
      const ordered = item[1] !== undefined;
      if (open?.kind !== "list" || open.ordered !== ordered) found.push((open = { kind: "list", ordered, first: Number(item[1] ?? 1), items: [] }));
      open.items.push(inline(item[2] ?? ""));
    } else if (quote) {
      if (open?.kind !== "quote") found.push((open = { kind: "quote", lines: [] }));
      open.lines.push(inline(quote[1] ?? ""));
    } else if (open?.kind === "list") {
      open.items.at(-1)?.push({ kind: "text", text: " " }, ...inline(line.trim()));
    } else {
      if (open?.kind !== "paragraph") found.push((open = { kind: "paragraph", lines: [] }));
      open.lines.push(inline(line));
    }
  }
  return found;
}
