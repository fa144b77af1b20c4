/** Gaps in the cache, and what can be done about one. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { Gap, GapStatus } from "../api/knowledge-shapes";
import type { Tone } from "../ui/small";
import { explain } from "../ui/states";
import { toast } from "../ui/toast";
import { knowledgeWords } from "../words/knowledge";
import { knowledgeChanged } from "./documents";

const said = knowledgeWords.gaps;

export const gapTone: Record<GapStatus, Tone> = { open: "amber", drafted: "blue", closed: "green", dismissed: "plain" };

/** Where the draft made of a gap is written. */
export const draftAddress = (documentId: string, releaseId?: string): string => `/knowledge/${documentId}?tab=edit${releaseId ? `&release=${releaseId}` : ""}`;

export function useGapDeeds() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const failed = (error: Error): void => toast(explain(error), { tone: "red" });
  const renew = (): void => void client.invalidateQueries({ queryKey: keys.gaps });
  const write = useMutation({
    mutationFn: (gap: Gap) => calls.draftFromGap(gap.id),
    onSuccess: ({ document_id, release_id }) => {
      renew();
      knowledgeChanged(client);
      toast(said.drafting);
      navigate(draftAddress(document_id, release_id));
    },
    onError: failed,
  });
  const reopen = useMutation({
    mutationFn: (gap: Gap) => calls.reopenGap(gap.id),
    onSuccess: () => {
      toast(said.reopened);
      renew();
    },
    onError: failed,
  });
  const dismiss = useMutation({
    mutationFn: (gap: Gap) => calls.dismissGap(gap.id),
    onSuccess: (_nothing, gap) => {
      toast(said.dismissed, { action: { label: said.reopen, run: () => reopen.mutate(gap) } });
      renew();
    },
    onError: failed,
  });
  return { write, dismiss, reopen };
}
