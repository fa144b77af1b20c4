/**
 * What was sent and not yet acknowledged. It is shown in the thread at once, survives a reload, and is sent
 * again under the same client id, so that twice counts once.
 */
import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { Problem } from "../../shared/problem";
import * as calls from "../api/calls";
import { newId } from "../api/http";
import { keys } from "../api/keys";
import type { Message, TicketDetail } from "../api/types";
import { withMessage } from "../live/patch";
import { explain } from "../ui/states";
import type { Kind } from "./drafts";

export interface Outgoing {
  id: string;
  ticketId: string;
  kind: Kind;
  text: string;
  at: string;
  seenEventId: string | null;
  state: "sending" | "failed" | "collision";
  /** true when no answer came, so that it goes out by itself once the connection is back */
  offline: boolean;
  error: string | null;
}

const KEPT = "tandem.outbox";

function load(): readonly Outgoing[] {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "[]") as Outgoing[];
    return kept.map((one) => (one.state === "sending" ? { ...one, state: "failed", offline: true } : one));
  } catch {
    return [];
  }
}

let waiting = load();
const listeners = new Set<() => void>();

function put(next: readonly Outgoing[]): void {
  waiting = next;
  try {
    localStorage.setItem(KEPT, JSON.stringify(next));
  } catch {
    // No storage: it is still in the page and can be sent again.
  }
  for (const tell of listeners) tell();
}

const change = (id: string, to: Partial<Outgoing>): void => put(waiting.map((one) => (one.id === id ? { ...one, ...to } : one)));

export const discard = (id: string): void => put(waiting.filter((one) => one.id !== id));

function take(client: QueryClient, ticketId: string, messages: Message[]): void {
  client.setQueryData<TicketDetail>(keys.ticket(ticketId), (was) => was && { ...was, messages: messages.reduce(withMessage, was.messages) });
}

async function deliver(client: QueryClient, entry: Outgoing): Promise<void> {
  try {
    const message =
      entry.kind === "note"
        ? await calls.note(entry.ticketId, entry.text, entry.id)
        : await calls.reply(entry.ticketId, entry.text, entry.id, entry.seenEventId ?? undefined);
    discard(entry.id);
    take(client, entry.ticketId, [message]);
  } catch (error) {
    const collided = error instanceof Problem && error.code === "new_reply_since";
    if (collided && Array.isArray(error.extra.messages)) take(client, entry.ticketId, error.extra.messages as Message[]);
    const offline = error instanceof Problem && error.status === 0;
    change(entry.id, { state: collided ? "collision" : "failed", offline, error: explain(error) });
  }
  void client.invalidateQueries({ queryKey: keys.ticket(entry.ticketId) });
}

export function send(client: QueryClient, ticketId: string, kind: Kind, text: string, seenEventId: string | null): void {
  const entry: Outgoing = { id: newId(), ticketId, kind, text, at: new Date().toISOString(), seenEventId, state: "sending", offline: false, error: null };
  put([...waiting, entry]);
  void deliver(client, entry);
}

/** Sends again. `insist` skips the check whether somebody wrote meanwhile. */
export function resend(client: QueryClient, id: string, insist = false): void {
  const entry = waiting.find((one) => one.id === id);
  if (!entry || entry.state === "sending") return;
  const again: Outgoing = { ...entry, state: "sending", offline: false, error: null, seenEventId: insist ? null : entry.seenEventId };
  change(id, again);
  void deliver(client, again);
}

/** Everything that failed only for want of a connection goes out now. */
export function resendOffline(client: QueryClient): void {
  for (const one of waiting) if (one.state === "failed" && one.offline) resend(client, one.id);
}

export function useOutbox(): readonly Outgoing[] {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => waiting,
  );
}
