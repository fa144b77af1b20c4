/** Beside an article: what it is and comes from, who looks after it, and when somebody last did. */
import { Button, NativeSelect } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { safeLink } from "../../shared/markup";
import { members } from "../api/calls";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { DocumentCare, DocumentDetail } from "../api/knowledge-shapes";
import { ago, readable, size, wholeTime } from "../format";
import { Icon } from "../ui/Icon";
import { useNow } from "../ui/hooks";
import { Tag } from "../ui/small";
import { explain } from "../ui/states";
import { toast } from "../ui/toast";
import { knowledgeWords } from "../words/knowledge";
import css from "./article.module.css";
import { audienceName } from "./audience";
import { sourceName, useReview } from "./documents";
import { daysUntil } from "./freshness";

const said = knowledgeWords.article;
const { care, facts } = said;
const cadences = [30, 60, 90, 180, 365];
const MISSING = "–";

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function About({ document, now }: { document: DocumentDetail; now: number }) {
  const url = document.source_url ? safeLink(document.source_url) : null;
  const from = sourceName(document.source);
  return (
    <section aria-label={facts.title}>
      <h2>{facts.title}</h2>
      <dl>
        <Fact name={facts.live}>{document.live_version === null ? facts.notLive : knowledgeWords.common.version(document.live_version)}</Fact>
        <Fact name={said.audience}>{audienceName(document.audience)}</Fact>
        <Fact name={said.category}>{document.category ? readable(document.category) : MISSING}</Fact>
        <Fact name={facts.source}>{document.source_id ? <Link href={`/knowledge/sources/${document.source_id}`}>{from}</Link> : from}</Fact>
        {url && (
          <Fact name={facts.page}>
            <a href={url.href} target="_blank" rel="noopener noreferrer">
              {url.host} <Icon name="open" size={12} />
            </a>
          </Fact>
        )}
        {document.used_30d !== undefined && <Fact name={facts.used}>{facts.usedText(document.used_30d)}</Fact>}
        <Fact name={facts.passages}>{document.passages}</Fact>
        <Fact name={facts.updated}>
          <time dateTime={document.updated_at} title={wholeTime(document.updated_at)}>
            {ago(document.updated_at, now)}
          </time>
        </Fact>
        {document.file && (
          <Fact name={facts.size}>
            <bdi>{document.file.name}</bdi>, {size(document.file.size)}
          </Fact>
        )}
        {document.external_id && (
          <Fact name={facts.reference}>
            <code>{document.external_id}</code>
          </Fact>
        )}
      </dl>
    </section>
  );
}

/** A person who writes an article has looked at it as well. */
function Checked({ document, written, now }: { document: DocumentDetail; written?: string; now: number }) {
  const at = document.checked_at ?? [document.reviewed_at, written].filter((time) => typeof time === "string").toSorted().at(-1);
  const left = document.review_due_at ? daysUntil(document.review_due_at, now) : null;
  return (
    <dl>
      <Fact name={care.checked}>{at ? <time dateTime={at} title={wholeTime(at)}>{ago(at, now)}</time> : care.never}</Fact>
      {left !== null && document.live_version !== null && (
        <Fact name={care.due}>{document.stale ? <Tag tone="amber" icon="clock">{knowledgeWords.list.overdue(-left - 1)}</Tag> : knowledgeWords.list.due(left)}</Fact>
      )}
    </dl>
  );
}

export function CarePanel({ document, written, writes }: { document: DocumentDetail; written?: string; writes: boolean }) {
  const client = useQueryClient();
  const now = useNow(30_000);
  const everybody = useQuery({ queryKey: keys.members, queryFn: ({ signal }) => members(signal), staleTime: 60_000 });
  const review = useReview();
  const change = useMutation({
    mutationFn: (to: DocumentCare) => calls.careForDocument(document.id, to),
    onSuccess: () => {
      toast(care.saved);
      void client.invalidateQueries({ queryKey: keys.documents });
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
  const owner = document.owner?.id ?? document.owner_id ?? "";
  const people = everybody.data?.items ?? [];
  const every = document.review_every_days;
  const choices = every !== null && !cadences.includes(every) ? [...cadences, every].toSorted((a, b) => a - b) : cadences;
  return (
    <aside className={css.side}>
      <section aria-label={care.title}>
        <h2>{care.title}</h2>
        <Checked document={document} written={written} now={now} />
        {writes ? (
          <>
            <NativeSelect
              size="xs"
              label={care.owner}
              value={owner}
              onChange={(event) => change.mutate({ owner_id: event.currentTarget.value || null })}
              data={[{ value: "", label: care.nobody }, ...people.map((person) => ({ value: person.id, label: person.name }))]}
            />
            <NativeSelect
              size="xs"
              label={care.cadence}
              value={String(every ?? "")}
              onChange={(event) => change.mutate({ review_every_days: Number(event.currentTarget.value) || null })}
              data={[{ value: "", label: care.policy }, ...choices.map((n) => ({ value: String(n), label: care.days(n) }))]}
            />
            {document.live_version !== null && (
              <Button size="xs" variant="default" leftSection={<Icon name="check" size={14} />} loading={review.isPending} onClick={() => review.mutate(document)}>
                {care.review}
              </Button>
            )}
          </>
        ) : (
          <dl>
            <Fact name={care.owner}>{people.find((person) => person.id === owner)?.name ?? care.nobody}</Fact>
            <Fact name={care.cadence}>{every === null ? care.policy : care.days(every)}</Fact>
          </dl>
        )}
      </section>
      <About document={document} now={now} />
    </aside>
  );
}
