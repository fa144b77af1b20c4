/** One intent: what it is, and its examples, pasted and edited as lines. */
import { Button, NativeSelect, Switch, TextInput, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "../api/keys";
import * as calls from "../api/understanding";
import type { Intent } from "../api/understanding";
import { readable } from "../format";
import { Confirm } from "../knowledge/frame";
import { Icon } from "../ui/Icon";
import { Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { intentWords } from "../words/intents";
import css from "./intents.module.css";

const said = intentWords.form;
const MOST = 1000;

const lines = (text: string): string[] => [...new Set(text.split("\n").map((line) => line.trim()))].filter(Boolean);

function useChange<V, T>(run: (value: V) => Promise<T>, after: (result: T) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: (result) => {
      void client.invalidateQueries({ queryKey: keys.intents });
      after(result);
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
}

function Paste({ name }: { name: string }) {
  const [text, setText] = useState("");
  const add = useChange((texts: string[]) => calls.add(name, texts), ({ added, known_before, contradictions }) => {
    setText("");
    const parts = [said.added(added), known_before ? said.knownBefore(known_before) : "", contradictions.length ? said.against(contradictions.length) : ""];
    toast(parts.filter(Boolean).join(" "));
  });
  return (
    <div className={css.group}>
      <Textarea label={said.paste} description={said.pasteHint} autosize minRows={3} maxRows={10} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <div>
        <Button size="xs" variant="default" loading={add.isPending} disabled={!lines(text).length} onClick={() => add.mutate(lines(text))}>
          {said.addExamples}
        </Button>
      </div>
    </div>
  );
}

function AllExamples({ name, before, onSaved }: { name: string; before: string[]; onSaved: () => void }) {
  const [text, setText] = useState(before.join("\n"));
  const save = useChange((texts: string[]) => calls.put(name, { examples: texts } as calls.IntentChange), onSaved);
  if (before.length > MOST) return <p className={css.said}>{said.tooMany}</p>;
  const now = lines(text);
  return (
    <div className={css.group}>
      <Textarea label={said.all} description={said.allHint} autosize minRows={4} maxRows={14} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <div>
        <Button size="xs" loading={save.isPending} disabled={now.join("\n") === before.join("\n") || now.length > MOST} onClick={() => save.mutate(now)}>
          {said.save}
        </Button>
      </div>
    </div>
  );
}

function Examples({ name, onSaved }: { name: string; onSaved: () => void }) {
  const found = useQuery({ queryKey: [...keys.intents, "examples", name], queryFn: ({ signal }) => calls.examples(name, signal) });
  if (found.isPending) return <Loading lines={3} />;
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const texts = lines(found.data.items.filter(({ intents }) => intents.length === 1).map(({ text }) => text.replaceAll("\n", " ")).join("\n"));
  return <AllExamples key={texts.length} name={name} before={texts} onSaved={onSaved} />;
}

interface Props {
  intent: Intent | null;
  others: Intent[];
  onClose: () => void;
}

export function IntentForm({ intent, others, onClose }: Props) {
  const [name, setName] = useState(intent?.name ?? "");
  const [title, setTitle] = useState(intent?.title ?? "");
  const [description, setDescription] = useState(intent?.description ?? "");
  const [parent, setParent] = useState(intent?.parent ?? "");
  const [action, setAction] = useState(intent?.requires_action ?? false);
  const [removing, setRemoving] = useState(false);
  const done = (): void => {
    toast(said.saved);
    onClose();
  };
  const save = useChange(() => calls.put(name.trim(), { title, description, parent, requires_action: action } as calls.IntentChange), done);
  const remove = useChange(() => calls.remove(name), () => {
    toast(said.removed);
    onClose();
  });
  const unknown = intent?.name === "unknown";
  return (
    <div className={css.form}>
      {!unknown && (
        <form
          className={css.form}
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate(undefined);
          }}
        >
          {!intent && <TextInput label={said.name} description={said.nameHint} required maxLength={80} value={name} onChange={(event) => setName(event.currentTarget.value)} />}
          <TextInput label={said.titleLabel} maxLength={200} value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
          <Textarea label={said.description} autosize maxLength={2000} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
          <NativeSelect label={said.parent} value={parent} onChange={(event) => setParent(event.currentTarget.value)} data={[{ value: "", label: said.noParent }, ...others.map((other) => ({ value: other.name, label: other.title || readable(other.name) }))]} />
          <Switch label={said.requiresAction} checked={action} onChange={(event) => setAction(event.currentTarget.checked)} />
          <div className={css.foot}>
            {intent ? (
              <Button variant="subtle" color="red" leftSection={<Icon name="trash" size={14} />} onClick={() => setRemoving(true)}>
                {said.remove}
              </Button>
            ) : (
              <span />
            )}
            <Button type="submit" loading={save.isPending} disabled={!name.trim()}>
              {intent ? said.save : said.create}
            </Button>
          </div>
        </form>
      )}
      {intent && <Paste name={intent.name} />}
      {intent && <Examples name={intent.name} onSaved={done} />}
      <Confirm opened={removing} title={said.remove} text={said.removeText} label={said.remove} color="red" busy={remove.isPending} onClose={() => setRemoving(false)} onConfirm={() => remove.mutate(undefined)} />
    </div>
  );
}
