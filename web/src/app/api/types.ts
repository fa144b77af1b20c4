/** The shapes the API sends and takes, as the HTTP contract words them. Knows nothing about fetching. */

import type { Mode, ModelCall } from "./models";

export type Role = "admin" | "agent" | "viewer";
export type TicketStatus = "open" | "escalated" | "ai_resolved" | "human_resolved";
export type TicketMode = "ai" | "people" | "closed";
export type Priority = "low" | "medium" | "high" | "urgent";
export type PresenceState = "online" | "away" | "offline";

export interface Person {
  id: string;
  name: string;
}

export interface Member extends Person {
  email: string;
  role: Role;
}

export interface MemberRow extends Member {
  presence: PresenceState;
}

export interface Session {
  member: Member;
  tenant: Person;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface Citation {
  index: number;
  document_id: string;
  version: number;
  title: string;
  url: string | null;
  passage_id: string;
  quote: string;
  start: number;
  end: number;
}

export interface Message {
  id: string;
  conversation_id: string;
  ticket_id: string;
  role: "user" | "assistant" | "agent" | "system";
  visibility: "public" | "internal";
  text: string;
  author: Person | null;
  citations: Citation[];
  created_at: string;
  client_message_id: string | null;
  turn_id: string | null;
}

export interface Customer {
  id: string;
  name: string | null;
  email: string | null;
  verified: boolean;
  tier: string;
}

export interface TicketRow {
  id: string;
  conversation_id: string;
  status: TicketStatus;
  mode: TicketMode;
  priority: Priority;
  category: string | null;
  subject: string;
  customer: Customer;
  assignee: Person | null;
  /** its assignee has begun; otherwise they were only given it */
  begun: boolean;
  team: Person | null;
  queue_position: number | null;
  /** what is due next; `due_at` null while the clock stands still because we wait for the customer */
  sla: { promise: string; due_at: string | null; left_s: number | null; breached: boolean } | null;
  last_message: { role: Message["role"]; text: string; created_at: string } | null;
  waiting_since: string | null;
  channel: string;
  created_at: string;
  updated_at: string;
  csat_score: number | null;
}

export interface TicketCounts {
  unassigned: number;
  mine: number;
  escalated: number;
  ai: number;
  resolved: number;
}

export interface TicketPage extends Page<TicketRow> {
  counts: TicketCounts;
}

export interface Handoff {
  id: string;
  reason: string;
  trigger: string;
  summary: string;
  urgency: "low" | "medium" | "high";
  urgency_evidence: string;
  next_step: string;
  tried: string[];
  citations: Citation[];
  created_at: string;
}

export interface Viewer extends Person {
  state: "viewing" | "replying";
}

export interface TicketDetail {
  ticket: TicketRow;
  estimated_wait_minutes: number | null;
  conversation: {
    id: string;
    status: "ai" | "escalated" | "closed";
    channel: string;
    last_event_id: string;
    contact_email: string | null;
  };
  handoffs: Handoff[];
  messages: Message[];
  viewers: Viewer[];
  other_tickets: TicketRow[];
}

export type Signals = Record<string, number | string | boolean | null>;

export interface TurnPassage {
  passage_id: string;
  document_id: string;
  external_id: string | null;
  title: string;
  heading: string | null;
  version: number;
  /** the fused rank, for order only */
  score: number;
  /** likeness of meaning, -1 to 1; null where there are no embeddings */
  cosine?: number | null;
  text: string;
}

export interface TurnAct {
  tool: string;
  args: Record<string, unknown>;
  state: string;
  result: unknown;
  /** by which it was refused */
  rule?: string;
}

/** The very sentence of an article that a sentence of the answer rests on. */
export interface TurnSource {
  index: number;
  document_id: string;
  version: number;
  title: string;
  quote: string;
}

export interface TurnSentence {
  text: string;
  kind: string;
  released: boolean;
  reason: string | null;
  citations: number[];
  /** missing in records of earlier versions */
  sources?: TurnSource[];
}

/** One turn's immutable record. Every part may be missing: a turn that stopped early never found it. */
export interface TurnRecord {
  asked?: { text: string; history?: number; verified?: boolean; tier?: string } | null;
  query?: string | null;
  /** how good the evidence is, as a probability, and what made it so */
  quality?: Record<string, number> | null;
  mode?: { name: Mode; why: string };
  reply?: { text: string; by: string; trouble: string | null } | null;
  understanding?: {
    intents?: { name: string; confidence: number }[];
    urgency?: string | number | null;
    sentiment?: string | number | null;
    language?: string | null;
    signals?: Signals;
  } | null;
  route?: { kind: string; reason?: string | null; rule?: string | null } | null;
  passages?: TurnPassage[];
  acts?: TurnAct[];
  /** how what was said about them came about: records, ledger, workflow or model; empty when nothing was done */
  acted_by?: string;
  sentences?: TurnSentence[];
  decision?: { kind: string; confidence?: number | null; reason?: string | null; signals?: Signals; score?: TurnScore | null } | null;
  model?: string | Record<string, unknown> | null;
  timings?: Record<string, number>;
  versions?: Record<string, unknown>;
}

/** What made the confidence: each part, and what it adds to the log-odds of being right. */
export interface TurnScore {
  probability: number;
  parts: Record<string, number>;
  weighed: Record<string, number>;
  version: number;
  category: string;
  threshold: number;
}

export interface Turn {
  id: string;
  status: string;
  created_at: string;
  latency_ms: number | null;
  record: TurnRecord;
  calls: ModelCall[];
}
