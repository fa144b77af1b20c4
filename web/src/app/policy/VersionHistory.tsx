/** Every version of the rules: who saved it and when, what it changed, and putting it in force again. */
import { Button, NativeSelect } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "../api/keys";
import * as calls from "../api/policy";
import type { Mode } from "../api/models";
import type { Intent, RuleChange, Version } from "../api/policy";
import { percent, readable, wholeTime } from "../format";
import { Confirm } from "../knowledge/frame";
import { cost, count } from "../models/money";
import { Tag } from "../ui/small";
import { Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { words } from "../words";
import { modeNames } from "../words/models";
import { policyWords } from "../words/policy";
import { listDifference, toMajor } from "./draft";
import { titleOf } from "./fields";
import css from "./policy.module.css";

const said = policyWords.history;
const kinds: Record<string, string> = policyWords.personal.kinds;

/** A rule's field as people call it: its name, and for a table's entry which one. */
function fieldName(field: string, intents: Intent[]): string {
  const known = Object.keys(said.names).find((name) => field === name || field.startsWith(`${name}.`));
  if (!known) return readable(field);
  const entry = field.slice(known.length + 1);
  const shown = entry.split(".").map((part) => (part === "*" ? policyWords.sure.others : titleOf(intents, part)));
  return entry ? `${said.names[known] ?? known}: ${shown.join(", ")}` : (said.names[known] ?? known);
}

function shown(field: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return said.empty;
  if (field.startsWith("amount_limits.") && typeof value === "number") return String(toMajor(value, field.slice(14)));
  if (typeof value === "number" && (field.startsWith("thresholds.") || field === "releases.worse_at_most")) return `${Math.round(value * 1000) / 10} ${policyWords.percent}`;
  if (field === "budget.cost_per_day_micros" && typeof value === "number") return cost(value);
  if (field === "budget.tokens_per_day" && typeof value === "number") return count(value);
  if (field === "budget.soft" && typeof value === "number") return percent(value);
  if (typeof value === "boolean") return value ? said.on : said.off;
  if (field === "mode") return modeNames[value as Mode]?.[0] ?? String(value);
  if (value === "people" || value === "assist") return policyWords.tiers.ways[value];
  return String(value);
}

function Difference({ change, intents }: { change: RuleChange; intents: Intent[] }) {
  const { field, before, after } = change;
  const title = (name: string): string => (field === "escalate_words" ? name : field === "redact_before_provider" ? (kinds[name] ?? name) : (policyWords.signals[name]?.[0] ?? titleOf(intents, name)));
  const lists = Array.isArray(before) && Array.isArray(after) ? listDifference(before, after) : null;
  return (
    <div>
      <dt>{fieldName(field, intents)}</dt>
      <dd>
        {lists ? (
          <>
            {lists.removed.map((name) => (
              <del key={name} dir="auto">
                {title(name)}
              </del>
            ))}
            {lists.added.map((name) => (
              <ins key={name} dir="auto">
                {title(name)}
              </ins>
            ))}
          </>
        ) : (
          <>
            <del dir="auto">{shown(field, before)}</del>
            <ins dir="auto">{shown(field, after)}</ins>
          </>
        )}
      </dd>
    </div>
  );
}

function One({ version, all, intents }: { version: Version; all: Version[]; intents: Intent[] }) {
  const client = useQueryClient();
  const [against, setAgainst] = useState(version.version - 1);
  const [asking, setAsking] = useState(false);
  const apart = against !== version.version - 1;
  const compared = useQuery({ queryKey: keys.policyVersion(version.version, against), queryFn: ({ signal }) => calls.version(version.version, against, signal), enabled: apart, staleTime: Infinity });
  const restore = useMutation({
    mutationFn: () => calls.restore(version.version),
    onSuccess: (now) => {
      setAsking(false);
      void client.invalidateQueries({ queryKey: keys.policy });
      toast(policyWords.bar.saved(now.version));
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
  const changes = apart ? compared.data?.changes : version.changes;
  return (
    <section aria-label={said.version(version.version)} className={css.version}>
      <header>
        <h2>{said.version(version.version)}</h2>
        {!version.is_current && (
          <Button size="xs" variant="default" onClick={() => setAsking(true)}>
            {said.restore}
          </Button>
        )}
      </header>
      {version.version > 1 && (
        <NativeSelect size="xs" label={said.against} value={String(against)} data={all.filter((one) => one.version !== version.version).map((one) => ({ value: String(one.version), label: said.version(one.version) }))} onChange={(event) => setAgainst(Number(event.currentTarget.value))} />
      )}
      {apart && compared.isPending && <Loading lines={3} />}
      {apart && compared.isError && <Failed error={compared.error} retry={() => void compared.refetch()} />}
      {version.version === 1 && <p className={css.dim}>{said.first}</p>}
      {version.version > 1 && changes?.length === 0 && <p className={css.dim}>{said.same}</p>}
      {changes && changes.length > 0 && (
        <dl className={css.differences}>
          {changes.map((change) => (
            <Difference key={change.field} change={change} intents={intents} />
          ))}
        </dl>
      )}
      <Confirm opened={asking} title={said.restoreTitle(version.version)} text={said.restoreText} label={said.restore} busy={restore.isPending} onClose={() => setAsking(false)} onConfirm={() => restore.mutate()} />
    </section>
  );
}

export function VersionHistory({ intents }: { intents: Intent[] }) {
  const [chosen, setChosen] = useState<number | null>(null);
  const found = useInfiniteQuery({
    queryKey: keys.policyVersions,
    queryFn: ({ pageParam, signal }) => calls.versions(pageParam, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next_before,
  });
  if (found.isPending) return <Loading lines={6} />;
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const items = found.data.pages.flatMap((page) => page.items);
  const shownOne = items.find((item) => item.version === chosen) ?? items[0];
  return (
    <div className={css.history}>
      <div>
        <ol aria-label={policyWords.tabs.history}>
          {items.map((item) => (
            <li key={item.version}>
              <button type="button" aria-pressed={item === shownOne} onClick={() => setChosen(item.version)}>
                <strong>{said.version(item.version)}</strong>
                {item.is_current && <Tag tone="green">{said.current}</Tag>}
                <small>
                  <time dateTime={item.created_at}>{wholeTime(item.created_at)}</time> <bdi>{said.by(item.author)}</bdi>
                </small>
              </button>
            </li>
          ))}
        </ol>
        {found.hasNextPage && (
          <Button size="xs" variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {said.more}
          </Button>
        )}
      </div>
      {shownOne ? <One key={shownOne.version} version={shownOne} all={items} intents={intents} /> : <p>{words.loading}</p>}
    </div>
  );
}
