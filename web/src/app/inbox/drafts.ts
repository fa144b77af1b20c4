/** What one is writing, kept per ticket and kind in this browser until it is sent. */
import { useState } from "react";

export type Kind = "reply" | "note";

const key = (ticketId: string, kind: Kind): string => `tandem.draft.${ticketId}.${kind}`;

export function draftOf(ticketId: string, kind: Kind): string {
  try {
    return localStorage.getItem(key(ticketId, kind)) ?? "";
  } catch {
    return "";
  }
}

export function keepDraft(ticketId: string, kind: Kind, text: string): void {
  try {
    if (text) localStorage.setItem(key(ticketId, kind), text);
    else localStorage.removeItem(key(ticketId, kind));
  } catch {
    // No storage: the draft lives as long as the page does.
  }
}

export function useDraft(ticketId: string, kind: Kind): [string, (text: string) => void] {
  const [held, setHeld] = useState({ ticketId, kind, text: draftOf(ticketId, kind) });
  const current = held.ticketId === ticketId && held.kind === kind ? held : { ticketId, kind, text: draftOf(ticketId, kind) };
  if (current !== held) setHeld(current);
  return [
    current.text,
    (text) => {
      keepDraft(ticketId, kind, text);
      setHeld({ ticketId, kind, text });
    },
  ];
}
