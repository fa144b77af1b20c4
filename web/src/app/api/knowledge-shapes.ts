/** The shapes of the knowledge's API: documents, versions, releases, sources, gaps, recalls. Knows nothing about fetching. */
import type { Page, Person } from "./types";

export type Audience = "public" | "verified" | "staff" | `tier:${string}`;
export type DocumentFormat = "markdown" | "text" | "html" | "pdf" | "docx" | "csv";
export type DocumentStatus = "processing" | "ready" | "error" | "draft" | "review";
export type DocumentKind = "article" | "resolution";

interface DocumentBase {
  id: string;
  external_id: string | null;
  title: string;
  category: string | null;
  audience: Audience;
  format: DocumentFormat;
  kind: DocumentKind;
  status: DocumentStatus;
  error: string | null;
  /** the newest outside of drafts */
  version: number;
  /** the one that answers */
  live_version: number | null;
  source: string;
  source_id: string | null;
  source_url: string | null;
  passages: number;
  reviewed_at: string | null;
  review_every_days: number | null;
  updated_at: string;
}

export interface DocumentRow extends DocumentBase {
  owner: Person | null;
  /** when a person last wrote or reviewed what answers */
  checked_at: string;
  review_due_at: string;
  stale: boolean;
  used_30d: number;
  draft_in: string | null;
  disagreements: number;
}

export interface DocumentPage extends Page<DocumentRow> {
  total: number;
}

export interface DocumentDetail extends DocumentBase, Partial<Omit<DocumentRow, keyof DocumentBase>> {
  owner_id?: string | null;
  body: string | null;
  file: { name: string; size: number } | null;
}

export interface DocumentFilter {
  q: string;
  status: DocumentStatus | null;
  source: string | null;
  kind: DocumentKind | null;
  owner: string | null;
  stale: boolean | null;
}

export type VersionState = "live" | "retired" | "processing" | "ready" | "draft" | "waiting" | "rejected" | "error";

export interface DocumentVersion {
  version: number;
  title: string;
  category: string | null;
  audience: Audience;
  author: string;
  created_at: string;
  /** it answers now */
  current: boolean;
  state: VersionState;
  error: string | null;
  release_id: string | null;
  format: DocumentFormat;
  body: string;
  file: { name: string; size: number } | null;
}

export interface DiffLine {
  kind: "same" | "added" | "removed";
  text: string;
}

export interface VersionDiff {
  from: number;
  to: number;
  labels: { name: string; from: string | null; to: string | null }[];
  lines: DiffLine[];
}

export interface DocumentDraft {
  title: string;
  body: string;
  format: DocumentFormat;
  category: string | null;
  audience: Audience;
  source_url?: string | null;
  external_id?: string | null;
  release_id?: string | null;
  base_version?: number | null;
}

export interface DocumentCare {
  owner_id?: string | null;
  review_every_days?: number | null;
  reviewed?: boolean;
}

export interface DocumentAccepted {
  id: string;
  version: number;
  status: DocumentStatus;
  changed?: boolean;
}

export interface Approval {
  document_id: string;
  version: number;
  title: string;
  source: string;
  source_id: string | null;
  source_url: string | null;
  ready: boolean;
  live_version: number | null;
  live_title: string | null;
  body: string | null;
  live_body: string | null;
  created_at: string;
}

export interface AnswerGiven {
  message_id: string;
  conversation_id: string;
  customer: { id: string; name: string | null; email: string | null };
  said_at: string;
  text: string;
  quotes: Quote[];
}

export interface Quote {
  version: number;
  passage_id?: string;
  quote: string;
}

export interface SyncStatus {
  sources: SyncSource[];
  /** which model's vectors answer, and which one's are being made beside them */
  embedding?: { model: string | null; generation: number | null; building: string | null };
}

export interface SyncSource {
  name: string;
  kind: string;
  last_run: string | null;
  documents: number;
  chunks: number;
  failures: number;
  oldest_document_age_s: number | null;
  pending: number;
}

// ---------------------------------------------------------------- releases

export type ReleaseStatus = "draft" | "published" | "rolled_back" | "discarded";

export interface Release {
  id: string;
  title: string;
  note: string;
  status: ReleaseStatus;
  number: number | null;
  created_by: string;
  created_at: string;
  updated_at: string;
  published_by: string | null;
  published_at: string | null;
  ended_by: string | null;
  ended_at: string | null;
  changes: number;
}

export interface ReleaseChange {
  document_id: string;
  title: string;
  kind: "add" | "replace" | "remove";
  from_version: number | null;
  to_version: number | null;
  live_version: number | null;
  ready: boolean;
  error: string | null;
  conflict: boolean;
}

export interface ReplayCost {
  model_calls: number;
  tokens: number;
  ms: number;
}

export interface ReplayReport {
  questions: number;
  touched: number;
  improved: number;
  same: number;
  worse: number;
  newly_unanswered: number;
  changed_citations: number;
  worse_share: number;
  limit: number;
  cost: { live: ReplayCost; draft: ReplayCost };
}

