/** Versions of a text: who saved which and when, the difference to the one before, and putting one in force again. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { wholeTime } from "../format";
import { DiffView } from "../knowledge/DiffView";
import { diffLines } from "../knowledge/diff";
import { Confirm } from "../knowledge/frame";
import policy from "../policy/policy.module.css";
import { Tag } from "../ui/small";
import { CodeArea } from "./CodeArea";

export interface Version {
  version: number;
  removed: boolean;
  author: string;
  created_at: string;
  text: string;
}

interface Words {
  by: (author: string) => string;
  version: (n: number) => string;
  inForce: string;
  removed: string;
  first: string;
  restore: string;
  restoreTitle: (n: number) => string;
  restoreText: string;
}

interface Props {
  label: string;
  /** newest first */
  versions: Version[];
  words: Words;
  busy: boolean;
  onRestore?: (version: number) => void;
}

export function Versions({ label, versions, words: said, busy, onRestore }: Props) {
  const [chosen, setChosen] = useState<number | null>(null);
  const [asking, setAsking] = useState(false);
  const shown = versions.find((each) => each.version === chosen) ?? versions[0];
  if (!shown) return null;
  const before = versions.find((each) => each.version === shown.version - 1);
  const inForce = shown === versions[0] && !shown.removed;
  return (
    <div className={policy.history}>
      <ol aria-label={label}>
        {versions.map((each) => (
          <li key={each.version}>
            <button type="button" aria-pressed={each === shown} onClick={() => setChosen(each.version)}>
              <strong>{said.version(each.version)}</strong>
              {each.removed ? <Tag tone="amber">{said.removed}</Tag> : each === versions[0] && <Tag tone="green">{said.inForce}</Tag>}
              <small>
                <time dateTime={each.created_at}>{wholeTime(each.created_at)}</time> <bdi>{said.by(each.author)}</bdi>
              </small>
            </button>
          </li>
        ))}
      </ol>
      <section className={policy.version} aria-label={said.version(shown.version)}>
        <header>
          <h2>{said.version(shown.version)}</h2>
          {onRestore && !inForce && (
            <Button size="xs" variant="default" onClick={() => setAsking(true)}>
              {said.restore}
            </Button>
          )}
        </header>
        {before ? <DiffView key={shown.version} lines={diffLines(before.text, shown.text)} /> : <CodeArea key={shown.version} label={said.first} value={shown.text} rows={20} readOnly />}
      </section>
      <Confirm
        opened={asking}
        title={said.restoreTitle(shown.version)}
        text={said.restoreText}
        label={said.restore}
        busy={busy}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          onRestore?.(shown.version);
        }}
      />
    </div>
  );
}
