/** What is promised to customers: each promise a card of its own, in the order in which they are looked at. */
import "@mantine/core/styles/Checkbox.css";
import "@mantine/core/styles/NumberInput.css";
import { Button, Checkbox, NumberInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { keys } from "../api/keys";
import * as calls from "../api/people";
import type { Promised } from "../api/people";
import type { Priority } from "../api/types";
import { Notice, Page } from "../knowledge/frame";
import { useSession } from "../session";
import { Icon } from "../ui/Icon";
import { Empty, Failed, Loading } from "../ui/states";
import { words } from "../words";
import { peopleWords } from "../words/people";
import { listed, typed } from "./lists";
import css from "./people.module.css";
import { useSaving } from "./saving";

const said = peopleWords.promises;
const priorities: Priority[] = ["urgent", "high", "medium", "low"];
const kinds = ["first_reply", "next_reply", "resolution"] as const;

const fresh = (n: number): Promised => ({ name: said.nth(n), priorities: [], tiers: [], first_reply: 60, next_reply: 120, resolution: 1440, remind: 15 });

interface CardProps {
  promise: Promised;
  first: boolean;
  locked: boolean;
  onChange: (change: Partial<Promised>) => void;
  onUp: () => void;
  onRemove: () => void;
}

function Card({ promise, first, locked, onChange, onUp, onRemove }: CardProps) {
  const [tiers, setTiers] = useState(typed(promise.tiers));
  return (
    <fieldset className={css.group} disabled={locked}>
      <legend>{promise.name}</legend>
      <div className={css.pair}>
        <TextInput label={said.name} value={promise.name} required maxLength={60} dir="auto" onChange={(event) => onChange({ name: event.currentTarget.value })} />
        <TextInput label={said.tiers} description={said.tiersHint} value={tiers} onChange={(event) => { setTiers(event.currentTarget.value); onChange({ tiers: listed(event.currentTarget.value) }); }} />
      </div>
      <Checkbox.Group label={said.priorities} description={said.all} value={promise.priorities} onChange={(value) => onChange({ priorities: value as Priority[] })}>
        <div className={css.checks}>
          {priorities.map((one) => (
            <Checkbox key={one} value={one} label={words.priority[one]} disabled={locked} />
          ))}
        </div>
      </Checkbox.Group>
      <div className={css.pair}>
        {kinds.map((kind) => (
          <NumberInput key={kind} label={said[kind]} description={said.minutes} min={1} allowDecimal={false} hideControls value={promise[kind] ?? ""} onChange={(value) => onChange({ [kind]: typeof value === "number" ? value : null })} />
        ))}
        <NumberInput label={said.remind} description={said.remindHint} min={0} allowDecimal={false} hideControls value={promise.remind} onChange={(value) => onChange({ remind: typeof value === "number" ? value : 0 })} />
      </div>
      {!locked && (
        <div className={css.dialogFoot}>
          {!first && (
            <Button size="xs" variant="default" aria-label={said.up(promise.name)} onClick={onUp}>
              ↑
            </Button>
          )}
          <Button size="xs" variant="default" leftSection={<Icon name="trash" size={14} />} onClick={onRemove}>
            {said.remove(promise.name)}
          </Button>
        </div>
      )}
    </fieldset>
  );
}

/** Cards keep what is typed while they move: each is known by a number of its own. */
interface Kept {
  key: number;
  promise: Promised;
}

function Editor({ promises, locked }: { promises: Promised[]; locked: boolean }) {
  const [cards, setCards] = useState<Kept[]>(() => promises.map((promise, key) => ({ key, promise })));
  const save = useSaving(calls.setPromises);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate(cards.map(({ promise }) => promise));
  };
  const add = (): void => setCards([...cards, { key: Math.max(-1, ...cards.map(({ key }) => key)) + 1, promise: fresh(cards.length + 1) }]);
  return (
    <form className={css.form} onSubmit={submit}>
      {cards.length === 0 && <Empty icon="clock" title={said.empty} text={said.emptyText} />}
      {cards.map(({ key, promise }, at) => (
        <Card
          key={key}
          promise={promise}
          first={at === 0}
          locked={locked}
          onChange={(change) => setCards((was) => was.map((card) => (card.key === key ? { key, promise: { ...card.promise, ...change } } : card)))}
          onUp={() => setCards((was) => was.toSpliced(at - 1, 2, was[at] as Kept, was[at - 1] as Kept))}
          onRemove={() => setCards((was) => was.filter((card) => card.key !== key))}
        />
      ))}
      {!locked && (
        <div className={css.foot}>
          <Button variant="default" leftSection={<Icon name="plus" size={14} />} onClick={add}>
            {said.add}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {peopleWords.save}
          </Button>
        </div>
      )}
    </form>
  );
}

export default function PromisesPage() {
  const { member } = useSession();
  const found = useQuery({ queryKey: keys.promises, queryFn: ({ signal }) => calls.promises(signal) });
  const locked = member.role !== "admin";
  const items = found.data?.items.map(({ name, priorities: of, tiers, first_reply, next_reply, resolution, remind }) => ({ name, priorities: of, tiers, first_reply, next_reply, resolution, remind }));
  return (
    <Page title={said.title} name="promises" lead={said.lead}>
      {locked && <Notice icon="shield">{peopleWords.needAdmin}</Notice>}
      {found.isPending && <Loading lines={6} />}
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {items && <Editor key={JSON.stringify(items)} promises={items} locked={locked} />}
    </Page>
  );
}
