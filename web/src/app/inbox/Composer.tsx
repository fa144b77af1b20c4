/** Where one writes: a reply to the customer or a note for the team. Drafts are kept; mod+Enter sends. */
import { Button, SegmentedControl } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, type Ref, useEffect, useId, useImperativeHandle, useLayoutEffect, useRef, useState } from "react";
import * as calls from "../api/calls";
import type { TicketDetail } from "../api/types";
import { modKey } from "../shell/keyboard";
import { Icon } from "../ui/Icon";
import { Key } from "../ui/small";
import { words } from "../words";
import { type Kind, draftOf, keepDraft, useDraft } from "./drafts";
import css from "./inbox.module.css";
import { send } from "./outbox";
import { customerName } from "./people";
import type { Charge } from "./views";

/** The contract's pace for telling that one types. */
const TYPING_MS = 3_000;
/** Longer messages are refused by the server. */
const LONGEST = 20_000;

export interface ComposerHandle {
  focus: (kind: Kind) => void;
  /** Puts text into the draft, before whatever is there. */
  fill: (text: string, kind?: Kind) => void;
}

interface Props {
  ref: Ref<ComposerHandle>;
  detail: TicketDetail;
  charge: Charge;
  answers: boolean;
  seenEventId: string;
  onClaim: () => Promise<unknown>;
  onReopen: (() => void) | undefined;
  onTakeOver: () => void;
}

function useTypingSign(ticketId: string): () => void {
  const last = useRef(0);
  return () => {
    if (Date.now() - last.current < TYPING_MS) return;
    last.current = Date.now();
    void calls.typing(ticketId).catch(() => undefined);
  };
}

export function Composer({ ref, detail, charge, answers, seenEventId, onClaim, onReopen, onTakeOver }: Props) {
  const { ticket } = detail;
  const client = useQueryClient();
  const [kind, setKind] = useState<Kind>(() => (draftOf(ticket.id, "note") && !draftOf(ticket.id, "reply") ? "note" : "reply"));
  const [text, setText] = useDraft(ticket.id, kind);
  const [claiming, setClaiming] = useState(false);
  const input = useRef<HTMLTextAreaElement>(null);
  const wantsFocus = useRef(false);
  const hint = useId();
  const sign = useTypingSign(ticket.id);
  const claimsFirst = kind === "reply" && (charge === "waiting" || charge === "assistant");
  const closed = kind === "reply" && (charge === "closed" || charge === "other");
  const over = text.length - LONGEST;

  useImperativeHandle(ref, () => ({
    focus: (wanted) => {
      wantsFocus.current = true;
      setKind(wanted);
      input.current?.focus();
    },
    fill: (more, wanted = "reply") => {
      const kept = draftOf(ticket.id, wanted);
      const next = kept ? `${more}\n\n${kept}` : more;
      keepDraft(ticket.id, wanted, next);
      if (wanted === kind) setText(next);
      wantsFocus.current = true;
      setKind(wanted);
      input.current?.focus();
    },
  }));

  useEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    input.current?.focus();
  }, [kind]);

  useLayoutEffect(() => {
    const element = input.current;
    if (!element) return;
    element.style.blockSize = "auto";
    element.style.blockSize = `${element.scrollHeight + 2}px`;
  }, [closed, text]);

  if (!answers)
    return (
      <p className={css.readOnly}>
        <Icon name="shield" size={14} /> {words.composer.viewer}
      </p>
    );

  const submit = async (): Promise<void> => {
    const said = text.trim();
    if (!said || over > 0 || claiming || closed) return;
    if (claimsFirst) {
      setClaiming(true);
      try {
        await onClaim();
      } catch {
        return; // The action has said why; the draft stays.
      } finally {
        setClaiming(false);
      }
    }
    setText("");
    send(client, ticket.id, kind, said, kind === "reply" ? seenEventId : null);
    input.current?.focus();
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      void submit();
    } else if (event.key === "Escape") input.current?.blur();
  };
  const label = kind === "note" ? words.composer.noteFor : words.composer.replyTo(customerName(ticket.customer));

  return (
    <div className={css.composer} data-kind={kind}>
      <div className={css.composerTop}>
        <SegmentedControl
          size="xs"
          aria-label={words.composer.label}
          value={kind}
          onChange={(value) => setKind(value as Kind)}
          data={[
            { value: "reply", label: words.composer.reply },
            { value: "note", label: words.composer.note },
          ]}
        />
        <span id={hint}>{kind === "note" ? words.ticket.noteLong : label}</span>
      </div>
      {closed ? (
        <div className={css.composerClosed}>
          <p>{charge === "other" ? words.composer.others(ticket.assignee?.name ?? words.ticket.agent) : words.composer.closed}</p>
          {charge === "other" ? (
            <Button size="xs" variant="default" onClick={onTakeOver}>
              {words.ticket.takeOver}
            </Button>
          ) : (
            <Button size="xs" variant="default" onClick={onReopen} disabled={!onReopen}>
              {words.ticket.reopen}
            </Button>
          )}
        </div>
      ) : (
        <>
          <textarea
            ref={input}
            className={css.input}
            rows={2}
            dir="auto"
            aria-label={label}
            aria-describedby={hint}
            placeholder={kind === "note" ? words.composer.placeholderNote : words.composer.placeholderReply}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              if (kind === "reply" && event.currentTarget.value) sign();
            }}
            onKeyDown={pressed}
          />
          <div className={css.composerFoot}>
            <span role="status">{over > 0 ? words.composer.tooLong(over) : text ? words.composer.draft : ""}</span>
            <Button size="xs" disabled={!text.trim() || over > 0} loading={claiming} onClick={() => void submit()} leftSection={<Icon name={kind === "note" ? "note" : "send"} size={14} />} rightSection={<Key onButton>{`${modKey} ↵`}</Key>}>
              {kind === "note" ? words.composer.addNote : claimsFirst ? words.composer.claimFirst : words.composer.send}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}
