/** What the public API sends and takes, as far as a customer sees it. Types only. */

export interface Person {
  id: string;
  name: string;
}

export interface Citation {
  index: number;
  document_id: string;
  version: number;
  title: string;
  url: string | null;
  passage_id: string;
  quote: string;
}

export interface Message {
  id: string;
  role: "user" | "assistant" | "agent" | "system";
  text: string;
  author: Person | null;
  citations: Citation[];
  created_at: string;
  client_message_id: string | null;
  turn_id: string | null;
  /** What can be tapped to answer it. */
  choices?: string[];
}

/** How it stands outside business hours; null inside. The sentence is the tenant's own. */
export type Hours = { outside: string; text: string } | null;

export interface Queue {
  position: number;
  estimated_wait_minutes?: number | null;
  hours?: Hours;
}

export type Status = "ai" | "escalated" | "closed";

export interface Snapshot {
  id: string;
  status: Status;
  last_event_id: string;
  messages: Message[];
  ticket: { id: string; status: string; csat_score: number | null } | null;
  queue: Queue | null;
  agent: Person | null;
  people_online: boolean;
  partial: { turn_id: string; message_id: string; text: string } | null;
  contact_email: string | null;
  mode: string;
  /** What was proposed and done for the customer; with a `confirm_token` while it waits for their word. */
  actions: EventData[];
}

export interface ConversationRow {
  id: string;
  status: Status;
  preview: string | null;
  updated_at: string;
}

export interface Config {
  tenant_name: string;
  assistant_name: string;
  greeting: string;
  ai_notice: string;
  starters: string[];
  brand_color: string;
  people_online: boolean;
  message_max_chars: number;
  mode: string;
}

export interface Session {
  token: string;
  expires_at: string;
  config: Config;
}

export interface Section {
  title: string;
  url: string | null;
  version: number;
  heading: string | null;
  text: string;
  /** Bounds of the quotation inside `text`, counted in characters (code points), end excluded. */
  start: number;
  end: number;
}

export interface Escalation {
  conversation_id?: string;
}

/** Every field any conversation event carries; which ones are there depends on the event's name. */
export interface EventData {
  conversation_id?: string;
  turn_id?: string | null;
  message_id?: string;
  message?: Message | null;
  text?: string;
  citations?: Citation[];
  answers?: string[];
  queue_position?: number;
  position?: number;
  estimated_wait_minutes?: number | null;
  people_online?: boolean;
  mode?: string;
  hours?: Hours;
  agent?: Person | null;
  ask_rating?: boolean;
  score?: number;
  step?: string;
  role?: string;
  name?: string;
  detail?: string;
  action_id?: string;
  confirm_token?: string | null;
  needs?: string;
  state?: string;
}

/** Something about an action or a code, with how many messages stood before it. */
export interface Act {
  name: string;
  data: EventData;
  at: number;
}

export interface ThreadEvent {
  /** The conversation's sequence number; 0 for what is not kept (status, typing). */
  id: number;
  name: string;
  data: EventData;
}
