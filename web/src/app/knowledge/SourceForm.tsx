/** What a source is set by. Its secret is only ever written: what is stored is never shown. */
import { Button, NativeSelect, PasswordInput, Switch, TextInput, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Audience, Source, SourceDraft, SourceKind } from "../api/knowledge-shapes";
import { words } from "../words";
import { knowledgeWords } from "../words/knowledge";
import { AudienceField } from "./AudienceField";
import { audienceFits } from "./audience";
import { Notice } from "./frame";
import { type SourceField, type Typed, settingsOf, sourceFaults, sourceKinds, typedOf } from "./sourceKinds";
import { everyText } from "./sources";
import css from "./source.module.css";
import { errorText } from "./uploads";
import { faultsOf } from "./writing";

const said = knowledgeWords.sources;
const { form } = said;
const spans = [15, 60, 360, 1440, 10080];

interface Props {
  kind: SourceKind;
  source?: Source;
  saving: boolean;
  error: unknown;
  onSave: (draft: SourceDraft) => void;
  onCancel: () => void;
}

function Field({ field, value, error, onChange }: { field: SourceField; value: string; error?: string; onChange: (value: string) => void }) {
  const [label, hint] = said.fields[field.words] ?? [field.name, ""];
  const shared = { name: field.name, label, description: hint, value, error, required: field.needed === true, onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value) };
  if (field.type === "lines") return <Textarea {...shared} rows={2} />;
  return <TextInput {...shared} type={field.type === "url" ? "url" : "text"} inputMode={field.type === "number" ? "numeric" : undefined} />;
}

export function SourceForm({ kind, source, saving, error, onSave, onCancel }: Props) {
  const [name, setName] = useState(source?.name ?? "");
  const [typed, setTyped] = useState<Typed>(typedOf(source?.settings ?? {}));
  const [secret, setSecret] = useState("");
  const [forget, setForget] = useState(false);
  const [audience, setAudience] = useState<Audience>(source?.audience ?? "public");
  const [category, setCategory] = useState(source?.category ?? "");
  const [approve, setApprove] = useState(source?.approve ?? false);
  const [every, setEvery] = useState(source?.every_minutes ?? 1440);
  const [missing, setMissing] = useState<Record<string, string>>({});
  const rules = sourceKinds[kind];
  const wrong: Record<string, string | undefined> = { ...faultsOf(error), ...missing };

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const lacks = {
      ...(name.trim() ? {} : { name: form.need }),
      ...sourceFaults(kind, typed),
      ...(rules.secret === "needed" && !secret && !source?.has_secret ? { secret: form.need } : {}),
      ...(audienceFits(audience) ? {} : { tier: knowledgeWords.article.needTier }),
    };
    setMissing(lacks);
    const first = Object.keys(lacks)[0];
    if (first) {
      event.currentTarget.querySelector<HTMLElement>(`[name=${first}]`)?.focus();
      return;
    }
    onSave({
      kind,
      name: name.trim(),
      settings: settingsOf(kind, typed, source?.settings),
      ...(forget ? { secret: "" } : secret ? { secret } : {}),
      audience,
      category: category.trim() || null,
      approve,
      every_minutes: every,
    });
  };
  const field = (one: SourceField) => <Field key={one.name} field={one} value={typed[one.name] ?? ""} error={wrong[one.name]} onChange={(value) => setTyped({ ...typed, [one.name]: value })} />;
  const more = rules.fields.filter((one) => one.more);
  const kept = source?.has_secret ? (source.secret_last4 ? form.secretEnds(source.secret_last4) : form.secretKept) : undefined;
  const choices = spans.includes(every) ? spans : [...spans, every].toSorted((a, b) => a - b);

  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <TextInput name="name" label={form.name} description={form.nameHint} value={name} error={wrong.name} required maxLength={100} dir="auto" onChange={(event) => setName(event.currentTarget.value)} />
      {rules.fields.filter((one) => !one.more).map(field)}
      {rules.secret !== "none" && (
        <PasswordInput name="secret" autoComplete="off" label={said.secrets[kind] ?? form.secret} description={kept} value={forget ? "" : secret} disabled={forget} error={wrong.secret} required={rules.secret === "needed" && !source?.has_secret} onChange={(event) => setSecret(event.currentTarget.value)} />
      )}
      {rules.secret === "optional" && source?.has_secret && <Switch label={form.forget} checked={forget} onChange={(event) => setForget(event.currentTarget.checked)} />}
      <NativeSelect label={form.every} value={String(every)} onChange={(event) => setEvery(Number(event.currentTarget.value))} data={choices.map((n) => ({ value: String(n), label: everyText(n) }))} />
      <div className={css.pair}>
        <AudienceField label={form.audience} hint={form.audienceHint} value={audience} error={wrong.audience ?? wrong.tier} onChange={setAudience} />
        <TextInput name="category" label={form.category} description={form.categoryHint} value={category} error={wrong.category} maxLength={100} onChange={(event) => setCategory(event.currentTarget.value)} />
      </div>
      <Switch label={form.approve} description={form.approveHint} checked={approve} onChange={(event) => setApprove(event.currentTarget.checked)} />
      {more.length > 0 && (
        <details className={css.more} open={more.some((one) => wrong[one.name] !== undefined) || undefined}>
          <summary>{form.more}</summary>
          <div>{more.map(field)}</div>
        </details>
      )}
      {error !== null && error !== undefined && <Notice tone="red" icon="alert">{errorText(error)}</Notice>}
      <div className={css.foot}>
        <Button variant="default" onClick={onCancel}>
          {words.cancel}
        </Button>
        <Button type="submit" loading={saving}>
          {source ? form.save : form.connect}
        </Button>
      </div>
    </form>
  );
}
