/** One action that waits for a person: the evidence, who has agreed already, and the two buttons. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import * as calls from "../api/actions";
import type { Run } from "../api/actions";
import { keys } from "../api/keys";
import { ago, readable, wholeTime } from "../format";
import { useSession } from "../session";
import { Icon } from "../ui/Icon";
import { Tag } from "../ui/small";
import { approvalWords as said } from "../words/approvals";
import { Decide, type Verdict } from "./Decide";
import { Facts } from "./Facts";
import css from "./approvals.module.css";

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Who({ run, now }: { run: Run; now: number }) {
  return (
    <dl className={css.who}>
      <Fact name={said.customer}>
        <bdi>{run.customer.name ?? said.anonymous}</bdi> {run.customer.external_id && <small dir="ltr">{run.customer.external_id}</small>}
      </Fact>
      <Fact name={said.tier}>{readable(run.tier)}</Fact>
      <Fact name={said.action}>
        <code>{run.action_type}</code>
      </Fact>
      {run.confirmed_at && (
        <Fact name={said.confirmedAt}>
          <time dateTime={run.confirmed_at} title={wholeTime(run.confirmed_at)}>
            {ago(run.confirmed_at, now)}
          </time>
        </Fact>
      )}
    </dl>
  );
}

export function WaitingRun({ run, now }: { run: Run; now: number }) {
  const { member } = useSession();
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const detail = useQuery({ queryKey: keys.run(run.action_id), queryFn: ({ signal }) => calls.run(run.action_id, signal) });
  const agreed = detail.data?.approvals.filter((each) => each.agrees) ?? [];
  const mine = agreed.some((each) => each.name === member.name);
  return (
    <li className={css.card}>
      <header className={css.head}>
        <h2 dir="auto">{run.summary}</h2>
        <strong className={css.amount}>{run.amount ?? said.noAmount}</strong>
      </header>
      <Who run={run} now={now} />
      <div className={css.sides}>
        <Facts label={said.arguments} values={run.parameters} />
        <Facts label={said.quote} values={run.quote} />
      </div>
      <div className={css.foot}>
        <div className={css.agreed}>
          <Tag tone={run.approvals_given ? "green" : "amber"} icon="people">
            {said.needed(run.approvals_given, run.approvals_needed)}
          </Tag>
          {agreed.map((each) => (
            <span key={each.name + each.created_at}>
              <bdi>{said.agreed(each.name, ago(each.created_at, now))}</bdi> {each.reason && <q dir="auto">{each.reason}</q>}
            </span>
          ))}
          {mine && <span>{said.youAgreed}</span>}
        </div>
        <Link href={`/inbox/${run.ticket_id}?view=open`} className={css.link} aria-label={said.conversationOf(run.summary)}>
          <Icon name="inbox" size={14} />
          {said.conversation}
        </Link>
        <div className={css.buttons}>
          <Button size="xs" variant="default" aria-label={said.rejectOf(run.summary)} onClick={() => setVerdict("reject")}>
            {said.reject}
          </Button>
          <Button size="xs" aria-label={said.approveOf(run.summary)} disabled={mine} onClick={() => setVerdict("approve")}>
            {said.approve}
          </Button>
        </div>
      </div>
      {verdict && <Decide run={run} verdict={verdict} last={run.approvals_given + 1 >= run.approvals_needed} onClose={() => setVerdict(null)} />}
    </li>
  );
}
