/** Leads from a conversation to the ticket that it is in by now. */
import { useQuery } from "@tanstack/react-query";
import { Redirect } from "wouter";
import * as calls from "../api/calls";
import { Empty, Failed, Loading } from "../ui/states";
import { words } from "../words";

export default function ConversationPage({ id }: { id: string }) {
  const ticket = useQuery({ queryKey: ["ticket-of", id], queryFn: ({ signal }) => calls.ticketOf(id, signal) });
  if (ticket.isPending) return <Loading lines={6} />;
  if (ticket.isError) return <Failed error={ticket.error} retry={() => void ticket.refetch()} />;
  if (ticket.data === null) return <Empty icon="info" title={words.errors.notFoundTitle} text={words.errors.notFound} />;
  return <Redirect to={`/inbox/${ticket.data}?view=open`} replace />;
}
