/** Named numbers as small bars with their figures, or as a plain list. */
import { percent, readable } from "../format";
import { words } from "../words";
import { knowledgeWords } from "../words/knowledge";
import css from "./test.module.css";

interface Value {
  name: string;
  value: number;
  hint?: string;
  /** what a full bar stands for; 1 unless said otherwise */
  most?: number;
  /** it sums the others up */
  strong?: boolean;
}

const figure = (value: number, most: number): string => (most === 1 && value >= 0 && value <= 1 ? percent(value) : value.toFixed(Math.abs(value) < 1 ? 3 : 2));

export function Bars({ label, values }: { label: string; values: Value[] }) {
  if (!values.length) return null;
  return (
    <dl className={css.bars} aria-label={label}>
      {values.map(({ name, value, hint, most = 1, strong }) => (
        <div key={name} title={hint} data-strong={strong ? "" : undefined}>
          <dt>{name}</dt>
          <dd>
            <span className={css.track} aria-hidden="true">
              <i style={{ inlineSize: `${Math.min(1, Math.max(0, value / most)) * 100}%` }} />
            </span>
            <span className={css.figure}>{figure(value, most)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function shown(value: unknown): string {
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : value.toFixed(3);
  if (typeof value === "boolean") return value ? words.yes : words.no;
  return value === null || value === undefined ? words.unknown : String(value);
}

export function Numbers({ values }: { values: Record<string, unknown> }) {
  return (
    <dl className={css.numbers}>
      {Object.entries(values).map(([name, value]) => (
        <div key={name}>
          <dt>{knowledgeWords.test.names[name] ?? readable(name)}</dt>
          <dd>{shown(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
