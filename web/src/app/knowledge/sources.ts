/** Sources in the cache; asked again while one is being read. */
import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { Source, SourceStatus } from "../api/knowledge-shapes";
import type { IconName } from "../ui/Icon";
import type { Tone } from "../ui/small";
import { explain } from "../ui/states";
import { toast } from "../ui/toast";
import { knowledgeWords } from "../words/knowledge";
import { knowledgeChanged } from "./documents";

const ASK_MS = 2_000;
/** A run begins some seconds after it was asked for. */
const IDLE_MS = 5_000;
const said = knowledgeWords.sources;

export const sourceTone: Record<SourceStatus, Tone> = { new: "plain", running: "blue", ok: "green", partly: "amber", failed: "red" };

export const sourceIcon: Record<Source["kind"], IconName> = { site: "globe", sitemap: "tree", zendesk: "book", confluence: "file", notion: "note", git: "branch", folder: "folder" };

const beat = (sources: (Source | undefined)[]): number => (sources.some((one) => one?.status === "running" || (one?.status === "new" && !one.paused)) ? ASK_MS : IDLE_MS);

export function useSources() {
  return useQuery({ queryKey: keys.sourceList, queryFn: ({ signal }) => calls.sources(signal), refetchInterval: ({ state }) => beat(state.data?.items ?? []) });
}

export function useSource(id: string) {
  return useQuery({ queryKey: keys.source(id), queryFn: ({ signal }) => calls.source(id, signal), refetchInterval: ({ state }) => beat([state.data]) });
}

export function sourcesChanged(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: keys.sources });
  knowledgeChanged(client);
}

/** How often, in words. */
export const everyText = (minutes: number): string => said.every[minutes] ?? said.everyOther(minutes);

export function useSourceDeeds(source: Source) {
  const client = useQueryClient();
  const failed = (error: Error): void => toast(explain(error), { tone: "red" });
  const sync = useMutation({
    mutationFn: (removals: boolean) => calls.syncNow(source.id, removals),
    onSuccess: () => {
      toast(said.synced);
      sourcesChanged(client);
    },
    onError: failed,
  });
  const pause = useMutation({
    mutationFn: () => calls.changeSource(source.id, { paused: !source.paused }),
    onSuccess: () => {
      toast(source.paused ? said.resumedToast : said.pausedToast);
      sourcesChanged(client);
    },
    onError: failed,
  });
  return { sync, pause };
}
