/** One gap: every question that is in it, and what the knowledge has nearest to them. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { Link } from "wouter";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { GapDetail } from "../api/knowledge-shapes";
import { ago, percent, readable, wholeTime } from "../format";
import { mayEditKnowledge, useSession } from "../session";
import { useNow } from "../ui/hooks";
import { Tag } from "../ui/small";
import { Failed, Loading } from "../ui/states";
import { knowledgeWords } from "../words/knowledge";
import { GapActions } from "./GapsPage";
import { ToTicket } from "./GivenAnswers";
import { Notice, Page } from "./frame";
import { gapTone, useGapDeeds } from "./gaps";
import { plainly } from "./markdown";
import own from "./gaps.module.css";
import css from "./rows.module.css";

const WhyDrawer = lazy(() => import("../inbox/WhyDrawer"));

const said = knowledgeWords.gaps;
const back = { href: "/knowledge/gaps", label: said.title };

function Questions({ gap, now }: { gap: GapDetail; now: number }) {
  const [why, setWhy] = useState<string | null>(null);
  return (
    <section className={css.panel} aria-label={said.questions}>
      <h2>{said.questions}</h2>
      <ol className={own.asks}>
        {gap.asked.map((one) => (
          <li key={one.turn_id}>
            <span dir="auto">{one.text}</span>
            <p>
              <time dateTime={one.asked_at} title={wholeTime(one.asked_at)}>
                {ago(one.asked_at, now)}
              </time>
              <span>{said.outcome[one.outcome] ?? readable(one.outcome)}</span>
              <span>{said.quality(percent(one.quality))}</span>
              <button type="button" className={own.why} onClick={() => setWhy(one.turn_id)}>
                {said.why}
              </button>
              <ToTicket conversation={one.conversation_id} />
            </p>
          </li>
        ))}
      </ol>
      <Suspense fallback={null}>{why && <WhyDrawer turnId={why} onClose={() => setWhy(null)} />}</Suspense>
    </section>
  );
}

function Nearest({ gap }: { gap: GapDetail }) {
  return (
    <section className={css.panel} aria-label={said.nearest}>
      <h2>{said.nearest}</h2>
      <p>{gap.nearest.length ? said.nearestLead : said.nearestNone}</p>
      <ul className={own.near}>
        {gap.nearest.map((passage) => (
          <li key={passage.passage_id}>
            <div>
              <Link href={`/knowledge/${passage.document_id}`}>
                <bdi>{passage.title}</bdi>
              </Link>
              <small>{knowledgeWords.common.similar(percent(Math.max(0, passage.cosine)))}</small>
            </div>
            <p dir="auto">{plainly(passage.text)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

export default function GapPage({ id }: { id: string }) {
  const session = useSession();
  const now = useNow(30_000);
  const deeds = useGapDeeds();
  const gap = useQuery({ queryKey: keys.gap(id), queryFn: ({ signal }) => calls.gap(id, signal) });
  if (gap.isPending) return <Loading lines={9} />;
  if (!gap.data)
    return (
      <Page title={said.title} name={id} back={back}>
        <Failed error={gap.error} retry={() => void gap.refetch()} />
      </Page>
    );
  const { data } = gap;
  return (
    <Page
      title={data.question}
      name={id}
      back={back}
      actions={mayEditKnowledge(session) && <GapActions gap={data} deeds={deeds} main />}
      meta={
        <>
          <Tag tone={gapTone[data.status]}>{said.status[data.status]}</Tag>
          <span>{said.asked(data.questions)}</span>
          <span>{data.handed_over ? said.handed(data.handed_over) : said.handedNone}</span>
          <span>{said.last(ago(data.last_asked_at, now))}</span>
        </>
      }
    >
      {data.closed_because && (
        <Notice tone="green" icon="check">
          {said.closedBecause}: {data.closed_because}
        </Notice>
      )}
      <div className={css.split}>
        <Questions gap={data} now={now} />
        <Nearest gap={data} />
      </div>
    </Page>
  );
}
