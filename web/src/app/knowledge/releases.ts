/** Releases in the cache; asked again while a replay runs or a change is being read. */
import { type QueryClient, useQuery } from "@tanstack/react-query";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { Release, ReleaseChange, ReleaseDetail, ReleaseStatus, Verdict } from "../api/knowledge-shapes";
import { ago } from "../format";
import type { Tone } from "../ui/small";
import { knowledgeWords } from "../words/knowledge";

const ASK_MS = 1_500;
const said = knowledgeWords.releases;

export const releaseTone: Record<ReleaseStatus, Tone> = { draft: "blue", published: "green", rolled_back: "amber", discarded: "plain" };
export const verdictTone: Record<Verdict, Tone> = { improved: "green", same: "plain", worse: "red", newly_unanswered: "red", changed_citations: "blue" };
/** What matters most comes first. */
export const verdicts: readonly Verdict[] = ["newly_unanswered", "worse", "improved", "changed_citations", "same"];

/** Its text is not in the index yet, and will be. */
export const beingRead = (change: ReleaseChange): boolean => change.to_version !== null && !change.ready && !change.error;

const moving = (release: ReleaseDetail | undefined): boolean =>
  release !== undefined && (release.replay?.status === "running" || (release.status === "draft" && release.changes.some(beingRead)));

export function useRelease(id: string) {
  return useQuery({
    queryKey: keys.release(id),
    queryFn: ({ signal }) => calls.release(id, signal),
    refetchInterval: ({ state }) => (moving(state.data) ? ASK_MS : false),
  });
}

export function releasesChanged(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: keys.releases });
  void client.invalidateQueries({ queryKey: keys.documents });
}

/** Who did last what with a release, and when. */
export function story(release: Omit<Release, "changes">, now: number): string {
  const { published_by, published_at, ended_by, ended_at } = release;
  if (release.status === "published" && published_at) return said.published(published_by ?? "", ago(published_at, now));
  if (release.status === "rolled_back" && ended_at) return said.rolledBack(ended_by ?? "", ago(ended_at, now));
  if (release.status === "discarded" && ended_at) return said.discarded(ended_by ?? "", ago(ended_at, now));
  return said.begun(release.created_by, ago(release.created_at, now));
}
