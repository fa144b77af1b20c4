/** One ticket: who is in charge, the briefing, the thread, the place to write, and the facts beside it. */
import { Drawer } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Suspense, lazy, useCallback, useEffect, useRef, useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import * as calls from "../api/calls";
import { keys } from "../api/keys";
import type { TicketDetail } from "../api/types";
import { moment } from "../live/moment";
import { mayAnswer, useSession } from "../session";
import { useShortcuts } from "../shell/keyboard";
import { useTitle } from "../ui/hooks";
import { Failed, Loading } from "../ui/states";
import { words } from "../words";
import { Briefing } from "./Briefing";
import { Composer, type ComposerHandle } from "./Composer";
import { ResolveDialog } from "./ResolveDialog";
import { SidePanel } from "./SidePanel";
import { Thread } from "./Thread";
import { TicketHeader } from "./TicketHeader";
import { useTicketActions } from "./actions";
import css from "./inbox.module.css";
import { markSeen } from "./seen";
import { chargeOf } from "./views";

const WhyDrawer = lazy(() => import("./WhyDrawer"));

/** The contract's heartbeat of "I am looking at this". */
const VIEWING_MS = 15_000;

function useViewing(id: string, answers: boolean): void {
  useEffect(() => {
    if (!answers) return;
    const say = (): void => {
      if (document.visibilityState === "visible") void calls.viewing(id).catch(() => undefined);
    };
    say();
    const timer = setInterval(say, VIEWING_MS);
    return () => clearInterval(timer);
  }, [answers, id]);
}

export function TicketPage({ id }: { id: string }) {
  const [search] = useSearchParams();
  const ticket = useQuery({ queryKey: keys.ticket(id), queryFn: ({ signal }) => calls.ticket(id, signal) });
  if (ticket.isPending) return <Loading lines={9} />;
  if (!ticket.data)
    return (
      <Failed error={ticket.error} retry={() => void ticket.refetch()}>
        <Link href={`/inbox?${search.toString()}`}>{words.keys.toList}</Link>
      </Failed>
    );
  return <Opened detail={ticket.data} />;
}

function Opened({ detail }: { detail: TicketDetail }) {
  const { ticket, conversation } = detail;
  const { id } = ticket;
  const session = useSession();
  const [, navigate] = useLocation();
  const [search] = useSearchParams();
  const actions = useTicketActions(id);
  const charge = chargeOf(ticket, session.member.id);
  const answers = mayAnswer(session);
  const [resolving, setResolving] = useState(false);
  const [details, setDetails] = useState(false);
  const [turnId, setTurnId] = useState<string | null>(null);
  const [seenEventId, setSeenEventId] = useState(conversation.last_event_id);
  const composer = useRef<ComposerHandle>(null);
  useTitle(ticket.subject);
  useViewing(id, answers);

  const last = detail.messages.at(-1)?.created_at;
  const onSeen = useCallback(() => {
    setSeenEventId(conversation.last_event_id);
    if (last) markSeen(id, last);
  }, [conversation.last_event_id, id, last]);
  useEffect(() => moment.seed(id, detail.viewers), [detail.viewers, id]);

  const back = (): void => navigate(`/inbox?${search.toString()}`);
  const only = (allowed: boolean, run: () => void) => (answers && allowed && !actions.busy ? run : undefined);
  const can = {
    claim: only(charge === "waiting" || charge === "assistant", () => actions.claim.mutate()),
    handback: only(charge === "waiting" || charge === "you" || charge === "other", () => actions.handback.mutate()),
    resolve: only(charge !== "closed", () => setResolving(true)),
    reopen: only(charge === "closed", () => actions.reopen.mutate()),
  };
  useShortcuts({
    c: can.claim,
    h: can.handback,
    e: can.resolve,
    z: can.reopen,
    r: () => composer.current?.focus("reply"),
    n: () => composer.current?.focus("note"),
    u: back,
  });

  return (
    <div className={css.ticket}>
      <div className={css.work}>
        <TicketHeader detail={detail} charge={charge} can={can} busy={actions.busy} onBack={back} onDetails={() => setDetails(true)} />
        {detail.handoffs[0] && <Briefing key={detail.handoffs[0].id} detail={detail} handoff={detail.handoffs[0]} earlier={detail.handoffs.slice(1)} />}
        <Thread detail={detail} onWhy={setTurnId} onSeen={onSeen} onTakeBack={(kind, text) => composer.current?.fill(text, kind)} />
        <Composer ref={composer} detail={detail} charge={charge} answers={answers} seenEventId={seenEventId} onClaim={() => actions.claim.mutateAsync()} onReopen={can.reopen} onTakeOver={() => actions.change.mutate({ assignee_id: session.member.id })} />
      </div>
      <aside className={css.panelInline} aria-label={words.ticket.details}>
        <SidePanel detail={detail} actions={actions} editable={answers} />
      </aside>
      <Drawer opened={details} onClose={() => setDetails(false)} position="right" title={words.ticket.details} size="20rem">
        <SidePanel detail={detail} actions={actions} editable={answers} />
      </Drawer>
      <ResolveDialog
        opened={resolving}
        onClose={() => setResolving(false)}
        asksWhether={detail.handoffs.length > 0}
        onResolve={(message, label) => {
          setResolving(false);
          actions.resolve.mutate({ message, label });
        }}
      />
      <Suspense fallback={null}>{turnId && <WhyDrawer turnId={turnId} onClose={() => setTurnId(null)} />}</Suspense>
    </div>
  );
}
