/** What the widget's script has lent, for everything here. */

import type { Kit } from "./kit";
import { catalogue, en, type Words } from "./words";

export let kit: Kit;
export let words: Words = en;

export function use(lent: Kit): void {
  kit = lent;
  words = catalogue[lent.lang] ?? en;
}

/** Where one writes: the focus goes there when what held it is gone. */
export function toDraft(): void {
  document.querySelector("tandem-chat")?.shadowRoot?.querySelector<HTMLElement>(".draft")?.focus();
}
