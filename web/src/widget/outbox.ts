/**
 * Messages the customer has written and the server has not yet acknowledged: pure functions over a list.
 *
 * An entry leaves only when its message is seen in the conversation, so nothing written is ever dropped.
 */

export interface Outgoing {
  client_message_id: string;
  text: string;
  /** Null while the conversation does not exist yet. */
  conversation: string | null;
  /** `kept` waits for a connection; `failed` waits for the customer. */
  state: "sending" | "kept" | "failed";
  /** What the server said about it, for `failed`. */
  detail?: string;
}

/** A new entry at the end. */
export function write(list: Outgoing[], id: string, text: string, conversation: string | null): Outgoing[] {
  return [...list, { client_message_id: id, text, conversation, state: "sending" }];
}

/** The entry with this id in another state. */
export function mark(list: Outgoing[], id: string, state: Outgoing["state"], detail?: string): Outgoing[] {
  return list.map((one) => (one.client_message_id === id ? { ...one, state, detail } : one));
}

/** Entries of one conversation (null: none yet) now belong to another. */
export function adopt(list: Outgoing[], from: string | null, to: string | null): Outgoing[] {
  return list.map((one) => (one.conversation === from ? { ...one, conversation: to } : one));
}

/** Without the entries that the conversation shows by now. */
export function settled(list: Outgoing[], shown: readonly { client_message_id: string | null }[]): Outgoing[] {
  return list.filter((one) => !shown.some((message) => message.client_message_id === one.client_message_id));
}
