/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
/** The cards at the end of the thread: an offered person, the queue, leaving an address, rating, the end. */

import type { Problem } from "../shared/problem";
import * as chat from "./chat";
import { Fragment, h, type Child } from "./draw";
import { Icon } from "./icons";
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
      {thread.askRating && <Rating />}
      {thread.score && <p class="line">{words.thanks}</p>}
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

interface FormProps {
  /** Sends what was filled in; a rejection is shown in the form. */
  send: (value: (name: string) => string) => Promise<void>;
  /** What to say when the form is not filled in as it should be. */
  wrong: string;
  children?: unknown;
}

function Form({ send, wrong, children }: FormProps) {
  return (
    <form
      class="card"
      novalidate
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        // Drawn without content, so what is written here stays.
        const bad = form.querySelector(".bad") as HTMLElement;
        bad.textContent = "";
        if (form.checkValidity()) {
          const data = new FormData(form);
          send((name) => String(data.get(name)).trim()).catch(({ sentence }: Problem) => {
            bad.textContent = sentence || words.wrong;
          });
        } else {
          bad.textContent = wrong;
          form.querySelector<HTMLElement>("input:invalid")?.focus();
        }
      }}
    >
      {children as Child}
      <p class="bad" role="alert" />
      <button type="submit" class="main">
        {words.send}
      </button>
    </form>
  );
}

function Contact({ email, away }: { email?: string | null; away?: string }) {
  if (email) return <p class="card">{fill(words.left_email, email)}</p>;
  return (
    <Form send={(value) => chat.leaveEmail(value("email"))} wrong={words.emailBad}>
      <p dir="auto">{away || words.away}</p>
      <label>
        {words.email}
        <input type="email" name="email" autocomplete="email" required dir="ltr" />
      </label>
    </Form>
  );
}

function Rating() {
  return (
    <Form send={(value) => chat.rate(Number(value("rating")), value("comment"))} wrong={words.rate}>
      <fieldset>
        <legend>{words.rate}</legend>
        <div class="stars">
          {[1, 2, 3, 4, 5].map((score) => (
            <label>
              <input type="radio" name="rating" value={score} required aria-label={fill(words.stars, score)} />
              <Icon of="star" />
              <span aria-hidden="true">{score}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <label>
        {words.comment}
        <textarea name="comment" rows="2" dir="auto" />
      </label>
    </Form>
  );
}
