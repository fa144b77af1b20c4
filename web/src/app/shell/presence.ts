/** Whether this member is offered to customers; said to the server again and again while the app is open. */
import { createContext, useContext, useEffect } from "react";
import * as calls from "../api/calls";
import { useKept } from "../ui/hooks";

/** The contract's heartbeat. */
const BEAT_MS = 20_000;
const LAST = "tandem.presence-beat";

export interface Presence {
  /** null for members who never answer customers (viewers) */
  state: "online" | "away" | null;
  set: (state: "online" | "away") => void;
}

export const PresenceContext = createContext<Presence>({ state: null, set: () => undefined });
export const useMyPresence = (): Presence => useContext(PresenceContext);

/** One tab's beat is enough for all tabs of this browser. */
function mayBeat(now: number): boolean {
  try {
    const last = Number(localStorage.getItem(LAST));
    if (now - last < BEAT_MS - 2_000 && now >= last) return false;
    localStorage.setItem(LAST, String(now));
  } catch {
    return true;
  }
  return true;
}

export function usePresence(answers: boolean): Presence {
  const [state, setState] = useKept<"online" | "away">("tandem.presence", "online");
  useEffect(() => {
    if (!answers) return;
    const say = (): void => void calls.presence(state).catch(() => undefined);
    say();
    const timer = setInterval(() => mayBeat(Date.now()) && say(), BEAT_MS);
    return () => clearInterval(timer);
  }, [answers, state]);
  return { state: answers ? state : null, set: setState };
}
