/**
 * What the widget keeps on the customer's device, in the host page's own localStorage, per widget key.
 *
 * Where storage is blocked or full everything still works until the page is left.
 */

import { key } from "./settings";

const memory: Record<string, string> = {};
const place = (name: string): string => `tandem:${key}:${name}`;

export function get<T>(name: string): T | null {
  let text: string | null | undefined = memory[name];
  try {
    text ??= localStorage.getItem(place(name));
  } catch {
    // Blocked: what memory holds is all there is.
  }
  return text ? (JSON.parse(text) as T) : null;
}

/** Keeps `value`; null forgets it. */
export function set(name: string, value: unknown): void {
  const text = JSON.stringify(value);
  delete memory[name];
  try {
    localStorage.setItem(place(name), text);
  } catch {
    memory[name] = text;
  }
}
