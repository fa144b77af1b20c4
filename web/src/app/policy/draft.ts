/** The rules as they are being edited, and what of them differs from those in force. Pure. */
import type { Changes, Rules } from "../api/policy";

/** Tables of the tenant's own: a change names all of one. */
const whole = new Set<string>(["tiers", "tier_categories", "amount_limits", "answer_by_category"]);

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);
const same = (one: unknown, two: unknown): boolean => JSON.stringify(one) === JSON.stringify(two);

function differences(before: Tree, after: Tree): Tree {
  const found: Tree = {};
  for (const [name, value] of Object.entries(after)) {
    const was = before[name];
    if (same(was, value)) continue;
    found[name] = isTree(value) && isTree(was) && !whole.has(name) ? differences(was, value) : value;
  }
  return found;
}

/** What to send: nothing that is as it was. */
export function changesOf(before: Rules, after: Rules): Changes {
  return differences(before as unknown as Tree, after as unknown as Tree) as Changes;
}

/** How many rules a change names. */
export function countOf(changes: object): number {
  return Object.entries(changes).reduce((sum, [name, value]) => sum + (isTree(value) && !whole.has(name) ? countOf(value) : 1), 0);
}

/** The rules after a change made to an older version of them. */
export function onto(rules: Rules, changes: Changes): Rules {
  const merged: Tree = { ...(rules as unknown as Tree) };
  for (const [name, value] of Object.entries(changes)) merged[name] = isTree(value) && !whole.has(name) ? { ...(merged[name] as Tree), ...value } : value;
  return merged as unknown as Rules;
}

/** Names before and after, as what came and what went. */
export function listDifference(before: readonly unknown[], after: readonly unknown[]): { added: string[]; removed: string[] } {
  const shown = (one: unknown): string => (isTree(one) ? Object.values(one).join(" → ") : String(one));
  const missing = (here: readonly unknown[], there: readonly unknown[]): string[] => here.filter((one) => !there.some((other) => same(one, other))).map(shown);
  return { added: missing(after, before), removed: missing(before, after) };
}

/** Digits after the point of a currency (ISO 4217), by the browser's own tables. */
export function digitsOf(currency: string): number {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

export const toMajor = (minor: number, currency: string): number => minor / 10 ** digitsOf(currency);
export const toMinor = (major: number, currency: string): number => Math.round(major * 10 ** digitsOf(currency));

/** What is wrong with a draft, by section; empty when it can be tried. */
export function faultsOf(rules: Rules): { amounts?: true; tiers?: true; tone?: true } {
  const amounts = Object.entries(rules.amount_limits).some(([currency, minor]) => !/^[A-Z]{3}$/.test(currency) || !Number.isFinite(minor) || minor < 0);
  const tiers = [...Object.keys(rules.tiers), ...Object.keys(rules.tier_categories)].some((tier) => !tier.trim());
  const tone = rules.tone.examples.some((each) => !each.customer.trim() || !each.reply.trim());
  return { ...(amounts ? { amounts: true as const } : {}), ...(tiers ? { tiers: true as const } : {}), ...(tone ? { tone: true as const } : {}) };
}

/** A tier's entry as a row: for one topic, or for all of them. */
export interface TierRow {
  tier: string;
  topic: string | null;
  way: "assist" | "people";
}

export function tierRows(rules: Rules): TierRow[] {
  return [
    ...Object.entries(rules.tiers).map(([tier, way]) => ({ tier, topic: null, way })),
    ...Object.entries(rules.tier_categories).flatMap(([tier, topics]) => Object.entries(topics).map(([topic, way]) => ({ tier, topic, way }))),
  ];
}

export function withTierRows(rules: Rules, rows: TierRow[]): Rules {
  const tiers: Rules["tiers"] = {};
  const tier_categories: Rules["tier_categories"] = {};
  for (const { tier, topic, way } of rows) {
    if (topic === null) tiers[tier] = way;
    else (tier_categories[tier] ??= {})[topic] = way;
  }
  return { ...rules, tiers, tier_categories };
}
