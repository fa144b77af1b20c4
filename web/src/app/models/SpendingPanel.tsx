/** What models cost, by day, job, model or conversation, and what a resolved ticket did. */
import { NativeSelect } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import * as calls from "../api/models";
import type { By, Spending } from "../api/models";
import { keys } from "../api/keys";
import { measured } from "../format";
import { Figure } from "../knowledge/frame";
import { Scroll } from "../deciding/Scroll";
import { Failed, Loading } from "../ui/states";
import { modelWords } from "../words/models";
import { cost, count } from "./money";
import css from "./models.module.css";
import { roleName } from "./StatesPanel";

const said = modelWords.spending;
const ways: By[] = ["day", "role", "model", "conversation"];
const spans = [1, 7, 30, 90];
const DAY_MS = 86_400_000;

/** So many days ago, at a full hour: the same address for an hour, so that what came is kept. */
const since = (days: number): string => new Date(Math.floor((Date.now() - days * DAY_MS) / 3_600_000) * 3_600_000).toISOString();

function Name({ by, what, at }: { by: By; what: string | null; at: number }) {
  if (by === "role") return <>{roleName(what ?? "")}</>;
  if (by !== "conversation") return <bdi>{what}</bdi>;
  return what ? <Link href={`/conversations/${what}`}>{said.open(at + 1)}</Link> : <>{said.noConversation}</>;
}

function Table({ found, by }: { found: Spending; by: By }) {
  return (
    <Scroll label={said.title}>
      <table className={css.table}>
        <thead>
          <tr>
            {[said.names[by], said.cost, said.calls, said.failed, said.input, said.output, said.time].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {found.items.map((line, at) => (
            <tr key={line[by] ?? ""}>
              <th scope="row">
                <Name by={by} what={line[by] ?? null} at={at} />
              </th>
              <td>{cost(line.cost_micros)}</td>
              <td>{count(line.calls)}</td>
              <td>{count(line.failed)}</td>
              <td>{count(line.input_tokens)}</td>
              <td>{count(line.output_tokens)}</td>
              <td>{measured(line.mean_ms)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{said.total}</th>
            <td>{cost(found.total.cost_micros)}</td>
            <td>{count(found.total.calls)}</td>
            <td>{count(found.total.failed)}</td>
            <td>{count(found.total.input_tokens)}</td>
            <td>{count(found.total.output_tokens)}</td>
            <td>–</td>
          </tr>
        </tfoot>
      </table>
    </Scroll>
  );
}

export function SpendingPanel() {
  const [by, setBy] = useState<By>("day");
  const [days, setDays] = useState(30);
  const found = useQuery({ queryKey: keys.spending(by, days), queryFn: ({ signal }) => calls.spending(by, since(days), signal), placeholderData: keepPreviousData });
  // What is still shown of the way before has other names.
  const shown = found.isPlaceholderData ? undefined : found.data;
  return (
    <section className={css.panel} aria-labelledby="spending-title">
      <div className={css.head}>
        <h2 id="spending-title">{said.title}</h2>
        <div className={css.filters}>
          <NativeSelect size="xs" aria-label={said.by} value={by} data={ways.map((value) => ({ value, label: `${said.by}: ${said.names[value]}` }))} onChange={(event) => setBy(event.currentTarget.value as By)} />
          <NativeSelect size="xs" aria-label={said.over} value={String(days)} data={spans.map((span) => ({ value: String(span), label: said.days(span) }))} onChange={(event) => setDays(Number(event.currentTarget.value))} />
        </div>
      </div>
      {!shown && !found.isError && <Loading lines={4} />}
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {shown && shown.total.calls === 0 && <p>{said.none}</p>}
      {shown && shown.total.calls > 0 && (
        <>
          {shown.resolutions.cost_micros_each !== null && (
            <>
              <div className={css.figures}>
                <Figure label={said.perResolution}>{cost(shown.resolutions.cost_micros_each)}</Figure>
              </div>
              <p>{said.resolved(shown.resolutions.by_assistant, shown.resolutions.by_people)}</p>
            </>
          )}
          <Table found={shown} by={by} />
          {shown.total.unpriced > 0 && <p>{said.unpriced(shown.total.unpriced)}</p>}
        </>
      )}
    </section>
  );
}
