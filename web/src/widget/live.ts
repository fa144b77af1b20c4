/**
 * The one stream of events a browser holds for a conversation, shared between its tabs.
 *
 * The tab that holds the Web Lock reads the stream and hands every event to the others through a
 * BroadcastChannel; where there are no locks (no https) each tab reads for itself. A cut stream is resumed from the last
 * event seen, after a jittered pause. Knows nothing about what the events mean.
 */

import type { Problem } from "../shared/problem";
import { readEvents, type SentEvent } from "../shared/sse";
import { pause } from "./pause";

/** The server sends a comment every 15 s; after two and a half of those the connection counts as dead. */
const QUIET_MS = 40_000;

export interface Feed {
  /** Names the lock and the channel; the same in every tab for the same conversation. */
  name: string;
  /** The event to continue after. */
  after: number;
  open(after: number, signal: AbortSignal): Promise<Response>;
  take(event: SentEvent): void;
  /** Events were missed here (this tab was asleep): fetch the whole conversation. */
  gap(): void;
  /** Tells whether the connection is lost. */
  lost(lost: boolean): void;
  /** The server refuses: the conversation is not there (any more). */
  gone(): void;
}

/** Between tabs: where the reading tab stood before an event, the event, and whether the connection is lost. */
type Shared = [before: number, event?: SentEvent, lost?: boolean];

/** Follows the conversation until the returned function is called. */
export function follow(feed: Feed): () => void {
  let { after } = feed;
  let over = false;
  let wake: (() => void) | undefined;
  const stopped = new AbortController();
  const { locks } = navigator;
  const channel = locks && new BroadcastChannel(feed.name);

  const hear = ([before, event, lost]: Shared): void => {
    if (lost !== undefined) feed.lost(lost);
    if (before > after) feed.gap();
    if (!event) return;
    after = Math.max(after, Number(event.id));
    feed.take(event);
  };
  const share = (shared: Shared): void => {
    channel?.postMessage(shared);
    hear(shared);
  };

  const read = async (): Promise<void> => {
    for (let tries = 0; !over; ) {
      const cut = new AbortController();
      const end = (): void => cut.abort();
      wake = end;
      let quiet = 0;
      const heard = (): void => {
        clearTimeout(quiet);
        quiet = window.setTimeout(end, QUIET_MS);
      };
      heard();
      try {
        const response = await feed.open(after, cut.signal);
        share([0, undefined, false]);
        await readEvents(
          response,
          (event) => share([after, event]),
          () => {
            tries = 0;
            heard();
          },
        );
      } catch (problem) {
        if ((problem as Problem).passing === false) return feed.gone();
      }
      clearTimeout(quiet);
      if (over) return;
      // The first try again is silent: servers restart, proxies end streams that are old.
      if (tries++) share([0, undefined, true]);
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, pause(tries));
      });
    }
  };

  // Back online, a connection from before may be dead without saying so.
  addEventListener("online", () => wake?.(), { signal: stopped.signal });
  if (channel) {
    channel.onmessage = ({ data }: MessageEvent<Shared>) => hear(data);
    // Where locks are refused (a sandboxed frame) this tab reads for itself.
    locks.request(feed.name, { signal: stopped.signal }, read).catch(read);
  } else void read();

  return () => {
    over = true;
    stopped.abort();
    wake?.();
    channel?.close();
  };
}
