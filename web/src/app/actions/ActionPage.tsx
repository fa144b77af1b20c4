/** One action: its definition as a form and as JSON, what other limits would have done, its signing secret and its history. */
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import { Problem } from "../../shared/problem";
import * as calls from "../api/actions";
import type { Action, Secret } from "../api/actions";
import { keys } from "../api/keys";
import { wholeTime } from "../format";
import { Confirm, Notice, Page, Tabs } from "../knowledge/frame";
import { mayDecide, useSession } from "../session";
import { Icon } from "../ui/Icon";
import { Tag } from "../ui/small";
import { Empty, Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { words } from "../words";
import { actionWords } from "../words/actions";
import css from "./actions.module.css";
import { CodeArea } from "./CodeArea";
import { DefinitionForm } from "./DefinitionForm";
import { HistoryPanel } from "./HistoryPanel";
import { SecretPanel } from "./SecretPanel";
import { WhatIfPanel } from "./WhatIfPanel";
import { type Tree, blank, differs, lean, shown, text, written } from "./definition";
import { EditingContext } from "./fields";
import { addressOf } from "./places";

const said = actionWords.form;
const back = { href: "/actions", label: actionWords.backTo };
const tabs = ["definition", "what-if", "secret", "history"] as const;

/** Somebody else has saved this version meanwhile. */
class Overtaken extends Error {
  constructor(readonly version: number) {
    super();
  }
}

type Known = Action & { secrets: Secret[] };

function Faults({ error, onTheirs }: { error: unknown; onTheirs: () => void }) {
  if (error instanceof Overtaken)
    return (
      <Notice tone="amber" icon="alert" actions={<Button size="xs" variant="default" onClick={onTheirs}>{said.theirs}</Button>}>
        {said.overtaken(error.version)}
      </Notice>
    );
  const faults = error instanceof Problem ? (error.extra.errors ?? []) : [];
  if (!faults.length)
    return (
      <Notice tone="red" icon="alert">
        {explain(error)}
      </Notice>
    );
  return (
    <div className={css.faults} role="alert">
      <strong>{said.faults}</strong>
      <ul>
        {faults.map(({ field, message }) => (
          <li key={field + message}>
            <code>{field}</code> <span>{message}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The JSON of the same definition; what cannot be read yet stays where it is typed. */
function Json({ tree, readOnly, onChange }: { tree: Tree; readOnly: boolean; onChange: (tree: Tree) => void }) {
  const [typing, setTyping] = useState<{ source: string; of: Tree } | null>(null);
  const own = typing && (typing.of === tree || !written(typing.source).ok) ? typing.source : null;
  const source = own ?? shown(tree);
  const read = written(source);
  const type = (next: string): void => {
    const found = written(next);
    const of = found.ok ? found.tree : tree;
    setTyping({ source: next, of });
    if (found.ok) onChange(found.tree);
  };
  return <CodeArea label={said.json} hint={readOnly ? undefined : said.jsonHint} value={source} rows={28} readOnly={readOnly} error={read.ok ? undefined : read.why} onChange={type} />;
}

function Editor({ known, others, readOnly }: { known: Known | null; others: Action[]; readOnly: boolean }) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [base, setBase] = useState<Tree>(() => (known ? lean(known) : blank));
  const [version, setVersion] = useState(known?.version ?? 0);
  const [draft, setDraft] = useState<Tree>(base);
  const dirty = !known || differs(base, draft);
  // Fields keep what is half typed: with another definition they begin anew.
  const [round, setRound] = useState(0);
  const begin = (from: Tree, number: number): void => {
    setRound(round + 1);
    setBase(from);
    setDraft(from);
    setVersion(number);
  };
  // Another version, or an old one put in force again: taken over where nothing is lost by it.
  if (known && known.version > version && !dirty) begin(lean(known), known.version);
  const save = useMutation({
    mutationFn: async () => {
      const name = known ? known.name : text(draft, "name");
      const now = known ? (await calls.action(name)).version : (others.find((one) => one.name === name)?.version ?? 0);
      if (now !== version) throw new Overtaken(now);
      return calls.put(name, draft);
    },
    onSuccess: (entry) => {
      toast(entry.version === version ? said.same : said.saved(entry.version));
      void client.invalidateQueries({ queryKey: keys.actions });
      begin(lean(entry), entry.version);
      if (!known) navigate(addressOf(entry.name), { replace: true });
    },
  });
  const theirs = async (): Promise<void> => {
    save.reset();
    const name = known ? known.name : text(draft, "name");
    const entry = await calls.action(name).catch(() => null);
    if (!entry) return;
    if (known) begin(lean(entry), entry.version);
    else navigate(addressOf(name));
  };
  const change = (tree: Tree): void => {
    if (save.isError && !(save.error instanceof Overtaken)) save.reset();
    setDraft(tree);
  };
  const faults = save.error instanceof Problem ? (save.error.extra.errors ?? []) : [];
  const lookUps = others.filter((one) => one.kind === "look_up").map((one) => one.name);
  return (
    <EditingContext value={{ tree: draft, faults, change }}>
      <div className={css.editor}>
        <fieldset className={css.form} disabled={readOnly} aria-label={said.form}>
          <DefinitionForm key={round} fresh={!known} lookUps={lookUps} />
        </fieldset>
        <div className={css.json}>
          <Json tree={draft} readOnly={readOnly} onChange={change} />
        </div>
      </div>
      {!readOnly && (dirty || save.isError) && (
        <section className={css.bar} aria-label={said.bar.unsaved}>
          {save.isError && <Faults error={save.error} onTheirs={() => void theirs()} />}
          <div className={css.barRow}>
            <p role="status">{said.bar.unsaved}</p>
            {known && (
              <Button size="xs" variant="subtle" onClick={() => { save.reset(); begin(base, version); }}>
                {said.bar.discard}
              </Button>
            )}
            <Button size="xs" loading={save.isPending} disabled={!text(draft, "name")} onClick={() => save.mutate()}>
              {said.bar.save(version + 1)}
            </Button>
          </div>
        </section>
      )}
    </EditingContext>
  );
}

function Remove({ name }: { name: string }) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => calls.remove(name),
    onSuccess: () => {
      toast(said.removed(name));
      navigate("/actions");
      void client.invalidateQueries({ queryKey: keys.actions });
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
  return (
    <>
      <Button size="xs" variant="default" leftSection={<Icon name="trash" size={14} />} onClick={() => setAsking(true)}>
        {said.remove}
      </Button>
      <Confirm opened={asking} title={said.remove} text={said.removeText} label={said.remove} color="red" busy={remove.isPending} onClose={() => setAsking(false)} onConfirm={() => remove.mutate()} />
    </>
  );
}

function Known({ entry, others }: { entry: Known; others: Action[] }) {
  const admin = mayDecide(useSession());
  const [search, setSearch] = useSearchParams();
  const offered = tabs.filter((name) => name === "definition" || name === "history" || (admin && (name !== "what-if" || entry.kind === "change") && (name !== "secret" || entry.handler !== null)));
  const tab = offered.find((name) => name === search.get("tab")) ?? "definition";
  return (
    <Page
      title={entry.name}
      name={`action ${entry.name}`}
      back={back}
      lead={admin ? undefined : actionWords.readOnly}
      actions={admin && <Remove name={entry.name} />}
      meta={
        <>
          <Tag tone={entry.kind === "change" ? "blue" : "plain"}>{actionWords.kinds[entry.kind]}</Tag>
          {!entry.enabled && <Tag tone="amber">{actionWords.isOff}</Tag>}
          <span>{actionWords.version(entry.version)}</span>
          <span>
            <time dateTime={entry.updated_at}>{wholeTime(entry.updated_at)}</time> <bdi>{actionWords.by(entry.author)}</bdi>
          </span>
        </>
      }
    >
      <Tabs label={entry.name} chosen={tab} onChoose={(name) => setSearch(name === "definition" ? {} : { tab: name }, { replace: true })} tabs={offered.map((name) => ({ name, label: actionWords.tabs[name] }))} />
      <div className={css.pane} hidden={tab !== "definition"}>
        <Editor key={entry.name} known={entry} others={others} readOnly={!admin} />
      </div>
      {tab === "what-if" && <WhatIfPanel entry={entry} />}
      {tab === "secret" && <SecretPanel name={entry.name} secrets={entry.secrets} />}
      {tab === "history" && <HistoryPanel entry={entry} admin={admin} />}
    </Page>
  );
}

export function NewActionPage() {
  const admin = mayDecide(useSession());
  const others = useQuery({ queryKey: keys.actionList, queryFn: ({ signal }) => calls.actions(signal), enabled: admin });
  if (!admin) return <Empty icon="shield" title={words.errors.forbiddenTitle} text={words.errors.forbidden} />;
  return (
    <Page title={said.newTitle} name="new action" back={back}>
      {others.isPending && <Loading lines={8} />}
      {others.isError && <Failed error={others.error} retry={() => void others.refetch()} />}
      {others.data && <Editor known={null} others={others.data.items} readOnly={false} />}
    </Page>
  );
}

export default function ActionPage({ name }: { name: string | null }) {
  return name === null ? <NewActionPage /> : <One name={name} />;
}

function One({ name }: { name: string }) {
  const entry = useQuery({ queryKey: keys.action(name), queryFn: ({ signal }) => calls.action(name, signal) });
  const others = useQuery({ queryKey: keys.actionList, queryFn: ({ signal }) => calls.actions(signal) });
  if (entry.isPending || others.isPending) return <Loading lines={9} />;
  if (!entry.data) return <Failed error={entry.error} retry={() => void entry.refetch()} />;
  // After a history's version was put in force again, the form begins anew with it.
  return <Known entry={entry.data} others={others.data?.items ?? []} />;
}
