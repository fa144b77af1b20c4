/** Every call the staff app makes, by name; those about the knowledge stand in knowledge.ts. Knows nothing about caching or pages. */
import { call, query } from "./http";
import type { components } from "./openapi";
import type {
  MemberRow,
  Message,
  Priority,
  Session,
  TicketDetail,
  TicketPage,
  TicketStatus,
  Turn,
} from "./types";

/** What the server takes, from its own contract. */
type Takes = components["schemas"];

const at = encodeURIComponent;

export const login = (email: string, password: string) =>
  call<Session>("/v1/auth/login", { method: "POST", body: { email, password } satisfies Takes["Login"] });
export const logout = () => call<void>("/v1/auth/logout", { method: "POST", body: {} });
export const me = (signal?: AbortSignal) => call<Session>("/v1/auth/me", { signal });

export interface TicketFilter {
  status: TicketStatus[];
  assignee: string | null;
  q: string;
  team?: string;
}

export const tickets = (filter: TicketFilter, cursor: string | null, limit: number, signal?: AbortSignal) =>
  call<TicketPage>(`/v1/tickets${query({ ...filter, cursor, limit })}`, { signal });
export const ticket = (id: string, signal?: AbortSignal) => call<TicketDetail>(`/v1/tickets/${at(id)}`, { signal });

export interface TicketChange {
  priority?: Priority;
  category?: string | null;
  assignee_id?: string | null;
  team_id?: string;
}

export const changeTicket = (id: string, change: TicketChange) =>
  call<TicketDetail>(`/v1/tickets/${at(id)}`, { method: "PATCH", body: change satisfies Takes["Changes"] });

const act = <T>(id: string, verb: string, body: unknown = {}) =>
  call<T>(`/v1/tickets/${at(id)}/${verb}`, { method: "POST", body });

export const claim = (id: string) => act<TicketDetail>(id, "claim");
export const handback = (id: string) => act<TicketDetail>(id, "handback");
export const reopen = (id: string) => act<TicketDetail>(id, "reopen");
export const resolve = (id: string, message: string, label: Takes["Resolution"]["handoff_label"]) =>
  act<TicketDetail>(id, "resolve", { ...(message ? { message } : {}), ...(label ? { handoff_label: label } : {}) } satisfies Takes["Resolution"]);
export const typing = (id: string) => act<void>(id, "typing");
export const viewing = (id: string) => act<void>(id, "viewing");
export const note = (id: string, text: string, client_message_id: string) =>
  act<Message>(id, "note", { text, client_message_id } satisfies Takes["Written"]);

/** Without `seenEventId` the server does not ask whether somebody wrote meanwhile. */
export const reply = (id: string, text: string, client_message_id: string, seenEventId?: string) =>
  act<Message>(id, "reply", { text, client_message_id, ...(seenEventId ? { seen_event_id: seenEventId } : {}) } satisfies Takes["Written"]);

export const presence = (state: "online" | "away") => call<void>("/v1/presence", { method: "POST", body: { state } satisfies Takes["State"] });
export const members = (signal?: AbortSignal) => call<{ items: MemberRow[] }>("/v1/members", { signal });
export const turn = (id: string, signal?: AbortSignal) => call<Turn>(`/v1/turns/${at(id)}`, { signal });

/** The ticket that a conversation is in by now. */
export const ticketOf = async (conversationId: string, signal?: AbortSignal) =>
  (await call<{ ticket: { id: string } | null }>(`/v1/conversations/${at(conversationId)}`, { signal })).ticket?.id ?? null;
