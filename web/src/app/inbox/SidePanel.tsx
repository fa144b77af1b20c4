/** Facts beside the thread: the customer, the ticket's properties, earlier tickets. */
import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import * as calls from "../api/calls";
import { keys } from "../api/keys";
import * as models from "../api/models";
import * as people from "../api/people";
import type { Priority, TicketDetail } from "../api/types";
import { ago, readable, wholeTime } from "../format";
import { cost, count } from "../models/money";
import { useNow } from "../ui/hooks";
import { Dot, Tag } from "../ui/small";
import { words } from "../words";
import { modelWords } from "../words/models";
import { peopleWords } from "../words/people";
import type { TicketActions } from "./actions";
import { RunsPart } from "./RunsPart";
import css from "./inbox.module.css";
import { customerName } from "./people";

const priorities: Priority[] = ["low", "medium", "high", "urgent"];

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function CustomerFacts({ detail }: { detail: TicketDetail }) {
  const { customer, channel, created_at } = detail.ticket;
  const { contact_email } = detail.conversation;
  return (
    <section className={css.panelPart}>
      <h2>{words.panel.customer}</h2>
      <dl>
        <Fact name={words.panel.name}>
          <bdi>{customerName(customer)}</bdi>
        </Fact>
        {customer.email && (
          <Fact name={words.panel.email}>
            <a href={`mailto:${customer.email}`}>{customer.email}</a>
          </Fact>
        )}
        {contact_email && contact_email !== customer.email && (
          <Fact name={words.panel.left}>
            <a href={`mailto:${contact_email}`}>{contact_email}</a>
          </Fact>
        )}
        <Fact name={words.panel.identity}>
          {customer.verified ? (
            <Tag tone="green" icon="shield">{words.panel.verified}</Tag>
          ) : (
            <Tag>{words.panel.notVerified}</Tag>
          )}
        </Fact>
        <Fact name={words.panel.tier}>{readable(customer.tier)}</Fact>
        <Fact name={words.panel.channel}>{words.channel[channel] ?? readable(channel)}</Fact>
        <Fact name={words.panel.since}>
          <time dateTime={created_at}>{wholeTime(created_at)}</time>
        </Fact>
      </dl>
    </section>
  );
}

function Category({ value, editable, save }: { value: string | null; editable: boolean; save: (value: string) => void }) {
  const [text, setText] = useState(value ?? "");
  const [was, setWas] = useState(value);
  if (was !== value) {
    setWas(value);
    setText(value ?? "");
  }
  if (!editable) return <>{value ? readable(value) : words.panel.noCategory}</>;
  return (
    <input
      className={css.plainInput}
      aria-label={words.panel.category}
      placeholder={words.panel.noCategory}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => {
        if (!text.trim()) setText(value ?? "");
        else if (text.trim() !== value) save(text.trim());
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") setText(value ?? "");
      }}
    />
  );
}

