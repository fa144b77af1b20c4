/** Keys of the tenant's own: put in, replaced, removed; never shown. */
import { Button, NativeSelect, PasswordInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import * as calls from "../api/models";
import { type ModelKey, type Provider, providers } from "../api/models";
import { keys } from "../api/keys";
import { readable, wholeTime } from "../format";
import { Confirm } from "../knowledge/frame";
import { explain } from "../ui/states";
import { toast } from "../ui/toast";
import { modelWords } from "../words/models";
import css from "./models.module.css";

const said = modelWords.keys;
const nameOf = (provider: string): string => said.names[provider] ?? readable(provider);

function NewKey({ onSaved }: { onSaved: () => void }) {
  const [provider, setProvider] = useState<Provider>("openai");
  const [key, setKey] = useState("");
  const saving = useMutation({
    mutationFn: () => calls.putKey(provider, key),
    onSuccess: () => {
      setKey("");
      toast(said.saved(nameOf(provider)));
      onSaved();
    },
    gcTime: 0,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <NativeSelect label={said.provider} value={provider} data={providers.map((value) => ({ value, label: nameOf(value) }))} onChange={(event) => setProvider(event.currentTarget.value as Provider)} />
      <PasswordInput label={said.key} value={key} autoComplete="off" dir="ltr" error={saving.error ? explain(saving.error) : undefined} onChange={(event) => setKey(event.currentTarget.value)} />
      <Button type="submit" variant="default" disabled={!key.trim()} loading={saving.isPending}>
        {said.add}
      </Button>
    </form>
  );
}

export function KeysPanel({ found }: { found: ModelKey[] }) {
  const client = useQueryClient();
  const [leaving, setLeaving] = useState<ModelKey | null>(null);
  const renew = (): void => {
    for (const queryKey of [keys.models, keys.mode]) void client.invalidateQueries({ queryKey });
  };
  const removing = useMutation({
    mutationFn: (provider: string) => calls.removeKey(provider),
    onSuccess: () => toast(said.removed),
    onError: (error) => toast(explain(error), { tone: "red" }),
    onSettled: () => {
      setLeaving(null);
      renew();
    },
  });
  return (
    <section className={css.panel} aria-labelledby="keys-title">
      <h2 id="keys-title">{said.title}</h2>
      <p>{said.lead}</p>
      {found.length === 0 && <p>{said.none}</p>}
      {found.length > 0 && (
        <ul className={css.keys}>
          {found.map((key) => (
            <li key={key.provider}>
              <div>
                <strong>{nameOf(key.provider)}</strong> <span dir="ltr">{said.ends(key.last4)}</span>
                <small>{said.made(key.author, wholeTime(key.created_at))}</small>
              </div>
              <Button size="xs" variant="default" aria-label={`${said.remove}: ${nameOf(key.provider)}`} onClick={() => setLeaving(key)}>
                {said.remove}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <NewKey onSaved={renew} />
      <Confirm opened={leaving !== null} title={said.removeTitle(nameOf(leaving?.provider ?? ""))} text={said.removeText} label={said.remove} color="red" busy={removing.isPending} onClose={() => setLeaving(null)} onConfirm={() => leaving && removing.mutate(leaving.provider)} />
    </section>
  );
}
