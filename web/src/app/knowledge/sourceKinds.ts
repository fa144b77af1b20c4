/** What each kind of source is set by: its fields, which of them are needed, and how they are read from what is typed. Pure. */
import type { SourceKind, SourceSettings } from "../api/knowledge-shapes";
import { knowledgeWords } from "../words/knowledge";

const said = knowledgeWords.sources;

type FieldType = "text" | "url" | "number" | "lines";

export interface SourceField {
  /** as the server calls it */
  name: string;
  /** its label and hint in the catalogue */
  words: string;
  type: FieldType;
  needed?: boolean;
  more?: boolean;
}

export const sourceKinds: Record<SourceKind, { fields: SourceField[]; secret: "none" | "optional" | "needed" }> = {
  sitemap: { fields: [{ name: "url", words: "sitemap", type: "url", needed: true }, { name: "pages", words: "most", type: "number", more: true }], secret: "none" },
  site: { fields: [{ name: "url", words: "url", type: "url", needed: true }, { name: "pages", words: "most", type: "number", more: true }], secret: "none" },
  zendesk: {
    fields: [
      { name: "url", words: "zendesk_url", type: "url", needed: true },
      { name: "locale", words: "locale", type: "text" },
      { name: "email", words: "email", type: "text" },
    ],
    secret: "optional",
  },
  confluence: {
    fields: [
      { name: "url", words: "confluence_url", type: "url", needed: true },
      { name: "spaces", words: "spaces", type: "lines" },
      { name: "email", words: "email", type: "text" },
    ],
    secret: "optional",
  },
  notion: { fields: [{ name: "url", words: "proxy", type: "url", more: true }], secret: "needed" },
  git: {
    fields: [
      { name: "url", words: "repository", type: "text", needed: true },
      { name: "branch", words: "branch", type: "text", more: true },
      { name: "folder", words: "folder", type: "text", more: true },
    ],
    secret: "optional",
  },
  folder: { fields: [{ name: "path", words: "path", type: "text", needed: true }], secret: "none" },
};

export const kindNames = Object.keys(sourceKinds) as SourceKind[];

export const kindOf = (name: string | null): SourceKind | null => kindNames.find((kind) => kind === name) ?? null;

/** What is typed: always text, a list with one entry a line. */
export type Typed = Record<string, string>;

export function typedOf(settings: SourceSettings): Typed {
  const text = (value: unknown): string => (Array.isArray(value) ? value.join("\n") : value === null || value === undefined ? "" : String(value));
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, text(value)]));
}

/** The settings as the server takes them. What is empty is left out; what this page does not know stays as it was. */
export function settingsOf(kind: SourceKind, typed: Typed, before: SourceSettings = {}): SourceSettings {
  const { fields } = sourceKinds[kind];
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => !fields.some((field) => field.name === name)));
  const given = fields.flatMap(({ name, type }) => {
    const text = (typed[name] ?? "").trim();
    if (!text) return [];
    const value = type === "number" ? Number(text) : type === "lines" ? text.split("\n").map((line) => line.trim()).filter(Boolean) : text;
    return [[name, value] as const];
  });
  return { ...kept, ...Object.fromEntries(given) };
}

/** What must be put right before it can be sent, by the field's name. */
export function sourceFaults(kind: SourceKind, typed: Typed): Record<string, string> {
  const wrong = ({ name, type, needed }: SourceField): string | null => {
    const text = (typed[name] ?? "").trim();
    if (!text) return needed ? said.form.need : null;
    if (type === "number" && !/^\d+$/.test(text)) return said.form.badNumber;
    if (type === "url" && !URL.canParse(text)) return said.form.badAddress;
    return null;
  };
  return Object.fromEntries(sourceKinds[kind].fields.flatMap((field) => {
    const fault = wrong(field);
    return fault ? [[field.name, fault]] : [];
  }));
}
