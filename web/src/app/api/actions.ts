/** Every call about actions, by name, and what they carry. Knows nothing about caching or pages. */
import { call, query } from "./http";
import type { components } from "./openapi";

type Takes = components["schemas"];
const at = encodeURIComponent;

export const kinds = ["look_up", "change", "escalate"] as const;
export type Kind = (typeof kinds)[number];
export const identities = ["anyone", "verified", "stepped_up"] as const;
export type Identity = (typeof identities)[number];

/** Limits of one kind of customer; what is not named is not limited. */
export type Bounds = Record<string, number | null>;

export interface Definition {
  name: string;
  description: string;
  kind: Kind;
  input_schema: Record<string, unknown>;
  handler: { kind: string; url: string; quote_url: string | null; status_url: string | null; undo_url: string | null; undo_within_s: number } | null;
  scopes: string[];
  identity: Identity;
  owner: { argument: string; look_up: string | null; path: string | null }[];
  confirm: { required: boolean; above_minor: number | null; expires_s: number };
  amount: { from: string; currency: string; unit: "minor" | "major" } | null;
  limits: Record<string, unknown> & { by_tier?: Record<string, Bounds> };
  enabled: boolean;
}

export interface Action extends Definition {
  version: number;
  author: string;
  updated_at: string;
}

export interface Secret {
  last4: string;
  created_at: string;
  retires_at: string | null;
}

export interface SavedAction {
  version: number;
  removed: boolean;
  author: string;
  created_at: string;
  definition: Record<string, unknown>;
}

export interface Imported {
  items: Definition[];
  passed_over: { name: string; reason: string }[];
  hints: string[];
}

export const statuses = ["proposed", "confirmed", "pending_approval", "executing", "done", "failed", "unknown", "rejected", "expired", "voided", "undone"] as const;
export type RunStatus = (typeof statuses)[number];

export interface Run {
  action_id: string;
  action_type: string;
  version: number;
  status: RunStatus;
  summary: string;
  parameters: Record<string, unknown>;
  amount: string | null;
  quote: Record<string, unknown> | null;
  result: Record<string, unknown> | null;
  error: string | null;
  undoes: string | null;
  needs_person: boolean;
  approvals_needed: number;
  approvals_given: number;
  customer: { id: string; name: string | null; external_id: string | null };
  tier: string;
  conversation_id: string;
  ticket_id: string;
  proposed_at: string;
  confirmed_at: string | null;
  confirmed_by: string | null;
  finished_at: string | null;
}

export interface AuditLine {
  id: string;
  action_type: string;
  action_id: string | null;
  conversation_id: string | null;
  what: string;
  rule: string | null;
  actor: string;
  detail: Record<string, unknown>;
  created_at: string;
}

export interface RunDetail extends Pick<Run, "action_id" | "action_type" | "version" | "status" | "summary" | "parameters" | "amount" | "quote" | "result" | "error" | "needs_person" | "approvals_needed" | "conversation_id" | "ticket_id"> {
  can_undo: boolean;
  attempt: number;
  approvals: { name: string; agrees: boolean; reason: string | null; created_at: string }[];
  history: AuditLine[];
}

export interface WhatIf {
  days: number;
  runs: number;
  /** by what becomes of a run: goes_through, needs_approval, or the rule that stops it */
  now: Record<string, number>;
  then: Record<string, number>;
  changed: number;
  moved_without_a_person_minor: number;
  examples: { action_id: string; at: string; tier: string; amount: string | null; now: string; then: string }[];
}

export interface RunFilter {
  status?: RunStatus[];
  conversation_id?: string;
  needs_person?: boolean;
  limit?: number;
}

export const actions = (signal?: AbortSignal) => call<{ items: Action[] }>("/v1/actions", { signal });
export const action = (name: string, signal?: AbortSignal) => call<Action & { secrets: Secret[] }>(`/v1/actions/${at(name)}`, { signal });
export const versions = (name: string, signal?: AbortSignal) => call<{ items: SavedAction[] }>(`/v1/actions/${at(name)}/versions`, { signal });
export const put = (name: string, definition: object) => call<Action>(`/v1/actions/${at(name)}`, { method: "PUT", body: definition });
export const remove = (name: string) => call<void>(`/v1/actions/${at(name)}`, { method: "DELETE" });
export const newSecret = (name: string) => call<{ secret: string; grace_s: number }>(`/v1/actions/${at(name)}/secret`, { method: "POST", body: {} satisfies Takes["NewSecret"] });
export const whatIf = (name: string, limits: Record<string, unknown>, days: number) =>
  call<WhatIf>(`/v1/actions/${at(name)}/what-if`, { method: "POST", body: { limits, days } satisfies Takes["OtherLimits"] });

export const importOpenapi = (from: { document?: string; url?: string; base_url?: string }) => call<Imported>("/v1/actions/import/openapi", { method: "POST", body: from });
export const importMcp = (url: string) => call<Imported>("/v1/actions/import/mcp", { method: "POST", body: { url } });

export const runs = ({ needs_person, ...filter }: RunFilter, cursor: string | null, signal?: AbortSignal) =>
  call<{ items: Run[]; next_cursor: string | null }>(`/v1/actions/runs${query({ ...filter, needs_person: needs_person ? "true" : null, cursor })}`, { signal });
export const run = (id: string, signal?: AbortSignal) => call<RunDetail>(`/v1/actions/runs/${at(id)}`, { signal });
export const audit = (before: string | null, signal?: AbortSignal) =>
  call<{ items: AuditLine[]; next_before: string | null }>(`/v1/actions/audit${query({ before })}`, { signal });

export interface Stands {
  action_id: string;
  status: string;
  text: string;
  summary: string;
}

const decide = (verb: "approve" | "reject") => (id: string, reason: string) =>
  call<Stands>(`/v1/actions/runs/${at(id)}/${verb}`, { method: "POST", body: (reason ? { reason } : {}) satisfies Takes["Reason"] });
export const approve = decide("approve");
export const reject = decide("reject");
export const settle = (id: string, outcome: "done" | "failed", reason: string) =>
  call<Stands>(`/v1/actions/runs/${at(id)}/settle`, { method: "POST", body: reason ? { outcome, reason } : { outcome } });
export const undo = (id: string) => call<Stands>(`/v1/actions/runs/${at(id)}/undo`, { method: "POST", body: {} });
