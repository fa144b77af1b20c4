/** What runs of actions pages ask for: those that wait for a person, and what a decision makes stale. */
import { type QueryClient, useQuery } from "@tanstack/react-query";
import * as calls from "../api/actions";
import type { RunStatus } from "../api/actions";
import { keys } from "../api/keys";
import type { Tone } from "../ui/small";

/** A slow beat beside the live events, which do not tell of everything: that only one of two has agreed, say. */
const BEAT_MS = 20_000;
/** More than anybody decides on at once; the rest comes when these are gone. */
const MOST = 100;

/** Runs that wait for somebody to agree. */
export function useWaitingRuns(enabled = true) {
  return useQuery({
    queryKey: keys.runsWaiting,
    enabled,
    refetchInterval: BEAT_MS,
    queryFn: async ({ signal }) => (await calls.runs({ status: ["pending_approval"], limit: MOST }, null, signal)).items,
  });
}

/** Runs of which nobody knows what became of them. */
export function useUnclearRuns() {
  return useQuery({
    queryKey: keys.runsUnclear,
    refetchInterval: BEAT_MS,
    queryFn: async ({ signal }) => (await calls.runs({ needs_person: true, limit: MOST }, null, signal)).items,
  });
}

export const runsChanged = (client: QueryClient): void => void client.invalidateQueries({ queryKey: keys.runs });

export const toneOf: Record<RunStatus, Tone> = {
  proposed: "blue",
  confirmed: "blue",
  pending_approval: "amber",
  executing: "blue",
  done: "green",
  failed: "red",
  unknown: "red",
  rejected: "plain",
  expired: "plain",
  voided: "plain",
  undone: "plain",
};

/** A value of an argument, a price or a result, on one line. */
export function shownValue(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
