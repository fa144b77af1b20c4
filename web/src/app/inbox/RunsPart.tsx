/** The actions of a ticket's conversation, beside its thread: how each stands, and where to decide on it. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import * as calls from "../api/actions";
import { keys } from "../api/keys";
import { toneOf } from "../approvals/runs";
import { ago, wholeTime } from "../format";
import { mayAnswer, useSession } from "../session";
import { useNow } from "../ui/hooks";
import { Tag } from "../ui/small";
import { approvalWords as said } from "../words/approvals";
import css from "./inbox.module.css";
import own from "./runs.module.css";

export function RunsPart({ conversationId }: { conversationId: string }) {
  const answers = mayAnswer(useSession());
  const now = useNow(60_000);
  const found = useQuery({ queryKey: keys.runsOf(conversationId), queryFn: ({ signal }) => calls.runs({ conversation_id: conversationId, limit: 50 }, null, signal) });
  // Most conversations have none, and a panel that says so would only be in the way.
  if (!found.data?.items.length) return null;
  return (
    <section className={css.panelPart}>
      <h2>{said.inbox.title}</h2>
      <ul className={own.runs}>
        {found.data.items.map((run) => (
          <li key={run.action_id}>
            <span dir="auto">{run.summary}</span>
            <span className={own.facts}>
              <Tag tone={toneOf[run.status]}>{said.status[run.status]}</Tag>
              {run.amount && <span>{run.amount}</span>}
              <time dateTime={run.proposed_at} title={wholeTime(run.proposed_at)}>
                {ago(run.proposed_at, now)}
              </time>
            </span>
            {run.error && <span className={own.trouble} dir="auto">{run.error}</span>}
            {answers && (run.status === "pending_approval" || run.needs_person) && (
              <Link href="/approvals" aria-label={`${said.inbox.waits}: ${run.summary}`}>
                {said.inbox.waits}
              </Link>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
