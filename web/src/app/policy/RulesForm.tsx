/** All of the rules, in the order in which they are asked, each with what it does in plain words. */
import { NativeSelect, NumberInput, Switch, TextInput, Textarea } from "@mantine/core";
import { useState } from "react";
import type { Intent, Rules, Way } from "../api/policy";
import { ModeChoice } from "../models/ModePanel";
import { toDollars, toMicros } from "../models/money";
import { policyWords as said } from "../words/policy";
import { type TierRow, faultsOf, tierRows, toMajor, toMinor, withTierRows } from "./draft";
import { Percent, Rows, Section, TopicSelect, Topics, Whole, titleOf } from "./fields";

interface Props {
  rules: Rules;
  intents: Intent[];
  onChange: (rules: Rules) => void;
}

const ANY = "*";
const lines = (text: string): string[] => [...new Set(text.split("\n").map((line) => line.trim()).filter(Boolean))];

function Always({ rules, intents, onChange }: Props) {
  const flips = Object.entries(said.signals).map(([name, [title, title_hint]]) => ({ name, title: `${title}: ${title_hint}` }));
  return (
    <Section title={said.always.title} text={said.always.text}>
      <Topics label={said.always.topics} intents={intents} chosen={rules.always_escalate} onChange={(always_escalate) => onChange({ ...rules, always_escalate })} />
      <Percent label={said.always.sure} hint={said.always.sureHint} value={rules.thresholds.always_escalate} onChange={(always_escalate) => onChange({ ...rules, thresholds: { ...rules.thresholds, always_escalate } })} />
      <Topics label={said.always.signals} intents={flips} chosen={rules.escalate_signals} onChange={(escalate_signals) => onChange({ ...rules, escalate_signals })} />
    </Section>
  );
}

function Words({ rules, onChange }: Props) {
  const [text, setText] = useState(rules.escalate_words.join("\n"));
  return (
    <Section title={said.words.title} text={said.words.text}>
      <Textarea
        label={said.words.label}
        description={said.words.hint}
        rows={6}
        dir="auto"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          onChange({ ...rules, escalate_words: lines(event.currentTarget.value) });
        }}
      />
    </Section>
  );
}

function Amounts({ rules, onChange }: Props) {
  const [rows, setRows] = useState(() => Object.entries(rules.amount_limits).map(([currency, minor]) => ({ currency, major: toMajor(minor, currency) })));
  const change = (next: typeof rows): void => {
    setRows(next);
    onChange({ ...rules, amount_limits: Object.fromEntries(next.map(({ currency, major }) => [currency, toMinor(major, currency)])) });
  };
  return (
    <Section title={said.amounts.title} text={said.amounts.text}>
      <Rows rows={rows} add={said.amounts.add} blank={{ currency: "EUR", major: 500 }} name={(row) => row.currency} error={faultsOf(rules).amounts && said.amounts.bad} onChange={change}>
        {(row, set) => (
          <>
            <TextInput label={said.amounts.currency} value={row.currency} maxLength={3} onChange={(event) => set({ ...row, currency: event.currentTarget.value.toUpperCase() })} />
            <NumberInput label={said.amounts.amount} value={row.major} min={0} hideControls onChange={(typed) => typeof typed === "number" && set({ ...row, major: typed })} />
          </>
        )}
      </Rows>
    </Section>
  );
}

function Tiers({ rules, intents, onChange }: Props) {
  const [rows, setRows] = useState(() => tierRows(rules));
  const change = (next: TierRow[]): void => {
    setRows(next);
    onChange(withTierRows(rules, next));
  };
  const name = (row: TierRow): string => [row.tier, row.topic && titleOf(intents, row.topic)].filter(Boolean).join(", ");
  return (
    <Section title={said.tiers.title} text={said.tiers.text}>
      <Rows rows={rows} add={said.tiers.add} blank={{ tier: "", topic: null, way: "people" }} name={name} error={faultsOf(rules).tiers && said.tiers.bad} onChange={change}>
        {(row, set) => (
          <>
            <TextInput label={said.tiers.tier} value={row.tier} maxLength={100} dir="auto" onChange={(event) => set({ ...row, tier: event.currentTarget.value })} />
            <TopicSelect label={said.tiers.topic} first={{ value: ANY, label: said.tiers.anyTopic }} intents={intents} value={row.topic ?? ANY} onChange={(topic) => set({ ...row, topic: topic === ANY ? null : topic })} />
            <NativeSelect
              label={said.tiers.way}
              value={row.way}
              data={(["people", "assist"] as const).map((value) => ({ value, label: said.tiers.ways[value] }))}
              onChange={(event) => set({ ...row, way: event.currentTarget.value as Way })}
            />
          </>
        )}
      </Rows>
    </Section>
  );
}

