/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
/** The cards at the end of the thread: an offered person, the queue, leaving an address, the end. */

import * as chat from "./chat";
import { Fragment, h } from "./draw";
import { Icon } from "./icons";
import { later } from "./later";
import { lang, words } from "./settings";
import type { Queue } from "./shapes";
import type { Thread } from "./thread";
import { fill } from "./words";

export function Cards() {
  const thread: Partial<Thread> = chat.log?.thread ?? {};
  const { queue, resolved } = thread;
  const wrong = chat.refused || (thread.failed ?? null);
  const away = queue?.hours?.text;
  const queued = (thread.status === "escalated" || away) && !thread.agent && !resolved;
  return (
    <>
      {wrong !== null && <Offer kind="card wrong" text={wrong || words.wrong} />}
      {thread.proposed && wrong === null && !queued && <Offer kind="card" text={words.propose} />}
      {chat.wantsPerson && !chat.refused && <p class="card">{chat.lost ? words.personKept : words.personCalling}</p>}
      {queued && (thread.peopleOnline && !away ? <InQueue queue={queue} /> : <Contact {...thread} away={away} />)}
      {chat.log && later?.end(chat.log.thread)}
      {resolved && (
        <p class="line">
          {words.again}{" "}
          <button type="button" class="plain" onClick={() => chat.show(null)}>
            {words.newConversation}
          </button>
        </p>
      )}
    </>
  );
}

/** There in every state; it says so when a person has been called or is here. */
export function PersonButton({ kind }: { kind: string }) {
  const called = chat.called();
  return (
    // A click on this has consequences: a script of the host page must not be able to make it.
    <button type="button" class={kind} aria-pressed={called} onClick={({ isTrusted }) => isTrusted && chat.askPerson()}>
      <Icon of="person" />
      {called ? (chat.log?.thread.agent ? words.here : words.called) : words.person}
    </button>
  );
}

function Offer({ kind, text }: { kind: string; text: string }) {
  return (
    <div class={kind}>
      <p dir="auto">{text}</p>
      <PersonButton kind="main" />
    </div>
  );
}

function InQueue({ queue }: { queue?: Queue | null }) {
  const minutes = queue?.estimated_wait_minutes;
  const time = { style: "unit", unit: "minute", unitDisplay: "long" } as const;
  return (
    <p class="card">
      <b>{queue ? fill(words.queue, queue.position) : words.soon}</b>
      {minutes && fill(words.wait, minutes.toLocaleString(lang, time))}
    </p>
  );
}

/** Nobody is here: the sentence that says so, and below it, once that is loaded, where to leave an address. */
function Contact({ email, away = words.away }: { email?: string | null; away?: string }) {
  if (email) return <p class="card">{fill(words.left_email, email)}</p>;
  return (
    <div class="card">
      <p dir="auto">{away}</p>
      {later?.contact()}
    </div>
  );
}
