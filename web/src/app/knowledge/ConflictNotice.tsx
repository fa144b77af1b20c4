/** Two people changed one article: what differs, and which text goes on. Nothing that was written is lost meanwhile. */
import { Button } from "@mantine/core";
import type { DocumentVersion } from "../api/knowledge-shapes";
import { Loading } from "../ui/states";
import { knowledgeWords } from "../words/knowledge";
import css from "./article.module.css";
import { DiffView } from "./DiffView";
import { diffLines } from "./diff";

const said = knowledgeWords.article.conflict;

/** It may stand beyond what is scrolled to. */
const shownAtOnce = (box: HTMLElement | null): void => box?.scrollIntoView({ block: "center" });

interface Props {
  /** the version somebody else has saved; undefined while it is fetched */
  other: DocumentVersion | undefined;
  mine: string;
  busy: boolean;
  onKeep: () => void;
  onTake: () => void;
}

export function ConflictNotice({ other, mine, busy, onKeep, onTake }: Props) {
  if (!other)
    return (
      <div role="alert" className={css.conflict}>
        {said.loading}
        <Loading lines={3} />
      </div>
    );
  return (
    <section ref={shownAtOnce} role="alert" className={css.conflict} aria-label={said.title(other.version)}>
      <h2>{said.title(other.version)}</h2>
      <p>{said.text}</p>
      <DiffView lines={diffLines(other.body, mine)} legend={{ removed: said.theirs(other.author), added: said.mine }} />
      <div className={css.actions}>
        <Button size="xs" variant="default" onClick={onTake}>
          {said.take}
        </Button>
        <Button size="xs" loading={busy} onClick={onKeep}>
          {said.keep}
        </Button>
      </div>
    </section>
  );
}
