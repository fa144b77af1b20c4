/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
/** The visible log: messages, what is being written, what waits to be sent, and the lines in between. */

import { Cards } from "./cards";
import * as chat from "./chat";
import { Fragment, h, type Child } from "./draw";
import { Icon, IconButton } from "./icons";
import type { Outgoing } from "./outbox";
import { later } from "./later";
import { lang, words } from "./settings";
import type { Citation, Message } from "./shapes";
import { Text } from "./text";
import type { Notice, Thread, Turn } from "./thread";
import { fill } from "./words";

/** Closer to the end than this counts as reading along, in CSS pixels. */
const NEAR_PX = 60;

let box: HTMLElement | undefined;
let atEnd = true;
let shown: string | null = null;

/** After every drawing: stays at the end for a reader who was there, and begins there in a conversation just opened. */
export function scrollAlong(): void {
  if (atEnd || shown !== chat.current) toEnd();
  shown = chat.current;
}

function toEnd(): void {
  box?.scrollTo(0, box.scrollHeight);
}

export function LogView() {
  return (
    <div class="logbox">
      <div
        class="log"
        role="log"
        aria-live="off"
        aria-label={words.log}
        aria-busy={!!chat.log?.thread.turns.length}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls can be scrolled by keyboard
        tabindex="0"
        ref={(node) => {
          box = node;
          atEnd = true;
        }}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          const was = atEnd;
          atEnd = scrollHeight - scrollTop - clientHeight < NEAR_PX;
          if (was !== atEnd) chat.changed();
        }}
      >
        <Lines />
      </div>
      {!atEnd && (
        <button type="button" class="latest" onClick={toEnd}>
          <Icon of="fold" /> {words.latest}
        </button>
      )}
    </div>
  );
}

function Lines() {
  const thread = chat.log?.thread;
  const waiting = chat.outbox.filter((one) => one.conversation === chat.current);
  return (
    <>
      <p class="notice">
        <Icon of="spark" />
        <span dir="auto">{chat.config?.ai_notice || words.notice}</span>
      </p>
      {chat.config && (
        <Reply name={assistant()}>
          <Text text={chat.config.greeting} />
        </Reply>
      )}
      {chat.current && !thread && <p class="line">{words.loading}</p>}
      {!chat.current && !waiting.length && <Taps texts={chat.config?.starters} />}
      {thread && [noticesAfter(thread, null), later?.behind(thread, -1)]}
      {thread?.messages.map((message, at, all) => [
        <Entry key={message.client_message_id ?? message.id} message={message} before={all[at - 1]} last={at === all.length - 1} />,
        noticesAfter(thread, message.id),
        later?.behind(thread, at),
      ])}
      {thread?.status === "ai" && <Taps texts={thread.messages.at(-1)?.choices} />}
      {waiting.map((one) => (
        <Waiting key={one.client_message_id} {...one} />
      ))}
      {thread?.turns.map((turn) => (
        <Writing key={turn.messageId ?? turn.id} {...turn} />
      ))}
      {chat.typist && <Dots label={fill(words.typing, chat.typist)} />}
      <Cards />
    </>
  );
}

/** What can be tapped instead of writing it. */
function Taps({ texts }: { texts?: string[] }) {
  return (
    <div class="starters">
      {texts?.map((text) => (
        <button type="button" dir="auto" onClick={() => chat.send(text)}>
          {text}
        </button>
      ))}
    </div>
  );
}

const assistant = (): string => chat.config?.assistant_name || words.assistant;

const noticeText = ({ kind, name }: Notice): string => (kind === "joined" ? fill(words.joined, name) : words[kind]);

function noticesAfter({ notices }: Thread, after: string | null): Child {
  return notices.map((notice) => notice.after === after && <p class="line">{noticeText(notice)}</p>);
}

function Entry({ message, before, last }: { message: Message; before?: Message; last: boolean }) {
  const { id, role, text, author, citations, created_at } = message;
  if (role === "system")
    return (
      <p class="line told" dir="auto">
        {text}
      </p>
    );
  const time = new Date(created_at).toLocaleTimeString(lang, { timeStyle: "short" });
  if (role === "user") return <Own text={text}>{last && `${words.sent} · ${time}`}</Own>;
  const follows = before?.role === role && before.author?.id === author?.id;
  const ai = role === "assistant";
  const open = (citation: Citation): void => void chat.openSource(id, citation);
  return (
    <Reply name={follows ? "" : ai ? assistant() : (author?.name ?? "")} time={time} human={!ai}>
      <Text text={text} citations={citations} open={open} />
      {citations.length > 0 && [
        <div class="sources">
          <b>{words.sources}</b>
          {citations.map((citation, at) => (
            // Cited several times in a row, a document stands here once.
            citation.document_id !== citations[at - 1]?.document_id && (
              <button type="button" onClick={() => open(citation)}>
                <i>{citation.index}</i>
                <span dir="auto">{citation.title}</span>
              </button>
            )
          ))}
        </div>,
        // Whether it helped is asked after an answer only, not after a word in between.
        <div class="votes">
          <Vote message={message} rating="up" label={words.helpful} />
          <Vote message={message} rating="down" label={words.unhelpful} />
        </div>,
      ]}
    </Reply>
  );
}

function Vote({ message, rating, label }: { message: Message; rating: "up" | "down"; label: string }) {
  const given = chat.votes[message.id] === rating;
  return <IconButton of="thumb" label={label} aria-pressed={given} onClick={() => chat.vote(message, rating)} />;
}

/** What the customer wrote; `children` say how it fares. */
function Own({ text, children }: { text: string; children?: unknown }) {
  return (
    <div class="own">
      <span class="hidden">{words.you}:</span>
      <p class="bubble" dir="auto">
        {text}
      </p>
      <div class="meta">{children as Child}</div>
    </div>
  );
}

function Waiting({ state, detail, text, client_message_id }: Outgoing) {
  if (state !== "failed") return <Own text={text}>{words[state]}</Own>;
  return (
    <Own text={text}>
      <span class="bad">
        {words.failed} {detail}
      </span>
      <button type="button" class="plain" onClick={() => chat.retry(client_message_id)}>
        {words.retry}
      </button>
    </Own>
  );
}

/** What the assistant or a person wrote, with the writer's name above it unless that is said already. */
function Reply({ name, time, human, children }: { name: string; time?: string; human?: boolean; children?: unknown }) {
  return (
    <div class="reply">
      {name && (
        <div class="meta">
          <span class={human ? "face human" : "face"} aria-hidden="true">
            {human ? name[0] : <Icon of="spark" />}
          </span>
          <b dir="auto">{name}</b> {time}
        </div>
      )}
      <div class="bubble">{children as Child}</div>
    </div>
  );
}

function Writing({ text, citations, messageId }: Turn) {
  if (!text || chat.whole) return <Dots label={words.steps[chat.step] ?? words.thinking} />;
  return (
    <Reply name={assistant()}>
      <Text text={text} citations={citations} open={(citation) => void chat.openSource(messageId ?? "", citation)} />
    </Reply>
  );
}

function Dots({ label }: { label: string }) {
  return (
    <p class="dots">
      <i />
      <i />
      <i />
      <span>{label}</span>
    </p>
  );
}
