/** What was refused and by which rule, and everything else that happened to actions; newest first. For admins. */
import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import * as calls from "../api/actions";
import type { AuditLine } from "../api/actions";
import { keys } from "../api/keys";
import { actorName, ago, readable, wholeTime } from "../format";
import { Page, Tabs } from "../knowledge/frame";
import rows from "../knowledge/rows.module.css";
import { mayDecide, useSession } from "../session";
import { useNow } from "../ui/hooks";
import { Tag } from "../ui/small";
import { Empty, Failed, Loading } from "../ui/states";
import { words } from "../words";
import { actionWords } from "../words/actions";
import css from "./actions.module.css";

const said = actionWords.audit;
const tabs = ["refused", "everything"] as const;

export function Line({ line, now }: { line: AuditLine; now: number }) {
  const sentence = typeof line.detail.sentence === "string" ? line.detail.sentence : null;
  const { sentence: _sentence, ...rest } = line.detail;
  return (
    <li className={rows.row}>
      <div className={rows.rowMain}>
        <p className={rows.rowHead}>
          <Tag tone={line.rule ? "red" : line.what === "done" ? "green" : "plain"}>{actionWords.what[line.what] ?? readable(line.what)}</Tag>
          <code className={css.name}>{line.action_type}</code>
          {line.rule && <span>{actionWords.rules[line.rule] ?? readable(line.rule)}</span>}
        </p>
        {sentence && <p dir="auto">{sentence}</p>}
        <p className={rows.facts}>
          {line.rule && (
            <span>
              {said.rule} <code>{line.rule}</code>
            </span>
          )}
          <bdi title={line.actor}>{actorName(line.actor)}</bdi>
          <time dateTime={line.created_at} title={wholeTime(line.created_at)}>
            {ago(line.created_at, now)}
          </time>
          {line.conversation_id && <Link href={`/conversations/${line.conversation_id}`}>{said.open}</Link>}
        </p>
        {Object.keys(rest).length > 0 && (
          <details className={css.details}>
            <summary>{said.detail}</summary>
            <pre>{JSON.stringify(rest, null, 2)}</pre>
          </details>
        )}
      </div>
    </li>
  );
}

function Audit() {
  const [tab, setTab] = useState<(typeof tabs)[number]>("refused");
  const now = useNow(60_000);
  const found = useInfiniteQuery({
    queryKey: keys.audit,
    queryFn: ({ pageParam, signal }) => calls.audit(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_before,
  });
  const lines = (found.data?.pages ?? []).flatMap((page) => page.items).filter((line) => tab === "everything" || line.what === "refused");
  return (
    <Page title={said.title} name="refusals" lead={said.lead}>
      <Tabs label={said.title} chosen={tab} onChoose={setTab} tabs={tabs.map((name) => ({ name, label: said.tabs[name] }))} />
      {found.isPending && <Loading />}
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.data && lines.length === 0 && <Empty icon="shield" title={said.empty} text={said.emptyText} />}
      {lines.length > 0 && (
        <ul className={rows.rows}>
          {lines.map((line) => (
            <Line key={line.id} line={line} now={now} />
          ))}
        </ul>
      )}
      {found.hasNextPage && (
        <Button className={rows.more} size="xs" variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {words.more}
        </Button>
      )}
    </Page>
  );
}

export default function AuditPage() {
  if (!mayDecide(useSession())) return <Empty icon="shield" title={words.errors.forbiddenTitle} text={words.errors.forbidden} />;
  return <Audit />;
}
