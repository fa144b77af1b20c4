/** One action that was sent or has ended: how it stands, everything that happened to it, and the way back where there is one. */
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import * as calls from "../api/actions";
import type { Run } from "../api/actions";
import { keys } from "../api/keys";
import { actorName, ago, readable, wholeTime } from "../format";
import { Confirm } from "../knowledge/frame";
import rows from "../knowledge/rows.module.css";
import { Tag } from "../ui/small";
import { Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { actionWords } from "../words/actions";
import { approvalWords as said } from "../words/approvals";
import { Facts } from "./Facts";
import css from "./approvals.module.css";
import { Settle } from "./Settle";
import { runsChanged, toneOf } from "./runs";

function Details({ id }: { id: string }) {
  const found = useQuery({ queryKey: keys.run(id), queryFn: ({ signal }) => calls.run(id, signal) });
  if (found.isPending) return <Loading lines={3} />;
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const { parameters, quote, result, history } = found.data;
  return (
    <div className={css.opened}>
      <div className={css.sides}>
        <Facts label={said.arguments} values={parameters} />
        <Facts label={said.quote} values={quote} />
        <Facts label={said.result} values={result} />
      </div>
      <section className={css.part} aria-label={said.history}>
        <h3>{said.history}</h3>
        <ol className={css.history}>
          {history.map((line) => (
            <li key={line.id}>
              <time dateTime={line.created_at}>{wholeTime(line.created_at)}</time>
              <span>{line.rule ? (actionWords.rules[line.rule] ?? readable(line.rule)) : (actionWords.what[line.what] ?? readable(line.what))}</span>
              <bdi>{actorName(line.actor)}</bdi>
              {typeof line.detail.reason === "string" && <q dir="auto">{line.detail.reason}</q>}
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}

function Undo({ run }: { run: Run }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const undo = useMutation({
    mutationFn: () => calls.undo(run.action_id),
    onSuccess: () => toast(said.undoAsked),
    onError: (error) => toast(explain(error), { tone: "red" }),
    onSettled: () => {
      setAsking(false);
      runsChanged(client);
    },
  });
  return (
    <>
      <Button size="xs" variant="default" aria-label={said.undoOf(run.summary)} onClick={() => setAsking(true)}>
        {said.undo}
      </Button>
      <Confirm opened={asking} title={said.undoTitle} text={said.undoText} label={said.undo} busy={undo.isPending} onClose={() => setAsking(false)} onConfirm={() => undo.mutate()}>
        <p className={css.asked} dir="auto">
          {run.summary}
        </p>
      </Confirm>
    </>
  );
}

/** `undoable`: its definition names a way back, and there is still time. */
export function PastRun({ run, now, undoable }: { run: Run; now: number; undoable: boolean }) {
  const [open, setOpen] = useState(false);
  const when = run.finished_at ?? run.proposed_at;
  return (
    <li className={rows.row}>
      <div className={rows.rowMain}>
        <p className={rows.rowHead}>
          <strong dir="auto">{run.summary}</strong>
          <Tag tone={toneOf[run.status]}>{said.status[run.status]}</Tag>
          {run.undoes && <Tag>{said.takesBack}</Tag>}
        </p>
        {run.error && (
          <p className={rows.trouble} dir="auto">
            {run.error}
          </p>
        )}
        <p className={rows.facts}>
          <bdi>{run.customer.name ?? said.anonymous}</bdi>
          {run.amount && <span>{run.amount}</span>}
          <code>{run.action_type}</code>
          <time dateTime={when} title={wholeTime(when)}>
            {ago(when, now)}
          </time>
          <Link href={`/inbox/${run.ticket_id}?view=open`} className={css.link} aria-label={said.conversationOf(run.summary)}>
            {said.conversation}
          </Link>
        </p>
        <details className={css.more} onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary aria-label={said.detailsOf(run.summary)}>{said.details}</summary>
          {open && <Details id={run.action_id} />}
        </details>
      </div>
      {run.needs_person && (
        <div className={rows.actions}>
          <Settle run={run} />
        </div>
      )}
      {undoable && (
        <div className={rows.actions}>
          <Undo run={run} />
        </div>
      )}
    </li>
  );
}
