/**
 * Fetches what few conversations need (cards to confirm, codes, addresses, the rating, what is switched off) when one does: a file beside the script, named by its content.
 *
 * `import()` is allowed wherever the script itself is: it takes over its nonce, and needs no Trusted Types policy. Where it
 * fails nothing is lost but comfort: the assistant's sentence stands there, and "yes" or the code can be typed.
 */

import { json } from "./api";
import { PersonButton } from "./cards";
import * as chat from "./chat";
import type { Kit, Later } from "./later/kit";
import { lang, origin } from "./settings";

/** The file's name; the build puts it here. */
declare const LATER: string;

/** Before the next try. */
const PAUSE_MS = 5_000;

const limited = (): boolean => (chat.mode() ?? "full") !== "full";

export let later: Later | undefined;
let fetching = false;

/** After every drawing: fetches it once it is needed. */
export function fetchLater(): void {
  const thread = chat.log?.thread;
  if (fetching || !chat.shown || !(thread?.acts[0] || thread?.resolved || thread?.queue || chat.called() || limited())) return;
  fetching = true;
  // Browsers remember what could not be fetched by its whole address.
  import(/* @vite-ignore */ `${origin}/widget/${LATER}#${Date.now()}`).then(
    ({ begin }: { begin: (kit: Kit) => Later }) => {
      const { changed, send, say, hear, leaveEmail } = chat;
      later = begin({ lang, changed, send, say, json, hear, leaveEmail, PersonButton });
      changed();
    },
    () => setTimeout(() => (fetching = false), PAUSE_MS),
  );
}
