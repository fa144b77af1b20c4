/** Fields that read and change a definition by path, with what the server says about each. */
import "@mantine/core/styles/NumberInput.css";
import { NativeSelect, NumberInput, Switch, TextInput, Textarea } from "@mantine/core";
import { createContext, useContext, useEffect, useState } from "react";
import type { FieldError } from "../../shared/problem";
import { listed, typed } from "../people/lists";
import { toMajor, toMinor } from "../policy/draft";
import { actionWords } from "../words/actions";
import { type Tree, faultAt, get, number, put, text, texts } from "./definition";

interface Editing {
  tree: Tree;
  faults: readonly FieldError[];
  change: (tree: Tree) => void;
}

export const EditingContext = createContext<Editing>({ tree: {}, faults: [], change: () => undefined });

/** What stands at a path, how to change it, and what is wrong with it. */
export function useField(path: string) {
  const { tree, faults, change } = useContext(EditingContext);
  return { tree, value: get(tree, path), fault: faultAt(faults, path, true), set: (value: unknown) => change(put(tree, path, value)) };
}

interface FieldProps {
  path: string;
  label: string;
  hint?: string;
}

export function TextField({ path, label, hint, required, disabled, max = 2000, onText }: FieldProps & { required?: boolean; disabled?: boolean; max?: number; onText?: (text: string) => string }) {
  const { tree, fault, set } = useField(path);
  return (
    <TextInput
      label={label}
      description={hint}
      value={text(tree, path)}
      maxLength={max}
      required={required}
      disabled={disabled}
      dir="auto"
      spellCheck={false}
      error={fault}
      onChange={(event) => {
        const typedText = onText ? onText(event.currentTarget.value) : event.currentTarget.value;
        set(typedText === "" && !required ? undefined : typedText);
      }}
    />
  );
}

export function AreaField({ path, label, hint, required, max = 500, rows = 2 }: FieldProps & { required?: boolean; max?: number; rows?: number }) {
  const { tree, fault, set } = useField(path);
  return (
    <Textarea
      label={label}
      description={hint}
      value={text(tree, path)}
      maxLength={max}
      required={required}
      rows={rows}
      dir="auto"
      error={fault}
      onChange={(event) => set(event.currentTarget.value === "" && !required ? undefined : event.currentTarget.value)}
    />
  );
}

export function SelectField({ path, label, hint, names, first }: FieldProps & { names: Record<string, string>; first: string }) {
  const { tree, fault, set } = useField(path);
  const value = text(tree, path) || first;
  const known = Object.entries(names).map(([name, shown]) => ({ value: name, label: shown }));
  const odd = value in names ? [] : [{ value, label: value }];
  return <NativeSelect label={label} description={hint} value={value} data={[...known, ...odd]} error={fault} onChange={(event) => set(event.currentTarget.value)} />;
}

export function SwitchField({ path, label, hint, otherwise }: FieldProps & { otherwise: boolean }) {
  const { value, fault, set } = useField(path);
  return <Switch label={label} description={hint} checked={typeof value === "boolean" ? value : otherwise} error={fault} onChange={(event) => set(event.currentTarget.checked)} />;
}

const read = (typedNumber: string | number): number | null => (typedNumber === "" || !Number.isFinite(Number(typedNumber)) ? null : Number(typedNumber));

/** What is typed stays as it is typed ("150.0" on the way to "150.05"), until the number changes elsewhere. */
function useTyped(kept: number | null): [string | number, (typedNumber: string | number) => void] {
  const [shown, setShown] = useState<string | number>(kept ?? "");
  useEffect(() => {
    setShown((was) => (read(was) === kept ? was : (kept ?? "")));
  }, [kept]);
  return [shown, setShown];
}

/** A number kept as it is typed, times `factor` in the definition. Empty takes it out. */
export function NumberField({ path, label, hint, factor = 1, min = 0, max, whole, bare }: FieldProps & { factor?: number; min?: number; max?: number; whole?: boolean; bare?: boolean }) {
  const { tree, fault, set } = useField(path);
  const value = number(tree, path);
  const [shown, setShown] = useTyped(value === null ? null : value / factor);
  return (
    <NumberInput
      label={bare ? undefined : label}
      aria-label={bare ? label : undefined}
      description={hint}
      value={shown}
      min={min}
      max={max}
      allowDecimal={!whole}
      hideControls
      error={fault}
      onChange={(typedNumber) => {
        setShown(typedNumber);
        const found = read(typedNumber);
        set(found === null ? undefined : factor === 1 ? found : Math.round(found * factor));
      }}
    />
  );
}

/** An amount: in the currency's own units where it is fixed, else in cents. */
export function MoneyField({ path, label, currency, bare }: FieldProps & { currency: string | null; bare?: boolean }) {
  const { tree, fault, set } = useField(path);
  const value = number(tree, path);
  const [shown, setShown] = useTyped(value === null ? null : currency ? toMajor(value, currency) : value);
  return (
    <NumberInput
      label={bare ? undefined : label}
      aria-label={bare ? label : undefined}
      description={bare || currency ? undefined : actionWords.form.minor}
      value={shown}
      suffix={currency ? ` ${currency}` : undefined}
      min={0}
      allowDecimal={currency !== null}
      hideControls
      error={fault}
      onChange={(typedNumber) => {
        setShown(typedNumber);
        const found = read(typedNumber);
        set(found === null ? undefined : currency ? toMinor(found, currency) : found);
      }}
    />
  );
}

/** Texts separated by commas. `nothing`: what an empty field means. */
export function ListField({ path, label, hint, nothing }: FieldProps & { nothing: [] | undefined }) {
  const { tree, fault, set } = useField(path);
  const kept = typed(texts(tree, path) ?? []);
  const [shown, setShown] = useState(kept);
  // Changed elsewhere: in the JSON, or by discarding.
  useEffect(() => {
    setShown((was) => (typed(listed(was)) === kept ? was : kept));
  }, [kept]);
  return (
    <TextInput
      label={label}
      description={hint}
      value={shown}
      maxLength={2000}
      spellCheck={false}
      error={fault}
      onChange={(event) => {
        setShown(event.currentTarget.value);
        const found = listed(event.currentTarget.value);
        set(found.length ? found : nothing);
      }}
    />
  );
}
