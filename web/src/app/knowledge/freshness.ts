/** How fresh an article is: when a person last looked, and how long until it is to be looked at again. Pure. */
import type { DocumentRow } from "../api/knowledge-shapes";

const DAY_MS = 86_400_000;
/** From here on the next check is worth pointing out. */
const SOON_DAYS = 14;

export type Freshness = "none" | "fresh" | "soon" | "stale";

/** Whole days until the next check; negative when it is over. */
export const daysUntil = (time: string, now: number): number => Math.floor((Date.parse(time) - now) / DAY_MS);

export function freshness(row: Pick<DocumentRow, "live_version" | "stale" | "review_due_at">, now: number): Freshness {
  if (row.live_version === null) return "none";
  if (row.stale) return "stale";
  return daysUntil(row.review_due_at, now) <= SOON_DAYS ? "soon" : "fresh";
}
