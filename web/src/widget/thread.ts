/**
 * A conversation as the customer sees it: a pure fold of numbered events over a snapshot.
 *
 * Two streams may bring the same events, in pieces, twice or late (the reply to a message, and the stream that
 * is resumed after a cut). Because events are kept by their number and folded in that order, the outcome
 * depends on which events arrived and never on how. Knows nothing about the network or the page.
 */

import type { Act, Citation, EventData, Message, Person, Queue, Snapshot, Status, ThreadEvent } from "./shapes";

/** A reply that is being written. */
export interface Turn {
  id: string;
  /** The customer's message it answers, where known. */
  asked?: string;
  messageId?: string;
  text: string;
  citations: Citation[];
}

/** A line in the thread that is nobody's message, such as "Bo has joined". */
export interface Notice {
  id: number;
  kind: "joined" | "handed_back" | "resolved" | "reopened";
  name: string;
  /** The message it stands behind; null at the very top. */
  after: string | null;
}

export interface Thread {
  id: string;
  status: Status;
  messages: Message[];
  turns: Turn[];
  notices: Notice[];
  /** What was proposed to the customer and what became of it, and codes; the part that is loaded later reads it. */
  acts: Act[];
  peopleOnline?: boolean;
  queue?: Queue | null;
  agent?: Person | null;
  /** The assistant offers to call a person. */
  proposed?: boolean;
  resolved?: boolean;
  askRating?: boolean;
  score?: number | null;
  email?: string | null;
  /** How far the assistant goes, as the server last said. */
  mode?: string;
  /** The latest turn went wrong; what the server said about it may be "". */
  failed?: string | null;
}

export interface Log {
  thread: Thread;
  base: Thread;
  baseId: number;
  /** Everything since the snapshot, by number, each once. */
  events: ThreadEvent[];
}

/** A conversation that was begun here and now: nothing yet, every event to come. */
export function begin(id: string, peopleOnline?: boolean): Log {
  const thread: Thread = { id, status: "ai", messages: [], turns: [], notices: [], acts: [], peopleOnline };
  return { thread, base: thread, baseId: 0, events: [] };
}

/** The log that a snapshot stands for; with an `earlier` log of the same conversation nothing newer is lost. */
export function restore(snapshot: Snapshot, earlier?: Log | null): Log {
  const { partial, ticket, status, messages } = snapshot;
  const baseId = Number(snapshot.last_event_id);
  const score = ticket?.csat_score;
  const resolved = status === "closed" || !!ticket?.status.endsWith("_resolved");
  const base: Thread = {
    id: snapshot.id,
    status,
    messages,
    turns: partial ? [{ ...blank(partial.turn_id), messageId: partial.message_id, text: partial.text }] : [],
    notices: (earlier?.thread.notices ?? []).filter((notice) => notice.id <= baseId),
    acts: snapshot.actions.flatMap((data) => (data.confirm_token ? { name: "", data, at: messages.length } : [])),
    queue: snapshot.queue,
    agent: snapshot.agent,
    peopleOnline: snapshot.people_online,
    resolved,
    askRating: resolved && !score,
    score,
    email: snapshot.contact_email,
    mode: snapshot.mode,
  };
  const events = (earlier?.events ?? []).filter((event) => event.id > baseId);
  return { thread: events.reduce(apply, base), base, baseId, events };
}

/** The log with one more event; the same log when it was there already. */
export function take(log: Log, event: ThreadEvent): Log {
  const { events, base, baseId } = log;
  if (!event.id) return { ...log, thread: apply(log.thread, event) };
  if (event.id <= baseId) return log;
  let at = events.length;
  while (at > 0 && (events[at - 1]?.id ?? 0) > event.id) at--;
  if (events[at - 1]?.id === event.id) return log;
  const late = at < events.length;
  const all = events.toSpliced(at, 0, event);
  return { ...log, events: all, thread: late ? all.reduce(apply, base) : apply(log.thread, event) };
}

function upsert(messages: Message[], message: Message | null | undefined): Message[] {
  if (!message) return messages;
  const at = messages.findIndex((one) => one.id === message.id);
  return at < 0 ? [...messages, message] : messages.with(at, message);
}

const blank = (id: string): Turn => ({ id, text: "", citations: [] });

