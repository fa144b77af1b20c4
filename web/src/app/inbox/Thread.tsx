/** The conversation, newest at the foot; follows along only while one reads there. */
import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Fragment, useEffect, useLayoutEffect, useRef, useState } from "react";
import { meant, spoken } from "../../shared/markup";
import type { TicketDetail } from "../api/types";
import { dayName, timeOfDay } from "../format";
import { useMoment } from "../live/moment";
import { useSession } from "../session";
import { Icon } from "../ui/Icon";
import { RichText } from "../ui/RichText";
import { Avatar, Spoken, Tag } from "../ui/small";
import { words } from "../words";
import { MessageView } from "./MessageView";
import type { Kind } from "./drafts";
import css from "./inbox.module.css";
import { type Outgoing, discard, resend, useOutbox } from "./outbox";
import { customerName, speaker } from "./people";

/** This near to the foot counts as reading the newest message, in px. */
const NEAR = 80;

interface Props {
  detail: TicketDetail;
  onWhy: (turnId: string) => void;
  /** Called whenever everything there is has been on screen. */
  onSeen: () => void;
  onTakeBack: (kind: Kind, text: string) => void;
}

function Pending({ entry, onSee, onTakeBack }: { entry: Outgoing; onSee: () => void; onTakeBack: Props["onTakeBack"] }) {
  const client = useQueryClient();
  const { member } = useSession();
  const takeBack = (): void => {
    discard(entry.id);
    onTakeBack(entry.kind, entry.text);
  };
  return (
    <li className={css.message} data-role={entry.kind === "note" ? "note" : "agent"} data-pending={entry.state}>
      <Avatar name={member.name} tone={entry.kind === "note" ? undefined : "solid"} />
      <div className={css.bubble}>
        <p className={css.byline}>
          <strong>{member.name}</strong>
          {entry.kind === "note" && <Tag icon="note">{words.ticket.note}</Tag>}
          <span>{entry.state === "sending" ? words.ticket.sending : entry.offline ? words.composer.queued : words.ticket.notSent}</span>
        </p>
        <RichText text={entry.text} />
        {entry.state === "failed" && (
          <div className={css.unsent} role="alert">
            <p>{entry.error ?? words.composer.failed}</p>
            <Button size="compact-xs" onClick={() => resend(client, entry.id)}>{words.retry}</Button>
            <Button size="compact-xs" variant="default" onClick={takeBack}>{words.edit}</Button>
            <Button size="compact-xs" variant="subtle" onClick={() => discard(entry.id)}>{words.ticket.discard}</Button>
          </div>
        )}
        {entry.state === "collision" && (
          <div className={css.unsent} data-kind="collision" role="alert">
            <p>
              <strong>{words.composer.collisionTitle}</strong> {words.composer.collisionText}
            </p>
            <Button
              size="compact-xs"
              onClick={() => {
                takeBack();
                onSee();
              }}
            >
              {words.composer.see}
            </Button>
            <Button size="compact-xs" variant="default" onClick={() => resend(client, entry.id, true)}>{words.composer.sendAnyway}</Button>
          </div>
        )}
      </div>
    </li>
  );
}

/** What happens this second: the assistant writing, somebody typing. */
function Happening({ detail }: { detail: TicketDetail }) {
  const { member } = useSession();
  const { id } = detail.conversation;
  const writing = useMoment((now) => now.writing[id]);
  const typing = useMoment((now) => now.typing[id]);
  const own = typing?.role === "agent" && typing.name === member.name;
  return (
    <>
      {writing && (
        <li className={css.message} data-role="assistant" aria-busy="true">
          <Avatar icon="assistant" tone="accent" />
          <div className={css.bubble}>
            <p className={css.byline}>
              <strong>{words.ticket.assistant}</strong>
              <span>{(writing.step && words.ticket.step[writing.step]) || words.ticket.assistantWrites}</span>
            </p>
            {writing.text && <RichText text={meant(writing.text)} />}
          </div>
        </li>
      )}
      {typing && !own && (
        <li className={css.typing}>
          <span className={css.typingDots} aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {typing.role === "customer" ? words.ticket.customerTyping : words.ticket.isTyping(typing.name ?? words.ticket.agent)}
        </li>
      )}
    </>
  );
}

export function Thread({ detail, onWhy, onSeen, onTakeBack }: Props) {
  const { ticket, messages } = detail;
  const outgoing = useOutbox().filter((entry) => entry.ticketId === ticket.id && !messages.some((message) => message.client_message_id === entry.id));
  const written = useMoment((now) => now.writing[detail.conversation.id]?.text.length ?? 0);
  const box = useRef<HTMLDivElement>(null);
  const atFoot = useRef(true);
  const read = useRef(messages.length);
  const [missed, setMissed] = useState(0);
  const newest = messages.at(-1);

  const toFoot = (): void => {
    const element = box.current;
    if (element) element.scrollTop = element.scrollHeight;
  };
  const looked = (): void => {
    read.current = messages.length;
    setMissed(0);
    onSeen();
  };
  const check = (): void => {
    const element = box.current;
    if (!element) return;
    const near = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    if (near && !atFoot.current) looked();
    atFoot.current = near;
  };

  useLayoutEffect(() => {
    if (atFoot.current) toFoot();
  }, [messages.length, outgoing.length, written]);

  useEffect(() => {
    const visible = document.visibilityState === "visible";
    if (atFoot.current && visible) {
      read.current = messages.length;
      setMissed(0);
      onSeen();
    } else setMissed(Math.max(0, messages.length - read.current));
  }, [messages.length, onSeen]);

  useEffect(() => {
    // A growing composer or an opened briefing must not push the newest message out of sight.
    const element = box.current;
    if (!element) return;
    const resized = new ResizeObserver(() => atFoot.current && toFoot());
    resized.observe(element);
    return () => resized.disconnect();
  }, []);

  const days = messages.map((message) => dayName(message.created_at));
  return (
    <div className={css.threadBox}>
      {/* The log can be scrolled by keyboard, so it can be focused. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={css.thread} ref={box} onScroll={check} role="log" aria-live="off" aria-label={words.ticket.thread} tabIndex={0}>
        <ol>
          {messages.length === 0 && <li className={css.systemLine}>{words.ticket.emptyThread}</li>}
          {messages.map((message, at) => (
            <Fragment key={message.id}>
              {days[at] !== days[at - 1] && <li className={css.day}>{days[at]}</li>}
              <MessageView message={message} customer={ticket.customer} onWhy={onWhy} />
            </Fragment>
          ))}
          {outgoing.map((entry) => (
            <Pending key={entry.id} entry={entry} onSee={toFoot} onTakeBack={onTakeBack} />
          ))}
          <Happening detail={detail} />
        </ol>
      </div>
      {missed > 0 && (
        <Button className={css.jump} size="compact-sm" aria-label={words.ticket.jump} rightSection={<Icon name="down" size={12} />} onClick={() => { toFoot(); looked(); }}>
          {words.ticket.newMessages(missed)}
        </Button>
      )}
      <Spoken>
        <span role="status">
          {newest && newest.role !== "agent" ? `${speaker(newest, ticket.customer).name || customerName(ticket.customer)}, ${timeOfDay(newest.created_at)}: ${spoken(newest.text)}` : ""}
        </span>
      </Spoken>
    </div>
  );
}
