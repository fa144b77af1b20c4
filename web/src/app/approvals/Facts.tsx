/** Names and values of what an action was given, of its price, or of what came back. Text only. */
import { readable } from "../format";
import css from "./approvals.module.css";
import { shownValue } from "./runs";

export function Facts({ label, values }: { label: string; values: Record<string, unknown> | null }) {
  const found = Object.entries(values ?? {});
  if (!found.length) return null;
  return (
    <section className={css.part} aria-label={label}>
      <h3>{label}</h3>
      <dl className={css.facts}>
        {found.map(([name, value]) => (
          <div key={name}>
            <dt>{readable(name)}</dt>
            <dd dir="auto">{shownValue(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
