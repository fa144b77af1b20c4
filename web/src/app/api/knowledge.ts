/** Every call about the knowledge, by name; loaded with its pages. Knows nothing about caching or pages. */
import { call, query, upload } from "./http";
import type {
  AnswerGiven,
  Approval,
  Disagreement,
  DocumentAccepted,
  DocumentCare,
  DocumentDetail,
  DocumentDraft,
  DocumentFilter,
  DocumentPage,
  DocumentVersion,
  Gap,
  GapDetail,
  GapStatus,
  Recall,
  RecallDetail,
  Release,
  ReleaseDetail,
  Replay,
  ReplayRow,
  Resolution,
  Source,
  SourceDraft,
  SourceItem,
  SyncStatus,
  TestedQuestion,
  Verdict,
  VersionDiff,
} from "./knowledge-shapes";
import type { Page } from "./types";

const at = encodeURIComponent;
const get = <T>(path: string, signal?: AbortSignal) => call<T>(path, { signal });
const post = <T>(path: string, body: unknown = {}) => call<T>(path, { method: "POST", body });
const patch = <T>(path: string, body: unknown) => call<T>(path, { method: "PATCH", body });
const remove = (path: string) => call<void>(path, { method: "DELETE" });

type Items<T> = { items: T[] };

// ---------------------------------------------------------------- documents

const AT_ONCE = 50;

export const documentPage = ({ stale, ...filter }: DocumentFilter, cursor: string | null, signal?: AbortSignal, limit = AT_ONCE) =>
  get<DocumentPage>(`/v1/kb/documents${query({ ...filter, stale: stale === null ? null : String(stale), cursor, limit })}`, signal);
export const document = (id: string, signal?: AbortSignal) => get<DocumentDetail>(`/v1/kb/documents/${at(id)}`, signal);
export const createDocument = (draft: DocumentDraft) => post<DocumentAccepted>("/v1/kb/documents", draft);
export const changeDocument = (id: string, draft: DocumentDraft) =>
  call<DocumentAccepted>(`/v1/kb/documents/${at(id)}`, { method: "PUT", body: draft });
export const careForDocument = (id: string, care: DocumentCare) => patch<void>(`/v1/kb/documents/${at(id)}`, care);
export const deleteDocument = (id: string, release_id?: string) => remove(`/v1/kb/documents/${at(id)}${query({ release_id })}`);

export function uploadDocument(file: File, fields: Record<string, string>, onProgress: (share: number) => void, signal?: AbortSignal) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
  form.append("file", file);
  return upload<DocumentAccepted>("/v1/kb/documents", form, onProgress, signal);
}

export const versions = (id: string, signal?: AbortSignal) => get<Items<DocumentVersion>>(`/v1/kb/documents/${at(id)}/versions`, signal);
export const compare = (id: string, from: number, to: number, signal?: AbortSignal) =>
  get<VersionDiff>(`/v1/kb/documents/${at(id)}/diff${query({ from, to })}`, signal);
export const restore = (id: string, version: number, release_id?: string) =>
  post<DocumentAccepted>(`/v1/kb/documents/${at(id)}/restore`, { version, ...(release_id ? { release_id } : {}) });
export const answersFrom = (id: string, cursor: string | null, signal?: AbortSignal) =>
  get<Page<AnswerGiven>>(`/v1/kb/documents/${at(id)}/answers${query({ cursor })}`, signal);

export const approvals = (signal?: AbortSignal) => get<Items<Approval>>("/v1/kb/approvals", signal);
export const approve = (id: string, version: number) => post<void>(`/v1/kb/documents/${at(id)}/versions/${version}/approve`);
export const reject = (id: string, version: number) => post<void>(`/v1/kb/documents/${at(id)}/versions/${version}/reject`);

export const syncStatus = (signal?: AbortSignal) => get<SyncStatus>("/v1/kb/sync_status", signal);

export const testQuestion = (asked: { q: string; as: string; release_id: string | null }, signal?: AbortSignal) =>
  get<TestedQuestion>(`/v1/kb/test${query(asked)}`, signal);

// ---------------------------------------------------------------- releases

export const releases = (status: string | null, signal?: AbortSignal) => get<Items<Release>>(`/v1/kb/releases${query({ status })}`, signal);
export const release = (id: string, signal?: AbortSignal) => get<ReleaseDetail>(`/v1/kb/releases/${at(id)}`, signal);
export const createRelease = (title: string, note = "") => post<Release>("/v1/kb/releases", { title, ...(note ? { note } : {}) });
export const changeRelease = (id: string, change: { title?: string; note?: string }) => patch<void>(`/v1/kb/releases/${at(id)}`, change);
export const discardRelease = (id: string) => remove(`/v1/kb/releases/${at(id)}`);
export const dropChange = (id: string, documentId: string) => remove(`/v1/kb/releases/${at(id)}/changes/${at(documentId)}`);
export const startReplay = (id: string, days: number | null) => post<{ replay_id: string }>(`/v1/kb/releases/${at(id)}/replay`, days ? { days } : {});
export const replay = (id: string, verdict: Verdict | null, signal?: AbortSignal) =>
  get<Replay & { rows: ReplayRow[] }>(`/v1/kb/releases/${at(id)}/replay${query({ verdict })}`, signal);
