/** A conversation made up, and how the procedure would go in it: what it would look up, say, ask and propose. */
import { Button, NativeSelect, TextInput, Textarea } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import * as tickets from "../api/calls";
import { keys } from "../api/keys";
import type { Customer } from "../api/types";
import * as calls from "../api/workflows";
import type { Heard } from "../api/workflows";
import { readable } from "../format";
import { Notice } from "../knowledge/frame";
import rows from "../knowledge/rows.module.css";
import { Icon } from "../ui/Icon";
import { RichText } from "../ui/RichText";
import { Tag } from "../ui/small";
import { explain } from "../ui/states";
import { Facts } from "../approvals/Facts";
import { actionWords } from "../words/actions";
import { workflowWords } from "../words/workflows";
import css from "./workflows.module.css";

const said = workflowWords.try;
const MOST = 20;
const RECENT = 50;

/** Customers who wrote lately and are known, each once. */
function useCustomers(): Customer[] {
  const found = useQuery({ queryKey: keys.find(""), staleTime: 60_000, queryFn: ({ signal }) => tickets.tickets({ status: [], assignee: null, q: "" }, null, RECENT, signal) });
  const known = new Map(found.data?.items.filter(({ customer }) => customer.verified).map(({ customer }) => [customer.id, customer]));
  return [...known.values()];
}

const outcomeOf = ({ outcome, rule }: Heard["calls"][number]): string =>
  rule && outcome === "refused" ? said.refusedBy(actionWords.rules[rule] ?? readable(rule)) : (said.outcomes[outcome] ?? readable(outcome).toLowerCase());

function Turn({ heard }: { heard: Heard }) {
  return (
    <li className={css.turn}>
      <p className={css.said} dir="auto">
        <strong>{said.customer}</strong> {heard.text}
      </p>
      {heard.begins !== null && <p className={css.dim}>{heard.begins ? said.begins : said.beginsNot}</p>}
      {heard.calls.map((call, at) => (
        <p key={at} className={css.call}>
          <Icon name="bolt" size={12} />
          {call.kind === "propose" ? said.wouldPropose(call.action, outcomeOf(call)) : said.lookedUp(call.action, outcomeOf(call))}
        </p>
      ))}
      {(heard.sentences.length > 0 || heard.question) && (
        <div className={css.answer}>
          <strong>{said.assistant}</strong>
          {heard.sentences.map((sentence, at) => (
            <RichText key={at} text={sentence} />
          ))}
          {heard.question && (
            <>
              <RichText text={heard.question.text} />
              <p className={css.choices}>
                {heard.question.choices.map((choice) => (
                  <Tag key={choice} tone="accent">
                    {choice}
                  </Tag>
                ))}
              </p>
            </>
          )}
        </div>
      )}
      {heard.proposal && (
        <div className={css.proposal}>
          <Tag tone="blue">{said.proposes}</Tag> <strong dir="auto">{heard.proposal.summary}</strong>
          <Facts label={heard.proposal.action} values={heard.proposal.arguments} />
        </div>
      )}
      {heard.needs && <p>{said.needs[heard.needs] ?? readable(heard.needs)}</p>}
      {heard.hand_over !== null && (
        <p>
          <Tag tone="amber">{said.handsOver}</Tag> <span dir="auto">{heard.hand_over}</span>
        </p>
      )}
      {heard.state === null && <p className={css.dim}>{said.over}</p>}
    </li>
  );
}

export function TryPanel({ source }: { source: string }) {
  const customers = useCustomers();
  const [text, setText] = useState("");
  const [customer, setCustomer] = useState("");
  const [identity, setIdentity] = useState("verified");
  const [page, setPage] = useState("");
  const messages = text.split("\n").map((line) => line.trim()).filter(Boolean).slice(0, MOST);
  const trying = useMutation({
    mutationFn: async () => {
      const { items } = await calls.attempt({ source, messages, identity, ...(customer ? { customer_id: customer } : {}), ...(page.trim() ? { page_url: page.trim() } : {}) });
      return { items, left: messages.length - items.length };
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (messages.length) trying.mutate();
  };
  return (
    <section className={css.try} aria-label={said.title}>
      <h2>{said.title}</h2>
      <p className={css.dim}>{said.lead}</p>
      <form className={css.stack} onSubmit={submit}>
        <Textarea label={said.messages} description={said.hint} rows={4} dir="auto" value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <div className={css.pair}>
          <NativeSelect
            label={said.as}
            value={customer}
            data={[{ value: "", label: said.nobody }, ...customers.map(({ id, name, email }) => ({ value: id, label: name ?? email ?? id }))]}
            onChange={(event) => setCustomer(event.currentTarget.value)}
          />
          {customer && <NativeSelect label={said.identity} value={identity} data={Object.entries(actionWords.identities).map(([value, label]) => ({ value, label }))} onChange={(event) => setIdentity(event.currentTarget.value)} />}
        </div>
        <TextInput label={said.page} type="url" maxLength={2000} value={page} onChange={(event) => setPage(event.currentTarget.value)} />
        <div>
          <Button type="submit" size="xs" variant="default" loading={trying.isPending} disabled={!messages.length} leftSection={<Icon name="send" size={12} />}>
            {said.run}
          </Button>
        </div>
      </form>
      {trying.isError && (
        <Notice tone="red" icon="alert">
          {explain(trying.error)}
        </Notice>
      )}
      {trying.data && (
        <ol className={css.talk} aria-live="polite">
          {trying.data.items.map((heard, at) => (
            <Turn key={at} heard={heard} />
          ))}
        </ol>
      )}
      {trying.data && trying.data.left > 0 && <p className={rows.empty}>{said.left(trying.data.left)}</p>}
    </section>
  );
}
