/** What the last training found wrong with the examples. */
import type { Warnings as Found } from "../api/understanding";
import { percent, readable } from "../format";
import rows from "../knowledge/rows.module.css";
import { Tag } from "../ui/small";
import { intentWords } from "../words/intents";
import css from "./intents.module.css";

const said = intentWords.warnings;
const shown = (name: string): string => (name === "unknown" ? intentWords.unknown : readable(name));

export function Warnings({ found }: { found: Found }) {
  const { few_examples, contradictions, likely_wrong } = found;
  if (!few_examples.length && !contradictions.length && !likely_wrong.length) return null;
  return (
    <section className={rows.panel}>
      <h2>{said.title}</h2>
      {few_examples.length > 0 && (
        <details className={css.details}>
          <summary>{`${said.few}: ${few_examples.length}`}</summary>
          <ul className={css.warned}>
            {few_examples.map(({ intent, examples }) => (
              <li key={intent}>
                <bdi>{shown(intent)}</bdi>
                <Tag tone="amber">{intentWords.examples(examples)}</Tag>
              </li>
            ))}
          </ul>
        </details>
      )}
      {contradictions.length > 0 && (
        <details className={css.details}>
          <summary>{`${said.contradictions}: ${contradictions.length}`}</summary>
          <ul className={css.warned}>
            {contradictions.map(({ text, intents }) => (
              <li key={text}>
                <q dir="auto">{text}</q>
                {intents.map((name) => (
                  <Tag key={name}>{shown(name)}</Tag>
                ))}
              </li>
            ))}
          </ul>
        </details>
      )}
      {likely_wrong.length > 0 && (
        <details className={css.details}>
          <summary>{`${said.wrong}: ${likely_wrong.length}`}</summary>
          <ul className={css.warned}>
            {likely_wrong.map(({ text, intents, rather, confidence }) => (
              <li key={text + intents.join()}>
                <q dir="auto">{text}</q>
                <Tag>{intents.map(shown).join(", ")}</Tag>
                <span>{said.rather(shown(rather), percent(confidence))}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
