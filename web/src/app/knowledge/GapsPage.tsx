/** What customers asked and the knowledge does not answer: the costliest first. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "wouter";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { Gap, GapStatus } from "../api/knowledge-shapes";
import { ago, percent } from "../format";
import { mayEditKnowledge, useSession } from "../session";
import { useNow } from "../ui/hooks";
import { Spoken } from "../ui/small";
import { Empty, Failed, Loading } from "../ui/states";
import { knowledgeWords } from "../words/knowledge";
import { Page, Tabs } from "./frame";
import { useGapDeeds } from "./gaps";
import css from "./rows.module.css";
import own from "./gaps.module.css";

const said = knowledgeWords.gaps;
const statuses: GapStatus[] = ["open", "drafted", "closed", "dismissed"];

type Deeds = ReturnType<typeof useGapDeeds>;

export function GapActions({ gap, deeds, main }: { gap: Gap; deeds: Deeds; main?: boolean }) {
  const busy = (deed: Deeds[keyof Deeds]): boolean => deed.isPending && deed.variables.id === gap.id;
  if (gap.status === "open")
    return (
      <div className={css.actions}>
        <Button size="xs" variant="subtle" loading={busy(deeds.dismiss)} aria-label={`${said.dismiss}: ${gap.question}`} onClick={() => deeds.dismiss.mutate(gap)}>
          {said.dismiss}
        </Button>
        <Button size="xs" variant={main ? "filled" : "default"} loading={busy(deeds.write)} aria-label={`${said.write}: ${gap.question}`} onClick={() => deeds.write.mutate(gap)}>
          {said.write}
        </Button>
      </div>
    );
  return (
    <div className={css.actions}>
      {gap.document_id && <Link href={`/knowledge/${gap.document_id}`}>{said.openDraft}</Link>}
      <Button size="xs" variant="default" loading={busy(deeds.reopen)} aria-label={`${said.reopen}: ${gap.question}`} onClick={() => deeds.reopen.mutate(gap)}>
        {said.reopen}
      </Button>
    </div>
  );
}

interface RowProps {
  gap: Gap;
  rank: number;
  dearest: number;
  now: number;
  deeds: Deeds | null;
}

function Row({ gap, rank, dearest, now, deeds }: RowProps) {
  const nearest = gap.nearest[0];
  return (
    <li className={css.row} data-link="">
      <span className={css.mark} data-tone={gap.status === "open" ? "amber" : gap.status === "closed" ? "green" : undefined}>
        <strong aria-hidden="true">{rank}</strong>
        <Spoken>{said.rank(rank)}</Spoken>
      </span>
      <div className={css.rowMain}>
        <Link href={`/knowledge/gaps/${gap.id}`} className={css.title}>
          <bdi>{gap.question}</bdi>
        </Link>
        <p className={css.facts}>
          <strong className={own.asked}>{said.asked(gap.questions)}</strong>
          <span>{gap.handed_over ? said.handed(gap.handed_over) : said.handedNone}</span>
          <span>{said.last(ago(gap.last_asked_at, now))}</span>
        </p>
        {gap.closed_because && (
          <p className={css.empty}>
            {said.closedBecause}: <span dir="auto">{gap.closed_because}</span>
          </p>
        )}
        {nearest && gap.status === "open" && (
          <p className={css.empty}>
            {said.nearest}: <bdi>{nearest.title}</bdi>, {knowledgeWords.common.similar(percent(Math.max(0, nearest.cosine)))}
          </p>
        )}
      </div>
      <div className={own.end}>
        <p className={own.cost} title={said.costHint}>
          <span>{said.cost}</span>
          <span className={own.track} aria-hidden="true">
            <i style={{ inlineSize: `${dearest > 0 ? (gap.cost / dearest) * 100 : 0}%` }} />
          </span>
          <strong>{said.minutes(Math.round(gap.cost))}</strong>
        </p>
        {deeds && <GapActions gap={gap} deeds={deeds} />}
      </div>
    </li>
  );
}

export default function GapsPage() {
  const session = useSession();
  const now = useNow(30_000);
  const deeds = useGapDeeds();
  const writes = mayEditKnowledge(session);
  const [search, setSearch] = useSearchParams();
  const status = statuses.find((one) => one === search.get("status")) ?? "open";
  const list = useQuery({ queryKey: keys.gapList(status), queryFn: ({ signal }) => calls.gaps(status, signal) });
  const items = list.data?.items ?? [];
  const dearest = Math.max(0, ...items.map((gap) => gap.cost));
  return (
    <Page title={said.title} name="gaps" lead={said.lead}>
      <Tabs label={said.title} chosen={status} onChoose={(to) => setSearch(to === "open" ? {} : { status: to }, { replace: true })} tabs={statuses.map((name) => ({ name, label: said.status[name] }))} />
      {list.isPending && <Loading lines={8} />}
      {list.isError && !list.data && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.data && items.length === 0 && (status === "open" ? <Empty icon="bulb" title={said.empty} text={said.emptyText} /> : <Empty icon="bulb" title={said.emptyOther} text={said.emptyOtherText} />)}
      {items.length > 0 && (
        <ol className={css.rows}>
          {items.map((gap, at) => (
            <Row key={gap.id} gap={gap} rank={at + 1} dearest={dearest} now={now} deeds={writes ? deeds : null} />
          ))}
        </ol>
      )}
    </Page>
  );
}
