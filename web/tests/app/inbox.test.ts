/** Which rows belong in which view, who is in charge, and which rows are drawn. */
import { describe, expect, test } from "vitest";
import { unread } from "../../src/app/inbox/seen";
import { belongs, chargeOf, inOrder, viewOf } from "../../src/app/inbox/views";
import { slice } from "../../src/app/inbox/window";
import { withMessage, withRow } from "../../src/app/live/patch";
import { ann, bo, message, pages, row } from "./cast";

describe("views", () => {
  test("an unclaimed handoff waits, and stops waiting once claimed", () => {
    expect(belongs(row(), "waiting", ann.id)).toBe(true);
    expect(belongs(row({ assignee: bo }), "waiting", ann.id)).toBe(false);
  });
  test("mine holds only my own open tickets", () => {
    expect(belongs(row({ assignee: ann }), "mine", ann.id)).toBe(true);
    expect(belongs(row({ assignee: bo }), "mine", ann.id)).toBe(false);
    expect(belongs(row({ assignee: ann, status: "human_resolved", mode: "closed" }), "mine", ann.id)).toBe(false);
  });
  test("an unknown view in the address becomes the first one", () => {
    expect(viewOf("nonsense")).toBe("waiting");
    expect(viewOf("resolved")).toBe("resolved");
  });
});

describe("charge", () => {
  test("the assistant, nobody, you, another, closed", () => {
    expect(chargeOf(row({ status: "open", mode: "ai" }), ann.id)).toBe("assistant");
    expect(chargeOf(row(), ann.id)).toBe("waiting");
    expect(chargeOf(row({ assignee: ann }), ann.id)).toBe("you");
    expect(chargeOf(row({ assignee: bo }), ann.id)).toBe("other");
    expect(chargeOf(row({ status: "ai_resolved", mode: "closed" }), ann.id)).toBe("closed");
  });
});

describe("live rows", () => {
  test("a new row comes first, a known one keeps its place", () => {
    const other = row({ id: "tkt_2" });
    const arrived = withRow(pages(other), row(), "waiting", ann.id, true);
    expect(arrived.pages[0]?.items.map((item) => item.id)).toEqual(["tkt_1", "tkt_2"]);
    const changed = withRow(arrived, row({ id: "tkt_2", subject: "New" }), "waiting", ann.id, true);
    expect(changed.pages[0]?.items.map((item) => item.subject)).toEqual(["Refund", "New"]);
  });
  test("a row that no longer belongs leaves", () => {
    const left = withRow(pages(row()), row({ assignee: bo }), "waiting", ann.id, true);
    expect(left.pages[0]?.items).toEqual([]);
  });
  test("a search result list takes no rows the search did not find", () => {
    expect(withRow(pages(), row(), "waiting", ann.id, false).pages[0]?.items).toEqual([]);
  });
});

describe("messages", () => {
  test("the same message by id or by client id is there once", () => {
    const sent = message({ id: "msg_9", client_message_id: "c1" });
    const once = withMessage([message()], sent);
    expect(withMessage(once, { ...sent })).toHaveLength(2);
    expect(withMessage(once, { ...sent, id: "msg_10" }).map((one) => one.id)).toEqual(["msg_1", "msg_10"]);
  });
  test("one that comes late stands where it belongs in time", () => {
    const late = message({ id: "msg_0", created_at: "2026-01-01T09:00:00Z" });
    expect(withMessage([message()], late).map((one) => one.id)).toEqual(["msg_0", "msg_1"]);
  });
});

test("who waits stands by priority, then longest first; other views stay as they came", () => {
  const rows = [
    row({ id: "late", waiting_since: "2026-01-01T10:02:00Z" }),
    row({ id: "early", waiting_since: "2026-01-01T10:01:00Z" }),
    row({ id: "urgent", priority: "urgent", waiting_since: "2026-01-01T10:03:00Z" }),
  ];
  expect(inOrder(rows, "waiting").map((one) => one.id)).toEqual(["urgent", "early", "late"]);
  expect(inOrder(rows, "mine")).toEqual(rows);
});

test("only a customer's word that was not looked at is unread", () => {
  const said = { role: "user" as const, text: "Hi", created_at: "2026-01-01T10:00:00Z" };
  expect(unread(row({ last_message: said }), {})).toBe(true);
  expect(unread(row({ last_message: said }), { tkt_1: said.created_at })).toBe(false);
  expect(unread(row({ last_message: { ...said, role: "agent" } }), {})).toBe(false);
});

test("only the rows in view and a few around them are drawn", () => {
  expect(slice(0, 800, 80, 5_000, 2)).toEqual({ from: 0, to: 12 });
  expect(slice(8_000, 800, 80, 5_000, 2)).toEqual({ from: 98, to: 112 });
  expect(slice(8_000, 800, 80, 3, 2)).toEqual({ from: 2, to: 3 });
});
