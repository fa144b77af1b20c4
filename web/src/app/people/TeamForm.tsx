/** What a team is set by: what it takes, how it is given work, and who is in it. */
import "@mantine/core/styles/Checkbox.css";
import "@mantine/core/styles/NumberInput.css";
import { Button, Checkbox, NativeSelect, NumberInput, Switch, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Assignment, Team, TeamChange } from "../api/people";
import type { MemberRow } from "../api/types";
import { words } from "../words";
import { peopleWords } from "../words/people";
import { listed, typed } from "./lists";
import css from "./people.module.css";

const said = peopleWords.teams;
const assignments: Assignment[] = ["manual", "round_robin", "balanced"];

interface Props {
  team: Team | null;
  members: MemberRow[];
  saving: boolean;
  onSave: (change: TeamChange & { name: string }) => void;
  onCancel: () => void;
}

export function TeamForm({ team, members, saving, onSave, onCancel }: Props) {
  const [name, setName] = useState(team?.name ?? "");
  const [lists, setLists] = useState({
    categories: typed(team?.categories ?? []),
    tiers: typed(team?.tiers ?? []),
    languages: typed(team?.languages ?? []),
    skills: typed(team?.skills ?? []),
  });
  const [assignment, setAssignment] = useState<Assignment>(team?.assignment ?? "round_robin");
  const [grace, setGrace] = useState((team?.grace_s ?? 120) / 60);
  const [isDefault, setDefault] = useState(team?.default ?? false);
  const [inside, setInside] = useState(new Map(team?.members.map(({ id, lead }) => [id, lead]) ?? []));
  const people = members.filter((member) => member.role !== "viewer");

  const put = (id: string, is: boolean, lead = false): void => {
    const next = new Map(inside);
    if (is) next.set(id, lead);
    else next.delete(id);
    setInside(next);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!name.trim()) return;
    onSave({
      name: name.trim(),
      categories: listed(lists.categories),
      tiers: listed(lists.tiers),
      languages: listed(lists.languages.toLowerCase()),
      skills: listed(lists.skills),
      assignment,
      grace_s: Math.round(grace * 60),
      ...(isDefault ? { default: true } : {}),
      members: [...inside].map(([id, lead]) => ({ id, lead })),
    });
  };
  const list = (field: keyof typeof lists, label: string, hint: string) => (
    <TextInput key={field} label={label} description={hint} value={lists[field]} maxLength={1000} onChange={(event) => setLists({ ...lists, [field]: event.currentTarget.value })} />
  );
  return (
    <form className={css.form} onSubmit={submit}>
      <TextInput label={said.name} value={name} required maxLength={60} dir="auto" data-autofocus onChange={(event) => setName(event.currentTarget.value)} />
      <div className={css.pair}>
        {list("categories", said.categories, said.categoriesHint)}
        {list("tiers", said.tiers, said.tiersHint)}
        {list("languages", said.languages, said.languagesHint)}
        {list("skills", said.skills, said.skillsHint)}
        <NativeSelect label={said.assignment} value={assignment} data={assignments.map((value) => ({ value, label: said.assignments[value] }))} onChange={(event) => setAssignment(event.currentTarget.value as Assignment)} />
        <NumberInput label={said.grace} min={0} max={1440} hideControls value={grace} onChange={(value) => setGrace(typeof value === "number" ? value : 0)} />
      </div>
      <fieldset className={css.group}>
        <legend>{said.members}</legend>
        <p>{said.membersHint}</p>
        <ul className={css.people}>
          {people.map((member) => (
            <li key={member.id}>
              <Checkbox label={member.name} checked={inside.has(member.id)} onChange={(event) => put(member.id, event.currentTarget.checked)} />
              {inside.has(member.id) && (
                <Checkbox size="xs" label={said.lead_} aria-label={said.leadOf(member.name)} checked={inside.get(member.id) ?? false} onChange={(event) => put(member.id, true, event.currentTarget.checked)} />
              )}
            </li>
          ))}
        </ul>
      </fieldset>
      {!team?.default && <Switch label={said.makeDefault} checked={isDefault} onChange={(event) => setDefault(event.currentTarget.checked)} />}
      <div className={css.foot}>
        <Button variant="default" onClick={onCancel}>
          {words.cancel}
        </Button>
        <Button type="submit" loading={saving} disabled={!name.trim()}>
          {peopleWords.save}
        </Button>
      </div>
    </form>
  );
}
