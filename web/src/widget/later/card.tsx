/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
/** The card of a proposed change: the server's words and amount, two buttons while it is open, how it stands after that. */

import type { Problem } from "../../shared/problem";
import { Fragment, h } from "../draw";
import type { EventData } from "../shapes";
import { rows, type Card } from "./acts";
import { kit, toDraft, words } from "./use";

/** How often the time that is left is looked at. */
const LOOK_MS = 5_000;

interface Stand {
  status: string;
}

/** The cards whose button was pressed and not answered yet. */
const busy = new Set<string>();
/** What is to be said on a card, by its id. */
const notes: Record<string, string> = {};
/** The cards that a screen reader was told of. */
const told = new Set<string>();
let timer = 0;

export function CardView({ card }: { card: Card }) {
  const { action_id: id, summary, amount, parameters, expires_at, text } = card;
  const left = leftOf(expires_at);
  const open = card.status === "proposed" && left > 0;
  const waits = busy.has(id);
  const late = card.status === "expired" || (card.status === "proposed" && left <= 0);
  if (open) announce(id);
  return (
    <section class={open ? "card act" : "card act past"} aria-label={open ? words.card : summary}>
      {open && <h3>{words.card}</h3>}
      <p class="sum" dir="auto">
        {summary}
      </p>
      {amount && <p class="amount">{amount}</p>}
      {open && (
        <dl>
          {rows(parameters).map(([name, value]) => (
            <div>
              <dt>{name}</dt>
              <dd dir="auto">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {notes[id] && open && (
        <p class="bad" dir="auto">
          {notes[id]}
        </p>
      )}
      {open ? (
        <>
          <div class="row">
            {/* A click here has consequences: a script of the host page must not be able to make it. */}
            <button type="button" class="main" disabled={waits} onClick={({ isTrusted }) => isTrusted && void confirm(card)}>
              {words.confirm}
            </button>
            <button type="button" class="main no" disabled={waits} onClick={({ isTrusted }) => isTrusted && void decline(card)}>
              {words.decline}
            </button>
          </div>
          <small>{waits ? words.states.working : timeLeft(left)}</small>
        </>
      ) : (
        <p class="state">{late ? words.late : (words.states[card.status] ?? text)}</p>
      )}
      {card.status === "failed" && <kit.PersonButton kind="main no" />}
    </section>
  );
}

/** Tells that there is something to confirm, once, and looks at the clock while there is. */
function announce(id: string): void {
  if (!told.has(id)) kit.say(words.card);
  told.add(id);
  if (!timer)
    timer = window.setTimeout(() => {
      timer = 0;
      kit.changed();
    }, LOOK_MS);
}

const leftOf = (expires_at: string): number => Date.parse(expires_at) - Date.now();

function timeLeft(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (!minutes) return words.ends;
  return words.open.replace("{}", minutes.toLocaleString(kit.lang, { style: "unit", unit: "minute", unitDisplay: "long" }));
}

function confirm({ action_id, ticket_id, confirm_token }: Card): Promise<void> {
  return decide(action_id, "/v1/support/action", { ticket_id, action_id, confirmed_by_customer: true, confirm_token });
}

function decline({ action_id }: Card): Promise<void> {
  return decide(action_id, `/v1/actions/runs/${action_id}/cancel`, {});
}

/** Sends the customer's word. How it stands then comes as an event too, in every window; only what goes wrong is said here. */
async function decide(id: string, path: string, body: object): Promise<void> {
  busy.add(id);
  delete notes[id];
  kit.changed();
  toDraft();
  try {
    const stand = await kit.json<EventData & Stand>(path, body);
    kit.hear({ id: 0, name: "action_updated", data: stand });
    // Of everything else a message tells.
    if (stand.status === "voided" && stand.text) kit.say(stand.text);
  } catch (fault) {
    const { passing, sentence, extra } = fault as Problem;
    const { proposal, rule } = extra as { proposal?: Card; rule?: string };
    const note = proposal ? (rule === "changed" ? words.changed : words.anew) : sentence || (passing ? words.lost : words.wrong);
    notes[proposal?.action_id ?? id] = note;
    kit.say(note);
  }
  busy.delete(id);
  kit.changed();
}
