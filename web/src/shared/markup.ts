/**
 * Reads the small Markdown subset that messages may use: **bold**, `code`, "- " and "1. " lists,
 * [label](https://…) links, line breaks, and citation marks such as [1].
 *
 * It returns a tree of plain values that a page turns into elements; there is no HTML on the way, in or out.
 * Links are kept only for https: and mailto:; everything else stays the text it was.
 */

export type Inline =
  | { kind: "text" | "bold" | "code"; text: string }
  | { kind: "link"; text: string; href: string; host: string }
  | { kind: "cite"; index: number };

export type Block =
  | { kind: "lines"; lines: Inline[][] }
  | { kind: "list"; ordered: boolean; first: number; items: Inline[][] };

const MARKS = /\*\*([^*\n]+)\*\*|`([^`\n]+)`|\[([^\]\n]+)\]\(([^\s)]+)\)|\[(\d{1,2})\]/g;
const ITEM = /^\s*(?:[-*•]|(\d{1,3})[.)])\s+(.*)$/;

/** Article text as it was meant: the server stores what could be a tag or an entity as `&lt;` and `&amp;`. */
export const meant = (text: string): string => text.replace(/&lt;/g, "<").replace(/&amp;/g, "&");

/** The address of a link when it is one we follow, else null. */
export function safeLink(address: string): URL | null {
  try {
    const url = new URL(address);
    return url.protocol === "https:" || url.protocol === "mailto:" ? url : null;
  } catch {
    return null;
  }
}

/** Splits one line into its inline parts. */
export function inline(line: string): Inline[] {
  const parts: Inline[] = [];
  let from = 0;
  const plain = (text: string): void => {
    const last = parts.at(-1);
    if (last?.kind === "text") last.text += text;
    else if (text) parts.push({ kind: "text", text });
  };
  for (const found of line.matchAll(MARKS)) {
    plain(line.slice(from, found.index));
    from = found.index + found[0].length;
    const [whole, bold, code, label, address, mark] = found;
    if (bold) parts.push({ kind: "bold", text: bold });
    else if (code) parts.push({ kind: "code", text: code });
    else if (mark) parts.push({ kind: "cite", index: Number(mark) });
    else {
      const url = safeLink(address ?? "");
      if (url) parts.push({ kind: "link", text: label ?? "", href: url.href, host: url.host || url.pathname });
      else plain(whole);
    }
  }
  plain(line.slice(from));
  return parts;
}

/** Splits a message into paragraphs and lists. Never throws; unknown marks stay text. */
export function blocks(text: string): Block[] {
  const found: Block[] = [];
  let open: Block | null = null;
  for (const line of text.split("\n")) {
    const item = ITEM.exec(line);
    if (item) {
      const ordered = item[1] !== undefined;
      if (open?.kind !== "list" || open.ordered !== ordered) {
        open = { kind: "list", ordered, first: Number(item[1] ?? 1), items: [] };
        found.push(open);
      }
      open.items.push(inline(item[2] ?? ""));
    } else if (!line.trim()) {
      open = null;
    } else {
      if (open?.kind !== "lines") {
        open = { kind: "lines", lines: [] };
        found.push(open);
      }
      open.lines.push(inline(line));
    }
  }
  return found;
}

/** The words alone, for a screen reader's announcement: no marks, no citation numbers. */
export function spoken(text: string): string {
  return text
    .replace(/\s*\[\d{1,2}\](?!\()/g, "")
    .replace(/\[([^\]\n]+)\]\([^\s)]+\)/g, "$1")
    .replace(/\*\*|`/g, "")
    .trim();
}

/** Where the last whole sentence of a text that is still growing ends; 0 when none has. */
export function sentenceEnd(text: string): number {
  const ends = text.matchAll(/[.!?…:;]["”’')\]]*(?:\s*\[\d{1,2}\])*(?=\s|$)|\n/g);
  return [...ends].reduce((_last, found) => found.index + found[0].length, 0);
}
