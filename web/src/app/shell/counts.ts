/** How many tickets stand in each view, and the signals when someone starts waiting. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import * as calls from "../api/calls";
import { keys } from "../api/keys";
import type { TicketCounts } from "../api/types";
import { useKept, useWaitingBadge } from "../ui/hooks";

/** A slow beat beside the live events, so that counts heal even if an event never came. */
const RECOUNT_MS = 60_000;

export function useCounts(): TicketCounts | null {
  const counts = useQuery({
    queryKey: keys.counts,
    refetchInterval: RECOUNT_MS,
    queryFn: async ({ signal }) => (await calls.tickets({ status: [], assignee: null, q: "" }, null, 1, signal)).counts,
  });
  return counts.data ?? null;
}

export const useSoundChoice = () => useKept("tandem.sound", false);

function chime(): void {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.setValueAtTime(660, audio.currentTime);
  tone.frequency.setValueAtTime(880, audio.currentTime + 0.12);
  volume.gain.setValueAtTime(0.08, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.4);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.4);
  tone.onended = () => void audio.close();
}

/** The number in the window's title, and a sound where the member chose one. */
export function useWaitingSignal(): void {
  const waiting = useCounts()?.unassigned ?? 0;
  const before = useRef<number | null>(null);
  useWaitingBadge(waiting);
  useEffect(() => {
    if (before.current !== null && waiting > before.current && localStorage.getItem("tandem.sound") === "true") chime();
    before.current = waiting;
  }, [waiting]);
}
