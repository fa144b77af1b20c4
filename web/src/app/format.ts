/** Times, durations and sizes as a person reads them, by Intl. Pure; the clock is an argument. */
import { language } from "./words";

const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
const dayLong = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });
const full = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const percents = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
const percentsExact = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
const unit = (name: string) => new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "narrow" });
const units = { second: unit("second"), minute: unit("minute"), hour: unit("hour"), day: unit("day"), millisecond: unit("millisecond") };
const sizes = (["byte", "kilobyte", "megabyte"] as const).map(
  (name) => new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: 1 }),
);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "3 min. ago", "yesterday"; an absolute day from a week on. */
export function ago(time: string, now: number): string {
  const past = now - Date.parse(time);
  if (past < 45_000) return relative.format(0, "second");
  if (past < HOUR) return relative.format(-Math.round(past / MINUTE), "minute");
  if (past < DAY) return relative.format(-Math.round(past / HOUR), "hour");
  if (past < 7 * DAY) return relative.format(-Math.round(past / DAY), "day");
  return day.format(new Date(time));
}

/** "in 3 hr.", "tomorrow"; an absolute day from a week on. */
export function until(time: string, now: number): string {
  const left = Date.parse(time) - now;
  if (left < HOUR) return relative.format(Math.max(1, Math.round(left / MINUTE)), "minute");
  if (left < DAY) return relative.format(Math.round(left / HOUR), "hour");
  if (left < 7 * DAY) return relative.format(Math.round(left / DAY), "day");
  return day.format(new Date(time));
}

/** How long something has lasted, in one unit: "40s", "12m", "3h", "2d". */
export function lasting(since: string, now: number): string {
  return duration(Math.max(0, now - Date.parse(since)));
}

export function duration(ms: number): string {
  if (ms < MINUTE) return units.second.format(Math.floor(ms / 1000));
  if (ms < HOUR) return units.minute.format(Math.floor(ms / MINUTE));
  if (ms < DAY) return units.hour.format(Math.floor(ms / HOUR));
  return units.day.format(Math.floor(ms / DAY));
}

/** Milliseconds as measured: "0.4ms", "12ms", "1.3s". */
export function measured(ms: number): string {
  if (ms >= 1000) return units.second.format(Math.round(ms / 100) / 10);
  return units.millisecond.format(ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms));
}

export function size(bytes: number): string {
  const step = bytes < 1000 ? 0 : bytes < 1_000_000 ? 1 : 2;
  return sizes[step]?.format(bytes / 1000 ** step) ?? String(bytes);
}

export const timeOfDay = (time: string): string => clock.format(new Date(time));
export const wholeTime = (time: string): string => full.format(new Date(time));
export const dayName = (time: string): string => dayLong.format(new Date(time));
export const percent = (share: number): string => percents.format(share);
/** With one digit after the point where it matters, for what is held against a limit. */
export const percentExact = (share: number): string => percentsExact.format(share);

/** "account_access" reads "Account access"; names made for machines, shown to people. Sentences stay as they are. */
export function readable(name: string): string {
  if (/\s/.test(name.trim())) return name;
  const text = name.replaceAll(/[_.]+/g, " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "Ann (member 01a1…)" reads "Ann", "customer 01a1…" reads "customer": who did it, without the id that the ledger keeps. */
export const actorName = (actor: string): string => actor.replace(/ \(\w+ [\da-f-]{36}\)$/, "").replace(/ [\da-f-]{36}$/, "");

/** Two letters for a round mark beside a name. */
export function initials(name: string): string {
  const parts = name.trim().split(/\s+/);
  const letters = [parts[0], parts.length > 1 ? parts.at(-1) : undefined].map((part) => part?.charAt(0) ?? "");
  return letters.join("").toUpperCase() || "?";
}

/** How well a passage fits, 0 to 1: likeness of meaning, or its rank beside the best one where there is none. */
export function likeness(passage: { score: number; cosine?: number | null }, best: number): number {
  if (typeof passage.cosine === "number") return Math.max(0, passage.cosine);
  return best > 0 ? passage.score / best : 0;
}
