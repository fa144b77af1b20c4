/**
 * Proposals and codes as a conversation's events tell of them: pure functions over the thread's `acts`.
 *
 * What a card says comes from the server word for word. Knows nothing about the page.
 */

import type { Act, Message } from "../shapes";

/** A change that was proposed to the customer, and how it stands. */
export interface Card {
  action_id: string;
  ticket_id: string;
  action_type: string;
  summary: string;
  parameters: Record<string, unknown>;
  amount: string | null;
  expires_at: string;
  confirm_token: string | null;
  status: string;
  text?: string;
  /** Index of the message it stands behind. */
  behind: number;
}

/** How a code fares: a line behind a message. */
export interface Line {
  behind: number;
  state: "code_sent" | "wrong_code" | "stepped_up";
  sent_to: string;
}

export interface Acts {
  cards: Card[];
  lines: Line[];
  /** Index of the message that asks for a code; null when none does. */
  code: number | null;
}

/** Which message something stands behind: a turn tells of it just before its own message, everybody else after the last. */
export const behind = (messages: readonly Message[], at: number): number => (messages[at]?.role === "assistant" ? at : at - 1);

const same = (one: Card, other: Card): boolean =>
  one.action_type === other.action_type && JSON.stringify(one.parameters) === JSON.stringify(other.parameters);

/** All that happened, in order. A proposal that is made anew stands in the place of the one before. */
export function fold(acts: readonly Act[], messages: readonly Message[]): Acts {
  let cards: Card[] = [];
  const lines: Line[] = [];
  let code: number | null = null;
  for (const { name, at, data } of acts) {
    const place = behind(messages, at);
    if (name === "identity_needed") code = data.needs === "step_up" ? place : null;
    else if (name === "identity_checked") {
      lines.push({ ...(data as unknown as Line), behind: place });
      if (data.state === "stepped_up") code = null;
    } else {
      const next = data as unknown as Card;
      const old = cards.find((card) => card.action_id === next.action_id);
      if (old) cards = cards.map((card) => (card === old ? { ...card, ...next } : card));
      else if (next.confirm_token) {
        const fresh = { ...next, status: next.status ?? "proposed", behind: place };
        cards = [...cards.filter((card) => card.status !== "proposed" || !same(card, fresh)), fresh];
      }
    }
  }
  // Somebody has written since: what they wrote was the code, or something else is the matter now.
  return { cards, lines, code: code !== null && code >= messages.length - 1 ? code : null };
}

/** The six digits of a code as somebody types or pastes it, or null. */
export function digits(text: string): string | null {
  const found = text.replace(/[\s-]/g, "");
  return /^\d{6}$/.test(found) ? found : null;
}

/** A card's parameters as rows: names in words, values as text. */
export function rows(parameters: Record<string, unknown>): [string, string][] {
  return Object.entries(parameters).flatMap(([name, value]): [string, string][] => {
    if (value === null || value === undefined || value === "") return [];
    return [[words(name), text(value)]];
  });
}

const words = (name: string): string => (name[0] ?? "").toUpperCase() + name.slice(1).replace(/_/g, " ");

function text(value: unknown): string {
  if (Array.isArray(value)) return value.map(text).join(", ");
  if (value && typeof value === "object") return Object.values(value).map(text).filter(Boolean).join(", ");
  return value === null || value === undefined ? "" : String(value);
}
