/** What other limits would have done with the past: counts under each, and what would have gone another way. */
import { Button, NativeSelect } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import * as calls from "../api/actions";
import type { Action, WhatIf } from "../api/actions";
import { wholeTime } from "../format";
import { Notice } from "../knowledge/frame";
import rows from "../knowledge/rows.module.css";
import policy from "../policy/policy.module.css";
import { Scroll } from "../policy/fields";
import { Icon } from "../ui/Icon";
import { type Tone, Tag } from "../ui/small";
import { explain } from "../ui/states";
import { Problem } from "../../shared/problem";
import { actionWords } from "../words/actions";
import css from "./actions.module.css";
import { LimitFields } from "./LimitFields";
import { type Tree, currencyOf, get, isTree, lean, money } from "./definition";
import { EditingContext } from "./fields";

const said = actionWords.whatIf;
const spans = [7, 30, 90, 365];
const outcomeName = (name: string): string => actionWords.outcomes[name] ?? name;
const tone = (name: string): Tone => (name === "goes_through" ? "green" : name === "needs_approval" ? "amber" : "red");

function Result({ found, currency }: { found: WhatIf; currency: string | null }) {
  if (!found.runs) return <p className={rows.empty}>{said.none}</p>;
  const names = [...new Set([...Object.keys(actionWords.outcomes), ...Object.keys(found.now), ...Object.keys(found.then)])].filter((name) => found.now[name] || found.then[name]);
  return (
    <div className={policy.result}>
      <p role="status">
        <strong>{found.changed ? said.changed(found.changed) : said.same}</strong> {said.looked(found.runs)}{" "}
        {found.moved_without_a_person_minor > 0 && said.moved(money(found.moved_without_a_person_minor, currency))}
      </p>
      <Scroll label={said.outcome}>
        <table>
          <thead>
            <tr>
              <th scope="col">{said.outcome}</th>
              <th scope="col">{said.now}</th>
              <th scope="col">{said.after}</th>
            </tr>
          </thead>
          <tbody>
            {names.map((name) => (
              <tr key={name} data-changed={found.now[name] === found.then[name] ? undefined : ""}>
                <th scope="row">{outcomeName(name)}</th>
                <td>{found.now[name] ?? 0}</td>
                <td>{found.then[name] ?? 0}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {found.examples.length > 0 && (
        <Scroll label={said.examples}>
          <table>
            <caption>{said.examples}</caption>
            <thead>
              <tr>
                <th scope="col">{said.when}</th>
                <th scope="col">{said.amount}</th>
                <th scope="col">{said.tier}</th>
                <th scope="col">{said.now}</th>
                <th scope="col">{said.after}</th>
              </tr>
            </thead>
            <tbody>
              {found.examples.map((each) => (
                <tr key={each.action_id}>
                  <th scope="row">
                    <time dateTime={each.at}>{wholeTime(each.at)}</time>
                  </th>
                  <td>{each.amount ?? "–"}</td>
                  <td dir="auto">{each.tier}</td>
                  <td>
                    <Tag tone={tone(each.now)}>{outcomeName(each.now)}</Tag>
                  </td>
                  <td>
                    <Tag tone={tone(each.then)}>{outcomeName(each.then)}</Tag>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {found.changed > found.examples.length && <p className={rows.empty}>{said.tooMuch}</p>}
    </div>
  );
}

export function WhatIfPanel({ entry }: { entry: Action }) {
  const [tree, setTree] = useState<Tree>(() => lean(entry));
  const [days, setDays] = useState(90);
  const limits = get(tree, "limits");
  const asked = JSON.stringify([limits, days]);
  const trying = useMutation({
    mutationFn: async () => ({ of: asked, found: await calls.whatIf(entry.name, isTree(limits) ? limits : {}, days) }),
  });
  const faults = trying.error instanceof Problem ? (trying.error.extra.errors ?? []) : [];
  const change = (next: Tree): void => {
    if (trying.isError) trying.reset();
    setTree(next);
  };
  return (
    <EditingContext value={{ tree, faults, change }}>
      <section className={css.pane}>
        <p className={css.dim}>{said.lead}</p>
        <div className={css.card}>
          <LimitFields />
          <div className={css.barRow}>
            <NativeSelect size="xs" aria-label={said.days} value={String(days)} data={spans.map((span) => ({ value: String(span), label: `${said.days} ${said.dayCount(span)}` }))} onChange={(event) => setDays(Number(event.currentTarget.value))} />
            <Button size="xs" loading={trying.isPending} leftSection={<Icon name="search" size={12} />} onClick={() => trying.mutate()}>
              {said.run}
            </Button>
          </div>
        </div>
        {trying.isError && (
          <Notice tone="red" icon="alert">
            {explain(trying.error)}
          </Notice>
        )}
        {trying.data && trying.data.of === asked && <Result found={trying.data.found} currency={currencyOf(tree)} />}
      </section>
    </EditingContext>
  );
}
