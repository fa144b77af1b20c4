/** A card's buttons: only what a person does counts. */
import { beforeEach, expect, test, vi } from "vitest";
import { Problem } from "../../src/shared/problem";
import type { Card } from "../../src/widget/later/acts";
import { CardView } from "../../src/widget/later/card";
import { use } from "../../src/widget/later/use";

interface Branch {
  tag?: string;
  props?: Record<string, unknown>;
  children?: unknown[];
}
type Press = (event: { isTrusted: boolean }) => void;

const json = vi.fn();
const hear = vi.fn();
const say = vi.fn();
const PersonButton = (): null => null;

/** A card of its own: what was said on one stays with it. */
let count = 0;
const card = (more: Partial<Card> = {}): Card => ({
  action_id: `act_${++count}`,
  ticket_id: "tkt_1",
  action_type: "refund_order",
  summary: "Refund 39.00 EUR",
  parameters: { order_id: "…" },
  amount: "39.00 EUR",
  expires_at: new Date(Date.now() + 600_000).toISOString(),
  confirm_token: "ct_1",
  status: "proposed",
  behind: 0,
  ...more,
});

const all = (tree: unknown): Branch[] =>
  Array.isArray(tree) ? tree.flatMap(all) : tree && typeof tree === "object" ? [tree as Branch, ...all((tree as Branch).children)] : [];
const drawn = (one: Card): Branch[] => all(CardView({ card: one }));
const text = (one: Card): string => JSON.stringify(CardView({ card: one }));
const buttons = (one: Card): Press[] =>
  drawn(one).flatMap(({ tag, props }) => (tag === "button" ? [props?.onClick as Press] : []));

beforeEach(() => {
  vi.resetAllMocks();
  vi.stubGlobal("document", { querySelector: () => null });
  vi.stubGlobal("window", { setTimeout: () => 1 });
  use({ lang: "en", changed: () => {}, send: () => {}, say, json, hear, leaveEmail: async () => {}, PersonButton });
  json.mockResolvedValue({ status: "executed" });
});

test("a click of a script sends nothing, a person's sends what stands on the card and no parameters", () => {
  const one = card();
  for (const press of buttons(one)) press({ isTrusted: false });
  expect(json).not.toHaveBeenCalled();
  const [confirm, decline] = buttons(one);
  confirm?.({ isTrusted: true });
  expect(json).toHaveBeenCalledWith("/v1/support/action", {
    ticket_id: "tkt_1",
    action_id: one.action_id,
    confirmed_by_customer: true,
    confirm_token: "ct_1",
  });
  decline?.({ isTrusted: true });
  expect(json).toHaveBeenLastCalledWith(`/v1/actions/runs/${one.action_id}/cancel`, {});
});

test("how it stands then is taken in at once", async () => {
  const one = card();
  buttons(one)[0]?.({ isTrusted: true });
  expect(text(one)).toContain("Confirmed, being done…");
  await vi.waitFor(() => expect(hear).toHaveBeenCalledWith({ id: 0, name: "action_updated", data: { status: "executed" } }));
});

test.each([
  [new Problem(), "That did not get through. Please try again."],
  [new Problem(500, "internal", ""), "That did not get through. Please try again."],
  [new Problem(403, "action_refused", "Too many refunds today."), "Too many refunds today."],
  [new Problem(409, "not_confirmable", ""), "Something went wrong on our side."],
])("what went wrong stands on the card, and its buttons are there again: %o", async (problem, sentence) => {
  json.mockRejectedValue(problem);
  const one = card();
  buttons(one)[0]?.({ isTrusted: true });
  await vi.waitFor(() => expect(say).toHaveBeenLastCalledWith(sentence));
  expect(text(one)).toContain(sentence);
  expect(buttons(one)).toHaveLength(2);
});

test.each([
  ["changed", "The amount has changed. Please look at it again."],
  ["expired", "The time for that was over. Please confirm once more."],
])("a new proposal says on its own card why there is one: %s", async (rule, sentence) => {
  const anew = card();
  json.mockRejectedValue(new Problem(409, "not_confirmable", "No.", 0, { rule, proposal: anew }));
  buttons(card())[0]?.({ isTrusted: true });
  await vi.waitFor(() => expect(text(anew)).toContain(sentence));
});

test.each(["executed", "pending_approval", "failed", "unknown", "rejected", "voided", "expired", "undone"])("%s has words and no buttons", (status) => {
  const one = card({ status });
  expect(buttons(one)).toEqual([]);
  const state = drawn(one).find(({ props }) => props?.class === "state");
  expect(String(state?.children).length).toBeGreaterThan(3);
});

test("one that was open for too long has no buttons either", () => {
  expect(buttons(card({ expires_at: "2020-01-01T00:00:00Z" }))).toEqual([]);
});
