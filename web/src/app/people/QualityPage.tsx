/** How well each trigger hands over, by what agents said at the end, and the handoffs behind the figures. */
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "wouter";
import { keys } from "../api/keys";
import * as calls from "../api/people";
import type { Label, Share, Tally } from "../api/people";
import { ago, percent, readable } from "../format";
import { Page, Tabs } from "../knowledge/frame";
import rows from "../knowledge/rows.module.css";
import { useNow } from "../ui/hooks";
import { Tag, type Tone } from "../ui/small";
import { Empty, Failed, Loading } from "../ui/states";
import { words } from "../words";
import { peopleWords } from "../words/people";
import css from "./people.module.css";

const said = peopleWords.quality;
const labels: Label[] = ["needed", "not_needed", "too_late"];
const tone: Record<Label, Tone> = { needed: "green", not_needed: "plain", too_late: "red" };
const named = (trigger: string): string => words.briefing.reasons[trigger] ?? readable(trigger);

function Interval({ share }: { share: Share }) {
  if (share.value === null) return <small>{said.none}</small>;
  const at = (value: number): string => `${value * 100}%`;
  return (
    <span className={css.share}>
      <span>{percent(share.value)}</span>
      <span className={css.bar} aria-hidden="true">
        <i style={{ insetInlineStart: at(share.low), inlineSize: at(share.high - share.low) }} />
        <b style={{ insetInlineStart: at(share.value) }} />
      </span>
      <small>{said.between(percent(share.low), percent(share.high))}</small>
    </span>
  );
}

function Line({ tally, name, chosen, onChoose }: { tally: Tally; name: string; chosen: boolean; onChoose?: () => void }) {
  return (
    <tr data-all={onChoose ? undefined : ""}>
      <th scope="row">
        {onChoose ? (
          <button type="button" className={css.plain} aria-pressed={chosen} aria-label={said.show(name)} onClick={onChoose}>
            {name}
          </button>
        ) : (
          name
        )}
      </th>
      <td>{tally.handoffs}</td>
      <td>{tally.labelled}</td>
      <td>
        <Interval share={tally.precision} />
      </td>
      <td>
        <Interval share={tally.recall} />
      </td>
    </tr>
  );
}

export default function QualityPage() {
  const now = useNow(60_000);
  const [search, setSearch] = useSearchParams();
  const trigger = search.get("trigger");
  const label = labels.find((one) => one === search.get("label")) ?? null;
  const found = useQuery({ queryKey: keys.quality(trigger, label), queryFn: ({ signal }) => calls.quality({ trigger, label }, signal), placeholderData: (was) => was });
  const choose = (change: Record<string, string | null>): void =>
    setSearch((was) => {
      const next = new URLSearchParams(was);
      for (const [name, value] of Object.entries(change)) {
        if (value === null) next.delete(name);
        else next.set(name, value);
      }
      return next;
    }, { replace: true });
  const data = found.data;
  return (
    <Page title={said.title} name="quality" lead={said.lead}>
      {found.isPending && <Loading lines={6} />}
      {found.isError && !data && <Failed error={found.error} retry={() => void found.refetch()} />}
      {data && data.triggers.length === 0 && <Empty icon="hand" title={said.empty} text={said.emptyText} />}
      {data && data.triggers.length > 0 && (
        <>
          <div className={css.scroll}>
            <table className={css.table}>
              <thead>
                <tr>
                  {[said.trigger, said.handoffs, said.labelled, said.precision, said.recall].map((head) => (
                    <th key={head} scope="col">
                      {head}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                <Line tally={data.overall} name={said.all} chosen={false} />
                {data.triggers.map((tally) => (
                  <Line key={tally.trigger} tally={tally} name={named(tally.trigger)} chosen={trigger === tally.trigger} onChoose={() => choose({ trigger: trigger === tally.trigger ? null : tally.trigger })} />
                ))}
              </tbody>
            </table>
          </div>
          <section className={rows.panel} aria-label={said.rows}>
            <h2>{trigger ? said.rowsOf(named(trigger)) : said.rows}</h2>
            <Tabs
              label={said.labelled}
              chosen={label ?? "all"}
              onChoose={(to) => choose({ label: to === "all" ? null : to })}
              tabs={[{ name: "all" as const, label: said.all }, ...labels.map((name) => ({ name, label: said.labels[name], count: data.overall[name] }))]}
            />
            {data.rows.length === 0 && <p className={rows.empty}>{said.noRows}</p>}
            {data.rows.length > 0 && (
              <ul className={rows.rows}>
                {data.rows.map((row) => (
                  <li key={row.handoff_id} className={rows.row} data-link="">
                    <div className={rows.rowMain}>
                      <Link href={`/inbox/${row.ticket_id}?view=resolved`} className={rows.title}>
                        <bdi>{row.subject}</bdi>
                      </Link>
                      <p className={rows.facts}>
                        {row.label && <Tag tone={tone[row.label]}>{said.labels[row.label]}</Tag>}
                        <span>{named(row.trigger)}</span>
                        {row.labelled_by && <span>{said.by(row.labelled_by)}</span>}
                        <span>{ago(row.created_at, now)}</span>
                      </p>
                    </div>
                  </li>
                ))}
              </ul>
            )}
          </section>
        </>
      )}
    </Page>
  );
}
