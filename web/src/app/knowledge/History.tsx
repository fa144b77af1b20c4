/** A document's versions, what each one changed, and bringing one back: at once or into a draft release. */
import { Button, NativeSelect } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { DocumentVersion, VersionState } from "../api/knowledge-shapes";
import { wholeTime } from "../format";
import { type Tone, Tag } from "../ui/small";
import { Empty, Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { knowledgeWords } from "../words/knowledge";
import css from "./article.module.css";
import { DiffView } from "./DiffView";
import { type Picked, ReleasePicker } from "./ReleasePicker";
import { audienceName } from "./audience";
import { knowledgeChanged, reasonOf, useVersions } from "./documents";
import { Notice } from "./frame";

const said = knowledgeWords.article;
const { version: numbered } = knowledgeWords.common;

const tones: Partial<Record<VersionState, Tone>> = { live: "green", processing: "blue", draft: "blue", waiting: "amber", error: "red", rejected: "red" };

export function StateTag({ state }: { state: VersionState }) {
  return <Tag tone={tones[state]}>{said.states[state]}</Tag>;
}

const shownLabel = (name: string, value: string | null): string => (value === null || value === "" ? "–" : name === "audience" ? audienceName(value) : value);

/** What changed from one version to another, as the server compares them. */
export function Compared({ id, from, to }: { id: string; from: number; to: number }) {
  const diff = useQuery({ queryKey: keys.compare(id, from, to), queryFn: ({ signal }) => calls.compare(id, from, to, signal), staleTime: Infinity });
  if (diff.isPending) return <Loading lines={4} />;
  if (diff.isError) return <Failed error={diff.error} retry={() => void diff.refetch()} />;
  return (
    <>
      {diff.data.labels.length > 0 && (
        <dl className={css.labels}>
          {diff.data.labels.map((label) => (
            <div key={label.name}>
              <dt>{said.labels[label.name] ?? label.name}</dt>
              <dd>
                <del dir="auto">{shownLabel(label.name, label.from)}</del> <ins dir="auto">{shownLabel(label.name, label.to)}</ins>
              </dd>
            </div>
          ))}
        </dl>
      )}
      <DiffView lines={diff.data.lines} />
    </>
  );
}

interface OneProps {
  id: string;
  version: DocumentVersion;
  others: DocumentVersion[];
  writes: boolean;
}

function One({ id, version, others, writes }: OneProps) {
  const client = useQueryClient();
  const [base, setBase] = useState<number | null>(null);
  const [picking, setPicking] = useState(false);
  const before = others.find((other) => other.version < version.version);
  const from = base ?? before?.version ?? null;
  const restore = useMutation({
    mutationFn: (into: Picked | null) => calls.restore(id, version.version, into?.id),
    onSuccess: (accepted, into) => {
      setPicking(false);
      knowledgeChanged(client);
      toast(into ? said.savedTo(into.title) : accepted.changed === false ? said.unchanged : said.saved);
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
  return (
    <section aria-label={numbered(version.version)}>
      <header>
        <div>
          <h2 dir="auto">{version.title}</h2>
          <p>
            <StateTag state={version.state} /> <span>{audienceName(version.audience)}</span> {version.category && <span>{version.category}</span>}
            {version.release_id && version.state === "draft" && <Link href={`/knowledge/releases/${version.release_id}`}>{said.openDraft}</Link>}
          </p>
        </div>
        {writes && !version.current && version.state !== "processing" && (
          <div className={css.actions}>
            <Button size="xs" variant="default" onClick={() => setPicking(true)}>
              {said.restoreLater}
            </Button>
            <Button size="xs" variant="default" loading={restore.isPending && !picking} onClick={() => restore.mutate(null)}>
              {said.restore}
            </Button>
          </div>
        )}
      </header>
      {version.error && <Notice tone="red" icon="alert">{reasonOf(version)}</Notice>}
      {others.length > 0 && (
        <NativeSelect
          size="xs"
          className={css.base}
          label={said.compareWith}
          value={String(from ?? "")}
          onChange={(event) => setBase(Number(event.currentTarget.value) || null)}
          data={[...(before ? [] : [{ value: "", label: "–" }]), ...others.map((other) => ({ value: String(other.version), label: `${numbered(other.version)}${other.current ? ` · ${said.current}` : ""}` }))]}
        />
      )}
      {from === null ? <p className={css.dim}>{said.firstVersion}</p> : <Compared id={id} from={from} to={version.version} />}
      <ReleasePicker opened={picking} busy={restore.isPending} onClose={() => setPicking(false)} onPick={restore.mutate} />
    </section>
  );
}

export function History({ id, writes }: { id: string; writes: boolean }) {
  const versions = useVersions(id);
  const [chosen, setChosen] = useState<number | null>(null);
  if (versions.isPending) return <Loading lines={5} />;
  if (versions.isError) return <Failed error={versions.error} retry={() => void versions.refetch()} />;
  const items = versions.data.items.toSorted((a, b) => b.version - a.version);
  const shown = items.find((item) => item.version === chosen) ?? items[0];
  if (!shown) return <Empty icon="clock" title={said.historyEmpty} />;
  return (
    <div className={css.history}>
      <ol aria-label={said.history}>
        {items.map((item) => (
          <li key={item.version}>
            <button type="button" aria-pressed={item === shown} onClick={() => setChosen(item.version)}>
              <strong>{numbered(item.version)}</strong>
              <StateTag state={item.state} />
              <small>
                <time dateTime={item.created_at}>{wholeTime(item.created_at)}</time>
                {item.author && <bdi>{item.author}</bdi>}
              </small>
            </button>
          </li>
        ))}
      </ol>
      <One key={shown.version} id={id} version={shown} others={items.filter((item) => item !== shown)} writes={writes} />
    </div>
  );
}
