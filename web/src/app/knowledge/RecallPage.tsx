/** One recall: everybody who was told, what they were told, and a correction to word and send to each. */
import { Button, Textarea } from "@mantine/core";
import { type QueryClient, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { Problem } from "../../shared/problem";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { RecallDetail, RecallItem } from "../api/knowledge-shapes";
import { ago, wholeTime } from "../format";
import { mayAnswer, mayEditKnowledge, useSession } from "../session";
import { RichText } from "../ui/RichText";
import { useKept, useNow } from "../ui/hooks";
import { type Tone, Avatar, Tag } from "../ui/small";
import { Empty, Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { words } from "../words";
import { knowledgeWords } from "../words/knowledge";
import { Quotes, ToTicket, nameOf } from "./GivenAnswers";
import { Progress } from "./RecallsPage";
import { Confirm, Notice, Page } from "./frame";
import css from "./rows.module.css";
import own from "./recall.module.css";

const said = knowledgeWords.recalls;
const back = { href: "/knowledge/recalls", label: said.title };
const tones: Record<RecallItem["status"], Tone> = { open: "amber", sent: "green", dismissed: "plain" };

function renew(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: keys.recalls });
}

function Telling({ recall, item }: { recall: RecallDetail; item: RecallItem }) {
  const client = useQueryClient();
  const [kept, setKept] = useKept<string | null>(`tandem.correction.${recall.id}.${item.message_id}`, null);
  const text = kept ?? item.correction;
  const changed = text.trim() !== item.correction;
  const settled = { onSettled: () => renew(client) };
  const word = useMutation({
    mutationFn: () => calls.wordCorrection(recall.id, item.message_id, text.trim()),
    onSuccess: () => {
      setKept(null);
      toast(said.saved);
    },
    ...settled,
  });
  const send = useMutation({
    mutationFn: async () => {
      if (changed) await calls.wordCorrection(recall.id, item.message_id, text.trim());
      await calls.sendCorrection(recall.id, item.message_id);
    },
    onSuccess: () => {
      setKept(null);
      toast(said.sent);
    },
    ...settled,
  });
  const dismiss = useMutation({ mutationFn: () => calls.dismissCorrection(recall.id, item.message_id), onSuccess: () => toast(said.dismissedToast), ...settled });
  const error = send.error ?? word.error ?? dismiss.error;
  const outdated = error instanceof Problem && error.code === "correction_outdated";
  const busy = send.isPending || word.isPending || dismiss.isPending;
  return (
    <div className={own.telling}>
      <Textarea label={said.correction} description={said.correctionHint} rows={7} dir="auto" value={text} onChange={(event) => setKept(event.currentTarget.value)} />
      {error && <Notice tone="red" icon="alert">{outdated ? said.outdated : explain(error)}</Notice>}
      <div className={css.actions}>
        <Button size="xs" variant="subtle" disabled={busy} onClick={() => dismiss.mutate()}>
          {said.dismiss}
        </Button>
        {(changed || outdated) && (
          <Button size="xs" variant="default" loading={word.isPending} disabled={!text.trim()} onClick={() => word.mutate()}>
            {said.keep}
          </Button>
        )}
        <Button size="xs" loading={send.isPending} disabled={!text.trim()} onClick={() => send.mutate()}>
          {said.send}
        </Button>
      </div>
    </div>
  );
}

function Item({ recall, item, tells, now }: { recall: RecallDetail; item: RecallItem; tells: boolean; now: number }) {
  const name = nameOf(item.customer);
  return (
    <li className={css.row}>
      <Avatar name={name} />
      <div className={css.rowMain}>
        <p className={css.rowHead}>
          <strong dir="auto">{name}</strong>
          {item.customer.email && item.customer.email !== name && <bdi>{item.customer.email}</bdi>}
          <time dateTime={item.said_at}>{wholeTime(item.said_at)}</time>
          <Tag tone={tones[item.status]}>{said.states[item.status]}</Tag>
          {item.done_by && item.done_at && <span>{said.doneBy(item.done_by, ago(item.done_at, now))}</span>}
          <ToTicket conversation={item.conversation_id} />
        </p>
        <div className={own.both}>
          <section aria-label={said.was}>
            <h3>{said.was}</h3>
            <div className={own.said}>
              <RichText text={item.said} />
            </div>
            <Quotes quotes={item.quotes} said={item.said} />
          </section>
          {item.status === "open" && tells && recall.status === "open" ? (
            <Telling recall={recall} item={item} />
          ) : (
            <section aria-label={said.correction} data-done={item.status}>
              <h3>{said.correction}</h3>
              <div className={own.said}>
                <RichText text={item.correction} />
              </div>
            </section>
          )}
        </div>
      </div>
    </li>
  );
}

function Close({ recall }: { recall: RecallDetail }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const close = useMutation({
    mutationFn: () => calls.closeRecall(recall.id),
    onSuccess: () => {
      setAsking(false);
      toast(said.closed);
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
    onSettled: () => renew(client),
  });
  return (
    <>
      <Button size="xs" variant={recall.open > 0 ? "default" : "filled"} loading={close.isPending && !asking} onClick={() => (recall.open > 0 ? setAsking(true) : close.mutate())}>
        {said.close}
      </Button>
      <Confirm opened={asking} title={said.closeTitle} text={said.closeText(recall.open)} label={said.close} color="red" busy={close.isPending} onClose={() => setAsking(false)} onConfirm={() => close.mutate()} />
    </>
  );
}

export default function RecallPage({ id }: { id: string }) {
  const session = useSession();
  const now = useNow(30_000);
  const recall = useInfiniteQuery({
    queryKey: keys.recall(id),
    queryFn: ({ pageParam, signal }) => calls.recall(id, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  if (recall.isPending) return <Loading lines={9} />;
  const data = recall.data?.pages[0];
  if (!data)
    return (
      <Page title={said.title} name={id} back={back}>
        <Failed error={recall.error} retry={() => void recall.refetch()} />
      </Page>
    );
  const items = recall.data?.pages.flatMap((page) => page.items) ?? [];
  const order = { open: 0, sent: 1, dismissed: 2 };
  return (
    <Page
      title={data.title}
      name={id}
      back={back}
      lead={data.reason}
      actions={data.status === "open" && mayEditKnowledge(session) && <Close recall={data} />}
      meta={
        <>
          <Tag tone={data.status === "open" ? "amber" : "plain"}>{said.status[data.status]}</Tag>
          <span>{said.trigger[data.trigger]}</span>
          <span>{said.started(data.created_by, ago(data.created_at, now))}</span>
          {data.version !== null && <span>{knowledgeWords.common.version(data.version)}</span>}
          <Link href={`/knowledge/${data.document_id}`}>{said.article}</Link>
          <Progress recall={data} />
          <span>{said.progress(data.answers - data.open, data.answers)}</span>
        </>
      }
    >
      {!mayAnswer(session) && <Notice icon="info">{said.readOnly}</Notice>}
      {items.length === 0 ? (
        <Empty icon="check" title={said.itemsEmpty} text={said.itemsEmptyText} />
      ) : (
        <ol className={css.rows}>
          {items
            .toSorted((a, b) => order[a.status] - order[b.status])
            .map((item) => (
              <Item key={item.message_id} recall={data} item={item} tells={mayAnswer(session)} now={now} />
            ))}
        </ol>
      )}
      {recall.hasNextPage && (
        <Button className={css.more} size="xs" variant="default" loading={recall.isFetchingNextPage} onClick={() => void recall.fetchNextPage()}>
          {words.more}
        </Button>
      )}
    </Page>
  );
}
