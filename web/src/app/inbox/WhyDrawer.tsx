/** "Why this answer": one turn's record, readable from what was understood to what was decided. */
import { Drawer } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import * as calls from "../api/calls";
import { keys } from "../api/keys";
import { meant } from "../../shared/markup";
import type { Signals, Turn, TurnAct, TurnScore, TurnSentence, TurnSource } from "../api/types";
import { likeness, measured, percent, readable, wholeTime } from "../format";
import { cost, count } from "../models/money";
import { Icon } from "../ui/Icon";
import { RichText } from "../ui/RichText";
import { Tag } from "../ui/small";
import { Empty, Failed, Loading } from "../ui/states";
import { words } from "../words";
import { actionWords } from "../words/actions";
import { approvalWords } from "../words/approvals";
import { modeNames, modelWords } from "../words/models";
import css from "./why.module.css";

const kindOf = (kind: string): string => words.why.kinds[kind] ?? readable(kind);

function Part({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={css.part}>
      <h3>
        {title}
        {aside && <span>{aside}</span>}
      </h3>
      {children}
    </section>
  );
}

/** A share from 0 to 1 as a bar with its figure. Shares outside are shown as plain figures. */
function Meter({ name, share }: { name: ReactNode; share: number }) {
  return (
    <div className={css.meter}>
      <span dir="auto">{name}</span>
      <span className={css.track} aria-hidden="true">
        <i style={{ inlineSize: `${Math.min(1, Math.max(0, share)) * 100}%` }} />
      </span>
      <span className={css.figure}>{share >= 0 && share <= 1 ? percent(share) : share.toFixed(2)}</span>
    </div>
  );
}

