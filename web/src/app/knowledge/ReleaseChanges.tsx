/** The changes that a release holds, each with its difference; a draft's can be edited or taken out. */
import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import * as calls from "../api/knowledge";
import type { ReleaseChange, ReleaseDetail } from "../api/knowledge-shapes";
import { type Tone, Tag } from "../ui/small";
import { Empty, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { knowledgeWords } from "../words/knowledge";
import { ArticleText } from "./ArticleText";
import { Compared } from "./History";
import { reasonOf, useVersions } from "./documents";
import { beingRead, releasesChanged } from "./releases";
import css from "./release.module.css";
import rows from "./rows.module.css";

const said = knowledgeWords.releases;
const tones: Record<ReleaseChange["kind"], Tone> = { add: "green", replace: "blue", remove: "red" };

/** The whole text of a new article: there is nothing to compare it with. */
function NewText({ id, version }: { id: string; version: number }) {
  const versions = useVersions(id);
  const text = versions.data?.items.find((one) => one.version === version)?.body;
  return text ? <ArticleText text={text} /> : null;
}

function Difference({ change }: { change: ReleaseChange }) {
  const from = change.from_version ?? change.live_version;
  if (change.to_version === null) return <p className={rows.empty}>{said.removal}</p>;
  if (from === null) return <NewText id={change.document_id} version={change.to_version} />;
  return <Compared id={change.document_id} from={from} to={change.to_version} />;
}

interface ChangeProps {
  change: ReleaseChange;
  releaseId: string;
  writes: boolean;
  dropping: boolean;
  onDrop: () => void;
}

function Change({ change, releaseId, writes, dropping, onDrop }: ChangeProps) {
  const [open, setOpen] = useState(false);
  return (
    <li className={rows.row}>
      <div className={rows.rowMain}>
        <p className={rows.rowHead}>
          <Tag tone={tones[change.kind]}>{said.kinds[change.kind]}</Tag>
          <Link href={`/knowledge/${change.document_id}`} className={rows.title}>
            <bdi>{change.title}</bdi>
          </Link>
          <span>{said.versions(change.from_version, change.to_version)}</span>
          {beingRead(change) && <Tag tone="blue">{said.reading}</Tag>}
        </p>
        {change.error && <p className={rows.trouble}>{reasonOf(change)}</p>}
        {change.conflict && writes && <p className={rows.trouble}>{said.conflict}</p>}
        <div className={css.changeActions}>
          <Button size="compact-xs" variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? said.hideDiff : said.diff}
          </Button>
          {writes && change.to_version !== null && (
            <Link className={css.act} href={`/knowledge/${change.document_id}?tab=edit&release=${releaseId}`}>
              {said.editText}
            </Link>
          )}
          {writes && (
            <Button size="compact-xs" variant="subtle" aria-label={said.dropLong(change.title)} loading={dropping} onClick={onDrop}>
              {said.drop}
            </Button>
          )}
        </div>
        {open && <Difference change={change} />}
      </div>
    </li>
  );
}

export function ReleaseChanges({ release, writes }: { release: ReleaseDetail; writes: boolean }) {
  const client = useQueryClient();
  const drop = useMutation({
    mutationFn: (documentId: string) => calls.dropChange(release.id, documentId),
    onSuccess: () => {
      toast(said.dropped);
      releasesChanged(client);
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
  return (
    <section className={rows.panel} aria-label={said.changeTitle}>
      <div className={rows.panelHead}>
        <h2>
          {said.changeTitle} {release.changes.length > 0 && <Tag>{release.changes.length}</Tag>}
        </h2>
        {release.status === "draft" && release.changes.length > 0 && (
          <Link className={css.act} href={`/knowledge/test?release=${release.id}`}>
            {said.tryQuestion}
          </Link>
        )}
      </div>
      {release.changes.length === 0 ? (
        <Empty icon="edit" title={said.changesEmpty} text={writes ? said.changesEmptyText : undefined}>
          {writes && <Link href="/knowledge">{said.toArticles}</Link>}
        </Empty>
      ) : (
        <ul className={rows.rows}>
          {release.changes.map((change) => (
            <Change key={change.document_id} change={change} releaseId={release.id} writes={writes} dropping={drop.isPending && drop.variables === change.document_id} onDrop={() => drop.mutate(change.document_id)} />
          ))}
        </ul>
      )}
    </section>
  );
}
