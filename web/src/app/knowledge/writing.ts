/** What is being written: its fields, what they lack, and the marks of Markdown put around a selection. Pure. */
import { Problem } from "../../shared/problem";
import type { Audience, DocumentDetail, DocumentDraft, DocumentVersion } from "../api/knowledge-shapes";
import { knowledgeWords } from "../words/knowledge";
import { audienceFits } from "./audience";

const said = knowledgeWords.article;

export interface Fields {
  title: string;
  body: string;
  audience: Audience;
  category: string;
  source_url: string;
}

export const emptyFields: Fields = { title: "", body: "", audience: "public", category: "", source_url: "" };

/** The fields of a document, or of one of its versions where that is what is edited. */
export const fieldsOf = (document: DocumentDetail, version?: DocumentVersion): Fields => ({
  title: version?.title ?? document.title,
  body: version?.body ?? document.body ?? "",
  audience: version?.audience ?? document.audience,
  category: (version ? version.category : document.category) ?? "",
  source_url: document.source_url ?? "",
});

export type Faults = Partial<Record<keyof Fields, string>>;

/** What must be put right before it can be saved. */
export function lacking(fields: Fields): Faults {
  return {
    ...(fields.title.trim() ? {} : { title: said.needTitle }),
    ...(audienceFits(fields.audience) ? {} : { audience: said.needTier }),
    ...(fields.body.trim() ? {} : { body: said.needBody }),
  };
}

/** What the server has against single fields. */
export function faultsOf(error: unknown): Record<string, string> {
  if (!(error instanceof Problem)) return {};
  return Object.fromEntries((error.extra.errors ?? []).map((one) => [one.field.split(".").at(-1), one.message]));
}

export const draftOf = (fields: Fields, format: DocumentDraft["format"]): DocumentDraft => ({
  title: fields.title.trim(),
  body: fields.body,
  audience: fields.audience,
  category: fields.category.trim() || null,
  source_url: fields.source_url.trim() || null,
  format,
});

export type Mark = "heading" | "bold" | "list" | "code" | "link";

export interface Selected {
  text: string;
  from: number;
  to: number;
}

/** The text with the mark put around what is selected, and what is selected then: so that one can go on typing. */
export function marked({ text, from, to }: Selected, mark: Mark): Selected {
  const chosen = text.slice(from, to);
  const put = (before: string, after: string): Selected => ({
    text: text.slice(0, from) + before + chosen + after + text.slice(to),
    from: from + before.length,
    to: to + before.length,
  });
  if (mark === "bold") return put("**", "**");
  if (mark === "code") return put("`", "`");
  if (mark === "link") {
    const { text: linked, to: end } = put("[", "](https://)");
    return { text: linked, from: end + 2, to: end + 10 };
  }
  const start = text.lastIndexOf("\n", from - 1) + 1;
  const sign = mark === "heading" ? "## " : "- ";
  const lines = text.slice(start, to).split("\n");
  const body = (mark === "heading" ? [sign + lines.join("\n")] : lines.map((line) => sign + line)).join("\n");
  return { text: text.slice(0, start) + body + text.slice(to), from: from + sign.length, to: start + body.length };
}
