/** The fold of a conversation: what the customer sees depends on which events came, never on how. */
import { describe, expect, test } from "vitest";
import type { EventData, Message, Snapshot, ThreadEvent } from "../../src/widget/shapes";
import { begin, restore, take, type Log } from "../../src/widget/thread";

const bo = { id: "mem_1", name: "Bo" };

const message = (id: string, role: Message["role"], text: string, more: Partial<Message> = {}): Message => ({
  id,
  role,
  text,
  author: null,
  citations: [],
  created_at: "2026-01-01T00:00:00Z",
  client_message_id: null,
  turn_id: null,
  ...more,
});

const story: [string, EventData][] = [
  ["accepted", { turn_id: "t1", message: message("m1", "user", "Hello?", { client_message_id: "c1" }) }],
  ["delta", { turn_id: "t1", message_id: "m2", text: "You can" }],
  ["delta", { turn_id: "t1", message_id: "m2", text: " not." }],
  ["restarted", { turn_id: "t1" }],
  ["delta", { turn_id: "t1", message_id: "m2", text: "You can" }],
  ["delta", { turn_id: "t1", message_id: "m2", text: " return it [1]." }],
  ["cited_sources", { turn_id: "t1", message_id: "m2", citations: [] }],
  ["done", { turn_id: "t1", message: message("m2", "assistant", "You can return it [1]."), answers: ["m1"] }],
  ["accepted", { turn_id: "t2", message: message("m3", "user", "A person") }],
  ["accepted", { turn_id: "t3", message: message("m4", "user", "please!") }],
  ["done", { turn_id: "t3", message: message("m5", "assistant", "Of course."), answers: ["m3", "m4"] }],
  ["escalation_proposed", { }],
  ["escalation_confirmed", { queue_position: 3, estimated_wait_minutes: 9, people_online: true }],
  ["queue", { position: 1, estimated_wait_minutes: null }],
  ["joined", { agent: bo }],
  ["message", { message: message("m6", "agent", "Hi, Bo here.", { author: bo }) }],
  ["accepted", { turn_id: "t4", message: message("m7", "user", "Thanks") }],
  ["done", { turn_id: "t4", message: null, answers: ["m7"] }],
  ["handed_back", { agent: bo }],
  ["accepted", { turn_id: "t5", message: message("m8", "user", "One more") }],
  ["delta", { turn_id: "t5", message_id: "m9", text: "Sure." }],
  ["error", { turn_id: "t5", detail: "Out of order." }],
  ["resolved", { message: message("m10", "agent", "Bye", { author: bo }), ask_rating: true }],
  ["rated", { score: 4 }],
  ["reopened", {}],
];

const events: ThreadEvent[] = story.map(([name, data], at) => ({ id: at + 1, name, data }));
const fold = (log: Log, some: ThreadEvent[]): Log => some.reduce(take, log);
const upTo = (id: number): Log => fold(begin("cnv", true), events.slice(0, id));

/** What the server would say after `id` events; notices are not kept there. */
function snapshotAt(id: number): Snapshot {
  const { thread } = upTo(id);
  const turn = thread.turns.at(-1);
  return {
    id: "cnv",
    status: thread.status,
    last_event_id: String(id),
    messages: thread.messages,
    ticket: { id: "tkt", status: thread.resolved ? "human_resolved" : "open", csat_score: thread.score ?? null },
    queue: thread.queue ?? null,
    agent: thread.agent ?? null,
    people_online: thread.peopleOnline ?? false,
    partial: turn?.text ? { turn_id: turn.id, message_id: turn.messageId ?? "", text: turn.text } : null,
    contact_email: null,
    mode: "full",
    actions: [],
  };
}

