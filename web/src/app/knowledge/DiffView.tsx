/** What one text adds to another and takes from it: changed lines with their changed words marked. */
import { useMemo, useState } from "react";
import type { DiffLine } from "../api/knowledge-shapes";
import { Spoken } from "../ui/small";
import { knowledgeWords } from "../words/knowledge";
import css from "./diff.module.css";
import { type ShownLine, shownLines, withWords } from "./diff";

const said = knowledgeWords.article;
const common = knowledgeWords.common;
const SIGN = { same: " ", added: "+", removed: "−" } as const;
const SPOKEN = { same: "", added: `${common.wordsAdded}: `, removed: `${common.wordsRemoved}: ` };

function Shown({ line }: { line: ShownLine }) {
  if (line.kind === "hidden") return <span data-kind="hidden">{said.hidden(line.lines)}</span>;
  return (
    <span data-kind={line.kind}>
      <Spoken>{SPOKEN[line.kind]}</Spoken>
      <i aria-hidden="true">{SIGN[line.kind]}</i>
      <span dir="auto">{line.parts ? line.parts.map((part, at) => (part.kind === "same" ? part.text : <b key={at}>{part.text}</b>)) : line.text || " "}</span>
    </span>
  );
}

interface Props {
  lines: DiffLine[];
  /** what the two sides are called; as in a version they need no name */
  legend?: { removed: string; added: string };
}

export function DiffView({ lines, legend }: Props) {
  const [whole, setWhole] = useState(false);
  const shown = useMemo(() => (whole ? withWords(lines) : shownLines(lines)), [lines, whole]);
  const n = (kind: DiffLine["kind"]): number => lines.filter((line) => line.kind === kind).length;
  if (!n("added") && !n("removed")) return <p className={css.none}>{said.sameText}</p>;
  return (
    <div className={css.box}>
      <p className={css.head}>
        <span data-kind="removed">{legend ? legend.removed : said.removed(n("removed"))}</span>
        <span data-kind="added">{legend ? legend.added : said.added(n("added"))}</span>
        <button type="button" aria-pressed={whole} onClick={() => setWhole(!whole)}>
          {whole ? said.parts : said.whole}
        </button>
      </p>
      {/* Long lines wrap; the box scrolls by keyboard too. */}
      <pre className={css.diff}>
        {shown.map((line, at) => (
          <Shown key={at} line={line} />
        ))}
      </pre>
    </div>
  );
}
