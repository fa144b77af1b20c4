/** Every call about language models, by name, and what they carry. Knows nothing about caching or pages. */
import { call, query } from "./http";
import type { components } from "./openapi";

type Takes = components["schemas"];

export const modes = ["full", "no-actions", "quotation-only", "people-only", "take-a-message"] as const;
export type Mode = (typeof modes)[number];

export interface ModeNow {
  mode: Mode;
  why: string;
  chosen: Mode;
  /** what customers read of it */
  note: string;
  budget: "within" | "soft" | "hard";
}

export interface ModelState {
  name: string;
  roles: string[];
  state: "closed" | "open" | "half_open";
  since: string;
  last_failure: string | null;
}

export interface ModelKey {
  provider: string;
  last4: string;
  author: string;
  created_at: string;
}

/** In tokens, and in millionths of a US dollar. */
export interface Budget {
  tokens_per_day: number | null;
  cost_per_day_micros: number | null;
  soft: number;
}

export interface ModelsNow {
  roles: { role: string; models: string[]; closed: boolean }[];
  models: ModelState[];
  mode: ModeNow;
  today: { calls: number; tokens: number; cost_micros: number };
  budget: Budget;
  policy_version: number;
  keys: ModelKey[];
}

export interface Sum {
  calls: number;
  failed: number;
  input_tokens: number;
  output_tokens: number;
  cost_micros: number;
  unpriced: number;
}

export type By = "day" | "role" | "model" | "conversation";

export interface Spending {
  items: (Sum & { mean_ms: number } & Partial<Record<By, string | null>>)[];
  total: Sum;
  resolutions: { by_assistant: number; by_people: number; cost_micros: number; cost_micros_each: number | null };
}

/** Of a conversation, in all and for each of its tickets. */
export type ConversationSpending = Sum & { tickets: (Sum & { ticket_id: string | null })[] };

/** A call to a model, made for a turn. */
export interface ModelCall {
  at: string;
  role: string;
  model: string;
  input_tokens: number | null;
  output_tokens: number | null;
  estimated: boolean;
  cost_micros: number | null;
  ms: number;
  first_token_ms: number | null;
  outcome: string;
}

export const providers = ["openai", "anthropic", "google", "bedrock"] as const;
export type Provider = (typeof providers)[number];

export const mode = (signal?: AbortSignal) => call<ModeNow>("/v1/mode", { signal });
export const models = (signal?: AbortSignal) => call<ModelsNow>("/v1/models", { signal });
export const spending = (by: By, from: string | null, signal?: AbortSignal) => call<Spending>(`/v1/models/spending${query({ by, from })}`, { signal });
export const ofConversation = (id: string, signal?: AbortSignal) => call<ConversationSpending>(`/v1/conversations/${id}/spending`, { signal });
export const putKey = (provider: Provider, key: string) =>
  call<ModelKey>(`/v1/models/keys/${provider}`, { method: "PUT", body: { key } satisfies Takes["NewKey"] });
export const removeKey = (provider: string) => call<void>(`/v1/models/keys/${provider}`, { method: "DELETE" });
/** The switch is a rule like the others: refused with 409 when `version` is not in force any more. */
export const switchTo = (chosen: Mode, version: number) =>
  call<{ version: number }>("/v1/policy", { method: "PATCH", body: { mode: chosen }, headers: { "If-Match": `"${version}"` } });
