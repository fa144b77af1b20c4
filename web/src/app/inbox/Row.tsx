/** One ticket in the list. */
import { memo } from "react";
import { Link } from "wouter";
import { spoken } from "../../shared/markup";
import type { TicketRow } from "../api/types";
import { ago, lasting, readable, wholeTime } from "../format";
import { Icon } from "../ui/Icon";
import { Avatar, Spoken, Tag } from "../ui/small";
import { words } from "../words";
import { peopleWords } from "../words/people";
import { Due } from "./Due";
import css from "./inbox.module.css";
import { customerName, priorityTone } from "./people";
import type { View } from "./views";

interface Props {
  row: TicketRow;
  view: View;
  q: string;
  team: string;
  open: boolean;
  at: boolean;
  unread: boolean;
  now: number;
}

function Time({ row, now }: { row: TicketRow; now: number }) {
  if (!row.waiting_since || row.mode === "closed") {
    const time = row.last_message?.created_at ?? row.updated_at;
    return (
      <time className={css.rowTime} dateTime={time} title={wholeTime(time)}>
        {ago(time, now)}
      </time>
    );
  }
  const waits = lasting(row.waiting_since, now);
  return (
    <span className={css.rowTime} data-waits="" title={words.list.waitsLong(waits)}>
      <Icon name="clock" size={12} />
      <Spoken>{words.list.waits("")}</Spoken>
      {waits}
    </span>
  );
}

function preview(row: TicketRow): string {
  if (!row.last_message) return "";
  const text = spoken(row.last_message.text).replaceAll(/\s+/g, " ");
  if (row.last_message.role === "assistant") return `${words.list.assistant} ${text}`;
  return text;
}

export const Row = memo(function Row({ row, view, q, team, open, at, unread, now }: Props) {
  const search = (q ? `&q=${encodeURIComponent(q)}` : "") + (team ? `&team=${encodeURIComponent(team)}` : "");
  return (
    <Link
      className={css.row}
      href={`/inbox/${row.id}?view=${view}${search}`}
      data-ticket={row.id}
      data-at={at ? "" : undefined}
      data-unread={unread ? "" : undefined}
      aria-current={open ? "page" : undefined}
    >
      <span className={css.rowTop}>
        {unread && (
          <span className={css.unread}>
            <Spoken>{words.list.unread}</Spoken>
          </span>
        )}
        <span className={css.rowName} dir="auto">
          {customerName(row.customer)}
        </span>
        {row.customer.verified && (
          <span className={css.verified} title={words.panel.verified}>
            <Icon name="shield" size={12} />
            <Spoken>{words.panel.verified}</Spoken>
          </span>
        )}
        <Time row={row} now={now} />
      </span>
      <span className={css.rowSubject} dir="auto">
        {row.subject}
      </span>
      <span className={css.rowPreview} dir="auto">
        {preview(row)}
      </span>
      <span className={css.rowTags}>
        {row.mode === "ai" && <Tag tone="blue" icon="assistant">{words.ticket.assistant}</Tag>}
        {(row.priority === "high" || row.priority === "urgent") && (
          <Tag tone={priorityTone[row.priority]} icon="flag">{words.priority[row.priority]}</Tag>
        )}
        {row.queue_position !== null && view === "waiting" && (
          <Tag title={peopleWords.inbox.positionLong(row.queue_position)}>{peopleWords.inbox.position(row.queue_position)}</Tag>
        )}
        {row.mode !== "closed" && <Due row={row} now={now} />}
        {row.team && row.mode === "people" && <Tag icon="people" title={peopleWords.inbox.team}>{row.team.name}</Tag>}
        {row.category && <Tag>{readable(row.category)}</Tag>}
        {row.csat_score !== null && <Tag tone={row.csat_score >= 4 ? "green" : "amber"} title={words.list.csat(row.csat_score)}>{`★ ${row.csat_score}`}</Tag>}
        {row.assignee && (
          <span className={css.rowAssignee} title={row.assignee.name}>
            <Avatar name={row.assignee.name} />
            <Spoken>{`${words.panel.assignee}: ${row.assignee.name}`}</Spoken>
          </span>
        )}
      </span>
    </Link>
  );
});
