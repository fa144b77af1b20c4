/** Where in an article a quotation stands: found in the text as it is shown, marked there and brought into view. */
import { type RefObject, useEffect, useState } from "react";
import { meant } from "../../shared/markup";

const NAME = "cited";

/** Letters and digits alone: the marks of Markdown are not shown, and spaces are shown otherwise. */
const kept = (text: string): string => text.replace(/[^\p{L}\p{N}]+/gu, "");

/** The text nodes below an element and their letters, each with its place. */
function letters(root: Node): { text: string; places: [Text, number][] } {
  const places: [Text, number][] = [];
  let text = "";
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const data = (node as Text).data;
    for (const { 0: run, index } of data.matchAll(/[\p{L}\p{N}]+/gu)) {
      text += run;
      for (let at = 0; at < run.length; at += 1) places.push([node as Text, index + at]);
    }
  }
  return { text, places };
}

/** The place of a quotation below an element; null where it does not stand there. */
export function place(root: Node, quote: string): Range | null {
  const wanted = kept(meant(quote).replace(/\]\([^)]*\)/g, "]"));
  const { text, places } = letters(root);
  const at = wanted ? text.indexOf(wanted) : -1;
  const first = places[at];
  const last = places[at + wanted.length - 1];
  if (at < 0 || !first || !last) return null;
  const range = document.createRange();
  range.setStart(...first);
  range.setEnd(last[0], last[1] + 1);
  return range;
}

/** Marks a quotation in what `box` shows; whether it stands there, null as long as there is nothing to look for. */
export function useCited(box: RefObject<HTMLElement | null>, quote: string | null, text: string | null | undefined): boolean | null {
  const [found, setFound] = useState<boolean | null>(null);
  useEffect(() => {
    if (!quote || !text || !box.current) return;
    const range = place(box.current, quote);
    setFound(range !== null);
    if (!range) return;
    CSS.highlights?.set(NAME, new Highlight(range));
    range.startContainer.parentElement?.scrollIntoView({ block: "center" });
    return () => void CSS.highlights?.delete(NAME);
  }, [box, quote, text]);
  return quote ? found : null;
}