export interface Replay {
  id: string;
  status: "running" | "done" | "failed";
  job_id: string | null;
  /** of exactly these changes against what answers now */
  current: boolean;
  days: number;
  blocked: boolean | null;
  report: ReplayReport | null;
  created_at: string;
  finished_at: string | null;
}

export type Verdict = "improved" | "same" | "worse" | "newly_unanswered" | "changed_citations";

export interface ReplayAnswer {
  kind: string;
  text: string;
  quality: number | null;
  confidence: number | null;
  citations: { document_id: string; title: string; version: number; quote: string }[];
}

export interface ReplayRow {
  question: string;
  turn_id: string | null;
  verdict: Verdict;
  live: ReplayAnswer;
  draft: ReplayAnswer;
}

export interface ReleaseDetail extends Omit<Release, "changes"> {
  changes: ReleaseChange[];
  replay: Replay | null;
}

// ---------------------------------------------------------------- sources

export type SourceKind = "site" | "sitemap" | "zendesk" | "confluence" | "notion" | "git" | "folder";
export type SourceStatus = "new" | "running" | "ok" | "partly" | "failed";
export type SourceSettings = Record<string, unknown>;

export interface Source {
  id: string;
  kind: SourceKind;
  name: string;
  settings: SourceSettings;
  has_secret: boolean;
  secret_last4?: string | null;
  audience: Audience;
  category: string | null;
  approve: boolean;
  every_minutes: number;
  paused: boolean;
  status: SourceStatus;
  error: string | null;
  failures: number;
  report: Partial<Record<"seen" | "added" | "changed" | "removed" | "unchanged" | "failed" | "waiting", number>>;
  documents: number;
  started_at: string | null;
  finished_at: string | null;
  next_at: string | null;
}

export interface SourceDraft {
  kind: SourceKind;
  name: string;
  settings: SourceSettings;
  secret?: string;
  audience: Audience;
  category: string | null;
  approve: boolean;
  every_minutes: number;
}

export interface SourceItem {
  key: string;
  url: string | null;
  document_id: string | null;
  error: string | null;
  changed_at: string;
}

// ---------------------------------------------------------------- what is missing, what was wrong, what people knew

export type GapStatus = "open" | "drafted" | "closed" | "dismissed";

export interface Gap {
  id: string;
  question: string;
  questions: number;
  handed_over: number;
  cost: number;
  status: GapStatus;
  first_asked_at: string;
  last_asked_at: string;
  document_id: string | null;
  closed_because: string | null;
  nearest: { document_id: string; title: string; passage_id: string; text: string; cosine: number }[];
}

export interface GapDetail extends Gap {
  asked: { turn_id: string; conversation_id: string; text: string; outcome: string; quality: number; asked_at: string }[];
}

export interface Recall {
  id: string;
  document_id: string;
  title: string;
  version: number | null;
  trigger: "person" | "change";
  reason: string;
  status: "open" | "closed";
  created_by: string;
  created_at: string;
  closed_at: string | null;
  /** of how many answers, and how many of them nobody has dealt with */
  answers: number;
  open: number;
}

export interface RecallItem {
  message_id: string;
  conversation_id: string;
  customer: { id: string; name: string | null; email: string | null };
  said_at: string;
  said: string;
  quotes: Quote[];
  correction: string;
  /** somebody has worded it */
  edited: boolean;
  status: "open" | "sent" | "dismissed";
  done_by: string | null;
  done_at: string | null;
}

export interface RecallDetail extends Recall, Page<RecallItem> {}

export interface Resolution {
  id: string;
  ticket_id: string;
  question: string;
  answer: string;
  status: "proposed" | "approved" | "rejected";
  document_id: string | null;
  created_at: string;
  decided_by: string | null;
  decided_at: string | null;
}

export interface Disagreement {
  id: string;
  kind: "duplicate" | "conflict";
  document: { id: string; title: string };
  version: number;
  quote: string;
  other: { id: string; title: string };
  other_version: number;
  other_quote: string;
  likeness: number;
  status: "open" | "dismissed";
  found_at: string;
}

// ---------------------------------------------------------------- a question, tested

export interface TestPassage {
  document_id: string;
  title: string;
  heading: string | null;
  passage_id: string;
  version: number;
  text: string;
  score: number;
  why: Record<string, number | null>;
}

export interface TestedQuestion {
  query: string;
  /** mistyped words, and as what they were read */
  corrected: Record<string, string>;
  quality: number | null;
  signals: Record<string, number | string | boolean | null>;
  answered: boolean;
  decision: { kind: string; reason: string | null; confidence: number | null };
  reply: { text: string; citations: { index: number; document_id: string; title: string; version: number; quote: string; passage_id: string; url: string | null; start: number; end: number }[] } | null;
  passages: TestPassage[];
  sentences: { text: string; passage_id: string; score: number; why: Record<string, number | null> }[];
  release: number | string | null;
  generation: number;
}
