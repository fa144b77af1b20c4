/** What sources brought and a person has to see first: the difference, and yes or no. */
import { Button } from "@mantine/core";
import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { safeLink } from "../../shared/markup";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { Approval } from "../api/knowledge-shapes";
import { ago } from "../format";
import { mayEditKnowledge, useSession } from "../session";
import { Icon } from "../ui/Icon";
import { useNow } from "../ui/hooks";
import { Tag } from "../ui/small";
import { Empty, Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { words } from "../words";
import { knowledgeWords } from "../words/knowledge";
import { ArticleText } from "./ArticleText";
import { DiffView } from "./DiffView";
import { diffLines } from "./diff";
import { knowledgeChanged, nothingFiltered, reasonOf, sourceName } from "./documents";
import { Confirm, Notice, Page } from "./frame";
import css from "./rows.module.css";
import own from "./approvals.module.css";

const said = knowledgeWords.approvals;
const ASK_MS = 3_000;
const IDLE_MS = 15_000;
const UNREADABLE = { ...nothingFiltered, status: "error" } as const;

type Decision = { item: Approval; approve: boolean };

const decide = ({ item, approve }: Decision) => (approve ? calls.approve : calls.reject)(item.document_id, item.version);

function changed(client: QueryClient): void {
  knowledgeChanged(client);
  void client.invalidateQueries({ queryKey: keys.sources });
}

interface ItemProps {
  item: Approval;
  /** why its document cannot be read, where it cannot */
  trouble: string | undefined;
  writes: boolean;
  now: number;
  busy: boolean;
  onDecide: (approve: boolean) => void;
}

function Item({ item, trouble, writes, now, busy, onDecide }: ItemProps) {
  const url = item.source_url ? safeLink(item.source_url) : null;
  const fresh = item.live_version === null;
  return (
    <li className={css.row}>
      <div className={css.rowMain}>
        <p className={css.rowHead}>
          <Tag tone={fresh ? "green" : "blue"}>{fresh ? said.fresh : said.changed}</Tag>
          <Link href={`/knowledge/${item.document_id}`} className={css.title}>
            <bdi>{item.title}</bdi>
          </Link>
        </p>
        <p className={css.facts}>
          <span>{said.from(sourceName(item.source))}</span>
          <time dateTime={item.created_at}>{ago(item.created_at, now)}</time>
          {url && (
            <a href={url.href} target="_blank" rel="noopener noreferrer">
              {words.ticket.openPage(url.host)} <Icon name="open" size={12} />
            </a>
          )}
          {item.live_title !== null && item.live_title !== item.title && <bdi>{said.titleWas(item.live_title)}</bdi>}
        </p>
        {!item.ready && (trouble ? <p className={css.trouble}>{trouble}</p> : <p className={css.empty}>{said.reading}</p>)}
        {item.body !== null &&
          (item.live_body === null ? (
            <details className={own.text} open={item.body.length < 1_500}>
              <summary>{knowledgeWords.article.read}</summary>
              <ArticleText text={item.body} />
            </details>
          ) : (
            <DiffView lines={diffLines(item.live_body, item.body)} />
          ))}
        {writes && (
          <div className={css.actions}>
            <Button size="xs" variant="default" aria-label={`${said.reject}: ${item.title}`} disabled={busy} onClick={() => onDecide(false)}>
              {said.reject}
            </Button>
            <Button size="xs" aria-label={`${said.approve}: ${item.title}`} disabled={busy || !item.ready} onClick={() => onDecide(true)}>
              {said.approve}
            </Button>
          </div>
        )}
      </div>
    </li>
  );
}

/** Approves one after the other: a failure leaves the rest as they were, and is told. */
function ApproveAll({ items }: { items: Approval[] }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [done, setDone] = useState<number | null>(null);
  const ready = items.filter((item) => item.ready);
  const all = useMutation({
    mutationFn: async () => {
      for (const [at, item] of ready.entries()) {
        setDone(at);
        await calls.approve(item.document_id, item.version);
      }
      return ready.length;
    },
    onSuccess: (n) => toast(said.progress(n, n)),
    onError: (error) => toast(explain(error), { tone: "red" }),
    onSettled: () => {
      setAsking(false);
      setDone(null);
      changed(client);
    },
  });
  if (ready.length < 2) return null;
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setAsking(true)}>
        {said.approveAll(ready.length)}
      </Button>
      <Confirm opened={asking} title={said.approveAllTitle(ready.length)} text={said.approveAllText} label={said.approveAll(ready.length)} busy={all.isPending} onClose={() => setAsking(false)} onConfirm={() => all.mutate()}>
        {done !== null && <Notice tone="blue">{said.progress(done, ready.length)}</Notice>}
      </Confirm>
    </>
  );
}

export default function ApprovalsPage() {
  const client = useQueryClient();
  const session = useSession();
  const now = useNow(30_000);
  const writes = mayEditKnowledge(session);
  const list = useQuery({
    queryKey: keys.approvals,
    queryFn: ({ signal }) => calls.approvals(signal),
    refetchInterval: ({ state }) => (state.data?.items.some((item) => !item.ready) ? ASK_MS : IDLE_MS),
  });
  const unread = useQuery({
    queryKey: keys.unreadable,
    queryFn: ({ signal }) => calls.documentPage(UNREADABLE, null, signal),
    enabled: list.data?.items.some((item) => !item.ready) === true,
    select: (page) => new Map(page.items.map((row) => [row.id, reasonOf(row)])),
  });
  const decision = useMutation({
    mutationFn: decide,
    onSuccess: (_nothing, { item, approve }) => {
      toast(approve ? said.approved(item.title) : said.rejected(item.title));
      client.setQueryData<{ items: Approval[] }>(keys.approvals, (was) => was && { items: was.items.filter((one) => one.document_id !== item.document_id || one.version !== item.version) });
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
    onSettled: () => changed(client),
  });
  const items = list.data?.items ?? [];
  return (
    <Page title={said.title} name="approvals" lead={said.lead} actions={writes && <ApproveAll items={items} />}>
      {list.isPending && <Loading lines={6} />}
      {list.isError && !list.data && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.data && items.length === 0 && <Empty icon="check" title={said.empty} text={said.emptyText} />}
      {items.length > 0 && (
        <ul className={css.rows}>
          {items.map((item) => (
            <Item key={`${item.document_id} ${item.version}`} item={item} trouble={unread.data?.get(item.document_id)} writes={writes} now={now} busy={decision.isPending} onDecide={(approve) => decision.mutate({ item, approve })} />
          ))}
        </ul>
      )}
    </Page>
  );
}
