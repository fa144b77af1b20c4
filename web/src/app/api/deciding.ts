/** Every call about the confidence, by name, with its shapes; loaded with its page. Knows nothing about caching or pages. */
import { call, query } from "./http";
import type { components } from "./openapi";

type Takes = components["schemas"];

export interface Interval {
  value: number;
  least: number;
  most: number;
}

export interface Bin {
  low: number;
  high: number;
  said: number;
  right: number;
  least: number;
  most: number;
  answers: number;
}

export interface Reliability {
  answers: number;
  said: number;
  right: number;
  ece: number | null;
  ece_least: number | null;
  ece_most: number | null;
  bins: Bin[];
}

export interface CategoryReliability extends Partial<Reliability> {
  category: string;
  answers: number;
}

export interface SourceCount {
  source: string;
  labels: number;
  wrong: number;
  unclear: number;
}

export interface Fit {
  version: number;
  status: "in_force" | "replaced" | "refused";
  outcomes: number;
  fitted_at: string;
  report: { calibration?: string; loss?: number; before?: number; gain?: number; error?: number };
}

export interface Confidence {
  scoring: { version: number; fitted: boolean; says: string; outcomes: number; enough: number; bias: number; weights: Record<string, number>; fits: Fit[] };
  labels: { by_source: SourceCount[]; judging: number; unclear: number; waiting: number; days: number };
  overall: Reliability;
  categories: CategoryReliability[];
  drift: { state: "steady" | "too_sure" | "too_modest"; strength: number; limit: number; since: number | null; run: number };
  stability: { index: number | null; limit: number; recent: number; before: number; moved: boolean; days: number };
}

export interface ToJudge {
  turn_id: string;
  conversation_id: string;
  question: string;
  answer: string;
  /** the customer read it; else it was held back */
  given: boolean;
  citations: { title: string | null; quote: string | null; document_id: string | null }[];
  category: string;
  asked_at: string;
}

export interface JudgeQueue {
  items: ToJudge[];
  waiting: number;
}

export interface Setting {
  threshold: number | null;
  labels: number;
  handled: Interval;
  wrong: Interval | null;
  resolved: Interval | null;
  people_a_day: Interval;
  minutes_a_day: Interval;
  cost_a_day: Interval;
}

export interface Tradeoff {
  questions: number;
  days: number;
  labels: number;
  minutes: { value: number; measured: boolean };
  hour: number;
  category: string | null;
  categories: string[];
  settings: Setting[];
  now: Setting & { rules: Record<string, number> };
}

export interface Group {
  categories: string[];
  pooled: boolean;
  threshold: number | null;
  labels: number;
  wrong: number;
  of: number;
  bound: number;
  sure: number;
  needed: number | null;
}

export interface Proposal {
  limit: number;
  confidence: number;
  labels: number;
  fewest: number;
  groups: Group[];
  supported: number;
  complete: boolean;
  says: string;
  before: Setting;
  after: Setting;
  policy_version: number;
  changes: { thresholds: { answer_by_category: Record<string, number> } };
}

export const confidence = (signal?: AbortSignal) => call<Confidence>("/v1/confidence", { signal });
export const rollBack = () => call<void>("/v1/confidence/rollback", { method: "POST", body: {} });
export const toJudge = (signal?: AbortSignal) => call<JudgeQueue>("/v1/outcomes/queue", { signal });
export const draw = (count: number) =>
  call<{ drawn: number; waiting: number }>("/v1/outcomes/draw", { method: "POST", body: { count } });
export const judge = (turn_id: string, right: boolean | null) =>
  call<{ waiting: number }>("/v1/outcomes", { method: "POST", body: { turn_id, right } satisfies Takes["Judged"] });
export const tradeoff = (category: string | null, agent_hour: number, signal?: AbortSignal) =>
  call<Tradeoff>(`/v1/thresholds/tradeoff${query({ category, agent_hour: String(agent_hour) })}`, { signal });
export const choose = (limit: number, sure: number, otherwise: "keep" | "people", agent_hour: number, signal?: AbortSignal) =>
  call<Proposal>("/v1/thresholds/choose", { method: "POST", body: { limit, confidence: sure, otherwise, agent_hour } satisfies Takes["Limit"], signal });
export const savePolicy = (changes: Proposal["changes"]) => call<{ version: number }>("/v1/policy", { method: "PATCH", body: changes });
