/** Every call about intents, their examples and the classifiers learned from them. Knows nothing about caching or pages. */
import { call } from "./http";
import type { components } from "./openapi";

type Takes = components["schemas"];
const at = encodeURIComponent;

export interface HeldOut {
  examples: number;
  recall: number | null;
  precision: number | null;
}

export interface Intent {
  name: string;
  title: string;
  description: string;
  parent: string | null;
  category: string | null;
  requires_action: boolean;
  always_escalate: boolean;
  examples: number;
  held_out: HeldOut | null;
}

export interface Warnings {
  few_examples: { intent: string; examples: number }[];
  contradictions: { text: string; intents: string[] }[];
  likely_wrong: { text: string; intents: string[]; rather: string; confidence: number }[];
}

export interface Metrics {
  examples: number;
  intents: number;
  accuracy_in_scope: number | null;
  unknown_recall: number | null;
  ece: number | null;
  threshold: number;
  warnings: Warnings;
}

export interface Version {
  version: number;
  reason: string;
  created_at: string;
  promoted_at: string | null;
  metrics: Metrics;
}

export interface Catalogue {
  items: Intent[];
  own: boolean;
  live: Version | null;
  latest: Version | null;
  untrained_changes: boolean;
}

export interface ExampleRow {
  text: string;
  intents: string[];
  source: string;
}

export interface Added {
  added: number;
  known_before: number;
  contradictions: { text: string; intents: string[] }[];
}

export interface Training {
  status: "queued" | "running" | "done" | "failed";
  progress: number;
  result: { version: number; promoted: boolean; reason: string } | null;
  error: string | null;
}

export interface Understood {
  intents: { name: string; confidence: number }[];
  asserted: string[];
  urgency: string;
  language: string;
  classifier_used: string;
}

export type IntentChange = Takes["Described"];

export const intents = (signal?: AbortSignal) => call<Catalogue>("/v1/intents", { signal });
export const examples = (name: string, signal?: AbortSignal) => call<{ items: ExampleRow[] }>(`/v1/intents/${at(name)}/examples`, { signal });
export const put = (name: string, change: IntentChange) => call<Intent>(`/v1/intents/${at(name)}`, { method: "PUT", body: change });
export const remove = (name: string) => call<void>(`/v1/intents/${at(name)}`, { method: "DELETE" });
export const train = () => call<{ job_id: string }>("/v1/intents/train", { method: "POST", body: {} });
export const rollBack = () => call<{ version: number }>("/v1/intents/rollback", { method: "POST", body: {} });
export const training = (job: string, signal?: AbortSignal) => call<Training>(`/v1/jobs/${at(job)}`, { signal });
export const classify = (text: string) => call<Understood>("/v1/intents/classify", { method: "POST", body: { text } satisfies Takes["Words"] });

/** 1,000 a call, which is what the server takes. */
export async function add(name: string, texts: string[]): Promise<Added> {
  const all: Added = { added: 0, known_before: 0, contradictions: [] };
  for (let from = 0; from < texts.length; from += 1000) {
    const body = { examples: texts.slice(from, from + 1000).map((text) => ({ text, intent: name })) };
    const some = await call<Added>("/v1/intents/examples", { method: "POST", body });
    all.added += some.added;
    all.known_before += some.known_before;
    all.contradictions.push(...some.contradictions);
  }
  return all;
}
