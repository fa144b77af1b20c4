/** An action's definition as it is being edited: reading and changing it by path, and its limits in words. Pure. */
import type { FieldError } from "../../shared/problem";
import type { Bounds } from "../api/actions";
import { language } from "../words";
import { actionWords } from "../words/actions";
import { toMajor } from "../policy/draft";

export type Tree = Record<string, unknown>;

export const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);
const same = (one: unknown, two: unknown): boolean => JSON.stringify(one) === JSON.stringify(two);

export const windows = ["hour", "day", "month"] as const;
export const whose = ["customer", "tenant"] as const;

/** What an action is that nobody has described yet. */
export const blank: Tree = {
  name: "",
  description: "",
  kind: "look_up",
  input_schema: { type: "object", properties: {}, required: [] },
  handler: { kind: "http", url: "" },
  identity: "verified",
  enabled: false,
};

/** What an entry says of itself beside its definition. */
const apart = new Set(["version", "author", "updated_at", "secrets"]);

/** The definition without what says nothing: null and empty parts. A schema stays as it is, and so do lists of what may be seen. */
export function lean(entry: object): Tree {
  const kept = (value: unknown, path: string): unknown => {
    if (!isTree(value) || path === "input_schema") return value;
    const parts = Object.entries(value).flatMap(([name, part]): [string, unknown][] => {
      const at = path ? `${path}.${name}` : name;
      const leaner = kept(part, at);
      const says = leaner !== null && leaner !== undefined && !(isTree(leaner) && !Object.keys(leaner).length && at !== "input_schema");
      const empty = Array.isArray(leaner) && !leaner.length && at !== "shows.model" && at !== "shows.customer";
      return says && !empty ? [[name, leaner]] : [];
    });
    return Object.fromEntries(parts);
  };
  const { name, ...parts } = Object.fromEntries(Object.entries(entry).filter(([each]) => !apart.has(each))) as Tree;
  return kept({ ...(name === undefined ? {} : { name }), ...parts }, "") as Tree;
}

/** What stands at a path; undefined where nothing does. */
export function get(tree: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((part, name) => (isTree(part) ? part[name] : undefined), tree);
}

export const text = (tree: unknown, path: string): string => {
  const value = get(tree, path);
  return typeof value === "string" ? value : "";
};
export const number = (tree: unknown, path: string): number | null => {
  const value = get(tree, path);
  return typeof value === "number" ? value : null;
};
/** A list of texts; null where there is none. */
export const texts = (tree: unknown, path: string): string[] | null => {
  const value = get(tree, path);
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : null;
};

/** The same with something else at a path; undefined takes it out, and the part around it too when that has nothing left. */
export function put(tree: Tree, path: string, value: unknown): Tree {
  const [name = "", ...rest] = path.split(".");
  const part = rest.length ? put(isTree(tree[name]) ? tree[name] : {}, rest.join("."), value) : value;
  const gone = part === undefined || (rest.length > 0 && isTree(part) && !Object.keys(part).length);
  if (!gone) return { ...tree, [name]: part };
  const { [name]: _gone, ...others } = tree;
  return others;
}

export const differs = (one: Tree, two: Tree): boolean => !same(lean(one), lean(two));

/** What the server says about a field, or about anything within it where `within`. */
export function faultAt(faults: readonly FieldError[], path: string, within = false): string | undefined {
  return faults.find(({ field }) => field === path || (within && field.startsWith(`${path}.`)))?.message;
}

/** The currency, where it is fixed and its cents are known. */
export function currencyOf(definition: unknown): string | null {
  const currency = text(definition, "amount.currency");
  return /^[A-Z]{3}$/.test(currency) ? currency : null;
}

/** Minor units as people write them; bare where the currency is known only when it is asked for. */
export function money(minor: number, currency: string | null): string {
  if (!currency) return new Intl.NumberFormat(language).format(minor);
  try {
    return new Intl.NumberFormat(language, { style: "currency", currency, trailingZeroDisplay: "stripIfInteger" } as Intl.NumberFormatOptions).format(toMajor(minor, currency));
  } catch {
    return `${minor} ${currency}`;
  }
}

/** Every limit as a phrase. */
export function limitsInWords(definition: unknown): string[] {
  const said = actionWords.limit;
  const limits = (get(definition, "limits") ?? {}) as Bounds;
  const currency = currencyOf(definition);
  const found: string[] = [];
  const add = (name: string, phrase: (value: number) => string): void => {
    const value = limits[name];
    if (typeof value === "number") found.push(phrase(value));
  };
  add("per_action_minor", (value) => said.at_once(money(value, currency)));
  add("approve_above_minor", (value) => said.approve(money(value, currency)));
  add("second_approver_above_minor", (value) => said.second(money(value, currency)));
  for (const who of whose)
    for (const window of windows) {
      add(`per_${who}_${window}_count`, (value) => said[who](said.count(value), said.within[window]));
      add(`per_${who}_${window}_sum_minor`, (value) => said[who](money(value, currency), said.within[window]));
    }
  const tiers = Object.keys((get(definition, "limits.by_tier") ?? {}) as Tree).length;
  return tiers ? [...found, said.tiers(tiers)] : found;
}

/** Whether and when the customer has to agree, in words. */
export function confirmInWords(definition: unknown): string {
  const above = number(definition, "confirm.above_minor");
  if (above !== null) return actionWords.confirms.above(money(above, currencyOf(definition)));
  return get(definition, "confirm.required") === false ? actionWords.confirms.never : actionWords.confirms.always;
}

export type Written = { ok: true; tree: Tree } | { ok: false; why: string };

/** What somebody has written as JSON, if it is one object. */
export function written(source: string): Written {
  try {
    const value: unknown = JSON.parse(source);
    return isTree(value) ? { ok: true, tree: value } : { ok: false, why: actionWords.form.notObject };
  } catch (error) {
    return { ok: false, why: actionWords.form.notJson(error instanceof Error ? error.message : "") };
  }
}

export const shown = (tree: Tree): string => JSON.stringify(tree, null, 2);