function Properties({ detail, actions, editable }: { detail: TicketDetail; actions: TicketActions; editable: boolean }) {
  const { ticket } = detail;
  const members = useQuery({ queryKey: keys.members, queryFn: ({ signal }) => calls.members(signal), staleTime: 60_000 });
  const teams = useQuery({ queryKey: keys.teams, queryFn: ({ signal }) => people.teams(signal), staleTime: 60_000 });
  const agents = members.data?.items.filter((member) => member.role !== "viewer") ?? [];
  const known = ticket.assignee && !agents.some((member) => member.id === ticket.assignee?.id) ? [ticket.assignee] : [];
  const presence = agents.find((member) => member.id === ticket.assignee?.id)?.presence;
  return (
    <section className={css.panelPart}>
      <h2>{words.panel.properties}</h2>
      <dl>
        <Fact name={words.panel.assignee}>
          {editable ? (
            <NativeSelect
              size="xs"
              aria-label={words.panel.assignee}
              value={ticket.assignee?.id ?? ""}
              leftSection={presence && <Dot state={presence} />}
              onChange={(event) => actions.change.mutate({ assignee_id: event.currentTarget.value || null })}
              data={[
                { value: "", label: words.list.unassigned },
                ...known.map((person) => ({ value: person.id, label: person.name })),
                ...agents.map((member) => ({ value: member.id, label: `${member.name} (${words.presence[member.presence].toLowerCase()})` })),
              ]}
            />
          ) : (
            (ticket.assignee?.name ?? words.list.unassigned)
          )}
        </Fact>
        {ticket.team && (
          <Fact name={peopleWords.inbox.team}>
            {editable && ticket.mode === "people" ? (
              <NativeSelect
                size="xs"
                aria-label={peopleWords.inbox.team}
                value={ticket.team.id}
                onChange={(event) => actions.change.mutate({ team_id: event.currentTarget.value })}
                data={(teams.data?.items ?? [ticket.team]).map(({ id, name }) => ({ value: id, label: name }))}
              />
            ) : (
              <bdi>{ticket.team.name}</bdi>
            )}
          </Fact>
        )}
        {ticket.queue_position !== null && <Fact name={words.views.waiting}>{peopleWords.inbox.position(ticket.queue_position)}</Fact>}
        {detail.estimated_wait_minutes !== null && <Fact name={peopleWords.inbox.wait}>{peopleWords.inbox.minutes(detail.estimated_wait_minutes)}</Fact>}
        <Fact name={words.priority.label}>
          {editable ? (
            <NativeSelect
              size="xs"
              aria-label={words.priority.label}
              value={ticket.priority}
              onChange={(event) => actions.change.mutate({ priority: event.currentTarget.value as Priority })}
              data={priorities.map((value) => ({ value, label: words.priority[value] }))}
            />
          ) : (
            words.priority[ticket.priority]
          )}
        </Fact>
        <Fact name={words.panel.category}>
          <Category value={ticket.category} editable={editable} save={(category) => actions.change.mutate({ category })} />
        </Fact>
        {ticket.csat_score !== null && <Fact name={words.panel.rating}>{words.list.csat(ticket.csat_score)}</Fact>}
      </dl>
    </section>
  );
}

function Earlier({ detail }: { detail: TicketDetail }) {
  const now = useNow(60_000);
  return (
    <section className={css.panelPart}>
      <h2>{words.panel.earlier}</h2>
      {detail.other_tickets.length === 0 && <p className={css.dim}>{words.panel.noEarlier}</p>}
      <ul className={css.earlierList}>
        {detail.other_tickets.map((ticket) => (
          <li key={ticket.id}>
            <Link href={`/inbox/${ticket.id}?view=${ticket.mode === "closed" ? "resolved" : "open"}`}>
              <span dir="auto">{ticket.subject}</span>
              <small>
                {words.status[ticket.status]} · {ago(ticket.updated_at, now)}
              </small>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What language models took for it; nothing where none was asked. */
function Cost({ detail }: { detail: TicketDetail }) {
  const { id } = detail.conversation;
  const found = useQuery({ queryKey: keys.spendingOf(id), queryFn: ({ signal }) => models.ofConversation(id, signal), staleTime: 30_000 }).data;
  if (!found?.calls) return null;
  const said = modelWords.ticket;
  const own = found.tickets.find((one) => one.ticket_id === detail.ticket.id);
  const facts: [string, typeof own][] = [[said.ofTicket, own], [said.cost, found.tickets.length > 1 ? { ...found, ticket_id: null } : undefined]];
  return (
    <section className={css.panelPart}>
      <h2>{said.title}</h2>
      <dl>
        {facts.map(([name, sum]) => sum && (
          <Fact key={name} name={name}>
            {cost(sum.cost_micros)} · {said.tokens(count(sum.input_tokens + sum.output_tokens))}
          </Fact>
        ))}
      </dl>
    </section>
  );
}

export function SidePanel(props: { detail: TicketDetail; actions: TicketActions; editable: boolean }) {
  return (
    <div className={css.panel}>
      <Properties {...props} />
      <RunsPart conversationId={props.detail.conversation.id} />
      <CustomerFacts detail={props.detail} />
      <Cost detail={props.detail} />
      <Earlier detail={props.detail} />
    </div>
  );
}
