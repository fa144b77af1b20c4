/** Files on their way up: three at a time at most, each with its progress and what came of it. */
import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { Problem } from "../../shared/problem";
import * as calls from "../api/knowledge";
import { explain } from "../ui/states";
import { knowledgeWords } from "../words/knowledge";
import { knowledgeChanged } from "./documents";

export interface Upload {
  id: number;
  name: string;
  share: number;
  state: "waiting" | "sending" | "accepted" | "failed";
  error: string | null;
  documentId: string | null;
  /** sends it once more; only where that may help */
  again: (() => Promise<void>) | null;
}

export const ACCEPTED = [".pdf", ".docx", ".md", ".markdown", ".txt", ".html", ".htm", ".csv"];
const AT_ONCE = 3;

let uploads: readonly Upload[] = [];
let next = 1;
let running = 0;
const queue: (() => Promise<void>)[] = [];
const listeners = new Set<() => void>();

function put(changed: readonly Upload[]): void {
  uploads = changed;
  for (const tell of listeners) tell();
}
const change = (id: number, to: Partial<Upload>): void => put(uploads.map((one) => (one.id === id ? { ...one, ...to } : one)));

function pump(): void {
  while (running < AT_ONCE) {
    const job = queue.shift();
    if (!job) return;
    running++;
    void job().finally(() => {
      running--;
      pump();
    });
  }
}

export const readable = (name: string): boolean => ACCEPTED.some((ending) => name.toLowerCase().endsWith(ending));

export function errorText(error: unknown): string {
  if (!(error instanceof Problem)) return explain(error);
  const known = knowledgeWords.list.codes[error.code] ?? (error.status === 413 ? knowledgeWords.list.codes.file_too_large : undefined);
  return [known, error.detail && error.detail !== known ? error.detail : ""].filter(Boolean).join(" ") || explain(error);
}

/** Takes files for the knowledge. `fields` go along with each (such as the external id of a new version). */
export function uploadFiles(client: QueryClient, files: readonly File[], fields: Record<string, string> = {}, done?: (documentId: string) => void): void {
  for (const file of files) {
    const id = next++;
    const fits = readable(file.name);
    put([...uploads, { id, name: file.name, share: 0, state: fits ? "waiting" : "failed", error: fits ? null : knowledgeWords.list.badType, documentId: null, again: null }]);
    if (fits) queue.push(() => send(client, id, file, fields, done));
  }
  pump();
}

async function send(client: QueryClient, id: number, file: File, fields: Record<string, string>, done?: (documentId: string) => void): Promise<void> {
  change(id, { state: "sending", share: 0, error: null, again: null });
  try {
    const accepted = await calls.uploadDocument(file, fields, (share) => change(id, { share }));
    change(id, { state: "accepted", share: 1, documentId: accepted.id });
    done?.(accepted.id);
  } catch (error) {
    const passing = error instanceof Problem && error.passing;
    change(id, { state: "failed", error: errorText(error), again: passing ? () => send(client, id, file, fields, done) : null });
  }
  knowledgeChanged(client);
}

/** Sends a file again that could not be sent just now. */
export function retryUpload(id: number): void {
  const again = uploads.find((one) => one.id === id)?.again;
  if (!again) return;
  change(id, { state: "waiting", again: null });
  queue.push(again);
  pump();
}

export const clearFinished = (): void => put(uploads.filter((one) => one.state === "waiting" || one.state === "sending"));

export function useUploads(): readonly Upload[] {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => uploads,
  );
}