function Sure({ rules, intents, onChange }: Props) {
  const [rows, setRows] = useState(() => Object.entries(rules.thresholds.answer_by_category).map(([topic, value]) => ({ topic, value })));
  const put = (change: Partial<Rules["thresholds"]>): void => onChange({ ...rules, thresholds: { ...rules.thresholds, ...change } });
  const change = (next: typeof rows): void => {
    setRows(next);
    put({ answer_by_category: Object.fromEntries(next.map(({ topic, value }) => [topic, value])) });
  };
  const { sure } = said;
  return (
    <Section title={sure.title} text={sure.text}>
      <Percent label={sure.intent} hint={sure.intentHint} value={rules.thresholds.intent} onChange={(intent) => put({ intent })} />
      <Percent label={sure.answer} hint={sure.answerHint} value={rules.thresholds.answer} onChange={(answer) => put({ answer })} />
      <div role="group" aria-label={sure.byTopic}>
        <strong>{sure.byTopic}</strong>
        <p>{sure.byTopicHint}</p>
        <Rows rows={rows} add={sure.add} blank={{ topic: ANY, value: 0.5 }} name={(row) => (row.topic === ANY ? sure.others : titleOf(intents, row.topic))} onChange={change}>
          {(row, set) => (
            <>
              <TopicSelect label={said.tiers.topic} first={{ value: ANY, label: sure.others }} intents={intents} value={row.topic} onChange={(topic) => set({ ...row, topic })} />
              <Percent label={sure.byTopic} value={row.value} onChange={(value) => set({ ...row, value })} />
            </>
          )}
        </Rows>
      </div>
    </Section>
  );
}

function Tone({ rules, onChange }: Props) {
  const put = (change: Partial<Rules["tone"]>): void => onChange({ ...rules, tone: { ...rules.tone, ...change } });
  return (
    <Section title={said.tone.title} text={said.tone.text}>
      {(["no_answer", "handover", "voice"] as const).map((name) => (
        <Textarea key={name} label={said.tone[name]} value={rules.tone[name]} maxLength={500} autosize minRows={2} dir="auto" onChange={(event) => put({ [name]: event.currentTarget.value })} />
      ))}
      <div role="group" aria-label={said.tone.examples}>
        <strong>{said.tone.examples}</strong>
        <p>{said.tone.examplesHint}</p>
        <Rows rows={rules.tone.examples} add={said.tone.add} most={5} blank={{ customer: "", reply: "" }} name={(row) => row.customer || said.tone.example} error={faultsOf(rules).tone && said.tone.bad} onChange={(examples) => put({ examples })}>
          {(row, set) => (
            <>
              <Textarea label={said.tone.customer} value={row.customer} maxLength={300} autosize dir="auto" onChange={(event) => set({ ...row, customer: event.currentTarget.value })} />
              <Textarea label={said.tone.reply} value={row.reply} maxLength={500} autosize dir="auto" onChange={(event) => set({ ...row, reply: event.currentTarget.value })} />
            </>
          )}
        </Rows>
      </div>
    </Section>
  );
}

function Other({ rules, onChange }: Props) {
  const { other } = said;
  const put = (change: Partial<Rules["releases"]>): void => onChange({ ...rules, releases: { ...rules.releases, ...change } });
  return (
    <Section title={other.title}>
      <Whole label={other.messageMax} value={rules.message_max_chars} min={100} max={20000} onChange={(message_max_chars) => onChange({ ...rules, message_max_chars })} />
      <Whole label={other.reviewDays} value={rules.review_days} min={1} max={3650} onChange={(review_days) => onChange({ ...rules, review_days })} />
      <Percent label={other.worse} value={rules.releases.worse_at_most} onChange={(worse_at_most) => put({ worse_at_most })} />
      <Whole label={other.replayDays} value={rules.releases.replay_days} min={1} max={365} onChange={(replay_days) => put({ replay_days })} />
      <Whole label={other.questions} value={rules.releases.questions_at_most} min={1} max={5000} onChange={(questions_at_most) => put({ questions_at_most })} />
    </Section>
  );
}

