/** Line by line and word by word, what a new version of a text adds and removes (longest common subsequence). Pure. */
import type { DiffLine } from "../api/knowledge-shapes";

/** Beyond this many line pairs the middle is shown as replaced whole: the table would not fit in memory. */
const MOST_PAIRS = 4_000_000;

const same = (text: string): DiffLine => ({ kind: "same", text });
const removed = (text: string): DiffLine => ({ kind: "removed", text });
const added = (text: string): DiffLine => ({ kind: "added", text });

export const diffLines = (before: string, after: string): DiffLine[] => differences(before.split("\n"), after.split("\n"));

function differences(a: string[], b: string[]): DiffLine[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return [
    ...a.slice(0, start).map(same),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
}

function middle(a: string[], b: string[]): DiffLine[] {
  if (a.length * b.length > MOST_PAIRS) return [...a.map(removed), ...b.map(added)];
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(same(a[i++] ?? ""));
      j++;
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) lines.push(removed(a[i++] ?? ""));
    else lines.push(added(b[j++] ?? ""));
  }
  return lines;
}

/** A line to show. `parts`: its words, where it took the place of a line that is much like it; `hidden`: so many lines left out. */
export type ShownLine = (DiffLine & { parts?: DiffLine[] }) | { kind: "hidden"; lines: number };

/** The lines worth showing: changes with their words compared, and `around` lines beside them. */
export function shownLines(lines: DiffLine[], around = 2): ShownLine[] {
  const worded = withWords(lines);
  const near = lines.map((_, at) => lines.slice(Math.max(0, at - around), at + around + 1).some((line) => line.kind !== "same"));
  const shown: ShownLine[] = [];
  worded.forEach((line, at) => {
    const last = shown.at(-1);
    if (near[at]) shown.push(line);
    else if (last?.kind === "hidden") last.lines++;
    else shown.push({ kind: "hidden", lines: 1 });
  });
  return shown;
}

/** Every line, with its words compared where one took the place of another. */
export function withWords(lines: DiffLine[]): (DiffLine & { parts?: DiffLine[] })[] {
  const worded: (DiffLine & { parts?: DiffLine[] })[] = lines.map((line) => ({ ...line }));
  for (let at = 0; at < lines.length; ) {
    const removedTo = runOf("removed", lines, at);
    const addedTo = runOf("added", lines, removedTo);
    for (let pair = 0; pair < Math.min(removedTo - at, addedTo - removedTo); pair++) compareWords(worded[at + pair], worded[removedTo + pair]);
    at = Math.max(addedTo, at + 1);
  }
  return worded;
}

function runOf(kind: DiffLine["kind"], lines: DiffLine[], from: number): number {
  let to = from;
  while (lines[to]?.kind === kind) to++;
  return to;
}

/** Below this share of common letters two lines are two lines, not one that changed. */
const ALIKE = 0.35;

function compareWords(old: (DiffLine & { parts?: DiffLine[] }) | undefined, fresh: (DiffLine & { parts?: DiffLine[] }) | undefined): void {
  if (!old || !fresh) return;
  const parts = differences(wordsOf(old.text), wordsOf(fresh.text));
  const common = parts.reduce((sum, part) => sum + (part.kind === "same" ? part.text.trim().length : 0), 0);
  if (common < ALIKE * Math.max(old.text.length, fresh.text.length)) return;
  old.parts = joined(parts.filter((part) => part.kind !== "added"));
  fresh.parts = joined(parts.filter((part) => part.kind !== "removed"));
}

const wordsOf = (line: string): string[] => line.split(/(\s+|(?<=[\p{L}\p{N}])(?=[^\p{L}\p{N}\s])|(?<=[^\p{L}\p{N}\s])(?=[\p{L}\p{N}]))/u).filter(Boolean);

function joined(parts: DiffLine[]): DiffLine[] {
  const found: DiffLine[] = [];
  for (const part of parts) {
    const last = found.at(-1);
    if (last?.kind === part.kind) last.text += part.text;
    else found.push({ ...part });
  }
  return found;
}
