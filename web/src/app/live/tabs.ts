/**
 * One stream per browser: the tab that holds the lock reads it and tells the others. Browsers without Web
 * Locks (plain http on another machine) read their own. Knows nothing about what the events mean.
 */
import type { LiveEvent, StreamState } from "./events";
import { follow } from "./stream";

type Word =
  | { kind: "event"; event: LiveEvent; id: string }
  | { kind: "state"; state: StreamState }
  | { kind: "hello" };

export interface Hooks {
  event: (event: LiveEvent) => void;
  state: (state: StreamState) => void;
}

/** Starts listening for one member; returns the way to stop. */
export function listen(memberId: string, hooks: Hooks): () => void {
  const stop = new AbortController();
  const name = `tandem-live-${memberId}`;
  let lastId = "";
  let state: StreamState = "connecting";
  let leads = false;

  const heard = (event: LiveEvent, id: string): void => {
    if (id) lastId = id;
    hooks.event(event);
  };
  const changed = (next: StreamState): void => {
    state = next;
    hooks.state(next);
  };
  const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(name) : null;
  const tell = (word: Word): void => channel?.postMessage(word);

  const read = (): Promise<void> => {
    leads = true;
    return follow(
      () => lastId,
      {
        lost: () => {
          lastId = "";
        },
        event: (event, id) => {
          heard(event, id);
          tell({ kind: "event", event, id });
        },
        state: (next) => {
          changed(next);
          tell({ kind: "state", state: next });
        },
      },
      stop.signal,
    );
  };

  if (channel) {
    channel.onmessage = ({ data }: MessageEvent<Word>) => {
      if (data.kind === "hello") {
        if (leads) tell({ kind: "state", state });
      } else if (!leads) {
        if (data.kind === "event") heard(data.event, data.id);
        else changed(data.state);
      }
    };
  }
  if (channel && navigator.locks) {
    navigator.locks.request(name, { signal: stop.signal }, read).catch(() => undefined);
    tell({ kind: "hello" });
  } else {
    void read();
  }
  return () => {
    stop.abort();
    channel?.close();
  };
}
