/** Weekly hours, holidays and what is done outside of them, for the tenant or one team. */
import { Button, NativeSelect, Switch, TextInput, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { type Day, type Hours, type Outside, type Span, days } from "../api/people";
import { Notice } from "../knowledge/frame";
import { peopleWords } from "../words/people";
import css from "./people.module.css";

const said = peopleWords.hours;
const outsides: Outside[] = ["collect", "assist_only", "queue"];
const workday: Span = { from: "09:00", to: "17:00" };

/** What a company starts from that has said nothing yet. */
export function usualHours(): Hours {
  const week = Object.fromEntries(days.slice(0, 5).map((day) => [day, [workday]]));
  return { time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone, week, holidays: [], outside: "collect", text: "Our team is not here just now. They are back {back} and will answer you then." };
}

const linesOf = (hours: Hours): string => hours.holidays.map(({ date, name }) => `${date} ${name}`.trim()).join("\n");

/** Holidays from lines such as "2026-12-25 Christmas Day"; the first line that is none. */
export function holidaysOf(text: string): { holidays: Hours["holidays"]; bad?: string } {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const bad = lines.find((line) => !/^\d{4}-\d{2}-\d{2}(\s|$)/.test(line));
  return { holidays: lines.map((line) => ({ date: line.slice(0, 10), name: line.slice(10).trim() })), ...(bad ? { bad } : {}) };
}

function DayRow({ day, spans, onChange }: { day: Day; spans: Span[]; onChange: (spans: Span[]) => void }) {
  const name = said.days[day];
  const set = (at: number, change: Partial<Span>): void => onChange(spans.map((span, i) => (i === at ? { ...span, ...change } : span)));
  return (
    <div className={css.day}>
      <Switch label={name} aria-label={said.isOpen(name)} checked={spans.length > 0} onChange={(event) => onChange(event.currentTarget.checked ? [workday] : [])} />
      <div>
        {spans.length === 0 && <span>{said.closedDay}</span>}
        {spans.map((span, at) => (
          <span key={`${day}-${at}`} className={css.span}>
            <input className={css.time} type="time" aria-label={said.from(name)} value={span.from} required onChange={(event) => set(at, { from: event.currentTarget.value })} />
            {said.until}
            <input className={css.time} type="time" aria-label={said.to(name)} value={span.to === "24:00" ? "23:59" : span.to} required onChange={(event) => set(at, { to: event.currentTarget.value })} />
          </span>
        ))}
        {spans.length > 0 && spans.length < 3 && (
          <Button size="compact-xs" variant="default" aria-label={said.more(name)} onClick={() => onChange([...spans, { from: spans.at(-1)?.to ?? "13:00", to: "23:59" }])}>
            +
          </Button>
        )}
        {spans.length > 1 && (
          <Button size="compact-xs" variant="default" aria-label={said.less(name)} onClick={() => onChange(spans.slice(0, -1))}>
            −
          </Button>
        )}
      </div>
    </div>
  );
}

interface Props {
  hours: Hours;
  saving: boolean;
  error?: string | undefined;
  onSave: (hours: Hours) => void;
}

export function HoursForm({ hours, saving, error, onSave }: Props) {
  const [draft, setDraft] = useState(hours);
  const [holidays, setHolidays] = useState(linesOf(hours));
  const { bad } = holidaysOf(holidays);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!bad) onSave({ ...draft, holidays: holidaysOf(holidays).holidays });
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <TextInput label={said.zone} description={said.zoneHint} value={draft.time_zone} required onChange={(event) => setDraft({ ...draft, time_zone: event.currentTarget.value })} />
      <fieldset className={css.group}>
        <legend>{said.week}</legend>
        {days.map((day) => (
          <DayRow key={day} day={day} spans={draft.week[day] ?? []} onChange={(spans) => setDraft({ ...draft, week: { ...draft.week, [day]: spans } })} />
        ))}
      </fieldset>
      <Textarea label={said.holidays} description={said.holidaysHint} rows={3} dir="auto" value={holidays} error={bad && said.badHoliday(bad)} onChange={(event) => setHolidays(event.currentTarget.value)} />
      <NativeSelect label={said.outside} value={draft.outside} data={outsides.map((value) => ({ value, label: said.outsides[value] }))} onChange={(event) => setDraft({ ...draft, outside: event.currentTarget.value as Outside })} />
      <Textarea label={said.text} description={said.textHint} rows={2} dir="auto" maxLength={500} value={draft.text} disabled={draft.outside === "queue"} onChange={(event) => setDraft({ ...draft, text: event.currentTarget.value })} />
      {error && <Notice tone="red" icon="alert">{error}</Notice>}
      <div className={css.foot}>
        <Button type="submit" loading={saving}>
          {peopleWords.save}
        </Button>
      </div>
    </form>
  );
}
