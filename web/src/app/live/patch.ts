/**
 * Lays live events into the cache, so that pages follow without asking again. Rows move between views as they
 * change; the thread of an open ticket grows. What an event does not carry is asked for, at most once a second.
 */
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { keys } from "../api/keys";
import type { MemberRow, Message, Session, TicketDetail, TicketPage, TicketRow } from "../api/types";
import { type View, belongs } from "../inbox/views";
import type { LiveEvent, StreamState } from "./events";

/** Adds a message or replaces the same one; order is by time, as the server sends it. */
export function withMessage(messages: Message[], message: Message): Message[] {
  const same = (other: Message): boolean =>
    other.id === message.id || (message.client_message_id !== null && other.client_message_id === message.client_message_id);
  if (messages.some(same)) return messages.map((other) => (same(other) ? message : other));
  const later = messages.findIndex((other) => other.created_at > message.created_at);
  return later < 0 ? [...messages, message] : messages.toSpliced(later, 0, message);
}

type Pages = InfiniteData<TicketPage, string | null>;

/** One view's pages with a changed row put in, moved or taken out. `insert` is false where a search is on. */
export function withRow(pages: Pages, row: TicketRow, view: View, myId: string, insert: boolean): Pages {
  const fits = belongs(row, view, myId);
  const known = pages.pages.some((page) => page.items.some((item) => item.id === row.id));
  if (known) {
    const items = (page: TicketPage): TicketRow[] =>
      fits ? page.items.map((item) => (item.id === row.id ? row : item)) : page.items.filter((item) => item.id !== row.id);
    return { ...pages, pages: pages.pages.map((page) => ({ ...page, items: items(page) })) };
  }
  if (!fits || !insert) return pages;
  return { ...pages, pages: pages.pages.map((page, at) => (at === 0 ? { ...page, items: [row, ...page.items] } : page)) };
}

/** Runs `work` at once, then at most once per `ms`, with one more run for what came in between. */
export function atMost(ms: number, work: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let again = false;
  return function run() {
    if (timer !== null) {
      again = true;
      return;
    }
    work();
    timer = setTimeout(() => {
      timer = null;
      if (!again) return;
      again = false;
      run();
    }, ms);
  };
}

/** Puts a changed row into every view it belongs to and out of every other, and into its open page. */
export function placeRow(client: QueryClient, row: TicketRow): void {
  const myId = client.getQueryData<Session | null>(keys.me)?.member.id ?? "";
  for (const [key, pages] of client.getQueriesData<Pages>({ queryKey: keys.lists })) {
    if (!pages) continue;
    const [, view, q, team] = key as ReturnType<typeof keys.list>;
    const elsewhere = team !== "" && row.team?.id !== team;
    client.setQueryData<Pages>(key, withRow(pages, row, view, myId, q === "" && !elsewhere));
  }
  client.setQueryData<TicketDetail>(keys.ticket(row.id), (was) => was && { ...was, ticket: row });
}

/** An open ticket is as new as the last event heard about it: who answers that at once has seen it. */
function upTo(client: QueryClient, event: LiveEvent): void {
  const { conversation_id, event_id } = event.data as { conversation_id?: string; event_id?: string };
  if (!event_id) return;
  client.setQueriesData<TicketDetail>({ queryKey: keys.tickets }, (was) => {
    if (was?.conversation.id !== conversation_id || Number(was?.conversation.last_event_id) >= Number(event_id)) return was;
    return was && { ...was, conversation: { ...was.conversation, last_event_id: event_id } };
  });
}

/** Makes the function that takes events for one member's cache. */
export function patcher(client: QueryClient): (event: LiveEvent) => void {
  const recount = atMost(1_500, () => void client.invalidateQueries({ queryKey: keys.counts }));
  const reruns = atMost(1_000, () => void client.invalidateQueries({ queryKey: keys.runs }));
  const rereads = new Map<string, () => void>();
  const reread = (ticketId: string): void => {
    let run = rereads.get(ticketId);
    if (!run) {
      run = atMost(1_000, () => void client.invalidateQueries({ queryKey: keys.ticket(ticketId) }));
      rereads.set(ticketId, run);
    }
    run();
  };
  const detail = (ticketId: string, change: (was: TicketDetail) => TicketDetail): void => {
    client.setQueryData<TicketDetail>(keys.ticket(ticketId), (was) => was && change(was));
  };
  // An answer that was asked for before an event may know nothing of it: what is on its way is asked for once more.
  const relist = atMost(1_000, () => void client.invalidateQueries({ queryKey: keys.lists }));
  const overtaking = (row: TicketRow): void => {
    if (client.isFetching({ queryKey: keys.lists })) relist();
    if (client.isFetching({ queryKey: keys.ticket(row.id) })) reread(row.id);
  };
  const said = (message: Message): void => {
    detail(message.ticket_id, (was) => ({ ...was, messages: withMessage(was.messages, message) }));
    reread(message.ticket_id);
  };
  return (event) => {
    upTo(client, event);
    switch (event.name) {
      case "ticket":
        placeRow(client, event.data.ticket);
        overtaking(event.data.ticket);
        return recount();
      case "accepted":
      case "message":
        return said(event.data.message);
      case "done":
      case "resolved":
        if (event.data.message) return said(event.data.message);
        return reread(event.data.ticket_id);
      case "action_proposed":
      case "action_updated":
        return reruns();
      case "assigned":
      case "sla_reminder":
      case "sla_breached":
        void client.invalidateQueries({ queryKey: keys.notices });
        return reread(event.data.ticket_id);
      case "joined":
      case "handed_back":
      case "escalation_confirmed":
      case "reopened":
      case "rated":
      case "error":
        return reread(event.data.ticket_id);
      case "presence": {
        const { member, state } = event.data;
        client.setQueryData<{ items: MemberRow[] }>(keys.members, (was) =>
          was && { items: was.items.map((one) => (one.id === member.id ? { ...one, presence: state } : one)) },
        );
        if (client.isFetching({ queryKey: keys.members })) void client.invalidateQueries({ queryKey: keys.members });
        return;
      }
      default:
    }
  };
}

/** After a gap nothing in the cache is certain: everything shown is asked for again. */
export function refresh(client: QueryClient): void {
  for (const queryKey of [keys.lists, keys.counts, keys.tickets, keys.members, keys.runs]) void client.invalidateQueries({ queryKey });
}

/**
 * Makes the function that takes how the stream is doing. What happened while it was not live was not heard, and that
 * includes the time before it was live first: pages ask as soon as they open, the stream tells only of what comes after
 * it was opened. `forget` is called where a stream was cut: what was true for a moment is not known any more.
 */
export function catchingUp(client: QueryClient, forget: () => void): (state: StreamState) => void {
  let live = false;
  let cut = false;
  return (state) => {
    if (state !== "live") {
      live = false;
      cut ||= state !== "connecting";
      return;
    }
    if (live) return;
    live = true;
    if (cut) forget();
    cut = false;
    refresh(client);
  };
}
