/**
 * What the customer sees and can do: the widget's state, and every step that changes it.
 *
 * Views read the exported values and call the functions; events come in through `live`. Everything that must
 * get through (a message, the wish for a person) is first kept on the device and then delivered by `settle`,
 * again and again until it is.
 */

import { sentenceEnd, spoken } from "../shared/markup";
import { Problem } from "../shared/problem";
import { readEvents, type SentEvent } from "../shared/sse";
import * as api from "./api";
import * as keep from "./keep";
import { follow } from "./live";
import { adopt, mark, settled, write, type Outgoing } from "./outbox";
import { pause } from "./pause";
import { key, words } from "./settings";
import type {
  Citation,
  Config,
  ConversationRow,
  Escalation,
  EventData,
  Message,
  Section,
  Snapshot,
  ThreadEvent,
} from "./shapes";
import { begin, restore, take, type Log } from "./thread";
import { fill } from "./words";

/** At most one typing signal to the server in this time. */
const TYPING_EVERY_MS = 3_000;
/** How long somebody else's typing signal is shown. */
const TYPING_SHOWN_MS = 5_000;
/** Announcements left standing for a screen reader to get through. */
const SAID_KEPT = 5;

/** As much of the page's address as goes along with a message. */
const URL_CHARS = 500;

type Vote = "up" | "down";

export let shown = false;
export let listed = false;
export let rows: ConversationRow[] | null = null;
export let config: Config | null = null;
/** The conversation shown; null before its first message. */
export let current: string | null = null;
export let log: Log | null = null;
export let outbox: Outgoing[] = [];
export let draft = "";
export let lost = false;
/** A refusal of the server that concerns the whole widget. */
export let refused = "";
/** The customer has asked for a person and the server does not know yet. */
export let wantsPerson = false;
/** What the assistant is doing before it writes. */
export let step = "";
/** The agent who is writing. */
export let typist = "";
export let unread = 0;
/** The customer wants to see complete answers only. */
export let whole = false;
export let votes: Record<string, Vote> = {};
export let source: Citation | null = null;
/** The passage of `source`, null until it is here. */
export let section: Section | null = null;
/** Sentences for screen readers, newest last. */
export let said: { key: number; text: string }[] = [];

/** To be called after every change; draws. */
export let changed = (): void => {};
let settling = false;
let tries = 0;
let timer = 0;
let typedAt = 0;
let typistTimer = 0;
let saidCount = 0;
let saidUpTo: Record<string, number> = {};
let unfollow: (() => void) | null = null;

/** Takes up where this device left off; `drawn` is called after every change. */
export function start(drawn: () => void): void {
  changed = drawn;
  api.forgetOthers();
  config = api.kept()?.config ?? null;
  current = keep.get("conversation");
  outbox = keep.get("outbox") ?? [];
  wantsPerson = !!keep.get("person");
  whole = !!keep.get("whole");
  addEventListener("online", () => connection(false));
  addEventListener("offline", () => connection(true));
  document.addEventListener("visibilitychange", () => {
    // Another tab may have begun the conversation meanwhile.
    if (!document.hidden && !current && keep.get("conversation")) show(keep.get("conversation"));
    read();
  });
  // A visitor who has never written costs no request and gets no session until the chat is opened.
  if (current || outbox.length || wantsPerson) settle();
  changed();
}

export function open(): void {
  shown = true;
  read();
  settle();
}

export function close(): void {
  shown = false;
  source = null;
  changed();
}

export function type(text: string): void {
  draft = text;
  if (log?.thread.status === "escalated" && Date.now() - typedAt > TYPING_EVERY_MS) {
    typedAt = Date.now();
    tell("typing");
  }
  changed();
}

export function send(text: string): void {
  draft = "";
  // Has to be new, not secret; `randomUUID` is missing on pages without https.
  const id = `${Date.now()}${Math.random()}`;
  box(write(outbox, id, text.trim(), current));
  settle();
}

export function retry(id: string): void {
  box(mark(outbox, id, "sending"));
  settle();
}

export function stop(): void {
  tell("stop");
}

/** Whether a person has been called, here or already there. */
export const called = (): boolean => log?.thread.status === "escalated" && !log.thread.resolved;

/** How far the assistant goes just now. */
export const mode = (): string | undefined => log?.thread.mode ?? config?.mode;

/** Calls a person; where one has been called already only says so. */
export function askPerson(): void {
  const again = called();
  wish(!again);
  listed = false;
  say(again ? words.soon : words.personCalling);
  settle();
}

