/** A text in a fixed-width face with numbered lines; lines with a fault are marked beside their number. */
import { type Ref, useId, useRef } from "react";
import { Spoken } from "../ui/small";
import css from "./code.module.css";

interface Props {
  label: string;
  hint?: string;
  value: string;
  rows?: number;
  readOnly?: boolean;
  /** lines, counted from 1 */
  faulty?: ReadonlySet<number>;
  /** what is wrong, said with the field */
  error?: string;
  field?: Ref<HTMLTextAreaElement>;
  onChange?: (value: string) => void;
}

/** Puts the cursor at the start of a line, counted from 1, and shows it. */
export function goToLine(area: HTMLTextAreaElement, line: number): void {
  const before = area.value.split("\n").slice(0, line - 1);
  const start = before.reduce((sum, each) => sum + each.length + 1, 0);
  const end = area.value.indexOf("\n", start);
  area.focus();
  area.setSelectionRange(start, end < 0 ? area.value.length : end);
  area.scrollTop = Math.max(0, (line - 4) * Number.parseFloat(getComputedStyle(area).lineHeight));
}

export function CodeArea({ label, hint, value, rows = 24, readOnly, faulty, error, field, onChange }: Props) {
  const id = useId();
  const gutter = useRef<HTMLDivElement>(null);
  const lines = value.split("\n").length;
  return (
    <div className={css.box}>
      <label htmlFor={id}>{label}</label>
      {hint && <p id={`${id}-hint`}>{hint}</p>}
      <div className={css.editor} data-bad={error || faulty?.size ? "" : undefined}>
        <div className={css.gutter} ref={gutter} aria-hidden="true">
          {Array.from({ length: lines }, (_, at) => (
            <span key={at} data-bad={faulty?.has(at + 1) ? "" : undefined}>
              {at + 1}
            </span>
          ))}
        </div>
        <textarea
          id={id}
          ref={field}
          className={css.text}
          rows={rows}
          value={value}
          readOnly={readOnly}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          aria-invalid={error || faulty?.size ? true : undefined}
          aria-describedby={[hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined}
          onChange={(event) => onChange?.(event.currentTarget.value)}
          onScroll={(event) => {
            if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
        />
      </div>
      {error ? (
        <p id={`${id}-error`} className={css.error} role="alert">
          {error}
        </p>
      ) : (
        <Spoken>
          <span id={`${id}-error`} />
        </Spoken>
      )}
    </div>
  );
}
