/** Does the confidence mean what it says: the plot, its error, drift, labels and weights. */
import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import * as calls from "../api/deciding";
import type { CategoryReliability, Confidence, Reliability } from "../api/deciding";
import { keys } from "../api/keys";
import { readable, wholeTime } from "../format";
import { Confirm, Figure, Notice } from "../knowledge/frame";
import { Tag } from "../ui/small";
import { Empty, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { words } from "../words";
import { decidingWords as said } from "../words/deciding";
import { ReliabilityChart } from "./charts";
import { Scroll } from "./Scroll";
import { exact, figure } from "./figures";
import css from "./deciding.module.css";

function BinTable({ bins }: { bins: Reliability["bins"] }) {
  const { reliability } = said;
  return (
    <details className={css.fold}>
      <summary>{reliability.table}</summary>
      <Scroll label={reliability.table}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{reliability.said}</th>
              <th scope="col">{reliability.right}</th>
              <th scope="col">{reliability.interval}</th>
              <th scope="col">{reliability.answers}</th>
            </tr>
          </thead>
          <tbody>
            {bins.map((bin) => (
              <tr key={bin.low}>
                <th scope="row">{exact(bin.said)}</th>
                <td>{exact(bin.right)}</td>
                <td>{said.between(exact(bin.least), exact(bin.most))}</td>
                <td>{bin.answers}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  );
}

function Overall({ found, onJudge }: { found: Reliability; onJudge: () => void }) {
  const { reliability } = said;
  return (
    <section className={css.panel}>
      <h2>{reliability.title}</h2>
      {found.ece === null ? (
        <Empty icon="info" title={reliability.fewTitle} text={reliability.few(found.answers)}>
          <Button size="xs" onClick={onJudge}>
            {reliability.begin}
          </Button>
        </Empty>
      ) : (
        <>
          <p>{reliability.lead}</p>
          <div className={css.figures}>
            <Figure label={reliability.ece}>{exact(found.ece)}</Figure>
            <Figure label={reliability.rightShare}>{exact(found.right)}</Figure>
            <Figure label={reliability.saidShare}>{exact(found.said)}</Figure>
          </div>
          <p className={css.dim}>
            {reliability.eceHint}: {said.between(exact(found.ece_least ?? 0), exact(found.ece_most ?? 0))}. {said.answers(found.answers)}.
          </p>
          <ReliabilityChart bins={found.bins} answers={found.answers} />
          <BinTable bins={found.bins} />
        </>
      )}
    </section>
  );
}

const isWhole = (found: CategoryReliability): found is CategoryReliability & Reliability => typeof found.ece === "number";

function ByCategory({ categories }: { categories: CategoryReliability[] }) {
  if (!categories.length) return null;
  return (
    <section className={css.panel}>
      <h2>{said.reliability.byCategory}</h2>
      <div className={css.categories}>
        {categories.map((found) => (
          <div key={found.category}>
            <h3>{readable(found.category)}</h3>
            {isWhole(found) ? (
              <>
                <p className={css.dim}>
                  {said.reliability.ece} {exact(found.ece ?? 0)} · {said.answers(found.answers)}
                </p>
                <ReliabilityChart bins={found.bins} answers={found.answers} />
                <BinTable bins={found.bins} />
              </>
            ) : (
              <p className={css.dim}>{said.reliability.fewOfCategory(found.answers)}</p>
            )}
          </div>
        ))}
      </div>
    </section>
  );
}

function Drift({ drift, stability, judged }: Pick<Confidence, "drift" | "stability"> & { judged: number }) {
  const state = judged === 0 ? "unknown" : drift.state;
  const name = { unknown: said.drift.notKnown, steady: said.drift.steady, too_sure: said.drift.tooSure, too_modest: said.drift.tooModest }[state];
  const tone = { unknown: "plain", steady: "green", too_sure: "red", too_modest: "amber" } as const;
  return (
    <section className={css.panel}>
      <div className={css.head}>
        <h2>{said.drift.title}</h2>
        <Tag tone={tone[state]}>{name}</Tag>
      </div>
      {state === "steady" || state === "unknown" ? <p>{said.drift.says[state]}</p> : <Notice tone={state === "too_sure" ? "red" : "amber"} icon="alert">{said.drift.says[state]}</Notice>}
      <p>
        {drift.since !== null && `${said.drift.since(drift.since)} `}
        {said.drift.run(figure(drift.run))}
      </p>
      <p>
        {stability.index === null ? said.drift.unknown : `${stability.moved ? said.drift.moved(stability.days) : said.drift.stays(stability.days)} ${said.drift.index(stability.index.toFixed(2), stability.limit.toFixed(2))}`}
      </p>
    </section>
  );
}

function Labels({ labels }: Pick<Confidence, "labels">) {
  return (
    <section className={css.panel}>
      <h2>{said.labels.title}</h2>
      <p>{said.labels.lead(labels.days)}</p>
      <Scroll label={said.labels.title}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{said.labels.source}</th>
              <th scope="col">{said.labels.labels}</th>
              <th scope="col">{said.labels.wrong}</th>
              <th scope="col">{said.labels.unclear}</th>
            </tr>
          </thead>
          <tbody>
            {labels.by_source.map((row) => (
              <tr key={row.source}>
                <th scope="row">{said.labels.sources[row.source] ?? readable(row.source)}</th>
                <td>{row.labels}</td>
                <td>{row.wrong}</td>
                <td>{row.unclear}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function Weights({ scoring }: Pick<Confidence, "scoring">) {
  const { weights } = said;
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const back = useMutation({
    mutationFn: calls.rollBack,
    onSuccess: () => {
      setAsking(false);
      toast(weights.backDone);
      void client.invalidateQueries({ queryKey: keys.confidence });
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
  return (
    <section className={css.panel}>
      <div className={css.head}>
        <h2>{weights.title}</h2>
        <Tag tone={scoring.fitted ? "green" : "plain"}>{scoring.fitted ? weights.own(scoring.version) : weights.shipped}</Tag>
      </div>
      {scoring.says && <p>{scoring.says}</p>}
      <details className={css.fold}>
        <summary>{weights.table}</summary>
        <p className={css.dim}>{weights.hint}</p>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{weights.name}</th>
              <th scope="col">{weights.weight}</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(scoring.weights).map(([name, weight]) => (
              <tr key={name}>
                <th scope="row">{words.why.parts[name] ?? readable(name)}</th>
                <td>{weight.toFixed(2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
      {scoring.fits.length > 0 && (
        <table className={css.table}>
          <caption className={css.dim}>{weights.fits}</caption>
          <tbody>
            {scoring.fits.map((fit) => (
              <tr key={fit.version}>
                <th scope="row">
                  {weights.fit(fit.version, fit.outcomes)}
                  <small>{wholeTime(fit.fitted_at)}</small>
                </th>
                <td>{weights.status[fit.status]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {scoring.fitted && (
        <div className={css.save}>
          <Button variant="default" size="xs" onClick={() => setAsking(true)}>
            {weights.back}
          </Button>
        </div>
      )}
      <Confirm opened={asking} title={weights.back} text={weights.backText} label={weights.back} busy={back.isPending} onClose={() => setAsking(false)} onConfirm={() => back.mutate()} />
    </section>
  );
}

export function ReliabilityPanel({ found, onJudge }: { found: Confidence; onJudge: () => void }) {
  return (
    <div className={css.stack}>
      <div className={css.columns}>
        <Overall found={found.overall} onJudge={onJudge} />
        <div className={css.stack}>
          <Drift drift={found.drift} stability={found.stability} judged={found.overall.answers} />
          <Labels labels={found.labels} />
          <Weights scoring={found.scoring} />
        </div>
      </div>
      <ByCategory categories={found.categories} />
    </div>
  );
}