/** Leaves an e-mail address. Rejects with a Problem. */
export async function leaveEmail(email: string): Promise<void> {
  await api.json(path("/contact"), { email });
  await load();
}

export function vote({ id }: Message, rating: Vote): void {
  votes[id] = rating;
  changed();
  api.json("/v1/feedback", { conversation_id: current, message_id: id, rating }).catch(() => {
    delete votes[id];
    changed();
  });
}

/** Opens the passage behind a citation; the quotation alone where it cannot be fetched. */
export async function openSource(message: string, citation: Citation): Promise<void> {
  source = citation;
  section = null;
  changed();
  const quote = { ...citation, heading: null, text: citation.quote, start: 0, end: Infinity };
  const found = await api.json<Section>(`/v1/messages/${message}/citations/${citation.index}`).catch(() => quote);
  if (source === citation) section = found;
  changed();
}

export function closeSource(): void {
  source = null;
  changed();
}

export async function list(open: boolean): Promise<void> {
  listed = open;
  changed();
  if (open) rows = (await api.json<{ items: ConversationRow[] }>("/v1/conversations").catch(() => null))?.items ?? rows;
  changed();
}

/** Shows another conversation, or with null an empty one that its first message will open. */
export function show(conversation: string | null): void {
  unfollow?.();
  unfollow = log = null;
  listed = false;
  step = typist = "";
  keep.set("conversation", (current = conversation));
  settle();
}

export function preferWhole(on: boolean): void {
  keep.set("whole", (whole = on));
  changed();
}

/** Delivers everything that waits, in order; tries again later what could not be delivered now. */
function settle(): void {
  changed();
  if (settling) return;
  settling = true;
  clearTimeout(timer);
  deliverAll()
    .catch(later)
    .finally(() => {
      settling = false;
      changed();
    });
}

async function deliverAll(): Promise<void> {
  ({ config } = await api.session());
  refused = "";
  do {
    if (current && !log) await load();
    if (wantsPerson) await callPerson();
    const next = outbox.find(({ state }) => state !== "failed");
    if (next) await deliver(next);
  } while (wantsPerson || (current && !log) || outbox.some(({ state }) => state !== "failed"));
  if (tries) {
    tries = 0;
    connection(false);
  }
}

function later(fault: Problem): void {
  box(outbox.map((one) => (one.state === "sending" ? { ...one, state: "kept" } : one)));
  if (fault.passing) {
    connection(true);
    timer = window.setTimeout(settle, Math.max(pause(++tries), fault.retryAfter * 1000));
  } else refused = fault.sentence || words.wrong;
}

function connection(cut: boolean): void {
  if (lost && !cut) {
    lost = false;
    settle();
  }
  lost = cut;
  changed();
}

async function load(): Promise<void> {
  const wanted = current;
  try {
    const snapshot = await api.json<Snapshot>(path());
    if (current === wanted) {
      put(restore(snapshot, log));
      listen();
    }
  } catch (fault) {
    if ((fault as Problem).status !== 404) throw fault;
    leave();
  }
}

async function callPerson(): Promise<void> {
  try {
    const { conversation_id } = await api.json<Escalation>("/v1/escalate", {
      conv_id: current ?? undefined,
      reason: "customer_requested_human",
    });
    wish(false);
    if (conversation_id) found(conversation_id);
    await load();
  } catch (fault) {
    const { passing, status, sentence } = fault as Problem;
    if (passing) throw fault;
    if (status === 404 && current) return leave();
    wish(false);
    refused = sentence || words.wrong;
  }
}

function wish(on: boolean): void {
  keep.set("person", (wantsPerson = on));
}

/** Sends one message and resolves once the server has stored it; the reply goes on streaming in. */
async function deliver(entry: Outgoing): Promise<void> {
  const { client_message_id, text, conversation } = entry;
  box(mark(outbox, client_message_id, "sending"));
  try {
    const response = await api.request("/v1/chat", {
      body: {
        conversation_id: conversation ?? undefined,
        message: text,
        client_message_id,
        channel: "web_chat",
        metadata: { page_url: location.href.split("#")[0]?.slice(0, URL_CHARS) },
      },
    });
    await stored(response, entry);
  } catch (fault) {
    const { passing, status, sentence } = fault as Problem;
    if (passing) throw fault;
    if (status === 404 && conversation) leave();
    else box(mark(outbox, client_message_id, "failed", sentence));
  }
}

