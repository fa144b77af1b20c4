/** Every call about workflows, by name, and what they carry. Knows nothing about caching or pages. */
import { call } from "./http";

const at = encodeURIComponent;

export interface WorkflowRow {
  name: string;
  title: string;
  description: string;
  intents: string[];
  version: number;
  author: string;
  created_at: string;
  warnings: string[];
}

export interface Workflow extends WorkflowRow {
  source: string;
}

export interface SavedWorkflow {
  version: number;
  removed: boolean;
  author: string;
  created_at: string;
  source: string;
}

export interface Fault {
  line: number;
  field: string;
  message: string;
}

export interface Checked {
  /** null where the document cannot be read */
  name: string | null;
  errors: Fault[];
  warnings: string[];
}

/** One message and how far the procedure came with it. */
export interface Heard {
  text: string;
  /** of the first message: whether it would have begun the procedure */
  begins: boolean | null;
  sentences: string[];
  question: { slot: string; text: string; choices: string[] } | null;
  proposal: { action: string; arguments: Record<string, unknown>; summary: string } | null;
  hand_over: string | null;
  needs: string | null;
  calls: { action: string; kind: string; outcome: string; rule: string | null }[];
  /** null: it is over */
  state: Record<string, unknown> | null;
}

export interface Trial {
  source: string;
  messages: string[];
  customer_id?: string;
  identity: string;
  page_url?: string;
}

export const workflows = (signal?: AbortSignal) => call<{ items: WorkflowRow[] }>("/v1/workflows", { signal });
export const workflow = (name: string, signal?: AbortSignal) => call<Workflow>(`/v1/workflows/${at(name)}`, { signal });
export const versions = (name: string, signal?: AbortSignal) => call<{ items: SavedWorkflow[] }>(`/v1/workflows/${at(name)}/versions`, { signal });
export const check = (source: string, signal?: AbortSignal) => call<Checked>("/v1/workflows/check", { method: "POST", body: { source }, signal });
/** Refused with 409 when `expected_version` is not in force any more; 0 stands for none. */
export const put = (name: string, source: string, expected_version: number) =>
  call<Workflow>(`/v1/workflows/${at(name)}`, { method: "PUT", body: { source, expected_version } });
export const remove = (name: string) => call<void>(`/v1/workflows/${at(name)}`, { method: "DELETE" });
export const restore = (name: string, version: number) => call<Workflow>(`/v1/workflows/${at(name)}/restore`, { method: "POST", body: { version } });
export const attempt = (trial: Trial) => call<{ items: Heard[] }>("/v1/workflows/try", { method: "POST", body: trial });