/** The turns with the one named changed; it is added when the stream was joined in its middle. */
function change(turns: Turn[], { turn_id }: EventData, edit: (turn: Turn) => Partial<Turn>): Turn[] {
  const all = turns.some(({ id }) => id === turn_id) ? turns : [...turns, blank(turn_id ?? "")];
  return all.map((turn) => (turn.id === turn_id ? { ...turn, ...edit(turn) } : turn));
}

const line = (thread: Thread, id: number, kind: Notice["kind"], name = ""): Notice[] => [
  ...thread.notices,
  { id, kind, name, after: thread.messages.at(-1)?.id ?? null },
];

const queueOf = (position: number | undefined, data: EventData): Queue | null =>
  position ? { position, estimated_wait_minutes: data.estimated_wait_minutes, hours: data.hours } : null;

type Step = (thread: Thread, data: EventData, id: number) => Partial<Thread>;

const steps: Record<string, Step> = {
  accepted: (thread, data) => ({
    messages: upsert(thread.messages, data.message),
    turns: thread.agent
      ? thread.turns
      : change(thread.turns, data, () => ({ asked: data.message?.id })),
    proposed: false,
    resolved: false,
    askRating: false,
    failed: null,
    status: thread.status === "closed" ? "ai" : thread.status,
  }),
  delta: (thread, data) => ({
    turns: change(thread.turns, data, (turn) => ({
      messageId: data.message_id,
      text: turn.text + (data.text ?? ""),
    })),
  }),
  restarted: (thread, data) => ({
    turns: change(thread.turns, data, () => ({ text: "", citations: [] })),
  }),
  cited_sources: (thread, data) => ({
    turns: change(thread.turns, data, () => ({ citations: data.citations ?? [] })),
  }),
  done: (thread, data) => ({
    messages: upsert(thread.messages, data.message),
    turns: thread.turns.filter((turn) => turn.id !== data.turn_id && !data.answers?.includes(turn.asked ?? "")),
    failed: null,
    mode: data.mode ?? thread.mode,
  }),
  escalation_proposed: () => ({ proposed: true }),
  escalation_confirmed: (thread, data) => ({
    // Outside hours the assistant may go on until a person comes.
    status: data.hours?.outside === "assist_only" ? thread.status : "escalated",
    proposed: false,
    failed: null,
    queue: queueOf(data.queue_position, data),
    peopleOnline: data.people_online ?? thread.peopleOnline,
  }),
  queue: (_thread, data) => ({ queue: queueOf(data.position, data) }),
  message: (thread, data) => ({ messages: upsert(thread.messages, data.message) }),
  joined: (thread, data, id) => ({
    status: "escalated",
    agent: data.agent,
    queue: null,
    proposed: false,
    turns: [],
    failed: null,
    peopleOnline: true,
    notices: line(thread, id, "joined", data.agent?.name),
  }),
  handed_back: (thread, data, id) => ({
    status: "ai",
    agent: null,
    queue: null,
    notices: line(thread, id, "handed_back", data.agent?.name),
  }),
  resolved: (thread, data, id) => {
    const messages = upsert(thread.messages, data.message);
    return {
      messages,
      resolved: true,
      askRating: data.ask_rating && !thread.score,
      queue: null,
      proposed: false,
      notices: line({ ...thread, messages }, id, "resolved"),
    };
  },
  reopened: (thread, _data, id) => ({
    status: thread.agent ? "escalated" : thread.status === "closed" ? "ai" : thread.status,
    resolved: false,
    askRating: false,
    score: null,
    notices: line(thread, id, "reopened"),
  }),
  rated: (_thread, data) => ({ askRating: false, score: data.score }),
  error: (thread, data) => ({
    turns: data.turn_id ? thread.turns.filter((turn) => turn.id !== data.turn_id) : [],
    failed: data.detail ?? "",
  }),
};

/** The thread after one event. Events it does not know change nothing. */
export function apply(thread: Thread, event: ThreadEvent): Thread {
  const { name, data } = event;
  const acts = /^(action|identity)_/.test(name) ? [...thread.acts, { name, data, at: thread.messages.length }] : thread.acts;
  return { ...thread, acts, ...steps[name]?.(thread, data, event.id) };
}
