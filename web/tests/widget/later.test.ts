/** Proposals and codes out of events: what a card says, where it stands, and that nothing comes twice. */
import { expect, test } from "vitest";
import { digits, fold, rows } from "../../src/widget/later/acts";
import { catalogue, en } from "../../src/widget/later/words";
import type { Act, EventData, Message } from "../../src/widget/shapes";
import { begin, restore, take } from "../../src/widget/thread";

const said = (id: string, role: Message["role"]): Message => ({
  id,
  role,
  text: id,
  author: null,
  citations: [],
  created_at: "2026-01-01T00:00:00Z",
  client_message_id: null,
  turn_id: null,
});

const card = (id: string, more: object = {}): EventData =>
  ({
    action_id: id,
    action_type: "refund_order",
    ticket_id: "tkt",
    summary: "Refund 39.00 EUR for order 1039",
    parameters: { order_id: "1039" },
    amount: "39.00 EUR",
    expires_at: "2026-01-01T00:10:00Z",
    confirm_token: `ct_${id}`,
    ...more,
  }) as EventData;

const proposed = (id: string, at: number, more: object = {}): Act => ({ name: "action_proposed", at, data: card(id, more) });
const updated = (id: string, status: string, at = 9): Act =>
  ({ name: "action_updated", at, data: { action_id: id, status, text: "Said." } as EventData });

test("a turn's card stands behind the turn's own message, any other behind the last one", () => {
  const messages = [said("m1", "user"), said("m2", "assistant"), said("m3", "system"), said("m4", "user")];
  expect(fold([proposed("a", 1)], messages).cards[0]?.behind).toBe(1);
  expect(fold([proposed("a", 3)], messages).cards[0]?.behind).toBe(2);
  expect(fold([proposed("a", 4)], messages).cards[0]?.behind).toBe(3);
  expect(fold([proposed("a", 0)], []).cards[0]?.behind).toBe(-1);
});

test("what happens to a card shows on it, twice or once", () => {
  const acts = [proposed("a", 1), updated("a", "pending_approval"), updated("a", "executed"), updated("a", "executed")];
  const { cards } = fold(acts, []);
  expect(cards).toHaveLength(1);
  expect(cards[0]).toMatchObject({ status: "executed", text: "Said.", summary: "Refund 39.00 EUR for order 1039" });
});

test("news of a card that is not shown draws none", () => {
  expect(fold([updated("a", "executed")], []).cards).toEqual([]);
});

test("the same proposed anew takes the place of the one before; another one stands beside it", () => {
  const anew = [proposed("a", 1), proposed("b", 1, { amount: "20.00 EUR" })];
  expect(fold(anew, []).cards.map((one) => one.action_id)).toEqual(["b"]);
  expect(fold([updated("a", "done"), ...anew], []).cards).toHaveLength(1);
  const other = [proposed("a", 1), proposed("b", 1, { parameters: { order_id: "1040" } })];
  expect(fold(other, []).cards).toHaveLength(2);
  const decided = [proposed("a", 1), updated("a", "voided"), proposed("b", 1)];
  expect(fold(decided, []).cards.map((one) => one.status)).toEqual(["voided", "proposed"]);
});

test("a code is asked for until somebody writes, or it was right", () => {
  const needed: Act = { name: "identity_needed", at: 1, data: { needs: "step_up" } };
  const asked = [said("m1", "user"), said("m2", "assistant")];
  expect(fold([needed], asked).code).toBe(1);
  expect(fold([{ ...needed, data: { needs: "sign_in" } }], asked).code).toBeNull();
  expect(fold([needed], [...asked, said("m3", "user")]).code).toBeNull();
  const again: Act = { ...needed, at: 3 };
  expect(fold([needed, again], [...asked, said("m3", "user"), said("m4", "assistant")]).code).toBe(3);
  const checked = (state: string): Act => ({ name: "identity_checked", at: 2, data: { state, sent_to: "c…@x.example" } as EventData });
  expect(fold([needed, checked("code_sent")], asked)).toMatchObject({ code: 1, lines: [{ state: "code_sent", behind: 1 }] });
  expect(fold([needed, checked("stepped_up")], asked).code).toBeNull();
});

test("the thread keeps what the cards are made of, from events and from a snapshot's open ones", () => {
  let log = take(begin("cnv"), { id: 1, name: "accepted", data: { message: said("m1", "user") } });
  log = take(log, { id: 2, name: "action_proposed", data: card("a") });
  log = take(log, { id: 3, name: "done", data: { message: said("m2", "assistant") } });
  expect(log.thread.acts).toMatchObject([{ name: "action_proposed", at: 1 }]);
  const snapshot = {
    id: "cnv",
    status: "ai" as const,
    last_event_id: "3",
    messages: log.thread.messages,
    ticket: null,
    queue: null,
    agent: null,
    people_online: true,
    partial: null,
    contact_email: null,
    mode: "full",
    actions: [{ ...card("z", { confirm_token: null }), status: "executed" } as EventData, card("a")],
  };
  const { thread } = take(restore(snapshot, log), { id: 4, name: "action_updated", data: updated("a", "executed").data });
  expect(fold(thread.acts, thread.messages).cards).toMatchObject([{ action_id: "a", status: "executed", behind: 1 }]);
});

test.each([
  ["123456", "123456"],
  [" 123 456 ", "123456"],
  ["123-456", "123456"],
  ["12345", null],
  ["1234567", null],
  ["12345a", null],
  ["", null],
])("%j is the code %j", (typed, code) => {
  expect(digits(typed)).toBe(code);
});

test("parameters are rows of words and text, whatever is in them", () => {
  const address = { street: "Keizersgracht 5", city: "Amsterdam", name: null };
  expect(rows({ order_id: "1045", address, none: null, empty: "", hidden: "…", yes: true, many: [1, "<b>"] })).toEqual([
    ["Order id", "1045"],
    ["Address", "Keizersgracht 5, Amsterdam"],
    ["Hidden", "…"],
    ["Yes", "true"],
    ["Many", "1, <b>"],
  ]);
});

test("every language says everything, with the same values in it", () => {
  const flat = (value: object): string[] =>
    Object.entries(value).flatMap(([key, one]: [string, unknown]) =>
      typeof one === "object" && one ? flat(one).map((inner) => `${key}.${inner}`) : [`${key} ${String(one).includes("{}")}`],
    );
  for (const words of Object.values(catalogue)) expect(words && flat(words)).toEqual(flat(en));
});
