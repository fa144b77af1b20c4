/** What real questions would be answered with a draft: run it, watch it, read what gets better and worse. */
import { Button, NativeSelect } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { ReleaseDetail, Replay, ReplayAnswer, ReplayReport, ReplayRow, Verdict } from "../api/knowledge-shapes";
import { ago, measured, percent, percentExact, readable } from "../format";
import { Icon } from "../ui/Icon";
import { RichText } from "../ui/RichText";
import { useNow } from "../ui/hooks";
import { Tag } from "../ui/small";
import { Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { words } from "../words";
import { knowledgeWords } from "../words/knowledge";
import { Figure, Notice, Tabs } from "./frame";
import { beingRead, releasesChanged, verdictTone, verdicts } from "./releases";
import css from "./release.module.css";
import rows from "./rows.module.css";

const said = knowledgeWords.releases;
const spans = [7, 14, 30, 60, 90];
const PROGRESS_MS = 1_000;

function Ruling({ replay, report }: { replay: Replay; report: ReplayReport }) {
  const share = percentExact(report.worse_share);
  const limit = percentExact(report.limit);
  return (
    <div className={css.ruling} data-tone={replay.blocked ? "red" : "green"} role="status">
      <Icon name={replay.blocked ? "alert" : "check"} size={18} />
      <div>
        <strong>{replay.blocked ? said.blocked : said.passes}</strong>
        <p>{report.touched === 0 ? said.nothingTouched : replay.blocked ? said.blockedText(share, limit) : said.passesText(share, limit)}</p>
      </div>
    </div>
  );
}

/** The outcomes as one bar, each as wide as its share; the figures below it say the same. */
function Shares({ report }: { report: ReplayReport }) {
  const all = verdicts.reduce((sum, name) => sum + report[name], 0);
  if (!all) return null;
  return (
    <div className={css.shares} aria-hidden="true">
      {verdicts.map((name) => report[name] > 0 && <i key={name} data-verdict={name} style={{ flexGrow: report[name] }} />)}
    </div>
  );
}

function Cost({ report }: { report: ReplayReport }) {
  const { live, draft } = report.cost;
  const lines = [
    [said.modelCalls, live.model_calls, draft.model_calls],
    [said.tokens, live.tokens, draft.tokens],
    [said.time, measured(live.ms), measured(draft.ms)],
  ] as const;
  return (
    <table className={css.cost}>
      <caption>{said.cost}</caption>
      <thead>
        <tr>
          <th scope="col">{said.costColumns.what}</th>
          <th scope="col">{said.costColumns.live}</th>
          <th scope="col">{said.costColumns.draft}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map(([name, now, then]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{now}</td>
            <td>{then}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Answer({ label, answer, other }: { label: string; answer: ReplayAnswer; other: ReplayAnswer }) {
  const known = new Set(other.citations.map((one) => `${one.document_id} ${one.version}`));
  return (
    <section className={css.answer} aria-label={label}>
      <h4>
        {label} <span>{words.why.kinds[answer.kind] ?? readable(answer.kind)}</span>
        {typeof answer.quality === "number" && <span>{said.quality(percent(answer.quality))}</span>}
      </h4>
      {answer.text ? <RichText text={answer.text} /> : <p className={rows.empty}>{said.noAnswer}</p>}
      {answer.citations.length > 0 && (
        <ul>
          {answer.citations.map((one, at) => (
            <li key={at} data-new={known.has(`${one.document_id} ${one.version}`) ? undefined : ""} title={one.quote}>
              <Link href={`/knowledge/${one.document_id}`}>
                <bdi>{one.title}</bdi>
              </Link>{" "}
              <small>{knowledgeWords.common.version(one.version)}</small>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ row }: { row: ReplayRow }) {
  return (
    <li>
      <details className={css.question}>
        <summary>
          <Tag tone={verdictTone[row.verdict]}>{said.verdicts[row.verdict]}</Tag>
          <span dir="auto">{row.question}</span>
        </summary>
        <div className={css.answers}>
          <Answer label={said.now} answer={row.live} other={row.draft} />
          <Answer label={said.draft} answer={row.draft} other={row.live} />
        </div>
      </details>
    </li>
  );
}

function Running({ job }: { job: string | null }) {
  const progress = useQuery({ queryKey: keys.job(job ?? ""), enabled: job !== null, queryFn: ({ signal }) => calls.jobProgress(job ?? "", signal), refetchInterval: PROGRESS_MS });
  const share = progress.data ?? 0;
  return (
    <Notice tone="blue" icon="clock" actions={<progress className={css.progress} value={share} aria-label={said.replayTitle} />}>
      {said.replayRunning} {share > 0 && percent(share)}
    </Notice>
  );
}

function Rows({ releaseId, replay, report }: { releaseId: string; replay: Replay; report: ReplayReport }) {
  const shown = verdicts.filter((name) => report[name] > 0);
  const [chosen, setChosen] = useState<Verdict>(shown[0] ?? "same");
  const found = useQuery({
    queryKey: [...keys.replay(releaseId, chosen), replay.id],
    queryFn: ({ signal }) => calls.replay(releaseId, chosen, signal),
    staleTime: Infinity,
  });
  return (
    <div className={rows.stack}>
      <Tabs label={said.rows} chosen={chosen} onChoose={setChosen} tabs={shown.map((name) => ({ name, label: said.verdicts[name], count: report[name] }))} />
      {found.isPending && <Loading lines={4} />}
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.data && found.data.rows.length === 0 && <p className={rows.empty}>{said.rowsNone}</p>}
      <ul className={css.questions}>
        {found.data?.rows.map((row, at) => (
          <Row key={row.turn_id ?? at} row={row} />
        ))}
      </ul>
    </div>
  );
}

function Report({ releaseId, replay, report }: { releaseId: string; replay: Replay; report: ReplayReport }) {
  return (
    <>
      <Ruling replay={replay} report={report} />
      <div className={rows.figures}>
        <Figure label={said.verdicts.improved} tone={report.improved ? "green" : undefined}>{report.improved}</Figure>
        <Figure label={said.verdicts.same}>{report.same}</Figure>
        <Figure label={said.verdicts.worse} tone={report.worse ? "red" : undefined}>{report.worse}</Figure>
        <Figure label={said.verdicts.newly_unanswered} tone={report.newly_unanswered ? "red" : undefined}>{report.newly_unanswered}</Figure>
        <Figure label={said.verdicts.changed_citations}>{report.changed_citations}</Figure>
      </div>
      <Shares report={report} />
      <p className={rows.empty}>{said.replayDone(report.questions, report.touched)}</p>
      {report.touched > 0 && (
        <>
          <Rows releaseId={releaseId} replay={replay} report={report} />
          <Cost report={report} />
        </>
      )}
    </>
  );
}

export function ReplayPanel({ release, writes }: { release: ReleaseDetail; writes: boolean }) {
  const client = useQueryClient();
  const now = useNow(30_000);
  const [days, setDays] = useState<number | null>(null);
  const { replay } = release;
  const running = replay?.status === "running";
  const start = useMutation({
    mutationFn: () => calls.startReplay(release.id, days ?? replay?.days ?? null),
    onSuccess: () => releasesChanged(client),
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
  if (!replay && !writes) return null;
  return (
    <section className={rows.panel} aria-label={said.replayTitle}>
      <div className={rows.panelHead}>
        <h2>{said.replayTitle}</h2>
        {writes && release.changes.length > 0 && (
          <div className={rows.actions}>
            <NativeSelect size="xs" aria-label={said.replayDays} value={String(days ?? replay?.days ?? 30)} onChange={(event) => setDays(Number(event.currentTarget.value))} data={spans.map((n) => ({ value: String(n), label: said.lastDays(n) }))} />
            <Button size="xs" variant={replay?.current ? "default" : "filled"} disabled={release.changes.some(beingRead)} loading={start.isPending || running} onClick={() => start.mutate()}>
              {replay ? said.replayAgain : said.replayRun}
            </Button>
          </div>
        )}
        <p>{said.replayLead}</p>
      </div>
      {!replay && <p className={rows.empty}>{said.replayNever}</p>}
      {running && <Running job={replay.job_id} />}
      {replay?.status === "failed" && <Notice tone="red" icon="alert">{said.replayFailed}</Notice>}
      {replay?.status === "done" && !replay.current && release.status === "draft" && <Notice tone="amber" icon="alert">{said.replayOld}</Notice>}
      {replay?.status === "done" && replay.report && <Report key={replay.id} releaseId={release.id} replay={replay} report={replay.report} />}
      {replay?.finished_at && <p className={rows.empty}>{said.replayAt(ago(replay.finished_at, now), replay.days)}</p>}
    </section>
  );
}
