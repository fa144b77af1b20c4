/** What this member was told: given work, and promises about to be broken or broken. Each leads to its ticket and can be put away. */
import { CloseButton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "wouter";
import { keys } from "../api/keys";
import * as people from "../api/people";
import type { Notice } from "../api/people";
import { Icon } from "../ui/Icon";
import { peopleWords } from "../words/people";
import css from "./inbox.module.css";

const said = peopleWords.inbox;

/** At most so many are shown; the next one comes up when one is put away. */
const MOST = 2;

function text({ kind, promise, subject }: Notice): string {
  if (kind === "assigned") return said.assigned(subject);
  const name = said.promise[promise ?? ""] ?? "";
  return kind === "sla_reminder" ? said.reminder(name, subject) : said.breached(name, subject);
}

export function Notices() {
  const client = useQueryClient();
  const found = useQuery({ queryKey: keys.notices, queryFn: ({ signal }) => people.notices(signal), refetchInterval: 60_000 });
  const read = useMutation({ mutationFn: people.readNotices, onSettled: () => client.invalidateQueries({ queryKey: keys.notices }) });
  const items = found.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <ul className={css.notices} aria-label={said.notices}>
      {items.slice(0, MOST).map((notice) => (
        <li key={notice.id} data-kind={notice.kind}>
          <Icon name={notice.kind === "assigned" ? "person" : "clock"} size={14} />
          <Link href={`/inbox/${notice.ticket_id}?view=open`} onClick={() => read.mutate(notice.id)} dir="auto">
            {text(notice)}
          </Link>
          <CloseButton size="sm" aria-label={`${said.dismiss}: ${text(notice)}`} onClick={() => read.mutate(notice.id)} />
        </li>
      ))}
    </ul>
  );
}