/** A small generator of numbers from 0 to 1 that gives the same ones for the same seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("one event after the other", () => {
  test.each([
    [1, { status: "ai", turns: [{ id: "t1", asked: "m1", text: "" }] }],
    [3, { turns: [{ id: "t1", messageId: "m2", text: "You can not." }] }],
    [4, { turns: [{ id: "t1", text: "" }] }],
    [6, { turns: [{ text: "You can return it [1]." }] }],
    [8, { turns: [] }],
    [11, { turns: [] }],
    [12, { proposed: true }],
    [13, { status: "escalated", proposed: false, queue: { position: 3, estimated_wait_minutes: 9 } }],
    [14, { queue: { position: 1, estimated_wait_minutes: null } }],
    [15, { status: "escalated", agent: bo, queue: null, notices: [{ kind: "joined", name: "Bo", after: "m5" }] }],
    [17, { turns: [] }],
    [19, { status: "ai", agent: null }],
    [22, { turns: [], failed: "Out of order." }],
    [23, { resolved: true, askRating: true }],
    [24, { askRating: false, score: 4 }],
    [25, { resolved: false, status: "ai" }],
  ])("after %i events", (id, expected) => {
    expect(upTo(id).thread).toMatchObject(expected);
  });

  test("messages stand in the order they were written, each once", () => {
    expect(upTo(events.length).thread.messages.map(({ id }) => id)).toEqual(["m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m10"]);
  });

  test("what carries no number is applied and not kept", () => {
    const log = take(upTo(2), { id: 0, name: "rated", data: { score: 5 } });
    expect(log.thread.score).toBe(5);
    expect(log.events).toHaveLength(2);
  });

  test("an unknown event changes nothing", () => {
    expect(take(upTo(2), { id: 3, name: "tomorrow", data: {} }).thread).toEqual(upTo(2).thread);
  });
});

describe("however the events arrive", () => {
  const whole = upTo(events.length).thread;

  test("an event that is there already leaves the very same log", () => {
    const log = upTo(9);
    for (const event of events.slice(0, 9)) expect(take(log, event)).toBe(log);
  });

  test("a snapshot at any point and the rest of the events show the same", () => {
    for (let id = 0; id <= events.length; id++) {
      const { thread } = fold(restore(snapshotAt(id)), events);
      // What the server does not keep is not in a snapshot.
      const passing = { notices: [], mode: "", failed: null, queue: null, email: null, proposed: false };
      expect({ ...thread, ...passing }).toEqual({ ...whole, ...passing });
    }
  });

  test("a snapshot in between loses neither newer events nor notices", () => {
    for (let id = 0; id <= events.length; id++) {
      const log = restore(snapshotAt(id), upTo(events.length));
      expect(log.thread.messages).toEqual(whole.messages);
      expect(log.thread.notices).toEqual(whole.notices);
    }
  });

  test("1,000 random runs of two streams with cuts, repeats and late events show the same", () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    process.stdout.write(`thread.test.ts: SEED=${seed}\n`);
    for (let run = 0; run < 1000; run++) {
      const random = numbers(seed + run);
      const pick = (below: number): number => Math.floor(random() * below);
      let log = begin("cnv", true);
      let cursor = 0;
      // The stream that is resumed: its own cursor, cut anywhere, now and then replaying a little.
      while (cursor < events.length) {
        const until = Math.min(events.length, cursor + 1 + pick(6));
        const arriving = events.slice(Math.max(0, cursor - pick(3)), until);
        // The reply to a message: any stretch of the same events, earlier or later than the other stream.
        const from = pick(events.length);
        const other = events.slice(from, from + pick(5));
        for (const event of random() < 0.5 ? [...other, ...arriving] : [...arriving, ...other]) log = take(log, event);
        if (random() < 0.1) log = restore(snapshotAt(until), log);
        cursor = until;
      }
      const { messages, turns, status, agent, score, resolved, askRating } = log.thread;
      expect({ messages, turns, status, agent, score: score ?? null, resolved, askRating }, `seed ${seed}, run ${run}`).toEqual({
        messages: whole.messages,
        turns: whole.turns,
        status: whole.status,
        agent: whole.agent,
        score: whole.score ?? null,
        resolved: whole.resolved,
        askRating: whole.askRating,
      });
    }
  });
});
