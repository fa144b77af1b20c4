/** Every connected source: how it stands, when it was read, what it brought. */
import { Button } from "@mantine/core";
import { Link, useLocation } from "wouter";
import type { Source } from "../api/knowledge-shapes";
import { ago, until } from "../format";
import { mayEditKnowledge, useSession } from "../session";
import { Icon } from "../ui/Icon";
import { useNow } from "../ui/hooks";
import { Tag } from "../ui/small";
import { Empty, Failed, Loading } from "../ui/states";
import { knowledgeWords } from "../words/knowledge";
import { audienceName } from "./audience";
import { useSyncStatus } from "./documents";
import { Page } from "./frame";
import css from "./rows.module.css";
import { everyText, sourceIcon, sourceTone, useSourceDeeds, useSources } from "./sources";

const said = knowledgeWords.sources;

export function SourceTag({ source }: { source: Source }) {
  if (source.paused && source.status !== "running") return <Tag>{said.paused}</Tag>;
  return <Tag tone={sourceTone[source.status]}>{said.status[source.status]}</Tag>;
}

export function nextText(source: Source, now: number): string | null {
  if (source.paused || source.status === "running" || !source.next_at) return null;
  return Date.parse(source.next_at) <= now ? said.soon : said.nextRun(until(source.next_at, now));
}

/** What the last run did, in a line: only what is not nothing. */
export function Counts({ report }: Pick<Source, "report">) {
  const shown = (["added", "changed", "removed", "waiting", "failed"] as const).filter((name) => (report[name] ?? 0) > 0);
  return shown.map((name) => (
    <span key={name} className={name === "failed" ? css.trouble : undefined}>
      {said.report[name]} {report[name]}
    </span>
  ));
}

function Row({ source, unread, writes, now }: { source: Source; unread: number; writes: boolean; now: number }) {
  const { sync } = useSourceDeeds(source);
  const tone = source.paused ? undefined : sourceTone[source.status];
  const next = nextText(source, now);
  return (
    <li className={css.row} data-link="">
      <span className={css.mark} data-tone={tone === "plain" ? undefined : tone}>
        <Icon name={sourceIcon[source.kind]} />
      </span>
      <div className={css.rowMain}>
        <p className={css.rowHead}>
          <Link href={`/knowledge/sources/${source.id}`} className={css.title}>
            <bdi>{source.name}</bdi>
          </Link>
          <SourceTag source={source} />
          {source.approve && <Tag icon="shield" title={said.form.approveHint}>{said.form.approve}</Tag>}
        </p>
        {source.error && <p className={css.trouble}>{source.error}</p>}
        <p className={css.facts}>
          <span>{said.kinds[source.kind]}</span>
          <span>{said.documents(source.documents)}</span>
          <span>{source.finished_at ? said.lastRun(ago(source.finished_at, now)) : said.neverRun}</span>
          {next && <span>{next}</span>}
          <span>{everyText(source.every_minutes)}</span>
          <span>{audienceName(source.audience)}</span>
        </p>
        <p className={css.facts}>
          <Counts report={source.report} />
          {unread > 0 && <span className={css.trouble}>{said.unread(unread)}</span>}
          {source.failures > 1 && <span className={css.trouble}>{said.failures(source.failures)}</span>}
        </p>
      </div>
      {writes && (
        <Button size="xs" variant="default" disabled={source.status === "running"} loading={sync.isPending} aria-label={`${said.syncNow}: ${source.name}`} onClick={() => sync.mutate(false)}>
          {said.syncNow}
        </Button>
      )}
    </li>
  );
}

export default function SourcesPage() {
  const session = useSession();
  const now = useNow(30_000);
  const [, navigate] = useLocation();
  const writes = mayEditKnowledge(session);
  const list = useSources();
  const items = list.data?.items ?? [];
  const unread = new Map(useSyncStatus().data?.sources.map((one) => [one.name, one.failures]));
  const add = writes && (
    <Button size="xs" leftSection={<Icon name="plus" size={14} />} onClick={() => navigate("/knowledge/sources/new")}>
      {said.add}
    </Button>
  );
  return (
    <Page title={said.title} name="sources" lead={said.lead} actions={items.length > 0 && add}>
      {list.isPending && <Loading lines={6} />}
      {list.isError && !list.data && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.data && items.length === 0 && (
        <Empty icon="side" title={said.empty} text={said.emptyText}>
          {add}
        </Empty>
      )}
      {items.length > 0 && (
        <ul className={css.rows}>
          {items.map((source) => (
            <Row key={source.id} source={source} unread={unread.get(source.name) ?? 0} writes={writes} now={now} />
          ))}
        </ul>
      )}
    </Page>
  );
}
