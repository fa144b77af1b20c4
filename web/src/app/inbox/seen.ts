/** Which tickets hold something this member has not looked at yet; kept in this browser. */
import { useSyncExternalStore } from "react";
import type { TicketRow } from "../api/types";

const KEPT = "tandem.seen";
/** Old entries beyond this many are forgotten; their tickets are long out of the first pages. */
const MOST = 2_000;

type Seen = Readonly<Record<string, string>>;

function load(): Seen {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Seen;
  } catch {
    return {};
  }
}

let seen = load();
const listeners = new Set<() => void>();

export function markSeen(ticketId: string, until: string): void {
  if ((seen[ticketId] ?? "") >= until) return;
  const { [ticketId]: _old, ...rest } = seen;
  seen = Object.fromEntries([...Object.entries(rest), [ticketId, until]].slice(-MOST)) as Seen;
  try {
    localStorage.setItem(KEPT, JSON.stringify(seen));
  } catch {
    // No storage: it counts as unread again after a reload.
  }
  for (const tell of listeners) tell();
}

/** A customer's word is news; so is, with people, whatever no colleague has answered yet. */
export function unread(row: TicketRow, marks: Seen): boolean {
  const last = row.last_message;
  if (!last || row.mode === "closed" || last.role === "agent") return false;
  return (row.mode === "people" || last.role === "user") && (marks[row.id] ?? "") < last.created_at;
}

export function useSeen(): Seen {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => seen,
  );
}
