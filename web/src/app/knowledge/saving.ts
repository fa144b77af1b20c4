/** Saving an article, and what to do when somebody else was faster. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Problem } from "../../shared/problem";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { DocumentAccepted, DocumentDraft, DocumentVersion } from "../api/knowledge-shapes";
import { knowledgeChanged } from "./documents";
import type { Picked } from "./ReleasePicker";

interface Saving {
  draft: DocumentDraft;
  into: Picked | null;
  /** the version that the writer had before them */
  base: number | null;
}

export const overtaken = (error: unknown): boolean => error instanceof Problem && error.status === 409 && error.code === "conflict";

/** The version that stands in the way: the newest that answers or is to, or waits in the same draft. */
export function inTheWay(versions: DocumentVersion[] | undefined, into: Picked | null, base: number | null): DocumentVersion | undefined {
  const rivals = (versions ?? []).filter((one) => one.version !== base && (one.release_id === null || one.release_id === into?.id));
  return rivals.toSorted((a, b) => b.version - a.version)[0];
}

export function useSaving(id: string, onSaved: (accepted: DocumentAccepted, into: Picked | null) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ draft, into, base }: Saving) => calls.changeDocument(id, { ...draft, ...(into ? { release_id: into.id } : {}), ...(base === null ? {} : { base_version: base }) }),
    onSuccess: (accepted, { into }) => {
      knowledgeChanged(client);
      onSaved(accepted, into);
    },
    onError: (error) => {
      if (overtaken(error)) void client.invalidateQueries({ queryKey: keys.versions(id) });
    },
  });
}
