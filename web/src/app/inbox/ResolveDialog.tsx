/** Asks once before a ticket is resolved, with room for a last word. Afterwards it can be undone. */
import { Button, Modal, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { words } from "../words";
import css from "./inbox.module.css";

export function ResolveDialog({ opened, onClose, onResolve }: { opened: boolean; onClose: () => void; onResolve: (message: string) => void }) {
  const [message, setMessage] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onResolve(message.trim());
    setMessage("");
  };
  return (
    <Modal opened={opened} onClose={onClose} title={words.ticket.resolveTitle}>
      <form className={css.dialog} onSubmit={submit}>
        <p>{words.ticket.resolveText}</p>
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
