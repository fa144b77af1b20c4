/** Writing an article, with the preview beside it. What is not saved is kept in this browser, with what it was begun from. */
import { Button, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import type { DocumentDraft } from "../api/knowledge-shapes";
import { useKept } from "../ui/hooks";
import { words } from "../words";
import { knowledgeWords } from "../words/knowledge";
import { AudienceField } from "./AudienceField";
import { BodyEditor } from "./BodyEditor";
import css from "./article.module.css";
import { Notice } from "./frame";
import { type Picked, ReleasePicker } from "./ReleasePicker";
import { errorText } from "./uploads";
import { type Faults, type Fields, draftOf, emptyFields, faultsOf, lacking } from "./writing";

const said = knowledgeWords.article;

const nameOf = (keep: string): string => `tandem.article.${keep}`;

interface Kept {
  fields: Fields;
  base: number | null;
}

/** Forgets a kept draft, once it has been saved. */
export function forgetDraft(keep: string): void {
  try {
    localStorage.removeItem(nameOf(keep));
  } catch {
    // No storage: nothing was kept.
  }
}

/** What is written here now, and the version that it was begun from. */
export function useWriting(keep: string, saved: Fields = emptyFields, version: number | null = null) {
  const [kept, setKept] = useKept<Kept | null>(nameOf(keep), null);
  const fields = kept?.fields ?? saved;
  return {
    fields,
    /** the version that was before the writer when they began */
    base: kept ? kept.base : version,
    changed: JSON.stringify(fields) !== JSON.stringify(saved),
    set: (change: Partial<Fields>): void => setKept({ fields: { ...fields, ...change }, base: kept ? kept.base : version }),
    take: (other: Fields, base: number): void => setKept({ fields: other, base }),
    drop: (): void => setKept(null),
  };
}

interface Props {
  writing: ReturnType<typeof useWriting>;
  format?: DocumentDraft["format"];
  /** the draft release that is being written in; without one it answers at once */
  within?: Picked | null;
  saving: boolean;
  error: unknown;
  /** stands in place of the error where two people have changed the same text */
  conflict?: ReactNode;
  onSave: (draft: DocumentDraft, into: Picked | null) => void;
  onCancel: () => void;
}

export function ArticleForm({ writing, format = "markdown", within = null, saving, error, conflict, onSave, onCancel }: Props) {
  const { fields, changed, set } = writing;
  const [missing, setMissing] = useState<Faults>({});
  const [picking, setPicking] = useState(false);
  const wrong: Record<string, string | undefined> = { ...faultsOf(error), ...missing };

  const complete = (form: HTMLFormElement | null): boolean => {
    const lacks = lacking(fields);
    setMissing(lacks);
    const first = Object.keys(lacks)[0];
    if (first) form?.querySelector<HTMLElement>(`[name=${first === "audience" ? "tier" : first}]`)?.focus();
    return !first;
  };
  const save = (into: Picked | null): void => onSave(draftOf(fields, format), into);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (complete(event.currentTarget)) save(within);
  };

  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <div className={css.fields}>
        <TextInput name="title" className={css.wide} label={said.title} value={fields.title} error={wrong.title} maxLength={300} onChange={(event) => set({ title: event.currentTarget.value })} dir="auto" />
        <AudienceField hint={said.audienceHint} value={fields.audience} error={wrong.audience} onChange={(audience) => set({ audience })} />
        <TextInput name="category" label={said.category} description={said.categoryHint} value={fields.category} error={wrong.category} maxLength={100} onChange={(event) => set({ category: event.currentTarget.value })} />
        <TextInput name="source_url" type="url" label={said.source} description={said.sourceHint} value={fields.source_url} error={wrong.source_url} onChange={(event) => set({ source_url: event.currentTarget.value })} />
      </div>
      <BodyEditor value={fields.body} error={wrong.body} onChange={(body) => set({ body })} />
      {conflict ?? (error !== null && error !== undefined && <Notice tone="red" icon="alert">{errorText(error)}</Notice>)}
      <div className={css.formFoot}>
        <span role="status">{changed ? said.unsaved : ""}</span>
        <Button
          variant="default"
          onClick={() => {
            writing.drop();
            onCancel();
          }}
        >
          {changed ? said.discard : words.cancel}
        </Button>
        {!within && (
          <Button variant="default" onClick={(event) => complete(event.currentTarget.form) && setPicking(true)}>
            {said.toRelease}
          </Button>
        )}
        <Button type="submit" loading={saving && !picking}>
          {within ? said.toThisRelease(within.title) : said.publish}
        </Button>
      </div>
      <ReleasePicker
        opened={picking}
        busy={saving}
        onClose={() => setPicking(false)}
        onPick={(into) => {
          setPicking(false);
          save(into);
        }}
      />
    </form>
  );
}
