/** What the assistant leaves for the person who takes over: summary, urgency, what was tried, the next step. */
import { UnstyledButton } from "@mantine/core";
import { useId, useState } from "react";
import { Link } from "wouter";
import type { Handoff, TicketDetail } from "../api/types";
import { ago, readable, wholeTime } from "../format";
import { Icon } from "../ui/Icon";
import { useNow } from "../ui/hooks";
import { Tag } from "../ui/small";
import { words } from "../words";
import css from "./inbox.module.css";
import { customerName, urgencyTone } from "./people";

interface Props {
  detail: TicketDetail;
  handoff: Handoff;
  earlier: Handoff[];
}

const reasonOf = (handoff: Handoff): string => words.briefing.reasons[handoff.reason] ?? readable(handoff.reason);

/** Small screens start with the summary alone. */
const roomy = (): boolean => matchMedia("(min-width: 55rem) and (min-height: 45rem)").matches;

export function Briefing({ detail, handoff, earlier }: Props) {
  const [open, setOpen] = useState(roomy);
  const body = useId();
  const now = useNow();
  const { customer } = detail.ticket;
  const documents = [...new Map(handoff.citations.map((citation) => [citation.document_id, citation])).values()];
  return (
    <section className={css.briefing} aria-label={words.briefing.title}>
      <UnstyledButton className={css.briefingHead} aria-expanded={open} aria-controls={body} onClick={() => setOpen(!open)}>
        <Icon name="bulb" />
        <strong>{words.briefing.title}</strong>
        <Tag tone={urgencyTone[handoff.urgency] ?? "red"}>{words.urgency[handoff.urgency] ?? readable(handoff.urgency)}</Tag>
        <time dateTime={handoff.created_at} title={wholeTime(handoff.created_at)}>
          {words.briefing.from(ago(handoff.created_at, now))}
        </time>
        <Icon name="down" />
      </UnstyledButton>
      <p className={css.summary} dir="auto" data-open={open ? "" : undefined}>
        {handoff.summary}
      </p>
      <div id={body} hidden={!open}>
        {handoff.next_step && (
          <div className={css.nextStep}>
            <Icon name="hand" size={14} />
            <p dir="auto">
              <strong>{words.briefing.next}: </strong>
              {handoff.next_step}
            </p>
          </div>
        )}
        <dl className={css.facts}>
          <div>
            <dt>{words.briefing.customer}</dt>
            <dd>
              <bdi>{customerName(customer)}</bdi>, {words.briefing.tier(readable(customer.tier))}, {customer.verified ? words.panel.verified : words.panel.notVerified}
              {detail.other_tickets.length > 0 && <>, {words.briefing.otherTickets(detail.other_tickets.length)}</>}
            </dd>
          </div>
          <div>
            <dt>{words.briefing.why}</dt>
            <dd>
              {reasonOf(handoff)}
              {" "}
              {handoff.trigger && !(handoff.trigger in words.briefing.reasons) && <Tag>{readable(handoff.trigger)}</Tag>}
            </dd>
          </div>
          {handoff.urgency_evidence && (
            <div>
              <dt>{words.briefing.urgency}</dt>
              <dd dir="auto">{handoff.urgency_evidence}</dd>
            </div>
          )}
          {handoff.tried.length > 0 && (
            <div>
              <dt>{words.briefing.tried}</dt>
              <dd>
                <ul>
                  {handoff.tried.map((step) => (
                    <li key={step} dir="auto">
                      {step}
                    </li>
                  ))}
                </ul>
              </dd>
            </div>
          )}
          {documents.length > 0 && (
            <div>
              <dt>{words.briefing.documents}</dt>
              <dd className={css.chips}>
                {documents.map((citation) => (
                  <Link key={citation.document_id} href={`/knowledge/${citation.document_id}`} className={css.chip}>
                    <Icon name="file" size={12} />
                    <bdi>{citation.title}</bdi>
                  </Link>
                ))}
              </dd>
            </div>
          )}
        </dl>
        {earlier.length > 0 && (
          <details className={css.earlier}>
            <summary>{words.briefing.older(earlier.length)}</summary>
            {earlier.map((old) => (
              <p key={old.id} dir="auto">
                <time dateTime={old.created_at}>{wholeTime(old.created_at)}</time> {reasonOf(old)}. {old.summary}
              </p>
            ))}
          </details>
        )}
      </div>
    </section>
  );
}
