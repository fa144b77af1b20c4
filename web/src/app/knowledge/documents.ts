/** The documents in the cache: lists, one document, its versions; asked again while something is being read. */
import { type QueryClient, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { DocumentFilter, DocumentRow, DocumentStatus } from "../api/knowledge-shapes";
import { readable } from "../format";
import type { Tone } from "../ui/small";
import { explain } from "../ui/states";
import { toast } from "../ui/toast";
import { words } from "../words";
import { knowledgeWords } from "../words/knowledge";

/** Reading a 5 kB article takes a few seconds; asking this often feels immediate and costs little. */
const ASK_MS = 2_000;
const SYNC_MS = 30_000;

const said = knowledgeWords.list;

export const statusTone: Record<DocumentStatus, Tone> = { processing: "blue", ready: "green", error: "red", draft: "plain", review: "amber" };

export const nothingFiltered: DocumentFilter = { q: "", status: null, source: null, kind: null, owner: null, stale: null };

export function useDocumentList(filter: DocumentFilter) {
  return useInfiniteQuery({
    queryKey: keys.documentList(filter),
    queryFn: ({ pageParam, signal }) => calls.documentPage(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (before) => before,
    refetchInterval: ({ state }) => (state.data?.pages.some((page) => page.items.some((row) => row.status === "processing")) ? ASK_MS : false),
  });
}

/** The short ways through the list, each with the filter that it stands for. */
export const quick = {
  all: {},
  stale: { stale: true },
  mine: { owner: "me" },
  review: { status: "review" },
  error: { status: "error" },
} as const satisfies Record<string, Partial<DocumentFilter>>;

export type Quick = keyof typeof quick;
export const quickNames = Object.keys(quick) as Quick[];

/** How many documents each of the short ways leads to. */
export function useDocumentCounts() {
  return useQuery({
    queryKey: keys.documentCounts,
    queryFn: async ({ signal }) => {
      const totals = await Promise.all(quickNames.map(async (name) => (await calls.documentPage({ ...nothingFiltered, ...quick[name] }, null, signal, 1)).total));
      return Object.fromEntries(quickNames.map((name, at) => [name, totals[at] ?? 0])) as Record<Quick, number>;
    },
  });
}

/** One document; when it stops being read, lists and versions are asked for again. */
export function useDocument(id: string) {
  const client = useQueryClient();
  const document = useQuery({
    queryKey: keys.document(id),
    queryFn: ({ signal }) => calls.document(id, signal),
    refetchInterval: ({ state }) => (state.data?.status === "processing" ? ASK_MS : false),
  });
  const status = document.data?.status;
  const version = document.data?.version;
  useEffect(() => {
    if (status === undefined || status === "processing") return;
    void client.invalidateQueries({ queryKey: [...keys.documents, "list"] });
    void client.invalidateQueries({ queryKey: keys.documentCounts });
    void client.invalidateQueries({ queryKey: keys.versions(id) });
  }, [client, id, status, version]);
  return document;
}

export function useVersions(id: string) {
  return useQuery({
    queryKey: keys.versions(id),
    queryFn: ({ signal }) => calls.versions(id, signal),
    refetchInterval: ({ state }) => (state.data?.items.some((version) => version.state === "processing") ? ASK_MS : false),
  });
}

export function useSyncStatus() {
  return useQuery({ queryKey: keys.sync, queryFn: ({ signal }) => calls.syncStatus(signal), refetchInterval: SYNC_MS });
}

export function knowledgeChanged(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: keys.documents });
  void client.invalidateQueries({ queryKey: keys.sync });
  void client.invalidateQueries({ queryKey: keys.releases });
}

/** Says of a document that somebody has just looked at it and found it right. */
export function useReview() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (row: { id: string; title: string }) => calls.careForDocument(row.id, { reviewed: true }),
    onSuccess: (_nothing, row) => {
      toast(said.reviewedToast(row.title));
      void client.invalidateQueries({ queryKey: keys.documents });
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
}

/** Why a document could not be read, in words for people; the server's own where the reason is unknown. */
export function reasonOf(row: Pick<DocumentRow, "error">): string {
  const error = row.error ?? "";
  const code = Object.keys(said.codes).find((one) => error.startsWith(one));
  return (code && said.codes[code]) || error || words.errors.server;
}

export const sourceName = (source: string): string => said.sources[source] ?? (/^[a-z_]+$/.test(source) ? readable(source) : source);
