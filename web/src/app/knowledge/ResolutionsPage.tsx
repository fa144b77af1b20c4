/** What people answered when the assistant could not: put right, and approved or not as knowledge. */
import { Button, TextInput, Textarea } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { Audience, Resolution } from "../api/knowledge-shapes";
import { ago } from "../format";
import { mayEditKnowledge, useSession } from "../session";
import { RichText } from "../ui/RichText";
import { useNow } from "../ui/hooks";
import { Empty, Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { words } from "../words";
import { knowledgeWords } from "../words/knowledge";
import { AudienceField } from "./AudienceField";
import { audienceFits } from "./audience";
import { knowledgeChanged } from "./documents";
import { Notice, Page, Tabs } from "./frame";
import own from "./recall.module.css";
import css from "./rows.module.css";

const said = knowledgeWords.resolutions;
const statuses: Resolution["status"][] = ["proposed", "approved", "rejected"];

function Deciding({ one }: { one: Resolution }) {
  const client = useQueryClient();
  const [question, setQuestion] = useState(one.question);
  const [answer, setAnswer] = useState(one.answer);
  const [category, setCategory] = useState("");
  const [audience, setAudience] = useState<Audience>("public");
  const [missing, setMissing] = useState(false);
  const settled = {
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.resolutions });
      knowledgeChanged(client);
    },
  };
  const approve = useMutation({
    mutationFn: () => calls.approveResolution(one.id, { question: question.trim(), answer: answer.trim(), audience, ...(category.trim() ? { category: category.trim() } : {}) }),
    onSuccess: () => toast(said.approved),
    ...settled,
  });
  const reject = useMutation({ mutationFn: () => calls.rejectResolution(one.id), onSuccess: () => toast(said.rejected), ...settled });
  const complete = question.trim() !== "" && answer.trim() !== "" && audienceFits(audience);
  const error = approve.error ?? reject.error;
  return (
    <form
      className={own.telling}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setMissing(!complete);
        if (complete) approve.mutate();
      }}
    >
      <TextInput label={said.question} dir="auto" value={question} error={missing && !question.trim() ? said.need : undefined} onChange={(event) => setQuestion(event.currentTarget.value)} />
      <Textarea label={said.answer} dir="auto" rows={5} value={answer} error={missing && !answer.trim() ? said.need : undefined} onChange={(event) => setAnswer(event.currentTarget.value)} />
      <div className={css.sides}>
        <AudienceField size="xs" value={audience} error={missing && !audienceFits(audience) ? knowledgeWords.article.needTier : undefined} onChange={setAudience} />
        <TextInput size="xs" label={knowledgeWords.article.category} value={category} maxLength={100} onChange={(event) => setCategory(event.currentTarget.value)} />
      </div>
      <p className={css.empty}>{said.privacy}</p>
      {error && <Notice tone="red" icon="alert">{explain(error)}</Notice>}
      <div className={css.actions}>
        <Button size="xs" variant="default" loading={reject.isPending} disabled={approve.isPending} onClick={() => reject.mutate()}>
          {said.reject}
        </Button>
        <Button size="xs" type="submit" loading={approve.isPending} disabled={reject.isPending}>
          {said.approve}
        </Button>
      </div>
    </form>
  );
}

function Item({ one, writes, now }: { one: Resolution; writes: boolean; now: number }) {
  return (
    <li className={css.row}>
      <div className={css.rowMain}>
        <p className={css.rowHead}>
          <time dateTime={one.created_at}>{ago(one.created_at, now)}</time>
          {one.decided_by && one.decided_at && <span>{knowledgeWords.recalls.doneBy(one.decided_by, ago(one.decided_at, now))}</span>}
          <Link href={`/inbox/${one.ticket_id}?view=resolved`}>{said.ticket}</Link>
          {one.document_id && <Link href={`/knowledge/${one.document_id}`}>{said.document}</Link>}
        </p>
        {one.status === "proposed" && writes ? (
          <Deciding one={one} />
        ) : (
          <>
            <strong dir="auto">{one.question}</strong>
            <RichText text={one.answer} />
          </>
        )}
      </div>
    </li>
  );
}

export default function ResolutionsPage() {
  const session = useSession();
  const now = useNow(30_000);
  const [search, setSearch] = useSearchParams();
  const status = statuses.find((one) => one === search.get("status")) ?? "proposed";
  const list = useInfiniteQuery({
    queryKey: keys.resolutionList(status),
    queryFn: ({ pageParam, signal }) => calls.resolutions(status, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title={said.title} name="resolutions" lead={said.lead}>
      <Tabs label={said.title} chosen={status} onChoose={(to) => setSearch(to === "proposed" ? {} : { status: to }, { replace: true })} tabs={statuses.map((name) => ({ name, label: said.status[name] }))} />
      {list.isPending && <Loading lines={6} />}
      {list.isError && !list.data && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.data && items.length === 0 && (status === "proposed" ? <Empty icon="people" title={said.empty} text={said.emptyText} /> : <Empty icon="people" title={said.emptyOther} text={said.emptyOtherText} />)}
      {items.length > 0 && (
        <ul className={css.rows}>
          {items.map((one) => (
            <Item key={one.id} one={one} writes={mayEditKnowledge(session)} now={now} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button className={css.more} size="xs" variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {words.more}
        </Button>
      )}
    </Page>
  );
}
