/**
 * Keeps one event stream to the server alive: reads it, notices silence, reconnects with growing pauses and
 * resumes after the last id. Knows nothing about tabs or what the events mean.
 */
import { readEvents } from "../../shared/sse";
import { signedOut } from "../api/http";
import type { LiveEvent, StreamState } from "./events";

/** The server sends a comment every 15 s; after twice that and a little the line counts as dead. */
const SILENCE_MS = 35_000;
const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

export interface Hooks {
  /** the server does not know the id any more: start from now */
  lost: () => void;
  event: (event: LiveEvent, id: string) => void;
  state: (state: StreamState) => void;
}

/** The pause before the next try: growing, and spread by up to a third so that tabs do not knock together. */
export function pause(tries: number, random = Math.random()): number {
  const base = PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 15_000;
  return Math.round(base * (1 + random / 3));
}

function until(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const finish = (): void => {
      clearTimeout(timer);
      removeEventListener("online", finish);
      signal.removeEventListener("abort", finish);
      done();
    };
    const timer = setTimeout(finish, ms);
    addEventListener("online", finish);
    signal.addEventListener("abort", finish);
  });
}

async function once(lastId: string, hooks: Hooks, signal: AbortSignal): Promise<void> {
  const cut = new AbortController();
  const stop = (): void => cut.abort();
  signal.addEventListener("abort", stop);
  let timer = setTimeout(stop, SILENCE_MS);
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(stop, SILENCE_MS);
  };
  addEventListener("offline", stop);
  try {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (lastId) headers["Last-Event-ID"] = lastId;
    const response = await fetch("/v1/events", { headers, credentials: "same-origin", cache: "no-store", signal: cut.signal });
    if (response.status === 401) signedOut.dispatchEvent(new Event("signed-out"));
    if (response.status === 422 && lastId) hooks.lost();
    if (!response.ok) return;
    hooks.state("live");
    await readEvents(
      response,
      (sent) => hooks.event({ name: sent.name, data: JSON.parse(sent.data) } as LiveEvent, sent.id),
      heard,
    );
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    removeEventListener("offline", stop);
  }
}

/** Runs until `signal` aborts. `lastId` is asked before every try, because another tab may have heard more. */
export async function follow(lastId: () => string, hooks: Hooks, signal: AbortSignal): Promise<void> {
  let tries = 0;
  hooks.state(navigator.onLine ? "connecting" : "offline");
  while (!signal.aborted) {
    let live = false;
    const told: Hooks = {
      lost: hooks.lost,
      event: hooks.event,
      state: (state) => {
        live = state === "live";
        hooks.state(state);
      },
    };
    try {
      await once(lastId(), told, signal);
    } catch {
      // A cut connection is the ordinary end of a stream; what was missed comes with the next one.
    }
    if (signal.aborted) return;
    tries = live ? 0 : tries + 1;
    hooks.state(navigator.onLine ? "reconnecting" : "offline");
    await until(pause(tries), signal);
  }
}
