/** Actions that wait for a person, those of which nobody knows what became of them, and what was done lately. For agents and admins. */
import { Button } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import * as calls from "../api/actions";
import type { Action, Run } from "../api/actions";
import { keys } from "../api/keys";
import { Page } from "../knowledge/frame";
import rows from "../knowledge/rows.module.css";
import { mayAnswer, useSession } from "../session";
import { useNow } from "../ui/hooks";
import { Empty, Failed, Loading } from "../ui/states";
import { words } from "../words";
import { approvalWords as said } from "../words/approvals";
import { PastRun } from "./PastRun";
import { WaitingRun } from "./WaitingRun";
import css from "./approvals.module.css";
import { useUnclearRuns, useWaitingRuns } from "./runs";

const BEAT_MS = 30_000;

/** Whether it can be taken back: done, not itself a way back, and its definition names one that is still open. */
function isUndoable(run: Run, actions: Action[], now: number): boolean {
  const handler = actions.find((one) => one.name === run.action_type)?.handler;
  if (run.status !== "done" || run.undoes || !handler?.undo_url || !run.finished_at) return false;
  return now - Date.parse(run.finished_at) < handler.undo_within_s * 1000;
}

function Waiting({ now }: { now: number }) {
  const waiting = useWaitingRuns();
  if (waiting.isPending) return <Loading lines={5} />;
  if (!waiting.data) return <Failed error={waiting.error} retry={() => void waiting.refetch()} />;
  if (!waiting.data.length) return <Empty icon="check" title={said.empty} text={said.emptyText} />;
  return (
    <ul className={css.cards} aria-label={said.title}>
      {waiting.data.map((run) => (
        <WaitingRun key={run.action_id} run={run} now={now} />
      ))}
    </ul>
  );
}

function Unclear({ now }: { now: number }) {
  const unclear = useUnclearRuns();
  if (!unclear.data?.length) return null;
  return (
    <section className={rows.panel} aria-label={said.unclear}>
      <h2>{said.unclear}</h2>
      <p>{said.unclearText}</p>
      <ul className={rows.rows}>
        {unclear.data.map((run) => (
          <PastRun key={run.action_id} run={run} now={now} undoable={false} />
        ))}
      </ul>
    </section>
  );
}

function Recent({ now }: { now: number }) {
  const actions = useQuery({ queryKey: keys.actionList, queryFn: ({ signal }) => calls.actions(signal), staleTime: 60_000 });
  const found = useInfiniteQuery({
    queryKey: keys.runsRecent,
    refetchInterval: BEAT_MS,
    queryFn: ({ pageParam, signal }) => calls.runs({ limit: 30 }, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  const runs = (found.data?.pages ?? []).flatMap((page) => page.items).filter((run) => run.status !== "pending_approval" && !run.needs_person);
  return (
    <section className={rows.panel} aria-label={said.recent}>
      <h2>{said.recent}</h2>
      {found.isPending && <Loading lines={4} />}
      {found.isError && !found.data && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.data && runs.length === 0 && <p className={rows.empty}>{said.noRecent}</p>}
      {runs.length > 0 && (
        <ul className={rows.rows}>
          {runs.map((run) => (
            <PastRun key={run.action_id} run={run} now={now} undoable={isUndoable(run, actions.data?.items ?? [], now)} />
          ))}
        </ul>
      )}
      {found.hasNextPage && (
        <Button className={rows.more} size="xs" variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {said.more}
        </Button>
      )}
    </section>
  );
}

function Approvals() {
  const now = useNow(15_000);
  return (
    <Page title={said.title} name="to approve" lead={said.lead}>
      <Waiting now={now} />
      <Unclear now={now} />
      <Recent now={now} />
    </Page>
  );
}

export default function ApprovalsPage() {
  if (!mayAnswer(useSession())) return <Empty icon="shield" title={words.errors.forbiddenTitle} text={words.errors.forbidden} />;
  return <Approvals />;
}
