/** One source: how its last run went, what could not be read and why, its settings; read now, pause, delete. */
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { safeLink } from "../../shared/markup";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { Source, SourceDraft, SourceItem } from "../api/knowledge-shapes";
import { ago, wholeTime } from "../format";
import { mayEditKnowledge, useSession } from "../session";
import { Icon } from "../ui/Icon";
import { useNow } from "../ui/hooks";
import { Empty, Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { knowledgeWords } from "../words/knowledge";
import { SourceForm } from "./SourceForm";
import { SourceTag, nextText } from "./SourcesPage";
import { audienceName } from "./audience";
import { nothingFiltered, reasonOf } from "./documents";
import { Confirm, Figure, Notice, Page, Tabs } from "./frame";
import article from "./article.module.css";
import rows from "./rows.module.css";
import css from "./source.module.css";
import { everyText, sourcesChanged, useSource, useSourceDeeds } from "./sources";

const said = knowledgeWords.sources;
const back = { href: "/knowledge/sources", label: said.title };
/** What came is read in the worker, some seconds after the run. */
const ASK_MS = 5_000;
const figures = ["seen", "added", "changed", "unchanged", "removed", "waiting", "failed"] as const;

export default function SourcePage({ id }: { id: string }) {
  const source = useSource(id);
  if (source.isPending) return <Loading lines={9} />;
  if (!source.data)
    return (
      <Page title={said.title} name={id} back={back}>
        <Failed error={source.error} retry={() => void source.refetch()} />
      </Page>
    );
  return <Opened source={source.data} />;
}

function Opened({ source }: { source: Source }) {
  const session = useSession();
  const now = useNow(15_000);
  const writes = mayEditKnowledge(session);
  const [search, setSearch] = useSearchParams();
  const editing = writes && search.get("tab") === "settings";
  const go = (tab: "overview" | "settings"): void => setSearch(tab === "settings" ? { tab } : {}, { replace: true });
  const next = nextText(source, now);
  return (
    <Page
      title={source.name}
      name={source.id}
      back={back}
      actions={writes && <Deeds source={source} />}
      meta={
        <>
          <SourceTag source={source} />
          <span>{said.kinds[source.kind]}</span>
          <Link href={`/knowledge?source=${encodeURIComponent(source.name)}`}>{said.documents(source.documents)}</Link>
          <span>{source.finished_at ? said.lastRun(ago(source.finished_at, now)) : said.neverRun}</span>
          {next && <span>{next}</span>}
          <span>{everyText(source.every_minutes)}</span>
          <span>{audienceName(source.audience)}</span>
        </>
      }
    >
      {source.status === "running" && <Notice tone="blue" icon="clock">{said.syncing}</Notice>}
      {source.error && source.status !== "running" && (
        <Notice tone={source.status === "failed" ? "red" : "amber"} icon="alert" actions={writes && source.status === "partly" && <RemoveToo source={source} />}>
          {source.error} {source.failures > 1 && said.failures(source.failures)}
        </Notice>
      )}
      {(source.report.waiting ?? 0) > 0 && (
        <Notice tone="amber" icon="shield" actions={<Link href="/knowledge/approvals">{knowledgeWords.article.toApprovals}</Link>}>
          {said.waitingText(source.report.waiting ?? 0)}
        </Notice>
      )}
      {writes && <Tabs label={source.name} chosen={editing ? "settings" : "overview"} onChoose={go} tabs={[{ name: "overview", label: said.overview }, { name: "settings", label: said.edit }]} />}
      {editing ? <Settings source={source} onDone={() => go("overview")} /> : <Overview source={source} now={now} />}
    </Page>
  );
}

/** A run that finds most of a source gone removes nothing; this is the one that may. */
function RemoveToo({ source }: { source: Source }) {
  const { sync } = useSourceDeeds(source);
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={() => setAsking(true)}>
        {said.removeToo}
      </Button>
      <Confirm
        opened={asking}
        title={said.removeTooTitle}
        text={said.removeTooText}
        label={said.removeToo}
        busy={sync.isPending}
        onClose={() => setAsking(false)}
        onConfirm={() => sync.mutate(true, { onSuccess: () => setAsking(false) })}
      />
    </>
  );
}

function Overview({ source, now }: { source: Source; now: number }) {
  const { report } = source;
  const shown = figures.filter((name) => report[name] !== undefined);
  return (
    <>
      {shown.length > 0 && (
        <section className={rows.panel} aria-label={said.report.title}>
          <h2>{said.report.title}</h2>
          <div className={rows.figures}>
            {shown.map((name) => (
              <Figure key={name} label={said.report[name] ?? name} tone={name === "failed" && report[name] ? "red" : name === "waiting" && report[name] ? "amber" : undefined}>
                {report[name]}
              </Figure>
            ))}
          </div>
          {source.finished_at && (
            <p>
              <time dateTime={source.finished_at}>{wholeTime(source.finished_at)}</time>
            </p>
          )}
        </section>
      )}
      {source.status !== "new" && <FailedItems source={source} now={now} />}
    </>
  );
}

