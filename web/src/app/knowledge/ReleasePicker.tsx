/** Choosing the draft release that a change waits in: one that is there, or a new one. */
import { Button, Modal, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import { Failed, Loading, explain } from "../ui/states";
import { words } from "../words";
import { knowledgeWords } from "../words/knowledge";
import css from "./article.module.css";
import { Notice } from "./frame";
import frame from "./frame.module.css";

const said = knowledgeWords.pick;
const NEW = "new";

export interface Picked {
  id: string;
  title: string;
}

export function useDrafts(enabled = true) {
  return useQuery({ queryKey: keys.releaseList("draft"), enabled, queryFn: ({ signal }) => calls.releases("draft", signal) });
}

interface Props {
  opened: boolean;
  busy?: boolean;
  onClose: () => void;
  onPick: (release: Picked) => void;
}

export function ReleasePicker({ opened, busy, onClose, onPick }: Props) {
  const client = useQueryClient();
  const drafts = useDrafts(opened);
  const [choice, setChoice] = useState<string | null>(null);
  const [title, setTitle] = useState("");
  const [missing, setMissing] = useState(false);
  const items = drafts.data?.items ?? [];
  const chosen = choice ?? items[0]?.id ?? NEW;
  const create = useMutation({
    mutationFn: () => calls.createRelease(title.trim()),
    onSuccess: (release) => {
      void client.invalidateQueries({ queryKey: keys.releases });
      onPick(release);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    const draft = items.find((one) => one.id === chosen);
    if (draft) onPick(draft);
    else if (title.trim()) create.mutate();
    else setMissing(true);
  };
  const option = (id: string, label: string, aside?: string) => (
    <label key={id} className={css.option}>
      <input type="radio" name="release" value={id} checked={chosen === id} onChange={() => setChoice(id)} />
      <bdi>{label}</bdi>
      {aside && <small>{aside}</small>}
    </label>
  );
  return (
    <Modal opened={opened} onClose={onClose} title={said.title}>
      <form className={css.pick} onSubmit={submit} noValidate>
        <p className={frame.dialogText}>{said.text}</p>
        {drafts.isPending && <Loading lines={2} />}
        {drafts.isError && <Failed error={drafts.error} retry={() => void drafts.refetch()} />}
        {drafts.data && (
          <fieldset>
            <legend>{said.drafts}</legend>
            {items.map((draft) => option(draft.id, draft.title, said.changes(draft.changes)))}
            {option(NEW, said.fresh)}
          </fieldset>
        )}
        {chosen === NEW && (
          <TextInput label={said.name} description={said.nameHint} value={title} error={missing && !title.trim() ? said.needName : undefined} maxLength={200} onChange={(event) => setTitle(event.currentTarget.value)} />
        )}
        {create.isError && <Notice tone="red" icon="alert">{explain(create.error)}</Notice>}
        <div className={frame.dialogFoot}>
          <Button variant="default" onClick={onClose}>
            {words.cancel}
          </Button>
          <Button type="submit" loading={busy || create.isPending}>
            {said.add}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
