/** What came of a tested question: answer, evidence, passages with the numbers they were ranked by, sentences. */
import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import type { TestPassage, TestedQuestion } from "../api/knowledge-shapes";
import { percent, readable } from "../format";
import { Source } from "../inbox/Source";
import { Icon } from "../ui/Icon";
import { RichText } from "../ui/RichText";
import { Tag } from "../ui/small";
import { words } from "../words";
import { knowledgeWords } from "../words/knowledge";
import { Bars, Numbers } from "./Bars";
import { plainly } from "./markdown";
import rows from "./rows.module.css";
import css from "./test.module.css";

const said = knowledgeWords.test;

function Panel({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={css.panel} aria-label={title}>
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

function Answer({ found }: { found: TestedQuestion }) {
  const { decision, reply, quality } = found;
  const citations = reply?.citations ?? [];
  const cite = (index: number): ReactNode => citations.filter((one) => one.index === index).map((one) => <Source key={one.index} citation={one} />);
  return (
    <Panel
      title={said.answer}
      aside={
        <Tag tone={found.answered ? "green" : "amber"} icon={found.answered ? "check" : "person"}>
          {words.why.kinds[decision.kind] ?? readable(decision.kind)}
        </Tag>
      }
    >
      {reply?.text ? (
        <div className={css.reply}>
          <RichText text={reply.text} cite={cite} />
          {citations.length > 0 && (
            <p className={css.sources}>
              {citations.map((citation) => (
                <Source key={citation.index} citation={citation} long />
              ))}
            </p>
          )}
        </div>
      ) : (
        <p className={rows.empty}>{said.noAnswer}</p>
      )}
      {decision.reason && (
        <p className={rows.empty}>
          {said.decision}: {readable(decision.reason)}
        </p>
      )}
      <Bars
        label={said.decision}
        values={[
          ...(typeof quality === "number" ? [{ name: said.quality, hint: said.qualityHint, value: quality }] : []),
          ...(typeof decision.confidence === "number" ? [{ name: said.confidence, value: decision.confidence }] : []),
        ]}
      />
    </Panel>
  );
}

function Signals({ found }: { found: TestedQuestion }) {
  const entries = Object.entries(found.signals);
  if (!entries.length) return null;
  return (
    <Panel title={said.signals}>
      <Numbers values={Object.fromEntries(entries)} />
      <p className={rows.empty}>
        {said.searched}: <bdi>{found.query}</bdi>
      </p>
      {Object.entries(found.corrected ?? {}).map(([from, to]) => (
        <p key={from} className={rows.empty}>
          {said.corrected(from, to)}
        </p>
      ))}
      <p className={rows.empty}>{said.state(String(found.release ?? "–"), found.generation)}</p>
    </Panel>
  );
}

const below = (passage: TestPassage): string => (passage.heading ?? "").replace(passage.title, "").replace(/^\s*›\s*/, "");

/** A number from 0 to 1 has a bar as long; of others the largest of the list is the measure. */
const scale = (passages: TestPassage[], name: string): number => Math.max(1, ...passages.map((one) => Math.abs(one.why[name] ?? 0)));

function Passage({ passage, rank, all, cited }: { passage: TestPassage; rank: number; all: TestPassage[]; cited: boolean }) {
  const why = Object.entries(passage.why).filter((entry): entry is [string, number] => typeof entry[1] === "number");
  return (
    <li className={css.passage}>
      <span className={css.rank} aria-hidden="true">
        {rank}
      </span>
      <div>
        <p className={css.where}>
          <Link href={`/knowledge/${passage.document_id}`}>
            <bdi>{passage.title}</bdi>
          </Link>
          {below(passage) && <span dir="auto">› {below(passage)}</span>}
          <small>{knowledgeWords.common.version(passage.version)}</small>
          {cited && <Tag tone="green" icon="check">{said.cited}</Tag>}
        </p>
        <p className={css.text} dir="auto">
          {plainly(passage.text.replace(/^#.*\n+/, ""))}
        </p>
      </div>
      <Bars
        label={said.why}
        values={[
          { name: said.score, hint: said.scoreHint, value: passage.score, most: Math.max(1, passage.score), strong: true },
          ...why.map(([name, value]) => ({ name: said.names[name] ?? readable(name), value, most: scale(all, name) })),
        ]}
      />
    </li>
  );
}

function PassageTable({ passages }: { passages: TestPassage[] }) {
  const names = [...new Set(passages.flatMap((one) => Object.keys(one.why)))];
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it
    <div className={css.tableBox} role="region" aria-label={said.passages} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{said.place}</th>
            <th scope="col">{knowledgeWords.list.columns.title}</th>
            {names.map((name) => (
              <th key={name} scope="col">
                {said.names[name] ?? readable(name)}
              </th>
            ))}
            <th scope="col">{said.score}</th>
          </tr>
        </thead>
        <tbody>
          {passages.map((one, at) => (
            <tr key={one.passage_id}>
              <td>{at + 1}</td>
              <th scope="row" dir="auto">
                {[one.title, below(one)].filter(Boolean).join(" › ")}
              </th>
              {names.map((name) => (
                <td key={name}>{figure(one.why[name])}</td>
              ))}
              <td>{figure(one.score)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const figure = (value: number | null | undefined): string => (typeof value === "number" ? value.toFixed(3) : "–");

function Passages({ found }: { found: TestedQuestion }) {
  const [table, setTable] = useState(false);
  const { passages } = found;
  const cited = new Set(found.reply?.citations.map((one) => one.passage_id));
  return (
    <Panel
      title={said.passages}
      aside={
        passages.length > 0 && (
          <Button size="compact-xs" variant="default" aria-pressed={table} onClick={() => setTable(!table)}>
            {table ? knowledgeWords.common.bars : knowledgeWords.common.table}
          </Button>
        )
      }
    >
      {passages.length === 0 && <p className={rows.empty}>{said.passagesNone}</p>}
      {table ? (
        <PassageTable passages={passages} />
      ) : (
        <ol className={css.passages}>
          {passages.map((one, at) => (
            <Passage key={one.passage_id} passage={one} rank={at + 1} all={passages} cited={cited.has(one.passage_id)} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

function Sentences({ found }: { found: TestedQuestion }) {
  if (!found.sentences.length) return null;
  const titles = new Map(found.passages.map((one, at) => [one.passage_id, `${at + 1}. ${one.title}`]));
  return (
    <Panel title={said.sentences}>
      <ol className={css.sentences}>
        {found.sentences.map((one, at) => (
          <li key={at}>
            <Icon name="note" size={14} />
            <div>
              <p dir="auto">{one.text}</p>
              <p className={rows.facts}>
                <bdi>{titles.get(one.passage_id) ?? ""}</bdi>
                {Object.entries(one.why).map(([name, value]) => typeof value === "number" && <span key={name}>{`${said.names[name] ?? readable(name)} ${figure(value)}`}</span>)}
              </p>
            </div>
            <strong>{one.score >= 0 && one.score <= 1 ? percent(one.score) : figure(one.score)}</strong>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

export function TestResult({ found }: { found: TestedQuestion }) {
  return (
    <div className={css.result} role="region" aria-label={said.answer} aria-live="polite">
      <div className={css.top}>
        <Answer found={found} />
        <Signals found={found} />
      </div>
      <Passages found={found} />
      <Sentences found={found} />
    </div>
  );
}