function Item({ item, now }: { item: SourceItem; now: number }) {
  const url = item.url ? safeLink(item.url) : null;
  return (
    <li className={rows.row}>
      <div className={rows.rowMain}>
        <p className={rows.rowHead}>
          <strong dir="auto">{item.url ?? item.key}</strong>
          <time dateTime={item.changed_at}>{ago(item.changed_at, now)}</time>
          {item.document_id && <Link href={`/knowledge/${item.document_id}`}>{knowledgeWords.recalls.article}</Link>}
          {url && (
            <a href={url.href} target="_blank" rel="noopener noreferrer">
              {url.host} <Icon name="open" size={12} />
            </a>
          )}
        </p>
        <p className={rows.trouble}>{item.error}</p>
      </div>
    </li>
  );
}

/** What could not be fetched, and what came and could not be read. */
function useTroubles(source: Source) {
  const filter = { ...nothingFiltered, source: source.name, status: "error" } as const;
  return useQuery({
    queryKey: [...keys.sourceItems(source.id), source.finished_at],
    queryFn: async ({ signal }): Promise<SourceItem[]> => {
      const [unfetched, unread] = await Promise.all([calls.sourceItems(source.id, true, signal), calls.documentPage(filter, null, signal)]);
      const documents = unread.items.map((row) => ({ key: row.title, url: row.source_url, document_id: row.id, error: reasonOf(row), changed_at: row.updated_at }));
      return [...unfetched.items, ...documents];
    },
    refetchInterval: ASK_MS,
  });
}

function FailedItems({ source, now }: { source: Source; now: number }) {
  const failed = useTroubles(source);
  const items = failed.data ?? [];
  if (source.status === "failed" && items.length === 0) return null;
  return (
    <section className={rows.panel} aria-label={said.items}>
      <h2>{said.items}</h2>
      {failed.isPending && <Loading lines={3} />}
      {failed.isError && <Failed error={failed.error} retry={() => void failed.refetch()} />}
      {failed.data && items.length === 0 && <Empty icon="check" title={said.itemsNone} text={said.itemsNoneText} />}
      {items.length > 0 && (
        <>
          <p>{said.itemsLead}</p>
          <ul className={rows.rows}>
            {items.map((item) => (
              <Item key={item.document_id ?? item.key} item={item} now={now} />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Settings({ source, onDone }: { source: Source; onDone: () => void }) {
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: ({ kind: _kind, ...change }: SourceDraft) => calls.changeSource(source.id, change),
    onSuccess: () => {
      toast(said.form.saved);
      sourcesChanged(client);
      onDone();
    },
  });
  return <SourceForm kind={source.kind} source={source} saving={save.isPending} error={save.error} onSave={save.mutate} onCancel={onDone} />;
}

function Deeds({ source }: { source: Source }) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const { sync, pause } = useSourceDeeds(source);
  const [asking, setAsking] = useState(false);
  const [keep, setKeep] = useState<"keep" | "remove">("keep");
  const remove = useMutation({
    mutationFn: () => calls.deleteSource(source.id, keep),
    onSuccess: () => {
      toast(said.deletedToast);
      navigate("/knowledge/sources", { replace: true });
      client.removeQueries({ queryKey: keys.source(source.id) });
      sourcesChanged(client);
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
  const option = (value: typeof keep, label: string) => (
    <label className={article.option}>
      <input type="radio" name="documents" value={value} checked={keep === value} onChange={() => setKeep(value)} />
      <span>{label}</span>
    </label>
  );
  return (
    <>
      <Button size="xs" variant="subtle" leftSection={<Icon name="trash" size={14} />} onClick={() => setAsking(true)}>
        {said.delete}
      </Button>
      <Button size="xs" variant="default" loading={pause.isPending} onClick={() => pause.mutate()}>
        {source.paused ? said.resume : said.pause}
      </Button>
      <Button size="xs" disabled={source.status === "running"} loading={sync.isPending} onClick={() => sync.mutate(false)}>
        {said.syncNow}
      </Button>
      <Confirm opened={asking} title={said.deleteTitle(source.name)} text={said.deleteText} label={said.deleteConfirm} color="red" busy={remove.isPending} onClose={() => setAsking(false)} onConfirm={() => remove.mutate()}>
        <fieldset className={css.choices}>
          <legend>{said.deleteChoice}</legend>
          {option("keep", said.keepDocuments)}
          {option("remove", said.removeDocuments)}
        </fieldset>
      </Confirm>
    </>
  );
}
