/** A definition as it is edited: by path, without what says nothing, and its limits in words. */
import { describe, expect, test } from "vitest";
import { confirmInWords, differs, get, lean, limitsInWords, money, put, written } from "../../src/app/actions/definition";

const refund = {
  name: "refund_order",
  kind: "change",
  version: 3,
  author: "Ann",
  updated_at: "2026-11-20T20:00:00Z",
  input_schema: { type: "object", properties: { note: { type: "string", default: null, enum: [] } } },
  scopes: [],
  owner: [{ argument: "order_id", look_up: "get_order", path: "customer_id", as: null }],
  amount: { from: "quote.amount_minor", currency: "EUR", unit: "minor" },
  confirm: { required: true, above_minor: null, expires_s: 600 },
  limits: { per_action_minor: 50_000, approve_above_minor: 10_050, per_customer_day_count: 1, per_tenant_month_sum_minor: null, by_tier: { paid: { per_action_minor: 1, approve_above_minor: null } } },
  texts: { summary: null, done: null },
  shows: { model: [], customer: null, hide_arguments: [] },
};

test("what says nothing is left out, but not an empty list of what may be seen, nor anything of a schema", () => {
  const kept = lean(refund);
  expect(Object.keys(kept)[0]).toBe("name");
  expect(kept).toEqual({
    name: "refund_order",
    kind: "change",
    input_schema: refund.input_schema,
    owner: [{ argument: "order_id", look_up: "get_order", path: "customer_id", as: null }],
    amount: refund.amount,
    confirm: { required: true, expires_s: 600 },
    limits: { per_action_minor: 50_000, approve_above_minor: 10_050, per_customer_day_count: 1, by_tier: { paid: { per_action_minor: 1 } } },
    shows: { model: [] },
  });
  expect(differs(kept, refund)).toBe(false);
});

describe("by path", () => {
  test("a value comes in where nothing was", () => {
    expect(put({ name: "a" }, "limits.by_tier.paid.per_action_minor", 15_050)).toEqual({ name: "a", limits: { by_tier: { paid: { per_action_minor: 15_050 } } } });
  });
  test("what is taken out takes the empty part around it along, and nothing else", () => {
    const tree = { name: "a", limits: { x: 1, by_tier: { paid: { y: 2 } } } };
    expect(put(tree, "limits.by_tier.paid.y", undefined)).toEqual({ name: "a", limits: { x: 1 } });
    expect(tree.limits.by_tier.paid.y, "the one before stays as it was").toBe(2);
  });
  test("whatever somebody wrote as JSON can be asked", () => {
    expect(get({ handler: "x" }, "handler.url")).toBeUndefined();
    expect(get({ handler: [1] }, "handler.0")).toBeUndefined();
    expect(put({ handler: "x" }, "handler.url", "y")).toEqual({ handler: { url: "y" } });
  });
});

test("limits are phrases, in the currency where it is known", () => {
  expect(limitsInWords(refund)).toEqual(["at most €500 at once", "approval above €100.50", "per customer once in 24 hours", "other limits for one tier"]);
  expect(limitsInWords({ ...refund, amount: { ...refund.amount, currency: "quote.currency" } })[1]).toBe("approval above 10,050");
  expect(limitsInWords({})).toEqual([]);
  expect(money(1_500, "JPY")).toBe("¥1,500");
});

test("a change asks the customer unless it says otherwise", () => {
  expect(confirmInWords({})).toBe("Customer confirms");
  expect(confirmInWords({ confirm: { required: false } })).toBe("No confirmation");
  expect(confirmInWords({ ...refund, confirm: { required: true, above_minor: 5_000 } })).toBe("Customer confirms above €50");
});

test.each(["", "{", "[1]", "null", '"x"', "{} {}"])("%j is no definition", (source) => {
  expect(written(source).ok).toBe(false);
});