function SignalList({ signals }: { signals: Signals | undefined }) {
  const entries = Object.entries(signals ?? {});
  if (!entries.length) return null;
  return (
    <dl className={css.pairs}>
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{readable(name)}</dt>
          <dd>{signalText(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function signalText(value: unknown): string {
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : value.toFixed(2);
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (value === null || value === undefined) return words.unknown;
  return typeof value === "string" ? readable(value) : JSON.stringify(value);
}

function Understood({ turn }: { turn: Turn }) {
  const found = turn.record.understanding;
  if (!found) return null;
  const facts: [string, unknown][] = [
    [words.why.urgency, found.urgency],
    [words.why.sentiment, found.sentiment],
    [words.why.language, found.language],
  ];
  return (
    <Part title={words.why.understood}>
      {found.intents?.map((intent) => <Meter key={intent.name} name={readable(intent.name)} share={intent.confidence} />)}
      <dl className={css.pairs}>
        {facts.map(([name, value]) => value !== null && value !== undefined && (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{signalText(value)}</dd>
          </div>
        ))}
      </dl>
      <SignalList signals={found.signals} />
    </Part>
  );
}

function Passages({ turn }: { turn: Turn }) {
  const { passages = [], query, quality } = turn.record;
  const best = Math.max(...passages.map((passage) => passage.score));
  return (
    <Part title={words.why.passages} aside={passages.length}>
      {query && (
        <p className={css.dim}>
          {words.why.searched}: <bdi>{query}</bdi>
        </p>
      )}
      {typeof quality?.probability === "number" && <Meter name={words.why.quality} share={quality.probability} />}
      {passages.length === 0 && <p className={css.dim}>{words.why.noPassages}</p>}
      {passages.map((passage) => (
        <details key={passage.passage_id} className={css.passage}>
          <summary>
            <Meter name={passage.heading?.startsWith(passage.title) ? passage.heading : [passage.title, passage.heading].filter(Boolean).join(" › ")} share={likeness(passage, best)} />
          </summary>
          <blockquote dir="auto">{passage.text}</blockquote>
          <p>
            {words.ticket.version(passage.version)} · <Link href={`/knowledge/${passage.document_id}`}>{words.ticket.openDocument}</Link>
          </p>
        </details>
      ))}
    </Part>
  );
}

/** What a sentence rests on; the words of a quotation stand above already. */
function Rests({ source, own }: { source: TurnSource; own: boolean }) {
  return (
    <figure className={css.rests}>
      {!own && <blockquote dir="auto">{meant(source.quote)}</blockquote>}
      <figcaption>
        [{source.index}] <Link href={`/knowledge/${source.document_id}?${new URLSearchParams({ cited: source.quote, version: String(source.version) }).toString()}`}>{words.why.inArticle(source.title)}</Link> · {words.ticket.version(source.version)}
      </figcaption>
    </figure>
  );
}

function Sentences({ sentences }: { sentences: TurnSentence[] }) {
  const withheld = sentences.filter((sentence) => !sentence.released).length;
  return (
    <Part title={words.why.sentences} aside={withheld > 0 && <Tag tone="amber">{words.why.withheldCount(withheld)}</Tag>}>
      {sentences.length === 0 && <p className={css.dim}>{words.why.noSentences}</p>}
      <ol className={css.sentences}>
        {sentences.map((sentence, at) => (
          <li key={at} data-released={sentence.released}>
            <Icon name={sentence.released ? "check" : "close"} size={14} />
            <div>
              <RichText text={sentence.text} />
              <p className={css.verdict}>
                <Tag tone={sentence.released ? "green" : "amber"}>{sentence.released ? words.why.released : words.why.withheld}</Tag>
                <span>{readable(sentence.kind)}</span>
                {!sentence.sources && sentence.citations.length > 0 && <span>{sentence.citations.map((index) => `[${index}]`).join(" ")}</span>}
                {sentence.reason && <span>{readable(sentence.reason)}</span>}
              </p>
              {sentence.sources?.map((source) => <Rests key={`${source.index} ${source.quote}`} source={source} own={sentence.kind === "quote"} />)}
            </div>
          </li>
        ))}
      </ol>
    </Part>
  );
}

/** The parts of the confidence, each with what it adds; those that weigh nothing yet stand last. */
function ScoreParts({ score }: { score: TurnScore }) {
  const parts = Object.entries(score.parts).toSorted(([a], [b]) => Math.abs(score.weighed[b] ?? 0) - Math.abs(score.weighed[a] ?? 0));
  return (
    <details className={css.passage}>
      <summary>{words.why.made}</summary>
      <p>
        {words.why.weighs} {score.version}.{score.threshold > 0 && ` ${words.why.asksFor(percent(score.threshold), readable(score.category))}`}
      </p>
      <dl className={css.pairs}>
        {parts.map(([name, value]) => (
          <div key={name}>
            <dt>{words.why.parts[name] ?? readable(name)}</dt>
            <dd>
              {value.toFixed(2)} → {signed(score.weighed[name] ?? 0)}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

const signed = (value: number): string => `${value > 0 ? "+" : ""}${value.toFixed(2)}`;

function Decision({ turn }: { turn: Turn }) {
  const { route, decision } = turn.record;
  return (
    <>
      {route && (
        <Part title={words.why.route}>
          <p>
            <strong>{kindOf(route.kind)}</strong> {route.reason && <span>· {readable(route.reason)}</span>}
          </p>
          {route.rule && (
            <p className={css.dim}>
              {words.why.rule}: <code>{route.rule}</code>
            </p>
          )}
        </Part>
      )}
      {decision && (
        <Part title={words.why.decision}>
          <p>
            <strong>{kindOf(decision.kind)}</strong> {decision.reason && <span>· {readable(decision.reason)}</span>}
          </p>
          {typeof decision.confidence === "number" && <Meter name={words.why.confidence} share={decision.confidence} />}
          {decision.score && <ScoreParts score={decision.score} />}
          <SignalList signals={decision.signals} />
        </Part>
      )}
    </>
  );
}

function Timings({ turn }: { turn: Turn }) {
  const steps = Object.entries(turn.record.timings ?? {});
  const longest = Math.max(1, ...steps.map(([, ms]) => ms));
  if (!steps.length) return null;
  return (
    <Part title={words.why.timings} aside={turn.latency_ms === null ? null : words.why.total(measured(turn.latency_ms))}>
      {steps.map(([step, ms]) => (
        <div key={step} className={css.meter}>
          <span>{readable(step)}</span>
          <span className={css.track} aria-hidden="true">
            <i style={{ inlineSize: `${(ms / longest) * 100}%` }} />
          </span>
          <span className={css.figure}>{measured(ms)}</span>
        </div>
      ))}
    </Part>
  );
}

function Origin({ turn }: { turn: Turn }) {
  const { model, versions, reply } = turn.record;
  const name = typeof model === "string" ? model : model && (typeof model.name === "string" ? model.name : JSON.stringify(model));
  return (
    <Part title={words.why.versions}>
      <dl className={css.pairs}>
        <div>
          <dt>{words.why.model}</dt>
          <dd>{name ?? words.why.noModel}</dd>
        </div>
        {reply?.trouble && (
          <div>
            <dt>{words.why.trouble}</dt>
            <dd>{readable(reply.trouble)}</dd>
          </div>
        )}
        {Object.entries(versions ?? {}).map(([name, value]) => (
          <div key={name}>
            <dt>{readable(name)}</dt>
            <dd>{typeof value === "object" ? JSON.stringify(value) : String(value)}</dd>
          </div>
        ))}
      </dl>
      <details className={css.raw}>
        <summary>{words.why.raw}</summary>
        <pre>{JSON.stringify(turn.record, null, 2)}</pre>
      </details>
    </Part>
  );
}

/** The calls to language models that the turn took, and the mode it was worked in. */
function Asked({ turn }: { turn: Turn }) {
  const { calls: made } = turn;
  const { mode } = turn.record;
  const said = modelWords.why;
  const name = mode && (modeNames[mode.name]?.[0] ?? readable(mode.name));
  if (!made.length && (!mode || mode.name === "full")) return null;
  return (
    <Part title={said.title} aside={made.length || null}>
      {mode && mode.name !== "full" && (
        <p className={css.dim}>
          {said.mode}: {name}. {mode.why}
        </p>
      )}
      {made.map((call, at) => (
        <div key={at} className={css.asked}>
          <strong dir="ltr">{call.model}</strong>
          <span>
            {modelWords.roles[call.role] ?? readable(call.role)} · {said.outcome[call.outcome] ?? readable(call.outcome)} · {measured(call.ms)}
          </span>
          <span>
            {said.facts(count(call.input_tokens ?? 0), count(call.output_tokens ?? 0))}
            {call.estimated && ` (${said.estimated})`}
            {call.cost_micros !== null && ` · ${cost(call.cost_micros)}`}
          </span>
        </div>
      ))}
    </Part>
  );
}

const ruleName = (rule: string): string => actionWords.rules[rule] ?? readable(rule);

function Acts({ acts, by }: { acts: TurnAct[]; by: string }) {
  const said = approvalWords.why;
  if (!acts.length && !by) return null;
  return (
    <Part title={words.why.acts} aside={acts.length || null}>
      {by && (
        <p className={css.dim}>
          {said.actedBy}: {said.by[by] ?? readable(by)}
        </p>
      )}
      {acts.map((act, at) => (
        <details key={at} className={css.passage}>
          <summary>
            {readable(act.tool)} {act.rule ? <Tag tone="red">{said.refusedBy(ruleName(act.rule))}</Tag> : <Tag>{readable(act.state)}</Tag>}
          </summary>
          <pre className={css.act}>{JSON.stringify({ args: act.args, result: act.result, ...(act.rule ? { rule: act.rule } : {}) }, null, 2)}</pre>
        </details>
      ))}
    </Part>
  );
}

export default function WhyDrawer({ turnId, onClose }: { turnId: string; onClose: () => void }) {
  const turn = useQuery({ queryKey: keys.turn(turnId), queryFn: ({ signal }) => calls.turn(turnId, signal), staleTime: Infinity });
  return (
    <Drawer opened onClose={onClose} position="right" title={words.why.title} size="32rem">
      {turn.isPending && <Loading lines={9} />}
      {turn.isError && <Failed error={turn.error} retry={() => void turn.refetch()} />}
      {turn.data && !turn.data.record && <Empty icon="info" title={words.why.missing} />}
      {turn.data?.record && (
        <div className={css.why}>
          <p className={css.dim}>
            {words.why.lead} {wholeTime(turn.data.created_at)}
          </p>
          {turn.data.record.asked && <blockquote dir="auto">{turn.data.record.asked.text}</blockquote>}
          <Understood turn={turn.data} />
          <Decision turn={turn.data} />
          <Sentences sentences={turn.data.record.sentences ?? []} />
          <Passages turn={turn.data} />
          <Acts acts={turn.data.record.acts ?? []} by={turn.data.record.acted_by ?? ""} />
          <Asked turn={turn.data} />
          <Timings turn={turn.data} />
          <Origin turn={turn.data} />
        </div>
      )}
    </Drawer>
  );
}
