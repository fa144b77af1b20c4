/** What the staff stream may say, as one closed type. Knows nothing about what is done with it. */
import type { Citation, Member, Message, Person, PresenceState, TicketRow } from "../api/types";

interface Where {
  conversation_id: string;
  ticket_id: string;
}

export type LiveEvent =
  | { name: "ticket"; data: { ticket: TicketRow } }
  | { name: "accepted"; data: Where & { message_id: string; turn_id: string; message: Message } }
  | { name: "status"; data: Where & { step: string } }
  | { name: "delta"; data: Where & { turn_id: string; message_id: string; text: string } }
  | { name: "restarted"; data: Where & { turn_id: string } }
  | { name: "cited_sources"; data: Where & { turn_id: string; message_id: string; citations: Citation[] } }
  | { name: "done"; data: Where & { turn_id: string; message: Message | null } }
  | { name: "error"; data: Where }
  | { name: "message"; data: Where & { message: Message } }
  | { name: "escalation_proposed" | "escalation_confirmed" | "reopened" | "rated" | "queue"; data: Where }
  | { name: "action_proposed" | "action_updated"; data: { conversation_id: string } }
  | { name: "assigned" | "sla_reminder" | "sla_breached"; data: Where }
  | { name: "joined" | "handed_back"; data: Where & { agent: Person } }
  | { name: "resolved"; data: Where & { message: Message | null } }
  | { name: "typing"; data: { conversation_id: string; role: "customer" | "agent"; name: string | null } }
  | { name: "viewing"; data: { ticket_id: string; member: Person; state: "viewing" | "replying" | "left" } }
  | { name: "presence"; data: { member: Member; state: PresenceState } };

/** What tabs tell each other besides events: how the one stream is doing. */
export type StreamState = "connecting" | "live" | "reconnecting" | "offline";
