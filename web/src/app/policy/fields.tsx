/** Fields of the rules: a section with its explanation, topics to choose, percentages, rows that can be added. */
import { ActionIcon, Button, NativeSelect, NumberInput } from "@mantine/core";
import { type ReactNode, useId } from "react";
import type { Intent } from "../api/policy";
import { readable } from "../format";
import { Icon } from "../ui/Icon";
import { policyWords as said } from "../words/policy";
import css from "./policy.module.css";

export function Section({ title, text, children }: { title: string; text?: string; children?: ReactNode }) {
  const id = useId();
  return (
    <section className={css.section} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {text && <p>{text}</p>}
      </header>
      {children && <div className={css.fields}>{children}</div>}
    </section>
  );
}

/** Scrolls sideways where a table is wider than the window. */
export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it
    <div className={css.scroll} tabIndex={0} role="region" aria-label={label}>
      {children}
    </div>
  );
}

export const titleOf = (intents: Intent[], name: string): string => intents.find((one) => one.name === name)?.title ?? readable(name);

interface TopicsProps {
  label: string;
  hint?: string;
  intents: Intent[];
  chosen: string[];
  onChange: (names: string[]) => void;
}

/** Any of the topics; one that the tenant has not any more can still be taken off. */
export function Topics({ label, hint, intents, chosen, onChange }: TopicsProps) {
  const gone = chosen.filter((name) => !intents.some((one) => one.name === name)).map((name) => ({ name, title: readable(name) }));
  const flip = (name: string, on: boolean): void => onChange(on ? [...chosen, name] : chosen.filter((one) => one !== name));
  return (
    <fieldset className={css.topics}>
      <legend>{label}</legend>
      {hint && <p>{hint}</p>}
      <div>
        {[...intents, ...gone].map(({ name, title }) => (
          <label key={name}>
            <input type="checkbox" checked={chosen.includes(name)} onChange={(event) => flip(name, event.currentTarget.checked)} />
            <span>{title}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** A probability, shown in percent. */
export function Percent({ label, hint, value, onChange }: { label: string; hint?: string; value: number; onChange: (value: number) => void }) {
  return (
    <NumberInput
      label={label}
      description={hint}
      value={Math.round(value * 1000) / 10}
      suffix={said.percent}
      min={0}
      max={100}
      decimalScale={1}
      clampBehavior="strict"
      hideControls
      onChange={(typed) => typeof typed === "number" && onChange(Math.round(typed * 10) / 1000)}
    />
  );
}

export function Whole({ label, hint, value, min, max, onChange }: { label: string; hint?: string; value: number; min: number; max: number; onChange: (value: number) => void }) {
  return <NumberInput label={label} description={hint} value={value} min={min} max={max} allowDecimal={false} hideControls onChange={(typed) => typeof typed === "number" && onChange(typed)} />;
}

interface RowsProps<T> {
  rows: T[];
  add: string;
  /** no more can be added than this */
  most?: number;
  blank: T;
  name: (row: T) => string;
  error?: string;
  onChange: (rows: T[]) => void;
  children: (row: T, change: (row: T) => void) => ReactNode;
}

/** Rows of fields; each can be taken out, and one more added. */
export function Rows<T>({ rows, add, most, blank, name, error, onChange, children }: RowsProps<T>) {
  return (
    <div className={css.rows}>
      {rows.length === 0 && <p className={css.dim}>{said.none}</p>}
      {rows.map((row, at) => (
        <div key={at} className={css.row} role="group" aria-label={name(row)}>
          {children(row, (changed) => onChange(rows.with(at, changed)))}
          <ActionIcon variant="subtle" size="lg" aria-label={said.remove(name(row))} onClick={() => onChange(rows.toSpliced(at, 1))}>
            <Icon name="trash" />
          </ActionIcon>
        </div>
      ))}
      {error && (
        <p className={css.bad} role="alert">
          {error}
        </p>
      )}
      {rows.length < (most ?? Infinity) && (
        <Button className={css.add} size="xs" variant="default" leftSection={<Icon name="plus" size={12} />} onClick={() => onChange([...rows, blank])}>
          {add}
        </Button>
      )}
    </div>
  );
}

export function TopicSelect({ label, first, intents, value, onChange }: { label: string; first: { value: string; label: string }; intents: Intent[]; value: string; onChange: (name: string) => void }) {
  const known = intents.map(({ name, title }) => ({ value: name, label: title }));
  const gone = value === first.value || known.some((one) => one.value === value) ? [] : [{ value, label: readable(value) }];
  return <NativeSelect label={label} value={value} data={[first, ...known, ...gone]} onChange={(event) => onChange(event.currentTarget.value)} />;
}

