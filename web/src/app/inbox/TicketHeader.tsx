/** The ticket's subject, who is in charge right now, who else is here, and what may be done. */
import { ActionIcon, Button } from "@mantine/core";
import type { TicketDetail } from "../api/types";
import { useMoment } from "../live/moment";
import { useSession } from "../session";
import { Icon, type IconName } from "../ui/Icon";
import { useHeadingFocus, useNow } from "../ui/hooks";
import { Avatar, Key, Tag } from "../ui/small";
import { words } from "../words";
import { Due } from "./Due";
import css from "./inbox.module.css";
import { customerName, priorityTone } from "./people";
import type { Charge } from "./views";

type Can = Record<"claim" | "handback" | "resolve" | "reopen", (() => void) | undefined>;

interface Props {
  detail: TicketDetail;
  charge: Charge;
  can: Can;
  busy: boolean;
  onBack: () => void;
  onDetails: () => void;
}

const chargeIcon: Record<Charge, IconName> = { assistant: "assistant", waiting: "clock", you: "person", other: "people", closed: "check" };

function chargeWords(charge: Charge, assignee: string): [string, string] {
  const { ticket } = words;
  if (charge === "assistant") return [ticket.stateAssistant, ticket.stateAssistantText];
  if (charge === "waiting") return [ticket.stateWaiting, ticket.stateWaitingText];
  if (charge === "you") return [ticket.stateYours, ticket.stateYoursText];
  if (charge === "other") return [ticket.stateOther(assignee), ticket.stateOtherText];
  return [ticket.stateClosed, ticket.stateClosedText];
}

function Others({ ticketId }: { ticketId: string }) {
  const { member } = useSession();
  const here = useMoment((now) => now.viewers[ticketId]);
  const others = Object.values(here ?? {}).filter((viewer) => viewer.id !== member.id);
  const names = (state: "viewing" | "replying"): string =>
    others.filter((viewer) => viewer.state === state).map((viewer) => viewer.name).join(", ");
  const replying = names("replying");
  const viewing = names("viewing");
  return (
    <div className={css.others} role="status">
      {others.map((viewer) => (
        <Avatar key={viewer.id} name={viewer.name} tone={viewer.state === "replying" ? "solid" : undefined} />
      ))}
      {replying && <strong>{words.ticket.replying(replying)}</strong>}
      {viewing && <span>{words.ticket.viewing(viewing)}</span>}
    </div>
  );
}

export function TicketHeader({ detail, charge, can, busy, onBack, onDetails }: Props) {
  const { ticket } = detail;
  const heading = useHeadingFocus<HTMLHeadingElement>(ticket.id);
  const now = useNow(5_000);
  const [state, explanation] = chargeWords(charge, ticket.assignee?.name ?? "");
  return (
    <header className={css.head}>
      <div className={css.headTop}>
        <ActionIcon className={css.backButton} variant="subtle" size="lg" aria-label={words.keys.toList} onClick={onBack}>
          <Icon name="back" />
        </ActionIcon>
        <div className={css.headTitle}>
          <h1 ref={heading} tabIndex={-1} dir="auto">
            {ticket.subject}
          </h1>
          <p>
            <bdi>{customerName(ticket.customer)}</bdi>
            {(ticket.priority === "high" || ticket.priority === "urgent") && (
              <Tag tone={priorityTone[ticket.priority]} icon="flag">{words.priority[ticket.priority]}</Tag>
            )}
            {ticket.mode !== "closed" && <Due row={ticket} now={now} long />}
            <Others ticketId={ticket.id} />
          </p>
        </div>
        <ActionIcon className={css.detailsButton} variant="default" size={30} aria-label={words.ticket.showDetails} onClick={onDetails}>
          <Icon name="side" />
        </ActionIcon>
      </div>
      <div className={css.charge} data-charge={charge} aria-busy={busy}>
        <p role="status">
          <Icon name={chargeIcon[charge]} size={14} />
          <strong>{state}</strong>
          <span>{explanation}</span>
        </p>
        <div className={css.headActions} role="group" aria-label={words.ticket.actions}>
          {can.claim && (
            <Button size="xs" onClick={can.claim} rightSection={<Key onButton>c</Key>}>
              {charge === "assistant" ? words.ticket.takeOver : words.ticket.claim}
            </Button>
          )}
          {can.handback && (
            <Button size="xs" variant="default" onClick={can.handback} title={words.ticket.handbackLong} rightSection={<Key onButton>h</Key>}>
              {words.ticket.handback}
            </Button>
          )}
          {can.resolve && (
            <Button size="xs" variant={charge === "you" ? "filled" : "default"} onClick={can.resolve} rightSection={<Key onButton>e</Key>}>
              {words.ticket.resolve}
            </Button>
          )}
          {can.reopen && (
            <Button size="xs" variant="default" onClick={can.reopen} rightSection={<Key onButton>z</Key>}>
              {words.ticket.reopen}
            </Button>
          )}
        </div>
      </div>
    </header>
  );
}
