/** What the widget's script lends to the part that is loaded later. Types only: the two share no code but this. */

import type { Child } from "../draw";
import type { ThreadEvent } from "../shapes";
import type { Thread } from "../thread";

export interface Kit {
  lang: string;
  /** Draws again. */
  changed: () => void;
  /** Sends a message. */
  send: (text: string) => void;
  /** Tells a screen reader. */
  say: (text: string) => void;
  /** A request as this customer, POST when there is a body. Rejects with a Problem. */
  json: <T>(path: string, body?: unknown) => Promise<T>;
  /** Leaves an e-mail address. Rejects with a Problem. */
  leaveEmail: (email: string) => Promise<void>;
  /** Takes in an event. */
  hear: (event: ThreadEvent) => void;
  PersonButton: (props: { kind: string }) => Child;
}

/** What is loaded later. */
export interface Later {
  /** What stands behind the message at an index; -1: before the first. */
  behind(thread: Thread, at: number): Child;
  /** What stands at the thread's end. */
  end(thread: Thread): Child;
  /** Where an address is left. */
  contact(): Child;
  /** How far the assistant goes just now, in a line; nothing where that is all the way. */
  note(mode?: string): string | undefined;
}
