/** A message tried on what answers now: every intent with its confidence. */
import { Button, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import * as calls from "../api/understanding";
import { percent, readable } from "../format";
import rows from "../knowledge/rows.module.css";
import { explain } from "../ui/states";
import { intentWords } from "../words/intents";
import css from "./intents.module.css";

const said = intentWords.try;

const shown = (name: string): string => (name === "unknown" ? intentWords.unknown : readable(name));

export function TryMessage() {
  const [text, setText] = useState("");
  const asking = useMutation({ mutationFn: calls.classify });
  const found = asking.data;
  return (
    <section className={rows.panel}>
      <h2>{said.title}</h2>
      <form
        className={rows.panel}
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) asking.mutate(text);
        }}
      >
        <Textarea label={said.label} autosize minRows={2} maxRows={8} maxLength={20000} value={text} onChange={(event) => setText(event.currentTarget.value)} error={asking.isError ? explain(asking.error) : undefined} />
        <div>
          <Button type="submit" size="xs" variant="default" loading={asking.isPending} disabled={!text.trim()}>
            {said.button}
          </Button>
        </div>
      </form>
      {found && (
        <div role="status" className={rows.panel}>
          <p>{said.asserted(found.asserted.map(shown).join(", "))}</p>
          <ul className={css.bars} aria-label={said.all}>
            {found.intents.map(({ name, confidence }) => (
              <li key={name} data-asserted={found.asserted.includes(name) ? "" : undefined}>
                <span dir="auto">{shown(name)}</span>
                <span className={css.bar} aria-hidden="true">
                  <i style={{ inlineSize: `${confidence * 100}%` }} />
                </span>
                <b>{percent(confidence)}</b>
              </li>
            ))}
          </ul>
          <p className={css.said}>{said.by(found.classifier_used)}</p>
        </div>
      )}
    </section>
  );
}
