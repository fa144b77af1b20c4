/** Learning: the button, how far it is, what came of it, and the way back. */
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { keys } from "../api/keys";
import * as calls from "../api/understanding";
import type { Catalogue, Version } from "../api/understanding";
import { percent, wholeTime } from "../format";
import { Confirm, Figure, Notice } from "../knowledge/frame";
import rows from "../knowledge/rows.module.css";
import { Icon } from "../ui/Icon";
import { explain } from "../ui/states";
import { toast } from "../ui/toast";
import { intentWords } from "../words/intents";
import css from "./intents.module.css";

const said = intentWords.train;
const EVERY_MS = 700;

/** What the job says, asked again until it has ended. */
function useTraining() {
  const client = useQueryClient();
  const [job, setJob] = useState<string | null>(null);
  const start = useMutation({ mutationFn: calls.train, onSuccess: ({ job_id }) => setJob(job_id), onError: (error) => toast(explain(error), { tone: "red" }) });
  const how = useQuery({
    queryKey: keys.job(job ?? ""),
    enabled: job !== null,
    queryFn: ({ signal }) => calls.training(job ?? "", signal),
    refetchInterval: ({ state }) => (state.data && ["done", "failed"].includes(state.data.status) ? false : EVERY_MS),
  });
  const status = how.data?.status;
  useEffect(() => {
    if (status === "done") void client.invalidateQueries({ queryKey: keys.intents });
  }, [client, status]);
  return { start, status, how: how.data, busy: start.isPending || (job !== null && status !== "done" && status !== "failed") };
}

function Figures({ version }: { version: Version }) {
  const { metrics } = version;
  return (
    <div className={rows.figures}>
      {metrics.accuracy_in_scope !== null && <Figure label={said.accuracy}>{percent(metrics.accuracy_in_scope)}</Figure>}
      {metrics.unknown_recall !== null && <Figure label={said.unknown}>{percent(metrics.unknown_recall)}</Figure>}
      {metrics.ece !== null && <Figure label={said.calibration}>{percent(metrics.ece)}</Figure>}
      <Figure label={said.count}>{metrics.examples}</Figure>
    </div>
  );
}

function RollBack({ disabled }: { disabled: boolean }) {
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const back = useMutation({
    mutationFn: calls.rollBack,
    onSuccess: ({ version }) => {
      setAsked(false);
      toast(said.rolledBack(version));
      void client.invalidateQueries({ queryKey: keys.intents });
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
  return (
    <>
      <Button size="xs" variant="default" leftSection={<Icon name="reopen" size={14} />} disabled={disabled} onClick={() => setAsked(true)}>
        {said.rollback}
      </Button>
      <Confirm opened={asked} title={said.rollback} text={said.rollbackText} label={said.rollback} busy={back.isPending} onClose={() => setAsked(false)} onConfirm={() => back.mutate()} />
    </>
  );
}

export function TrainPanel({ catalogue }: { catalogue: Catalogue }) {
  const { start, status, how, busy } = useTraining();
  const { live, latest, untrained_changes } = catalogue;
  const result = status === "done" ? how?.result : null;
  return (
    <section className={rows.panel}>
      <div className={rows.panelHead}>
        <h2>{said.title}</h2>
        <div className={rows.actions}>
          {live && <RollBack disabled={busy} />}
          <Button size="xs" loading={busy} onClick={() => start.mutate()}>
            {latest ? said.again : said.button}
          </Button>
        </div>
        <p>{said.lead}</p>
      </div>
      {busy && (
        <Notice tone="blue" icon="clock" actions={<progress className={css.progress} value={how?.progress ?? 0} aria-label={said.label} />}>
          {status === "running" ? said.running : said.waiting}
        </Notice>
      )}
      {status === "failed" && <Notice tone="red" icon="alert">{how?.error ?? said.failed}</Notice>}
      {result && <Notice tone={result.promoted ? "green" : "amber"} icon={result.promoted ? "check" : "info"}>{result.reason}</Notice>}
      {!busy && !result && latest && latest.version !== live?.version && <Notice tone="amber" icon="info">{latest.reason}</Notice>}
      {!busy && untrained_changes && <Notice tone="amber" icon="info">{said.changed}</Notice>}
      <p>
        {live ? said.live(live.version) : said.liveStarter} {live?.promoted_at && said.since(wholeTime(live.promoted_at))}
      </p>
      {live && <Figures version={live} />}
    </section>
  );
}
