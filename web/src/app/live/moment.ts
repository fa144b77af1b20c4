/**
 * What is true only for a moment: who types, who looks, what the assistant is writing this second.
 * A pure reducer over live events plus a small store; nothing here is ever saved.
 */
import { useSyncExternalStore } from "react";
import type { Person, Viewer } from "../api/types";
import type { LiveEvent } from "./events";

/** Typing shows for this long after the last sign of it; the sender repeats it every 3 s. */
export const TYPING_MS = 5_000;
/** A viewer is gone after this long; the sender repeats it every 15 s. */
export const VIEWING_MS = 40_000;

export interface Writing {
  turnId: string | null;
  text: string;
  step: string | null;
}

export interface Moment {
  /** by conversation id */
  typing: Readonly<Record<string, { role: "customer" | "agent"; name: string | null; until: number }>>;
  /** by ticket id, then member id */
  viewers: Readonly<Record<string, Readonly<Record<string, Viewer & { until: number }>>>>;
  /** by conversation id: the answer being written */
  writing: Readonly<Record<string, Writing>>;
}

export const nothing: Moment = { typing: {}, viewers: {}, writing: {} };

function without<T>(map: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!(key in map)) return map;
  const { [key]: _gone, ...rest } = map;
  return rest;
}

function seen(moment: Moment, ticketId: string, member: Person, state: "viewing" | "replying" | "left", now: number): Moment {
  const here = moment.viewers[ticketId] ?? {};
  const next = state === "left" ? without(here, member.id) : { ...here, [member.id]: { ...member, state, until: now + VIEWING_MS } };
  return { ...moment, viewers: { ...moment.viewers, [ticketId]: next } };
}

/** The moment after one event. Events that concern only lasting state leave it as it is. */
export function after(moment: Moment, event: LiveEvent, now: number): Moment {
  switch (event.name) {
    case "typing": {
      const { conversation_id, role, name } = event.data;
      return { ...moment, typing: { ...moment.typing, [conversation_id]: { role, name, until: now + TYPING_MS } } };
    }
    case "viewing":
      return seen(moment, event.data.ticket_id, event.data.member, event.data.state, now);
    case "status": {
      const was = moment.writing[event.data.conversation_id];
      const next = { turnId: was?.turnId ?? null, text: was?.text ?? "", step: event.data.step };
      return { ...moment, writing: { ...moment.writing, [event.data.conversation_id]: next } };
    }
    case "delta": {
      const { conversation_id, turn_id, text } = event.data;
      const was = moment.writing[conversation_id];
      const kept = was && (was.turnId === turn_id || was.turnId === null) ? was.text : "";
      return { ...moment, writing: { ...moment.writing, [conversation_id]: { turnId: turn_id, text: kept + text, step: null } } };
    }
    case "restarted":
      return { ...moment, writing: { ...moment.writing, [event.data.conversation_id]: { turnId: event.data.turn_id, text: "", step: null } } };
    case "accepted":
      return { ...moment, typing: without(moment.typing, event.data.conversation_id) };
    case "done":
    case "error":
    case "joined":
    case "resolved":
    case "escalation_confirmed":
      return { ...moment, writing: without(moment.writing, event.data.conversation_id) };
    case "message":
      return { ...moment, typing: without(moment.typing, event.data.conversation_id) };
    default:
      return moment;
  }
}

/** Drops what is over. The same object comes back when nothing was. */
export function faded(moment: Moment, now: number): Moment {
  let { typing, viewers } = moment;
  for (const [id, entry] of Object.entries(typing)) if (entry.until <= now) typing = without(typing, id);
  for (const [ticket, people] of Object.entries(viewers)) {
    let left = people;
    for (const [id, viewer] of Object.entries(people)) if (viewer.until <= now) left = without(left, id);
    if (left !== people) viewers = { ...viewers, [ticket]: left };
  }
  return typing === moment.typing && viewers === moment.viewers ? moment : { ...moment, typing, viewers };
}

let current = nothing;
const listeners = new Set<() => void>();

function put(next: Moment): void {
  if (next === current) return;
  current = next;
  for (const tell of listeners) tell();
}

export const moment = {
  take: (event: LiveEvent): void => put(after(current, event, Date.now())),
  fade: (): void => put(faded(current, Date.now())),
  /** Answers half written are unknown after a gap: the ticket is read afresh instead. */
  forget: (): void => put(nothing),
  seed: (ticketId: string, viewers: Viewer[]): void =>
    put(viewers.reduce((now, viewer) => seen(now, ticketId, viewer, viewer.state, Date.now()), current)),
};

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

export function useMoment<T>(choose: (moment: Moment) => T): T {
  return useSyncExternalStore(subscribe, () => choose(current));
}
