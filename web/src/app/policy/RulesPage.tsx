/** The rules: edited, tried on what customers wrote before they are saved, and every version there has been. For admins. */
import { Button, NativeSelect } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useSearchParams } from "wouter";
import { Problem } from "../../shared/problem";
import { keys } from "../api/keys";
import * as calls from "../api/policy";
import type { Changes, Intent, Policy, Rules, Sandbox } from "../api/policy";
import { Notice, Page, Tabs } from "../knowledge/frame";
import { mayDecide, useSession } from "../session";
import { Icon } from "../ui/Icon";
import { Empty, Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { words } from "../words";
import { policyWords as said } from "../words/policy";
import { RulesForm } from "./RulesForm";
import { SandboxResult } from "./SandboxResult";
import { TryMessages } from "./TryMessages";
import { VersionHistory } from "./VersionHistory";
import { changesOf, countOf, faultsOf, onto } from "./draft";
import css from "./policy.module.css";

const tabs = ["rules", "messages", "history"] as const;
const spans = [1, 7, 30, 90];

/** Intents that are no topic: what is none of ours, and the wish for a person, which no rule can touch. */
const untouched = new Set(["unknown", "talk_to_person"]);

const rulesOf = ({ version: _, ...rules }: Policy): Rules => rules;
const overtaken = (error: unknown): boolean => error instanceof Problem && error.status === 409;

/** What was tried, and the changes that it was tried with: a later change makes it stale. */
interface Tried {
  with: string;
  found: Sandbox;
}

interface BarProps {
  policy: Policy;
  draft: Rules;
  changes: Changes;
  onDiscard: () => void;
  onSaved: (policy: Policy) => void;
  onTheirs: () => void;
}

function Bar({ policy, draft, changes, onDiscard, onSaved, onTheirs }: BarProps) {
  const [days, setDays] = useState(30);
  const [tried, setTried] = useState<Tried | null>(null);
  const count = countOf(changes);
  const now = JSON.stringify([changes, days]);
  const faults = Object.keys(faultsOf(draft)).length > 0;
  const end = useRef<HTMLElement>(null);
  const trying = useMutation({ mutationFn: () => calls.tryOnDays(changes, days), onSuccess: (found) => setTried({ with: now, found }) });
  const saving = useMutation({
    mutationFn: () => calls.change(changes, policy.version),
    onSuccess: (saved) => {
      setTried(null);
      onSaved(saved);
      toast(said.bar.saved(saved.version));
    },
  });
  const fresh = tried?.with === now ? tried.found : null;
  // What would change stands below the rules, never over them: the page goes there.
  useEffect(() => {
    if (fresh) end.current?.scrollIntoView({ block: "end" });
  }, [fresh]);
  if (!count) return null;
  return (
    <section ref={end} className={css.bar} aria-label={said.result.title} data-open={fresh ? "" : undefined}>
      {overtaken(saving.error) ? (
        <Notice tone="amber" icon="alert" actions={<Button size="xs" variant="default" onClick={() => { saving.reset(); onTheirs(); }}>{said.bar.again}</Button>}>
          {said.bar.overtaken}
        </Notice>
      ) : (
        [trying.error, saving.error].map((error, at) => error && <Notice key={at} tone="red" icon="alert">{explain(error)}</Notice>)
      )}
      {fresh && <SandboxResult found={fresh} />}
      <div className={css.barRow}>
        <p role="status">{said.bar.changed(count)}</p>
        <NativeSelect size="xs" aria-label={said.bar.over} value={String(days)} data={spans.map((span) => ({ value: String(span), label: said.bar.days(span) }))} onChange={(event) => setDays(Number(event.currentTarget.value))} />
        <Button size="xs" variant="subtle" onClick={onDiscard}>
          {said.bar.discard}
        </Button>
        <Button size="xs" variant={fresh ? "default" : "filled"} loading={trying.isPending} disabled={faults} leftSection={<Icon name="search" size={12} />} onClick={() => trying.mutate()}>
          {said.bar.see}
        </Button>
        <Button size="xs" disabled={!fresh || faults} title={fresh ? undefined : said.bar.seeFirst} loading={saving.isPending} onClick={() => saving.mutate()}>
          {said.bar.save(policy.version + 1)}
        </Button>
      </div>
    </section>
  );
}

function Editor({ policy, intents }: { policy: Policy; intents: Intent[] }) {
  const client = useQueryClient();
  const [search, setSearch] = useSearchParams();
  const tab = tabs.find((name) => name === search.get("tab")) ?? "rules";
  const [base, setBase] = useState(policy);
  const [draft, setDraft] = useState<Rules>(() => rulesOf(policy));
  const [round, setRound] = useState(0);
  const changes = changesOf(rulesOf(base), draft);
  const dirty = countOf(changes) > 0;
  const begin = (from: Policy, rules: Rules): void => {
    setBase(from);
    setDraft(rules);
    setRound(round + 1);
  };
  // Somebody else's version, or an old one put in force again: taken over where nothing is lost by it.
  if (policy.version > base.version && !dirty) begin(policy, rulesOf(policy));
  const saved = (next: Policy): void => {
    client.setQueryData(keys.policyNow, next);
    void client.invalidateQueries({ queryKey: keys.policyVersions });
    begin(next, rulesOf(next));
  };
  const theirs = async (): Promise<void> => {
    const next = await client.fetchQuery({ queryKey: keys.policyNow, queryFn: ({ signal }) => calls.policy(signal), staleTime: 0 }).catch(() => null);
    if (next) begin(next, onto(rulesOf(next), changes));
  };
  return (
    <div className={css.editor}>
      <Tabs label={said.title} chosen={tab} onChoose={(name) => setSearch(name === "rules" ? {} : { tab: name }, { replace: true })} tabs={tabs.map((name) => ({ name, label: said.tabs[name] }))} />
      <div className={css.form} hidden={tab !== "rules"}>
        <RulesForm key={round} rules={draft} intents={intents} onChange={setDraft} />
      </div>
      {tab === "messages" && <TryMessages changes={changes} />}
      {tab === "history" && <VersionHistory intents={intents} />}
      {tab !== "history" && <Bar policy={base} draft={draft} changes={changes} onDiscard={() => begin(base, rulesOf(base))} onSaved={saved} onTheirs={() => void theirs()} />}
    </div>
  );
}

export default function RulesPage() {
  const allowed = mayDecide(useSession());
  const policy = useQuery({ queryKey: keys.policyNow, queryFn: ({ signal }) => calls.policy(signal), enabled: allowed });
  const intents = useQuery({ queryKey: keys.intents, queryFn: ({ signal }) => calls.intents(signal), enabled: allowed, staleTime: 60_000 });
  if (!allowed) return <Empty icon="shield" title={words.errors.forbiddenTitle} text={said.needAdmin} />;
  const failed = policy.isError && !policy.data ? policy : intents.isError && !intents.data ? intents : null;
  return (
    <Page title={said.title} name="rules" lead={said.lead} meta={policy.data && <span>{said.inForce(policy.data.version)}</span>}>
      {failed && <Failed error={failed.error} retry={() => void failed.refetch()} />}
      {!failed && (!policy.data || !intents.data) && <Loading lines={8} />}
      {policy.data && intents.data && <Editor policy={policy.data} intents={intents.data.items.filter(({ name }) => !untouched.has(name))} />}
    </Page>
  );
}
