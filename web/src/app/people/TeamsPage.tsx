/** The teams in the order in which they are asked, and what each person is given. */
import "@mantine/core/styles/Checkbox.css";
import "@mantine/core/styles/NumberInput.css";
import { Button, Modal, NumberInput, Switch, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as calls from "../api/calls";
import { keys } from "../api/keys";
import * as people from "../api/people";
import type { Colleague, Team, TeamChange } from "../api/people";
import { readable } from "../format";
import { Confirm, Page } from "../knowledge/frame";
import rows from "../knowledge/rows.module.css";
import { useSession } from "../session";
import { Icon } from "../ui/Icon";
import { Dot, Tag } from "../ui/small";
import { Failed, Loading, explain } from "../ui/states";
import { peopleWords } from "../words/people";
import { HoursForm, usualHours } from "./HoursForm";
import { TeamForm } from "./TeamForm";
import { listed, typed } from "./lists";
import css from "./people.module.css";
import { useSaving } from "./saving";

const said = peopleWords.teams;

function takes(team: Team): string {
  const parts = [team.categories.map(readable), team.tiers.map(readable), team.languages].map((items) => typed(items)).filter(Boolean);
  return parts.length ? parts.join(" · ") : said.everything;
}

function TeamRow({ team, onEdit }: { team: Team; onEdit: (() => void) | undefined }) {
  return (
    <li className={rows.row}>
      <span className={rows.mark} data-tone={team.open ? "accent" : undefined}>
        <Icon name="people" />
      </span>
      <div className={rows.rowMain}>
        <p className={rows.rowHead}>
          <strong dir="auto">{team.name}</strong>
          {team.default && <Tag tone="accent">{said.isDefault}</Tag>}
          <Tag tone={team.open ? "green" : "amber"} icon="clock">{team.open ? said.open : said.closed(team.back ?? "")}</Tag>
          {team.waiting > 0 && <Tag tone="amber">{said.waiting(team.waiting)}</Tag>}
        </p>
        <p dir="auto">
          {said.takes} {takes(team)}
        </p>
        <p className={rows.facts}>
          <span>{said.assignments[team.assignment]}</span>
          <span dir="auto">{team.members.length ? team.members.map(({ name, lead }) => (lead ? `${name} (${said.lead_.toLowerCase()})` : name)).join(", ") : said.everybody}</span>
        </p>
      </div>
      {onEdit && (
        <div className={rows.actions}>
          <Button size="xs" variant="default" leftSection={<Icon name="edit" size={14} />} aria-label={said.edit(team.name)} onClick={onEdit}>
            {said.edit("").trim()}
          </Button>
        </div>
      )}
    </li>
  );
}

function TeamHours({ team }: { team: Team }) {
  const [draft, setDraft] = useState<people.Hours | null>(null);
  const save = useSaving((wanted: people.Hours | null) => people.setTeamHours(team.id, wanted), () => setDraft(null));
  const shown = draft ?? team.hours;
  const choose = (own: boolean): void => {
    if (own) return setDraft(usualHours());
    setDraft(null);
    if (team.hours) save.mutate(null);
  };
  return (
    <>
      <Switch label={said.own} checked={shown !== null} onChange={(event) => choose(event.currentTarget.checked)} />
      {shown && <HoursForm key={JSON.stringify(team.hours)} hours={shown} saving={save.isPending} error={save.isError ? explain(save.error) : undefined} onSave={save.mutate} />}
    </>
  );
}

function WorkRow({ member, locked }: { member: Colleague; locked: boolean }) {
  const [work, setWork] = useState({ skills: typed(member.skills), languages: typed(member.languages), capacity: member.capacity });
  const save = useSaving((next: people.Work) => people.setWork(member.id, next));
  const keep = (): void => {
    const next = { skills: listed(work.skills), languages: listed(work.languages.toLowerCase()), capacity: work.capacity };
    if (typed(next.skills) !== typed(member.skills) || typed(next.languages) !== typed(member.languages) || next.capacity !== member.capacity) save.mutate(next);
  };
  return (
    <li>
      <span className={css.span}>
        <Dot state={member.presence} />
        <bdi>{member.name}</bdi>
      </span>
      <NumberInput size="xs" aria-label={said.capacityOf(member.name)} min={0} max={100} allowDecimal={false} value={work.capacity} disabled={locked} onBlur={keep} onChange={(value) => setWork({ ...work, capacity: typeof value === "number" ? value : 0 })} hideControls />
      <TextInput size="xs" aria-label={said.skillsOf(member.name)} placeholder={peopleWords.teams.skills} value={work.skills} disabled={locked} onBlur={keep} onChange={(event) => setWork({ ...work, skills: event.currentTarget.value })} />
      <TextInput size="xs" aria-label={said.languagesOf(member.name)} placeholder={said.languages} value={work.languages} disabled={locked} onBlur={keep} onChange={(event) => setWork({ ...work, languages: event.currentTarget.value })} />
    </li>
  );
}

export default function TeamsPage() {
  const { member } = useSession();
  const admin = member.role === "admin";
  const [editing, setEditing] = useState<Team | "new" | null>(null);
  const [removing, setRemoving] = useState<Team | null>(null);
  const teams = useQuery({ queryKey: keys.teams, queryFn: ({ signal }) => people.teams(signal) });
  const members = useQuery({ queryKey: keys.members, queryFn: ({ signal }) => calls.members(signal) });
  const close = (): void => setEditing(null);
  const save = useSaving((change: TeamChange & { name: string }) => (editing && editing !== "new" ? people.changeTeam(editing.id, change) : people.addTeam(change)), close);
  const remove = useSaving((team: Team) => people.archiveTeam(team.id), () => {
    setRemoving(null);
    close();
  });
  const staff = (members.data?.items ?? []) as Colleague[];
  const open = editing === "new" ? null : (teams.data?.items.find(({ id }) => id === editing?.id) ?? null);
  return (
    <Page
      title={said.title}
      name="teams"
      lead={said.lead}
      actions={admin && <Button size="xs" leftSection={<Icon name="plus" size={14} />} onClick={() => setEditing("new")}>{said.add}</Button>}
    >
      {teams.isPending && <Loading lines={5} />}
      {teams.isError && <Failed error={teams.error} retry={() => void teams.refetch()} />}
      {teams.data && (
        <ul className={rows.rows}>
          {teams.data.items.map((team) => (
            <TeamRow key={team.id} team={team} onEdit={admin ? () => setEditing(team) : undefined} />
          ))}
        </ul>
      )}
      {staff.length > 0 && (
        <section className={rows.panel}>
          <h2>{said.work}</h2>
          <p>{said.workLead}</p>
          <ul className={css.work}>
            {staff.filter((one) => one.role !== "viewer").map((one) => (
              <WorkRow key={one.id} member={one} locked={!admin} />
            ))}
          </ul>
        </section>
      )}
      <Modal opened={editing !== null} onClose={close} size="lg" title={open ? said.edit(open.name) : said.addTitle}>
        {editing && (
          <div className={css.form}>
            <TeamForm key={open?.id ?? "new"} team={open} members={staff} saving={save.isPending} onSave={save.mutate} onCancel={close} />
            {open && <TeamHours team={open} />}
            {open && !open.default && (
              <Button variant="subtle" color="red" leftSection={<Icon name="trash" size={14} />} onClick={() => setRemoving(open)}>
                {said.remove}
              </Button>
            )}
          </div>
        )}
      </Modal>
      <Confirm opened={removing !== null} title={said.remove} text={said.removeText} label={said.remove} color="red" busy={remove.isPending} onClose={() => setRemoving(null)} onConfirm={() => removing && remove.mutate(removing)} />
    </Page>
  );
}
