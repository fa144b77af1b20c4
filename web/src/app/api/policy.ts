/** Every call about the rules, by name, and what they carry. Knows nothing about caching or pages. */
import { call, query } from "./http";
import type { Budget, Mode } from "./models";
import type { components } from "./openapi";

type Takes = components["schemas"];

export type Way = "assist" | "people";

/** The tenant's rules; what a page does not know it leaves alone. */
export interface Rules {
  mode: Mode;
  budget: Budget;
  always_escalate: string[];
  escalate_signals: string[];
  attempt_then_escalate: string[];
  people_in_hours: string[];
  escalate_words: string[];
  tiers: Record<string, Way>;
  tier_categories: Record<string, Record<string, Way>>;
  /** minor units by currency */
  amount_limits: Record<string, number>;
  thresholds: { intent: number; always_escalate: number; answer: number; answer_by_category: Record<string, number> };
  max_unresolved: number;
  limits: { calls_per_turn: number };
  tone: { voice: string; examples: { customer: string; reply: string }[]; no_answer: string; handover: string };
  releases: { worse_at_most: number; replay_days: number; questions_at_most: number };
  review_days: number;
  /** kinds of personal data that no provider reads */
  redact_before_provider: string[];
  restore_in_replies: boolean;
  message_max_chars: number;
}

export type Policy = Rules & { version: number };

/** What is named is changed; tables of the tenant's own are named whole. */
export type Changes = { [Name in keyof Rules]?: Rules[Name] extends string[] | number | string | boolean ? Rules[Name] : Partial<Rules[Name]> };

export interface RuleChange {
  field: string;
  before: unknown;
  after: unknown;
}

export interface Version {
  version: number;
  author: string;
  created_at: string;
  is_current: boolean;
  changes: RuleChange[];
}

export type RouteKind = "assist" | "attempt" | "offer" | "people";

export interface Routed {
  route: RouteKind;
  rule: string;
  reason: string;
}

export interface Tried {
  turn_id: string | null;
  conversation_id: string | null;
  text: string;
  tier: string;
  at: string;
  live: Routed;
  proposed: Routed;
}

export interface Sandbox {
  messages: number;
  live: Record<RouteKind, number>;
  proposed: Record<RouteKind, number>;
  by_rule: { rule: string; live: number; proposed: number }[];
  changed: number;
  changes: Tried[];
  days: number | null;
  /** false: there were more messages than are looked at */
  is_all: boolean;
  messages_tried?: Tried[];
}

export interface Intent {
  name: string;
  title: string;
}

export const policy = (signal?: AbortSignal) => call<Policy>("/v1/policy", { signal });
export const intents = (signal?: AbortSignal) => call<{ items: Intent[] }>("/v1/intents", { signal });
/** Refused with 409 when `version` is not in force any more. */
export const change = (changes: Changes, version: number) =>
  call<Policy>("/v1/policy", { method: "PATCH", body: changes, headers: { "If-Match": `"${version}"` } });
export const versions = (before: number | null, signal?: AbortSignal) =>
  call<{ items: Version[]; next_before: number | null }>(`/v1/policy/versions${query({ before })}`, { signal });
export const version = (number: number, against: number | null, signal?: AbortSignal) =>
  call<Version & { against: number | null }>(`/v1/policy/versions/${number}${query({ against })}`, { signal });
export const restore = (number: number) => call<Policy>(`/v1/policy/versions/${number}/restore`, { method: "POST", body: {} });
export const tryOnDays = (changes: Changes, days: number) =>
  call<Sandbox>("/v1/policy/sandbox", { method: "POST", body: { changes, days } satisfies Takes["Proposal"] });
export const tryOnMessages = (changes: Changes, messages: { text: string; tier: string }[]) =>
  call<Sandbox>("/v1/policy/sandbox", { method: "POST", body: { changes, messages } });
