/** Every setting on recorded traffic: two drawings and a table, of all categories or one. */
import { NativeSelect } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as calls from "../api/deciding";
import type { Interval, Setting, Tradeoff } from "../api/deciding";
import { keys } from "../api/keys";
import { readable } from "../format";
import { Empty, Failed, Loading } from "../ui/states";
import { decidingWords } from "../words/deciding";
import { Legend, type Line, LinesChart } from "./charts";
import { Scroll } from "./Scroll";
import { exact, figure } from "./figures";
import css from "./deciding.module.css";

const said = decidingWords.tradeoff;
const names = decidingWords.limit;

/** In the table every fourth setting is enough: 0 %, 10 %, 20 % … */
const EVERY = 4;

/** Above so few labels nothing is drawn: the interval would be all there is. */
const FEWEST = 10;

function pointsOf(settings: Setting[], value: (of: Setting) => Interval | null): Line["points"] {
  return settings.flatMap((setting) => {
    const found = value(setting);
    return found && setting.threshold !== null ? [{ at: setting.threshold, value: found }] : [];
  });
}

/** The top of the axis of wrong ones: a round share above the limit and what was seen. */
function topOf(points: Line["points"], limit: number): number {
  const highest = Math.max(limit, ...points.map((point) => point.value.value));
  return [0.1, 0.2, 0.4].find((top) => highest <= top * 0.8) ?? 1;
}

function Charts({ found, limit }: { found: Tradeoff; limit: number }) {
  const wrong = pointsOf(found.settings.filter((setting) => setting.labels >= FEWEST), (of) => of.wrong);
  const lines: Line[] = [{ tone: "accent", points: pointsOf(found.settings, (of) => of.handled), band: true }];
  if (wrong.length) lines.push({ tone: "green", points: pointsOf(found.settings.filter((setting) => setting.labels >= FEWEST), (of) => of.resolved), band: false });
  return (
    <div className={css.charts}>
      <div>
        <h3>{said.handled}</h3>
        <LinesChart label={said.handledFigure} lines={lines} most={1} />
        <Legend items={[{ tone: "accent", label: said.ofHandled }, ...(wrong.length ? [{ tone: "green" as const, label: said.ofResolved }] : [])]} />
      </div>
      <div>
        <h3>{said.wrong}</h3>
        {wrong.length > 0 ? (
          <>
            <LinesChart label={said.wrongFigure} lines={[{ tone: "red", points: wrong, band: true }]} most={topOf(wrong, limit)} limit={limit} />
            <Legend items={[{ tone: "red", label: names.wrongShare }, { tone: "limit", label: said.limit }]} />
          </>
        ) : (
          <p className={css.dim}>{said.noLabels}</p>
        )}
      </div>
    </div>
  );
}

function Table({ found }: { found: Tradeoff }) {
  const columns: { name: string; value: (of: Setting) => Interval | null; write: (value: number) => string }[] = [
    { name: names.handled, value: (of) => of.handled, write: exact },
    { name: names.wrongShare, value: (of) => of.wrong, write: exact },
    { name: names.resolved, value: (of) => of.resolved, write: exact },
    { name: names.people, value: (of) => of.people_a_day, write: figure },
    { name: names.minutes, value: (of) => of.minutes_a_day, write: figure },
    { name: names.cost, value: (of) => of.cost_a_day, write: figure },
  ];
  return (
    <details className={css.fold}>
      <summary>{said.table}</summary>
      <Scroll label={said.table}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{said.axis}</th>
              {columns.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.settings.filter((_, at) => at % EVERY === 0).map((setting) => (
              <tr key={setting.threshold}>
                <th scope="row">{exact(setting.threshold ?? 0)}</th>
                {columns.map(({ name, value, write }) => {
                  const of = value(setting);
                  return (
                    <td key={name}>
                      {of ? write(of.value) : "–"}
                      {of && <small>{decidingWords.between(write(of.least), write(of.most))}</small>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  );
}

export function TradeoffPanel({ hour, limit }: { hour: number; limit: number }) {
  const [category, setCategory] = useState<string | null>(null);
  const found = useQuery({ queryKey: keys.tradeoff(category, hour), queryFn: ({ signal }) => calls.tradeoff(category, hour, signal), placeholderData: keepPreviousData });
  if (found.isPending) return <Loading lines={6} />;
  if (!found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const { questions, days, minutes, categories } = found.data;
  const choices = [{ value: "", label: decidingWords.all }, ...categories.map((name) => ({ value: name, label: readable(name) }))];
  return (
    <section className={css.panel}>
      <div className={css.head}>
        <h2>{said.title}</h2>
        {categories.length > 1 && <NativeSelect aria-label={decidingWords.category} size="xs" data={choices} value={category ?? ""} onChange={(event) => setCategory(event.currentTarget.value || null)} />}
      </div>
      {questions === 0 ? (
        <Empty icon="info" title={said.empty} text={said.emptyText} />
      ) : (
        <>
          <p>
            {said.lead(figure(questions), figure(days))} {(minutes.measured ? names.measured : names.assumed)(`${figure(minutes.value)} min`)}
          </p>
          <Charts found={found.data} limit={limit} />
          <Table found={found.data} />
        </>
      )}
    </section>
  );
}
