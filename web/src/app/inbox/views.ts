/** The inbox's views: what each asks the server for, and which rows belong in it. Pure. */
import type { TicketCounts, TicketRow, TicketStatus } from "../api/types";

export const views = ["waiting", "mine", "open", "assistant", "resolved"] as const;
export type View = (typeof views)[number];

export interface ViewRule {
  status: TicketStatus[];
  assignee: "me" | "none" | null;
  count: (counts: TicketCounts) => number;
}

export const rules: Record<View, ViewRule> = {
  waiting: { status: ["escalated"], assignee: "none", count: (c) => c.unassigned },
  mine: { status: ["open", "escalated"], assignee: "me", count: (c) => c.mine },
  open: { status: ["open", "escalated"], assignee: null, count: (c) => c.escalated + c.ai },
  assistant: { status: ["open"], assignee: null, count: (c) => c.ai },
  resolved: { status: ["ai_resolved", "human_resolved"], assignee: null, count: (c) => c.resolved },
};

export function viewOf(name: string | null): View {
  return views.find((view) => view === name) ?? "waiting";
}

/** Whether a row belongs in a view, for rows that arrive live. */
export function belongs(row: TicketRow, view: View, myId: string): boolean {
  const rule = rules[view];
  if (!rule.status.includes(row.status)) return false;
  if (rule.assignee === "me") return row.assignee?.id === myId;
  if (rule.assignee === "none") return row.assignee === null;
  return true;
}

const RANK = { urgent: 0, high: 1, medium: 2, low: 3 } as const;

/** The rows as a view shows them: who waits in the order of the queue; every other view as the server sorts it. */
export function inOrder(rows: TicketRow[], view: View): TicketRow[] {
  if (view !== "waiting") return rows;
  const since = (row: TicketRow): string => row.waiting_since ?? row.created_at;
  const place = (row: TicketRow): number => row.queue_position ?? Number.MAX_SAFE_INTEGER;
  return rows.toSorted((a, b) => place(a) - place(b) || RANK[a.priority] - RANK[b.priority] || since(a).localeCompare(since(b)));
}

export type Charge = "assistant" | "waiting" | "you" | "other" | "closed";

/** Who is in charge of a ticket right now, as one person sees it. */
export function chargeOf(row: TicketRow, myId: string): Charge {
  if (row.mode === "closed" || row.status === "ai_resolved" || row.status === "human_resolved") return "closed";
  if (row.mode === "ai") return "assistant";
  if (!row.assignee) return "waiting";
  return row.assignee.id === myId ? "you" : "other";
}
