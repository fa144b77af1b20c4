/** What the page of the rules decides without drawing anything. */
import { describe, expect, test } from "vitest";
import type { Rules } from "../../src/app/api/policy";
import { changesOf, countOf, faultsOf, listDifference, onto, tierRows, toMajor, toMinor, withTierRows } from "../../src/app/policy/draft";

const rules: Rules = {
  mode: "full",
  budget: { tokens_per_day: null, cost_per_day_micros: null, soft: 0.8 },
  always_escalate: ["legal_threat"],
  escalate_signals: ["threat"],
  attempt_then_escalate: [],
  people_in_hours: [],
  escalate_words: ["lawyer"],
  tiers: { vip: "people" },
  tier_categories: { trial: { billing_dispute: "assist" } },
  amount_limits: { EUR: 50_000 },
  thresholds: { intent: 0.55, always_escalate: 0.5, answer: 0.5, answer_by_category: {} },
  max_unresolved: 3,
  limits: { calls_per_turn: 2 },
  tone: { voice: "Calm.", examples: [], no_answer: "No.", handover: "Bye." },
  releases: { worse_at_most: 0.02, replay_days: 30, questions_at_most: 500 },
  review_days: 180,
  redact_before_provider: ["email"],
  restore_in_replies: true,
  message_max_chars: 4000,
};

describe("what is sent", () => {
  test("is nothing where nothing differs", () => {
    expect(changesOf(rules, structuredClone(rules))).toEqual({});
  });

  test("names what differs, inside groups too, and tables of the tenant's own whole", () => {
    const after: Rules = {
      ...rules,
      max_unresolved: 5,
      tiers: {},
      thresholds: { ...rules.thresholds, answer: 0.6, answer_by_category: { "*": 0.7 } },
    };
    const changes = changesOf(rules, after);
    expect(changes).toEqual({ max_unresolved: 5, tiers: {}, thresholds: { answer: 0.6, answer_by_category: { "*": 0.7 } } });
    expect(countOf(changes)).toBe(4);
  });

  test("goes on top of what somebody else saved meanwhile", () => {
    const theirs: Rules = { ...rules, escalate_words: ["press"], thresholds: { ...rules.thresholds, intent: 0.9 } };
    const mine = changesOf(rules, { ...rules, tiers: {}, thresholds: { ...rules.thresholds, answer: 0.6 } });
    expect(onto(theirs, mine)).toEqual({ ...theirs, tiers: {}, thresholds: { ...theirs.thresholds, answer: 0.6 } });
  });
});

test("tiers are rows, for every topic or for one, and rows are tiers", () => {
  const rows = tierRows(rules);
  expect(rows).toEqual([
    { tier: "vip", topic: null, way: "people" },
    { tier: "trial", topic: "billing_dispute", way: "assist" },
  ]);
  expect(withTierRows({ ...rules, tiers: {}, tier_categories: {} }, rows)).toEqual(rules);
});

test("money is shown in the currency's own unit and sent in its smallest", () => {
  expect([toMajor(50_000, "EUR"), toMajor(500, "JPY"), toMajor(1500, "KWD")]).toEqual([500, 500, 1.5]);
  expect([toMinor(500.1, "EUR"), toMinor(500, "JPY"), toMinor(1.5, "KWD")]).toEqual([50_010, 500, 1500]);
});

test("a draft that cannot be saved says where", () => {
  expect(faultsOf(rules)).toEqual({});
  expect(faultsOf({ ...rules, amount_limits: { EU: 5 }, tiers: { " ": "people" } })).toEqual({ amounts: true, tiers: true });
});

test("lists differ by what came and what went", () => {
  expect(listDifference(["a", "b"], ["b", "c"])).toEqual({ added: ["c"], removed: ["a"] });
  const [hi, bye] = [{ customer: "Hi", reply: "Hey!" }, { customer: "Bye", reply: "Ciao!" }];
  expect(listDifference([hi], [{ ...hi }, bye])).toEqual({ added: ["Bye → Ciao!"], removed: [] });
});
