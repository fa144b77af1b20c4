/** The list of documents: status, audience, freshness, use and owner, one row each. */
import { ActionIcon, Button } from "@mantine/core";
import { Link } from "wouter";
import type { DocumentRow } from "../api/knowledge-shapes";
import { ago, readable, wholeTime } from "../format";
import { Icon } from "../ui/Icon";
import { useNow } from "../ui/hooks";
import { Spoken, Tag } from "../ui/small";
import { knowledgeWords } from "../words/knowledge";
import { audienceName } from "./audience";
import { reasonOf, sourceName, statusTone, useReview } from "./documents";
import { daysUntil, freshness } from "./freshness";
import css from "./list.module.css";

const said = knowledgeWords.list;

/** How much of the bar the most used article fills is the measure of the others. */
function Use({ n, most }: { n: number; most: number }) {
  return (
    <span className={css.use} data-none={n === 0 ? "" : undefined}>
      <span aria-hidden="true">{n}</span>
      <i aria-hidden="true" style={{ inlineSize: `${most > 0 ? (n / most) * 100 : 0}%` }} />
      <Spoken>{said.used(n)}</Spoken>
    </span>
  );
}

function Fresh({ row, now }: { row: DocumentRow; now: number }) {
  const how = freshness(row, now);
  if (how === "none") return <span className={css.faint}>{said.notAnswering}</span>;
  const left = daysUntil(row.review_due_at, now);
  return (
    <span className={css.fresh} data-how={how}>
      <span title={wholeTime(row.checked_at)}>{said.checked(ago(row.checked_at, now))}</span>
      {how === "stale" && <Tag tone="amber" icon="clock" title={said.overdue(-left - 1)}>{said.stale}</Tag>}
      {how === "soon" && <small>{said.due(left)}</small>}
    </span>
  );
}

function Facts({ row }: { row: DocumentRow }) {
  return (
    <p className={css.facts}>
      <span>{row.kind === "resolution" ? said.kindOne.resolution : said.format[row.format]}</span>
      {row.category && <span>{readable(row.category)}</span>}
      <span>{sourceName(row.source)}</span>
      {row.draft_in && (
        <Link href={`/knowledge/releases/${row.draft_in}`} className={css.badge}>
          <Tag tone="blue">{said.inDraft}</Tag>
        </Link>
      )}
      {row.disagreements > 0 && (
        <Link href={`/knowledge/${row.id}?tab=disagreements`} className={css.badge}>
          <Tag tone="amber">{said.disagrees(row.disagreements)}</Tag>
        </Link>
      )}
    </p>
  );
}

interface RowProps {
  row: DocumentRow;
  now: number;
  most: number;
  review: ReturnType<typeof useReview> | null;
}

function Row({ row, now, most, review }: RowProps) {
  const stale = freshness(row, now) === "stale";
  const busy = review?.isPending === true && review.variables.id === row.id;
  const mark = { "aria-label": said.reviewedLong(row.title), loading: busy, onClick: () => review?.mutate(row) };
  return (
    <tr>
      <th scope="row">
        <Link href={`/knowledge/${row.id}`}>
          <Icon name={row.kind === "resolution" ? "people" : row.format === "markdown" ? "book" : "file"} size={14} />
          <bdi>{row.title}</bdi>
        </Link>
        <Facts row={row} />
        {row.status === "error" && <p className={css.rowError}>{reasonOf(row)}</p>}
      </th>
      <td>
        <Tag tone={statusTone[row.status]}>{said.statuses[row.status]}</Tag>
      </td>
      <td className={css.audience}>{audienceName(row.audience)}</td>
      <td>
        <Fresh row={row} now={now} />
      </td>
      <td data-label={said.columns.used}>
        <Use n={row.used_30d} most={most} />
      </td>
      <td data-label={said.columns.owner} className={css.owner}>{row.owner ? <bdi>{row.owner.name}</bdi> : <span className={css.faint}>{said.nobody}</span>}</td>
      {review && (
        <td className={css.act}>
          {row.live_version !== null &&
            (stale ? (
              <Button size="compact-xs" variant="default" {...mark}>
                {said.reviewed}
              </Button>
            ) : (
              <ActionIcon variant="subtle" size="md" title={said.reviewed} {...mark}>
                <Icon name="check" size={14} />
              </ActionIcon>
            ))}
        </td>
      )}
    </tr>
  );
}

export function ArticleTable({ rows, writes }: { rows: DocumentRow[]; writes: boolean }) {
  const now = useNow(30_000);
  const review = useReview();
  const most = Math.max(0, ...rows.map((row) => row.used_30d));
  const { columns } = said;
  return (
    <table className={css.table}>
      <thead>
        <tr>
          <th scope="col">{columns.title}</th>
          <th scope="col">{columns.status}</th>
          <th scope="col">{columns.audience}</th>
          <th scope="col">{columns.freshness}</th>
          <th scope="col">{columns.used}</th>
          <th scope="col">{columns.owner}</th>
          {writes && (
            <th scope="col">
              <Spoken>{columns.act}</Spoken>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.id} row={row} now={now} most={most} review={writes ? review : null} />
        ))}
      </tbody>
    </table>
  );
}
