/** How many wrong answers are accepted: the limit, what the labels support, what it would mean, and saving it as policy. */
import { Button, NumberInput, SegmentedControl, Switch } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import * as calls from "../api/deciding";
import type { Group, Interval, Proposal, Setting } from "../api/deciding";
import { keys } from "../api/keys";
import { percent, readable } from "../format";
import { Confirm, Notice } from "../knowledge/frame";
import { useKept } from "../ui/hooks";
import { Tag } from "../ui/small";
import { Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { decidingWords } from "../words/deciding";
import { TradeoffPanel } from "./TradeoffPanel";
import { Scroll } from "./Scroll";
import { exact, figure } from "./figures";
import css from "./deciding.module.css";

const said = decidingWords.limit;
const HOUR = 30;
const SURE = ["0.9", "0.95", "0.99"] as const;

/** Steps of the limit, in shares. */
const LEAST = 0.005;
const MOST = 0.2;

function groupName(group: Group): string {
  const names = group.categories.map(readable).join(", ");
  return group.pooled ? `${names}, ${decidingWords.pooled}` : names;
}

function Groups({ proposal }: { proposal: Proposal }) {
  if (!proposal.groups.length) return null;
  return (
    <Scroll label={said.groups}>
      <table className={css.table}>
        <caption className={css.dim}>{said.groups}</caption>
        <thead>
          <tr>
            <th scope="col">{said.group}</th>
            <th scope="col">{said.threshold}</th>
            <th scope="col">{said.labels}</th>
            <th scope="col">{said.wrongSeen}</th>
            <th scope="col">{said.bound}</th>
          </tr>
        </thead>
        <tbody>
          {proposal.groups.map((group) => (
            <tr key={group.categories.join()}>
              <th scope="row">{groupName(group)}</th>
              <td>
                {group.threshold === null ? <Tag tone="amber">{said.none}</Tag> : exact(group.threshold)}
                {group.threshold === null && <small>{group.needed === null ? said.never : said.needed(group.needed)}</small>}
              </td>
              <td>{group.threshold === null ? decidingWords.answers(group.of) : group.labels}</td>
              <td>{group.threshold === null ? "–" : group.wrong}</td>
              <td>{group.threshold === null ? "–" : exact(group.bound)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

const rows: { name: string; value: (of: Setting) => Interval | null; write: (value: number) => string }[] = [
  { name: said.handled, value: (of) => of.handled, write: exact },
  { name: said.resolved, value: (of) => of.resolved, write: exact },
  { name: said.wrongShare, value: (of) => of.wrong, write: exact },
  { name: said.people, value: (of) => of.people_a_day, write: figure },
  { name: said.minutes, value: (of) => of.minutes_a_day, write: figure },
  { name: said.cost, value: (of) => of.cost_a_day, write: figure },
];

function Cell({ of, write }: { of: Interval | null; write: (value: number) => string }) {
  if (!of) return <td>–</td>;
  return (
    <td>
      {write(of.value)}
      <small>{decidingWords.between(write(of.least), write(of.most))}</small>
    </td>
  );
}

function Compare({ proposal }: { proposal: Proposal }) {
  return (
    <Scroll label={said.compare}>
      <table className={css.table}>
        <caption className={css.dim}>{said.compare}</caption>
        <thead>
          <tr>
            <th scope="col">{said.figure}</th>
            <th scope="col">{said.now}</th>
            <th scope="col">{said.proposed}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, value, write }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <Cell of={value(proposal.before)} write={write} />
              <Cell of={value(proposal.after)} write={write} />
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

interface Wanted {
  limit: number;
  sure: (typeof SURE)[number];
  people: boolean;
  hour: number;
}

function Controls({ wanted, onChange }: { wanted: Wanted; onChange: (change: Partial<Wanted>) => void }) {
  const sureLabel = useId();
  return (
    <div className={css.controls}>
      <div className={css.field}>
        <span aria-hidden="true">{said.wrongValue(exact(wanted.limit))}</span>
        <input
          type="range"
          className={css.range}
          min={LEAST}
          max={MOST}
          step={LEAST}
          value={wanted.limit}
          aria-label={said.wrong}
          aria-valuetext={exact(wanted.limit)}
          onChange={(event) => onChange({ limit: event.currentTarget.valueAsNumber })}
        />
        <span className={css.ends} aria-hidden="true">
          <span>{exact(LEAST)}</span>
          <span>{exact(MOST)}</span>
        </span>
      </div>
      <div className={css.field}>
        <span id={sureLabel}>{said.sure}</span>
        <SegmentedControl aria-labelledby={sureLabel} data={SURE.map((value) => ({ value, label: percent(Number(value)) }))} value={wanted.sure} onChange={(sure) => onChange({ sure: sure as Wanted["sure"] })} />
      </div>
      <Switch label={said.otherwise} description={said.otherwiseHint} checked={wanted.people} onChange={(event) => onChange({ people: event.currentTarget.checked })} />
      <NumberInput label={said.hour} min={0} max={100000} value={wanted.hour} onChange={(hour) => onChange({ hour: typeof hour === "number" ? hour : Number(hour) || 0 })} />
    </div>
  );
}

function Saving({ proposal }: { proposal: Proposal }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const save = useMutation({
    mutationFn: () => calls.savePolicy(proposal.changes),
    onSuccess: ({ version }) => {
      setAsking(false);
      toast(said.saved(version));
      void client.invalidateQueries({ queryKey: keys.thresholds });
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
  const rules = Object.entries(proposal.changes.thresholds.answer_by_category);
  const nothing = proposal.supported === 0 && !rules.some(([, value]) => value >= 1);
  return (
    <div className={css.save}>
      {nothing && <span className={css.dim}>{said.nothing}</span>}
      <Button disabled={nothing} onClick={() => setAsking(true)}>
        {said.save}
      </Button>
      <Confirm opened={asking} title={said.saveTitle} text={said.saveText} label={said.save} busy={save.isPending} onClose={() => setAsking(false)} onConfirm={() => save.mutate()}>
        <ul>
          {rules.map(([name, value]) => (
            <li key={name}>
              {name === "*" ? decidingWords.pooled : readable(name)}: {exact(value)}
            </li>
          ))}
        </ul>
      </Confirm>
    </div>
  );
}

export function LimitPanel() {
  const [hour, setHour] = useKept("tandem.agent-hour", HOUR);
  const [wanted, setWanted] = useState<Omit<Wanted, "hour">>({ limit: 0.02, sure: "0.95", people: false });
  const [asked] = useDebouncedValue({ ...wanted, hour }, 250);
  const change = ({ hour: cost, ...rest }: Partial<Wanted>): void => {
    if (cost !== undefined) setHour(cost);
    setWanted((before) => ({ ...before, ...rest }));
  };
  const found = useQuery({
    queryKey: keys.proposal(asked.limit, asked.sure, asked.people, asked.hour),
    queryFn: ({ signal }) => calls.choose(asked.limit, Number(asked.sure), asked.people ? "people" : "keep", asked.hour, signal),
    placeholderData: keepPreviousData,
  });
  const proposal = found.data;
  return (
    <div className={css.stack}>
      <section className={css.panel} aria-busy={found.isFetching}>
        <h2>{said.title}</h2>
        <p>{said.lead}</p>
        <Controls wanted={{ ...wanted, hour }} onChange={change} />
        {found.isPending && <Loading lines={4} />}
        {found.isError && !proposal && <Failed error={found.error} retry={() => void found.refetch()} />}
        {proposal && (
          <>
            <Notice tone={proposal.complete ? "green" : "amber"} icon={proposal.complete ? "check" : "info"}>
              {proposal.says}
            </Notice>
            <Groups proposal={proposal} />
            {proposal.before.people_a_day.most > 0 && <Compare proposal={proposal} />}
            <Saving proposal={proposal} />
          </>
        )}
      </section>
      <TradeoffPanel hour={asked.hour} limit={asked.limit} />
    </div>
  );
}
