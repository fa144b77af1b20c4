/** Asks once before a ticket is resolved: whether a person was needed, by one key, and room for a last word. It can be undone. */
import { Button, Modal, SegmentedControl, Textarea } from "@mantine/core";
import { type FormEvent, type KeyboardEvent, useId, useState } from "react";
import type { Label } from "../api/people";
import { words } from "../words";
import { peopleWords } from "../words/people";
import css from "./inbox.module.css";

const said = peopleWords.inbox;
const labels: Label[] = ["needed", "not_needed", "too_late"];

interface Props {
  opened: boolean;
  /** The ticket was handed over, so that there is something to say of it. */
  asksWhether: boolean;
  onClose: () => void;
  onResolve: (message: string, label: Label | null) => void;
}

export function ResolveDialog({ opened, asksWhether, onClose, onResolve }: Props) {
  const [message, setMessage] = useState("");
  const [label, setLabel] = useState<Label | null>(null);
  const question = useId();
  const finish = (chosen: Label | null): void => {
    onResolve(message.trim(), chosen);
    setMessage("");
    setLabel(null);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    finish(label);
  };
  /** 1, 2 or 3 says it and resolves, wherever the focus is but in the text. */
  const pressed = (event: KeyboardEvent): void => {
    const chosen = labels[Number(event.key) - 1];
    if (!asksWhether || !chosen || event.metaKey || event.ctrlKey || event.altKey || event.target instanceof HTMLTextAreaElement) return;
    event.preventDefault();
    finish(chosen);
  };
  return (
    <Modal opened={opened} onClose={onClose} title={words.ticket.resolveTitle} onKeyDown={pressed}>
      <form className={css.dialog} onSubmit={submit}>
        <p>{words.ticket.resolveText}</p>
        {asksWhether && (
          <div className={css.judge}>
            <strong id={question}>{said.label}</strong>
            <SegmentedControl
              fullWidth
              size="xs"
              aria-labelledby={question}
              value={label ?? ""}
              onChange={(value) => setLabel(value as Label)}
              data={labels.map((value, at) => ({ value, label: `${at + 1} ${said.labels[value]}` }))}
            />
            <small>{said.labelHint}</small>
          </div>
        )}
        <Textarea
          label={words.ticket.resolveMessage}
          description={words.ticket.resolveHint}
          rows={3}
          dir="auto"
          value={message}
          onChange={(event) => setMessage(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) submit(event);
          }}
        />
        <div className={css.dialogFoot}>
          <Button variant="default" onClick={onClose}>
            {words.cancel}
          </Button>
          <Button type="submit" data-autofocus>
            {words.ticket.resolve}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
