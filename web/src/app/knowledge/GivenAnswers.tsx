/** Everybody who was given an answer that rests on an article, and calling those answers back. */
import { Button, Modal, NativeSelect, Textarea } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useLocation } from "wouter";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { AnswerGiven, DocumentDetail, Quote } from "../api/knowledge-shapes";
import { wholeTime } from "../format";
import { Icon } from "../ui/Icon";
import { RichText } from "../ui/RichText";
import { Avatar } from "../ui/small";
import { Empty, Failed, Loading, explain } from "../ui/states";
import { words } from "../words";
import { knowledgeWords } from "../words/knowledge";
import css from "./rows.module.css";
import { Notice } from "./frame";
import frame from "./frame.module.css";

const said = knowledgeWords.given;

export const nameOf = (customer: AnswerGiven["customer"]): string => customer.name ?? customer.email ?? said.nobody;

/** What an answer rests on, where its text does not say it word for word already. */
export function Quotes({ quotes, said: text }: { quotes: Quote[]; said: string }) {
  return quotes.filter((quote) => !text.includes(quote.quote.trim())).map((quote, at) => (
    <blockquote key={at} className={css.quote} dir="auto">
      {quote.quote} <small>{knowledgeWords.common.version(quote.version)}</small>
    </blockquote>
  ));
}

/** To the ticket that a conversation is in. */
export function ToTicket({ conversation }: { conversation: string }) {
  return (
    <Link href={`/conversations/${conversation}`} className={css.toTicket}>
      {knowledgeWords.common.openTicket}
    </Link>
  );
}

function Answer({ answer }: { answer: AnswerGiven }) {
  const name = nameOf(answer.customer);
  return (
    <li className={css.row}>
      <Avatar name={name} />
      <div className={css.rowMain}>
        <p className={css.rowHead}>
          <strong dir="auto">{name}</strong>
          {answer.customer.email && answer.customer.email !== name && <bdi>{answer.customer.email}</bdi>}
          <time dateTime={answer.said_at}>{wholeTime(answer.said_at)}</time>
          <span>{[...new Set(answer.quotes.map((quote) => knowledgeWords.common.version(quote.version)))].join(", ")}</span>
          <ToTicket conversation={answer.conversation_id} />
        </p>
        <RichText text={answer.text} />
        <Quotes quotes={answer.quotes} said={answer.text} />
      </div>
    </li>
  );
}

function RecallDialog({ document, opened, onClose }: { document: DocumentDetail; opened: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [reason, setReason] = useState("");
  const [version, setVersion] = useState("");
  const [missing, setMissing] = useState(false);
  const start = useMutation({
    mutationFn: () => calls.createRecall({ document_id: document.id, reason: reason.trim(), ...(version ? { version: Number(version) } : {}) }),
    onSuccess: (recall) => {
      void client.invalidateQueries({ queryKey: keys.recalls });
      navigate(`/knowledge/recalls/${recall.id}`);
    },
  });
  const numbers = Array.from({ length: document.version }, (_, at) => document.version - at);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (reason.trim()) start.mutate();
    else setMissing(true);
  };
  return (
    <Modal opened={opened} onClose={onClose} title={said.recallTitle}>
      <form className={css.dialog} onSubmit={submit} noValidate>
        <p className={frame.dialogText}>{said.recallText}</p>
        <Textarea data-autofocus label={said.reason} description={said.reasonHint} rows={3} dir="auto" value={reason} error={missing && !reason.trim() ? said.needReason : undefined} maxLength={1000} onChange={(event) => setReason(event.currentTarget.value)} />
        <NativeSelect label={said.which} value={version} onChange={(event) => setVersion(event.currentTarget.value)} data={[{ value: "", label: said.every }, ...numbers.map((n) => ({ value: String(n), label: said.onlyVersion(n) }))]} />
        {start.isError && <Notice tone="red" icon="alert">{explain(start.error)}</Notice>}
        <div className={frame.dialogFoot}>
          <Button variant="default" onClick={onClose}>
            {words.cancel}
          </Button>
          <Button type="submit" loading={start.isPending}>
            {said.start}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

export function GivenAnswers({ document, writes }: { document: DocumentDetail; writes: boolean }) {
  const [recalling, setRecalling] = useState(false);
  const given = useInfiniteQuery({
    queryKey: keys.answersFrom(document.id),
    queryFn: ({ pageParam, signal }) => calls.answersFrom(document.id, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  const items = given.data?.pages.flatMap((page) => page.items) ?? [];
  if (given.isPending) return <Loading lines={6} />;
  if (given.isError && !given.data) return <Failed error={given.error} retry={() => void given.refetch()} />;
  if (!items.length) return <Empty icon="people" title={said.empty} text={said.emptyText} />;
  return (
    <div className={css.stack}>
      <div className={css.lead}>
        <p>{said.lead}</p>
        {writes && (
          <Button size="xs" variant="default" leftSection={<Icon name="reopen" size={14} />} onClick={() => setRecalling(true)}>
            {said.recall}
          </Button>
        )}
      </div>
      <ol className={css.rows}>
        {items.map((answer) => (
          <Answer key={answer.message_id} answer={answer} />
        ))}
      </ol>
      {given.hasNextPage && (
        <Button className={css.more} size="xs" variant="default" loading={given.isFetchingNextPage} onClick={() => void given.fetchNextPage()}>
          {words.more}
        </Button>
      )}
      <RecallDialog document={document} opened={recalling} onClose={() => setRecalling(false)} />
    </div>
  );
}
