/** Answers drawn by lot, one at a time, judged with one key each. The confidence is not shown: it would tell what to say. */
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import * as calls from "../api/deciding";
import type { ToJudge } from "../api/deciding";
import { keys } from "../api/keys";
import { ago, readable } from "../format";
import { useShortcuts } from "../shell/keyboard";
import { Icon } from "../ui/Icon";
import { RichText } from "../ui/RichText";
import { useNow } from "../ui/hooks";
import { Key, Tag } from "../ui/small";
import { Empty, Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { decidingWords } from "../words/deciding";
import css from "./deciding.module.css";

const said = decidingWords.judge;

const AT_ONCE = 25;

function Answer({ item, now }: { item: ToJudge; now: number }) {
  return (
    <>
      <div className={css.head}>
        <span className={css.dim}>
          {readable(item.category)} · {ago(item.asked_at, now)}
        </span>
        <Link href={`/conversations/${item.conversation_id}`} className={css.dim}>
          {said.conversation}
        </Link>
      </div>
      <div className={css.said}>
        <h3>{said.asked}</h3>
        <p className={css.question} dir="auto">
          {item.question}
        </p>
      </div>
      <div className={css.said}>
        <h3>{item.given ? said.answered : said.heldBack}</h3>
        <div dir="auto">
          <RichText text={item.answer} />
        </div>
        {!item.given && <Tag tone="amber">{said.heldBackTag}</Tag>}
      </div>
      {item.citations.length > 0 && (
        <div className={css.said}>
          <h3>{said.cites}</h3>
          {item.citations.map((cited, at) => (
            <blockquote key={at} className={css.quote} dir="auto">
              {cited.title && <strong>{cited.title}: </strong>}
              {cited.quote}
            </blockquote>
          ))}
        </div>
      )}
    </>
  );
}

export function JudgePanel() {
  const client = useQueryClient();
  const now = useNow(30_000);
  const card = useRef<HTMLElement>(null);
  const [done, setDone] = useState<readonly string[]>([]);
  const queue = useQuery({ queryKey: keys.judging, queryFn: ({ signal }) => calls.toJudge(signal) });
  const left = queue.data?.items.filter((item) => !done.includes(item.turn_id)) ?? [];
  const item = left[0];
  const failed = (error: Error): void => toast(explain(error), { tone: "red" });
  const judge = useMutation({
    mutationFn: ({ id, right }: { id: string; right: boolean | null }) => calls.judge(id, right),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.confidence });
      if (left.length <= 1) void client.invalidateQueries({ queryKey: keys.judging });
    },
    onError: (error, { id }) => {
      setDone((before) => before.filter((one) => one !== id));
      failed(error);
    },
  });
  const draw = useMutation({
    mutationFn: () => calls.draw(AT_ONCE),
    onSuccess: ({ drawn }) => {
      toast(drawn ? said.drawn(drawn) : said.noneToDraw);
      void client.invalidateQueries({ queryKey: keys.judging });
    },
    onError: failed,
  });
  const say = (right: boolean | null): void | boolean => {
    if (!item) return false;
    setDone((before) => [...before, item.turn_id]);
    judge.mutate({ id: item.turn_id, right });
    return undefined;
  };
  useShortcuts({ r: () => say(true), w: () => say(false), u: () => say(null) });
  const shown = item?.turn_id;
  useEffect(() => {
    if (shown && done.length) card.current?.focus({ preventScroll: true });
  }, [shown, done.length]);

  if (queue.isPending) return <Loading lines={8} />;
  if (queue.isError && !queue.data) return <Failed error={queue.error} retry={() => void queue.refetch()} />;
  const drawMore = (
    <Button size="xs" variant={item ? "default" : "filled"} loading={draw.isPending} onClick={() => draw.mutate()}>
      {said.draw(AT_ONCE)}
    </Button>
  );
  return (
    <section className={css.panel}>
      <div className={css.head}>
        <h2>{said.title}</h2>
        {item && <Tag>{said.waiting(Math.max(left.length, (queue.data?.waiting ?? 0) - done.filter((id) => queue.data?.items.some((one) => one.turn_id === id)).length))}</Tag>}
      </div>
      <p>{said.lead}</p>
      {!item && (
        <Empty icon="check" title={said.empty} text={said.emptyText}>
          {drawMore}
        </Empty>
      )}
      {item && (
        <article ref={card} tabIndex={-1} className={css.card} aria-label={item.question}>
          <Answer item={item} now={now} />
          <div className={css.keys}>
            <Button leftSection={<Icon name="check" size={14} />} rightSection={<Key onButton>R</Key>} onClick={() => say(true)}>
              {said.right}
            </Button>
            <Button color="red" leftSection={<Icon name="close" size={14} />} rightSection={<Key onButton>W</Key>} onClick={() => say(false)}>
              {said.wrong}
            </Button>
            <Button variant="default" rightSection={<Key onButton>U</Key>} title={said.unclearHint} onClick={() => say(null)}>
              {said.unclear}
            </Button>
          </div>
          <p className={css.dim}>{said.unclearHint}</p>
          <div className={css.save}>{drawMore}</div>
        </article>
      )}
    </section>
  );
}
