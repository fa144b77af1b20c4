/** The inbox: the list of one view, and beside it the open ticket. The address holds view, search and ticket. */
import { useEffect } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useSearchParams } from "wouter";
import { useConnection } from "../live/LiveProvider";
import { useTitle } from "../ui/hooks";
import { Empty } from "../ui/states";
import { words } from "../words";
import { TicketList } from "./TicketList";
import { TicketPage } from "./TicketPage";
import css from "./inbox.module.css";
import { resendOffline } from "./outbox";
import { viewOf } from "./views";

/** What could not be sent for want of a connection goes out once it is back. */
function useOutboxDelivery(): void {
  const client = useQueryClient();
  const connection = useConnection();
  useEffect(() => {
    if (connection === "live") resendOffline(client);
  }, [client, connection]);
}

export default function InboxPage({ ticketId }: { ticketId: string | null }) {
  const [search] = useSearchParams();
  const view = viewOf(search.get("view"));
  const q = search.get("q") ?? "";
  useTitle(ticketId ? words.nav.inbox : words.views[view]);
  useOutboxDelivery();
  return (
    <div className={css.inbox} data-open={ticketId ? "" : undefined}>
      <TicketList view={view} q={q} team={search.get("team") ?? ""} openId={ticketId} />
      <section className={css.detail} aria-label={words.ticket.main}>
        {ticketId ? (
          <TicketPage key={ticketId} id={ticketId} />
        ) : (
          <Empty tall icon="inbox" title={words.list.pick} text={words.list.pickText} />
        )}
      </section>
    </div>
  );
}
