/** What an action's requests are signed with: its last letters, and making a new one that is shown once. */
import { Button, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import * as calls from "../api/actions";
import type { Secret } from "../api/actions";
import { keys } from "../api/keys";
import { wholeTime } from "../format";
import { Confirm, Notice } from "../knowledge/frame";
import rows from "../knowledge/rows.module.css";
import { Icon } from "../ui/Icon";
import { explain } from "../ui/states";
import { toast } from "../ui/toast";
import { actionWords } from "../words/actions";
import css from "./actions.module.css";

const said = actionWords.secret;

function Once({ secret, onClose }: { secret: string; onClose: () => void }) {
  const copy = (): void => {
    navigator.clipboard.writeText(secret).then(
      () => toast(said.copied),
      () => document.querySelector<HTMLInputElement>("#new-secret")?.select(),
    );
  };
  return (
    <Modal opened onClose={onClose} title={said.once} size="lg" closeOnClickOutside={false}>
      <div className={rows.dialog}>
        <Notice tone="amber" icon="alert">
          {said.onceText}
        </Notice>
        <TextInput id="new-secret" label={said.label} value={secret} readOnly dir="ltr" data-autofocus onFocus={(event) => event.currentTarget.select()} />
        <div className={css.dialogFoot}>
          {navigator.clipboard && (
            <Button variant="default" onClick={copy}>
              {said.copy}
            </Button>
          )}
          <Button onClick={onClose}>{said.close}</Button>
        </div>
      </div>
    </Modal>
  );
}

export function SecretPanel({ name, secrets }: { name: string; secrets: Secret[] }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const make = useMutation({
    mutationFn: () => calls.newSecret(name),
    onSuccess: () => {
      setAsking(false);
      void client.invalidateQueries({ queryKey: keys.action(name) });
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
    gcTime: 0,
  });
  return (
    <section className={rows.panel}>
      <p>{said.text}</p>
      {secrets.length === 0 && <p className={rows.empty}>{said.none}</p>}
      {secrets.length > 0 && (
        <ul className={rows.rows}>
          {secrets.map((secret) => (
            <li key={secret.created_at} className={rows.row}>
              <span className={rows.mark}>
                <Icon name="shield" />
              </span>
              <div className={rows.rowMain}>
                <p className={rows.rowHead}>
                  <strong dir="ltr">{said.ends(secret.last4)}</strong>
                </p>
                <p className={rows.facts}>
                  <span>{said.made(wholeTime(secret.created_at))}</span>
                  {secret.retires_at && <span>{said.retires(wholeTime(secret.retires_at))}</span>}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
      <div>
        <Button size="xs" variant="default" loading={make.isPending} onClick={() => (secrets.length ? setAsking(true) : make.mutate())}>
          {said.make}
        </Button>
      </div>
      <Confirm opened={asking} title={said.again} text={said.againText} label={said.make} busy={make.isPending} onClose={() => setAsking(false)} onConfirm={() => make.mutate()} />
      {make.data && <Once secret={make.data.secret} onClose={() => make.reset()} />}
    </section>
  );
}