/** How far a job is, 0 to 1; null while that is not known. */
export const jobProgress = async (id: string, signal?: AbortSignal) => (await get<{ progress: number | null }>(`/v1/jobs/${at(id)}`, signal)).progress;
export const publish = (id: string) => post<Release>(`/v1/kb/releases/${at(id)}/publish`);
export const rollBack = (id: string) => post<Release & { left: { document_id?: string; id?: string; title: string }[] }>(`/v1/kb/releases/${at(id)}/rollback`);

// ---------------------------------------------------------------- sources

export const sources = (signal?: AbortSignal) => get<Items<Source>>("/v1/kb/sources", signal);
export const source = (id: string, signal?: AbortSignal) => get<Source>(`/v1/kb/sources/${at(id)}`, signal);
export const createSource = (draft: SourceDraft) => post<Source>("/v1/kb/sources", draft);
export const changeSource = (id: string, change: Partial<Omit<SourceDraft, "kind">> & { paused?: boolean }) => patch<Source>(`/v1/kb/sources/${at(id)}`, change);
export const deleteSource = (id: string, documents: "keep" | "remove") => remove(`/v1/kb/sources/${at(id)}${query({ documents })}`);
/** `removals`: it may remove more than half of what the source has brought. */
export const syncNow = (id: string, removals = false) => post<{ job_id: string }>(`/v1/kb/sources/${at(id)}/sync`, removals ? { removals } : {});
export const sourceItems = (id: string, failed: boolean, signal?: AbortSignal) =>
  get<Items<SourceItem>>(`/v1/kb/sources/${at(id)}/items${query({ failed: failed ? "true" : null })}`, signal);

// ---------------------------------------------------------------- learning

export const gaps = (status: GapStatus, signal?: AbortSignal) => get<Items<Gap>>(`/v1/kb/gaps${query({ status })}`, signal);
export const gap = (id: string, signal?: AbortSignal) => get<GapDetail>(`/v1/kb/gaps/${at(id)}`, signal);
export const draftFromGap = (id: string) => post<{ document_id: string; release_id: string }>(`/v1/kb/gaps/${at(id)}/draft`);
export const dismissGap = (id: string) => post<void>(`/v1/kb/gaps/${at(id)}/dismiss`);
export const reopenGap = (id: string) => post<void>(`/v1/kb/gaps/${at(id)}/reopen`);

export const recalls = (status: string | null, signal?: AbortSignal) => get<Items<Recall>>(`/v1/kb/recalls${query({ status })}`, signal);
export const recall = (id: string, cursor: string | null, signal?: AbortSignal) => get<RecallDetail>(`/v1/kb/recalls/${at(id)}${query({ cursor })}`, signal);
export const createRecall = (what: { document_id: string; version?: number; passage_id?: string; reason: string }) => post<RecallDetail>("/v1/kb/recalls", what);
export const wordCorrection = (id: string, messageId: string, correction: string) =>
  patch<void>(`/v1/kb/recalls/${at(id)}/items/${at(messageId)}`, { correction });
export const sendCorrection = (id: string, messageId: string) => post<void>(`/v1/kb/recalls/${at(id)}/items/${at(messageId)}/send`);
export const dismissCorrection = (id: string, messageId: string) => post<void>(`/v1/kb/recalls/${at(id)}/items/${at(messageId)}/dismiss`);
export const closeRecall = (id: string) => post<void>(`/v1/kb/recalls/${at(id)}/close`);

export const resolutions = (status: Resolution["status"], cursor: string | null, signal?: AbortSignal) => get<Page<Resolution>>(`/v1/kb/resolutions${query({ status, cursor })}`, signal);
export const approveResolution = (id: string, change: { question?: string; answer?: string; category?: string; audience?: string }) =>
  post<Resolution>(`/v1/kb/resolutions/${at(id)}/approve`, change);
export const rejectResolution = (id: string) => post<void>(`/v1/kb/resolutions/${at(id)}/reject`);

export const disagreements = (document_id: string | null, signal?: AbortSignal) => get<Items<Disagreement>>(`/v1/kb/disagreements${query({ document_id, status: "open" })}`, signal);
export const dismissDisagreement = (id: string) => post<void>(`/v1/kb/disagreements/${at(id)}/dismiss`);
