/** The text of an article and, beside it, what readers will see; both scroll together. */
import { Textarea } from "@mantine/core";
import { type KeyboardEvent, useDeferredValue, useLayoutEffect, useRef } from "react";
import { knowledgeWords } from "../words/knowledge";
import { ArticleText } from "./ArticleText";
import css from "./article.module.css";
import { type Mark, marked } from "./writing";

const said = knowledgeWords.article;
const marks: Mark[] = ["heading", "bold", "list", "link", "code"];

interface Props {
  value: string;
  error?: string;
  onChange: (value: string) => void;
}

export function BodyEditor({ value, error, onChange }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  const shown = useRef<HTMLElement>(null);
  const select = useRef<[number, number] | null>(null);
  const preview = useDeferredValue(value);

  useLayoutEffect(() => {
    if (!select.current) return;
    area.current?.focus();
    area.current?.setSelectionRange(...select.current);
    select.current = null;
  });

  const put = (mark: Mark): void => {
    const { selectionStart: from = value.length, selectionEnd: to = value.length } = area.current ?? {};
    const next = marked({ text: value, from, to }, mark);
    select.current = [next.from, next.to];
    onChange(next.text);
  };
  const pressed = (event: KeyboardEvent): void => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key !== "b") return;
    event.preventDefault();
    put("bold");
  };
  const follow = (): void => {
    const [from, to] = [area.current, shown.current];
    if (!from || !to) return;
    const share = from.scrollTop / Math.max(1, from.scrollHeight - from.clientHeight);
    to.scrollTop = share * (to.scrollHeight - to.clientHeight);
  };

  return (
    <div className={css.writing}>
      <div className={css.writer}>
        <div className={css.marks} role="group" aria-label={said.marks.label}>
          {marks.map((mark) => (
            <button key={mark} type="button" data-mark={mark} aria-label={said.marks[mark]} title={said.marks[mark]} onClick={() => put(mark)}>
              <span aria-hidden="true">{said.marks.signs[mark]}</span>
            </button>
          ))}
        </div>
        <Textarea
          ref={area}
          name="body"
          label={said.body}
          description={said.bodyHint}
          classNames={{ input: css.body }}
          dir="auto"
          rows={20}
          value={value}
          error={error}
          onChange={(event) => onChange(event.currentTarget.value)}
          onKeyDown={pressed}
          onScroll={follow}
        />
      </div>
      <div className={css.previewBox}>
        <h2 id="preview">{said.preview}</h2>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
        <section ref={shown} className={css.preview} aria-labelledby="preview" tabIndex={0}>
          {preview.trim() ? <ArticleText text={preview} /> : <p>{said.previewEmpty}</p>}
        </section>
      </div>
    </div>
  );
}