function HowFar({ rules, onChange }: Props) {
  return (
    <Section title={said.mode.title} text={said.mode.text}>
      <ModeChoice chosen={rules.mode} onChange={(mode) => onChange({ ...rules, mode })} />
    </Section>
  );
}

/** A number, or nothing: no limit. */
function Limit({ label, hint, value, digits, prefix, onChange }: { label: string; hint?: string; value: number | null; digits: number; prefix?: string; onChange: (value: number | null) => void }) {
  return (
    <NumberInput label={label} description={hint} placeholder={said.budget.unlimited} prefix={prefix} value={value ?? ""} min={0} max={1_000_000_000} decimalScale={digits} thousandSeparator="," hideControls onChange={(typed) => onChange(typeof typed === "number" ? typed : null)} />
  );
}

function Spending({ rules, onChange }: Props) {
  const put = (change: Partial<Rules["budget"]>): void => onChange({ ...rules, budget: { ...rules.budget, ...change } });
  const { tokens_per_day, cost_per_day_micros, soft } = rules.budget;
  return (
    <Section title={said.budget.title} text={said.budget.text}>
      <Limit label={said.budget.tokens} value={tokens_per_day} digits={0} onChange={(value) => put({ tokens_per_day: value })} />
      <Limit label={said.budget.cost} hint={said.budget.costHint} prefix="$" value={cost_per_day_micros === null ? null : toDollars(cost_per_day_micros)} digits={6} onChange={(value) => put({ cost_per_day_micros: value === null ? null : toMicros(value) })} />
      <Percent label={said.budget.soft} hint={said.budget.softHint} value={soft} onChange={(value) => put({ soft: value })} />
    </Section>
  );
}

function Doing({ rules, onChange }: Props) {
  return (
    <Section title={said.doing.title} text={said.doing.text}>
      <Whole label={said.doing.calls} value={rules.limits.calls_per_turn} min={0} max={5} onChange={(calls_per_turn) => onChange({ ...rules, limits: { ...rules.limits, calls_per_turn } })} />
    </Section>
  );
}

function Personal({ rules, onChange }: Props) {
  const kinds = Object.entries(said.personal.kinds).map(([name, title]) => ({ name, title }));
  return (
    <Section title={said.personal.title} text={said.personal.text}>
      <Topics label={said.personal.kept} hint={said.personal.keptHint} intents={kinds} chosen={rules.redact_before_provider} onChange={(redact_before_provider) => onChange({ ...rules, redact_before_provider })} />
      <Switch label={said.personal.restore} description={said.personal.restoreHint} checked={rules.restore_in_replies} onChange={(event) => onChange({ ...rules, restore_in_replies: event.currentTarget.checked })} />
    </Section>
  );
}

export function RulesForm(props: Props) {
  const { rules, intents, onChange } = props;
  return (
    <>
      <HowFar {...props} />
      <Section title={said.asks.title} text={said.asks.text} />
      <Always {...props} />
      <Words {...props} />
      <Amounts {...props} />
      <Tiers {...props} />
      <Section title={said.turns.title} text={said.turns.text}>
        <Whole label={said.turns.most} value={rules.max_unresolved} min={1} max={20} onChange={(max_unresolved) => onChange({ ...rules, max_unresolved })} />
        <Topics label={said.turns.attempt} hint={said.turns.attemptHint} intents={intents} chosen={rules.attempt_then_escalate} onChange={(attempt_then_escalate) => onChange({ ...rules, attempt_then_escalate })} />
      </Section>
      <Section title={said.hours.title} text={said.hours.text}>
        <Topics label={said.hours.topics} intents={intents} chosen={rules.people_in_hours} onChange={(people_in_hours) => onChange({ ...rules, people_in_hours })} />
      </Section>
      <Sure {...props} />
      <Tone {...props} />
      <Doing {...props} />
      <Personal {...props} />
      <Spending {...props} />
      <Other {...props} />
    </>
  );
}
