/** Every call about teams, hours, promises and what agents said of handoffs. Knows nothing about caching or pages. */
import { call, query } from "./http";
import type { components } from "./openapi";
import type { MemberRow, Person, Priority } from "./types";

type Takes = components["schemas"];
const at = encodeURIComponent;

export type Assignment = "manual" | "round_robin" | "balanced";
export type Outside = "queue" | "collect" | "assist_only";
export const days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Day = (typeof days)[number];

export interface Span {
  from: string;
  to: string;
}

export interface Hours {
  time_zone: string;
  week: Partial<Record<Day, Span[]>>;
  holidays: { date: string; name: string }[];
  outside: Outside;
  text: string;
}

export interface Team extends Person {
  default: boolean;
  categories: string[];
  tiers: string[];
  languages: string[];
  skills: string[];
  assignment: Assignment;
  grace_s: number;
  members: (Person & { lead: boolean })[];
  hours: Hours | null;
  open: boolean;
  back: string | null;
  waiting: number;
}

export type TeamChange = Partial<Pick<Team, "name" | "categories" | "tiers" | "languages" | "skills" | "assignment" | "grace_s" | "default">> & {
  members?: { id: string; lead: boolean }[];
};

export interface OfficeHours {
  hours: Hours | null;
  open: boolean;
  back: string | null;
}

export interface Promised {
  name: string;
  priorities: Priority[];
  tiers: string[];
  first_reply: number | null;
  next_reply: number | null;
  resolution: number | null;
  remind: number;
}

export interface Share {
  value: number | null;
  low: number;
  high: number;
  n: number;
}

export type Label = "needed" | "not_needed" | "too_late";

export interface Tally {
  trigger: string;
  handoffs: number;
  labelled: number;
  needed: number;
  not_needed: number;
  too_late: number;
  precision: Share;
  recall: Share;
}

export interface Judged {
  handoff_id: string;
  ticket_id: string;
  subject: string;
  trigger: string;
  reason: string;
  label: Label | null;
  labelled_by: string | null;
  created_at: string;
}

export interface Quality {
  from: string;
  to: string;
  overall: Tally;
  triggers: Tally[];
  rows: Judged[];
}

export interface Notice {
  id: string;
  kind: "assigned" | "sla_reminder" | "sla_breached";
  ticket_id: string;
  subject: string;
  promise?: "first_reply" | "next_reply" | "resolution";
  due_at?: string;
  created_at: string;
}

export interface Work {
  skills: string[];
  languages: string[];
  capacity: number;
}

export const teams = (signal?: AbortSignal) => call<{ items: Team[] }>("/v1/teams", { signal });
export const addTeam = (team: TeamChange & { name: string }) => call<Team>("/v1/teams", { method: "POST", body: team satisfies Takes["NewTeam"] });
export const changeTeam = (id: string, change: TeamChange) => call<Team>(`/v1/teams/${at(id)}`, { method: "PATCH", body: change satisfies Takes["TeamChanges"] });
export const archiveTeam = (id: string) => call<void>(`/v1/teams/${at(id)}`, { method: "DELETE" });
export const setTeamHours = (id: string, hours: Hours | null) => call<Team>(`/v1/teams/${at(id)}/hours`, { method: "PUT", body: { hours } });
export const hours = (signal?: AbortSignal) => call<OfficeHours>("/v1/hours", { signal });
export const setHours = (wanted: Hours | null) => call<OfficeHours>("/v1/hours", { method: "PUT", body: { hours: wanted } });
export const promises = (signal?: AbortSignal) => call<{ items: Promised[] }>("/v1/sla", { signal });
export const setPromises = (items: Promised[]) => call<{ items: Promised[] }>("/v1/sla", { method: "PUT", body: { items } satisfies Takes["Promises"] });
export const quality = (filter: { trigger: string | null; label: string | null }, signal?: AbortSignal) => call<Quality>(`/v1/escalations/quality${query(filter)}`, { signal });
export const notices = (signal?: AbortSignal) => call<{ items: Notice[] }>("/v1/notices", { signal });
export const readNotices = (id?: string) => call<void>("/v1/notices/read", { method: "POST", body: id ? { id } : {} });
export const setWork = (id: string, work: Work) => call<Work>(`/v1/members/${at(id)}/work`, { method: "PUT", body: work satisfies Takes["Work"] });
export type Colleague = MemberRow & Work;