/** Hears the reply to a message; resolves at `accepted`, rejects when the stream ends before it. */
function stored(response: Response, { client_message_id, conversation }: Outgoing): Promise<void> {
  let mine = conversation;
  return new Promise((resolve, reject) => {
    const take = (sent: SentEvent): void => {
      const event = eventOf(sent);
      if (event.name === "accepted") {
        mine ??= event.data.conversation_id ?? null;
        if (mine) found(mine);
        box(outbox.filter((one) => one.client_message_id !== client_message_id));
        resolve();
      }
      if (current === mine) hear(event);
    };
    // Whatever is cut off after `accepted` comes through the other stream.
    const cut = (): void => reject(new Problem());
    readEvents(response, take).then(cut, cut);
  });
}

/** A conversation has come to be: what was written before it belongs to it. */
function found(id: string): void {
  box(adopt(outbox, null, id));
  if (current) return;
  keep.set("conversation", (current = id));
  log = begin(id, !!config?.people_online);
  listen();
}

/** The conversation is not ours any more: what is unsent begins a new one. */
function leave(): void {
  box(adopt(outbox, current, null));
  show(null);
}

function listen(): void {
  if (unfollow || !log) return;
  unfollow = follow({
    name: `tandem:${key}:${current}`,
    after: log.baseId,
    open: (after, signal) => api.request(path("/events"), { signal, headers: { "Last-Event-ID": `${after}` } }),
    take: (sent) => hear(eventOf(sent)),
    gap: () => void load().catch(() => {}),
    gone: leave,
    lost: connection,
  });
}

export function hear(event: ThreadEvent): void {
  const { name, data } = event;
  if (name === "status") step = data.step ?? "";
  if (name === "typing" && data.role === "agent") typing(data.name ?? "");
  changed();
  const next = log && take(log, event);
  if (!next || next === log) return;
  step = "";
  if (/message|resolved|handed/.test(name)) typing("");
  put(next);
  announce(event, next);
}

function typing(name: string): void {
  clearTimeout(typistTimer);
  typist = name;
  changed();
  if (name) typistTimer = window.setTimeout(typing, TYPING_SHOWN_MS, "");
}

/** Tells a screen reader in whole sentences, never piece by piece. */
function announce({ name, data }: ThreadEvent, { thread }: Log): void {
  const { message, turn_id, detail, agent } = data;
  if (name === "delta" && !whole) {
    const turn = thread.turns.find(({ id }) => id === turn_id);
    if (turn) sayUpTo(turn.messageId ?? "", turn.text, sentenceEnd(turn.text));
  }
  if (name === "done" && message) sayUpTo(message.id, message.text, message.text.length);
  if (name === "message" && message) say(`${message.author?.name ?? ""} ${spoken(message.text)}`);
  if (name === "joined") say(fill(words.joined, agent?.name ?? ""));
  if (name === "handed_back") say(words.handed_back);
  if (name === "resolved") say(words.resolved);
  if (name === "escalation_confirmed") say(data.hours?.text || (thread.peopleOnline ? words.soon : words.away));
  if (name === "error") say(detail || words.wrong);
}

function sayUpTo(message: string, text: string, end: number): void {
  const from = saidUpTo[message] ?? 0;
  saidUpTo[message] = end;
  say(spoken(text.slice(from, end)));
}

export function say(text: string): void {
  if (shown && text) said = [...said, { key: ++saidCount, text }].slice(-SAID_KEPT);
}

/** Takes a new log, and with it what follows from it. */
function put(next: Log): void {
  log = next;
  box(settled(outbox, log.thread.messages));
  read();
}

/** Counts what came in unseen; with the panel open everything counts as seen. */
function read(): void {
  const messages = log?.thread.messages ?? [];
  if (shown && !document.hidden && messages.length) keep.set("seen", messages.at(-1)?.id);
  const seen = keep.get("seen");
  const fresh = messages.slice(messages.findIndex(({ id }) => id === seen) + 1);
  unread = fresh.filter(({ role }) => role !== "user").length;
  changed();
}

function box(next: Outgoing[]): void {
  if (next !== outbox) keep.set("outbox", (outbox = next));
  changed();
}

function tell(what: string): void {
  api.json(path(`/${what}`), {}).catch(() => {});
}

function path(rest = ""): string {
  return `/v1/conversations/${current}${rest}`;
}

function eventOf({ id, name, data }: SentEvent): ThreadEvent {
  return { id: Number(id), name, data: JSON.parse(data) as EventData };
}
