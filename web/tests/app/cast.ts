/** The people and tickets the staff app's tests speak of. */
import type { Message, TicketPage, TicketRow } from "../../src/app/api/types";

export const ann = { id: "mbr_ann", name: "Ann" };
export const bo = { id: "mbr_bo", name: "Bo" };

export function row(change: Partial<TicketRow> = {}): TicketRow {
  return {
    id: "tkt_1", conversation_id: "cnv_1", status: "escalated", mode: "people", priority: "medium", category: null, subject: "Refund",
    customer: { id: "cus_cy", name: "Cy", email: null, verified: true, tier: "paid" }, assignee: null, last_message: null, waiting_since: null,
    channel: "web_chat", created_at: "2026-01-01T10:00:00Z", updated_at: "2026-01-01T10:00:00Z", csat_score: null,
    begun: false, team: null, queue_position: null, sla: null, ...change,
  };
}

export function message(change: Partial<Message> = {}): Message {
  return {
    id: "msg_1", conversation_id: "cnv_1", ticket_id: "tkt_1", role: "user", visibility: "public", text: "Hello", author: null, citations: [],
    created_at: "2026-01-01T10:00:00Z", client_message_id: null, turn_id: null, ...change,
  };
}

export function pages(...items: TicketRow[]): { pages: TicketPage[]; pageParams: (string | null)[] } {
  const counts = { unassigned: 0, mine: 0, escalated: 0, ai: 0, resolved: 0 };
  return { pages: [{ items, next_cursor: null, counts }], pageParams: [null] };
}
