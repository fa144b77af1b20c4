/** How tickets and customers are named and coloured on screen. Pure. */
import type { Customer, Message, Priority } from "../api/types";
import type { IconName } from "../ui/Icon";
import type { Tone } from "../ui/small";
import { words } from "../words";

export const customerName = (customer: Customer): string => customer.name ?? customer.email ?? words.list.anonymous;

export const priorityTone: Record<Priority, Tone> = { low: "plain", medium: "plain", high: "amber", urgent: "red" };
export const urgencyTone: Record<"low" | "medium" | "high", Tone> = { low: "plain", medium: "amber", high: "red" };

export function speaker(message: Message, customer: Customer): { name: string; icon?: IconName } {
  if (message.visibility === "internal") return { name: message.author?.name ?? words.ticket.note, ...(message.author ? {} : { icon: "note" as const }) };
  if (message.role === "user") return { name: customerName(customer), ...(customer.name ? {} : { icon: "person" as const }) };
  if (message.role === "assistant") return { name: words.ticket.assistant, icon: "assistant" };
  if (message.role === "system") return { name: words.ticket.system, icon: "info" };
  return { name: message.author?.name ?? words.ticket.agent };
}
