/** What was spent today, held against the budget. */
import { Link } from "wouter";
import type { ModelsNow } from "../api/models";
import { percent } from "../format";
import { Figure } from "../knowledge/frame";
import { Tag } from "../ui/small";
import { modelWords } from "../words/models";
import { cost, count } from "./money";
import css from "./models.module.css";

const said = modelWords.today;
const tones = { within: "green", soft: "amber", hard: "red" } as const;

function Meter({ spent, most, soft, label }: { spent: number; most: number; soft: number; label: string }) {
  const share = most > 0 ? spent / most : 1;
  const level = share >= 1 ? "hard" : share >= soft ? "soft" : "within";
  return (
    <div className={css.meter}>
      <span>{label}</span>
      <span className={css.track} data-level={level} aria-hidden="true">
        <i style={{ inlineSize: `${Math.min(1, share) * 100}%` }} />
      </span>
    </div>
  );
}

export function TodayPanel({ found }: { found: ModelsNow }) {
  const { today, budget, mode } = found;
  const { tokens_per_day: tokens, cost_per_day_micros: micros, soft } = budget;
  const has = tokens !== null || micros !== null;
  const share = (spent: number, most: number): string => percent(most > 0 ? spent / most : 1);
  return (
    <section className={css.panel} aria-labelledby="today-title">
      <div className={css.head}>
        <h2 id="today-title">{said.title}</h2>
        {has && <Tag tone={tones[mode.budget]}>{said.level[mode.budget]}</Tag>}
      </div>
      <p>{said.lead}</p>
      <div className={css.figures}>
        <Figure label={said.cost}>{cost(today.cost_micros)}</Figure>
        <Figure label={said.tokens}>{count(today.tokens)}</Figure>
        <Figure label={said.calls}>{count(today.calls)}</Figure>
      </div>
      {tokens !== null && <Meter spent={today.tokens} most={tokens} soft={soft} label={said.ofTokens(share(today.tokens, tokens), count(tokens))} />}
      {micros !== null && <Meter spent={today.cost_micros} most={micros} soft={soft} label={said.ofCost(share(today.cost_micros, micros), cost(micros))} />}
      {!has && <p>{said.none}</p>}
      {mode.budget === "soft" && <p>{said.soft}</p>}
      <p>
        <Link href="/rules">{said.change}</Link>
      </p>
    </section>
  );
}
