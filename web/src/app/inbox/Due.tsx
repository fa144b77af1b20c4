/** When a ticket is due next: counts down, red when the promise was broken, and stands still while we wait for the customer. */
import type { TicketRow } from "../api/types";
import { duration, wholeTime } from "../format";
import { Tag } from "../ui/small";
import { peopleWords } from "../words/people";

const said = peopleWords.inbox;

/** From so many milliseconds before it is due the time is shown in amber. */
const SOON_MS = 15 * 60_000;

export function Due({ row, now, long }: { row: TicketRow; now: number; long?: boolean }) {
  const { sla } = row;
  if (!sla) return null;
  const name = said.promise[sla.promise] ?? sla.promise;
  if (sla.due_at === null)
    return (
      <Tag icon="clock" title={`${name}: ${said.pausedLong}`}>
        {long ? `${name}: ${said.paused}` : said.paused}
      </Tag>
    );
  const left = Date.parse(sla.due_at) - now;
  const text = left < 0 ? said.overdue(duration(-left)) : said.due(duration(left));
  return (
    <Tag tone={sla.breached || left < 0 ? "red" : left < SOON_MS ? "amber" : "plain"} icon="clock" title={`${name}: ${wholeTime(sla.due_at)}`}>
      {long ? `${name}: ${text}` : text}
    </Tag>
  );
}
