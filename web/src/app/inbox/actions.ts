/** What one may do with a ticket, each with what is said afterwards. Decides nothing: the server does. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Problem } from "../../shared/problem";
import * as calls from "../api/calls";
import { keys } from "../api/keys";
import type { Label } from "../api/people";
import type { Person, TicketDetail } from "../api/types";
import { placeRow } from "../live/patch";
import { explain } from "../ui/states";
import { toast } from "../ui/toast";
import { words } from "../words";

/** One action: runs, lays the answer into the cache, says what happened. */
function useAction<V>(id: string, run: (value: V) => Promise<TicketDetail>, after?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: (detail) => {
      client.setQueryData(keys.ticket(id), detail);
      placeRow(client, detail.ticket);
      void client.invalidateQueries({ queryKey: keys.counts });
      // On a slow line the answer can be older than what events have told since.
      void client.invalidateQueries({ queryKey: keys.ticket(id) });
      after?.();
    },
    onError: (error) => {
      const faster = error instanceof Problem && error.code === "already_claimed" ? (error.extra.assignee as Person | undefined) : undefined;
      toast(faster ? words.ticket.claimedBy(faster.name) : explain(error), { tone: "red" });
      void client.invalidateQueries({ queryKey: keys.ticket(id) });
    },
  });
}

export function useTicketActions(id: string) {
  const reopen = useAction<void>(id, () => calls.reopen(id), () => toast(words.ticket.reopened));
  const claim = useAction<void>(id, () => calls.claim(id), () => toast(words.ticket.claimed));
  const handback = useAction<void>(id, () => calls.handback(id), () => toast(words.ticket.handedBack));
  const resolve = useAction<{ message: string; label: Label | null }>(
    id,
    ({ message, label }) => calls.resolve(id, message, label),
    () => toast(words.ticket.resolvedToast, { action: { label: words.undo, run: () => reopen.mutate() } }),
  );
  const change = useAction<calls.TicketChange>(id, (values) => calls.changeTicket(id, values));
  const busy = [reopen, claim, handback, resolve].some((one) => one.isPending);
  return { reopen, claim, handback, resolve, change, busy };
}

export type TicketActions = ReturnType<typeof useTicketActions>;
