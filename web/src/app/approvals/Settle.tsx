/** What a person found out of an action that no machine could tell the outcome of. */
import { Button, Group, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import * as calls from "../api/actions";
import type { Run } from "../api/actions";
import { Confirm } from "../knowledge/frame";
import { explain } from "../ui/states";
import { toast } from "../ui/toast";
import { approvalWords as said } from "../words/approvals";
import css from "./approvals.module.css";
import { runsChanged } from "./runs";

export function Settle({ run }: { run: Run }) {
  const client = useQueryClient();
  const [outcome, setOutcome] = useState<"done" | "failed" | null>(null);
  const [reason, setReason] = useState("");
  const settle = useMutation({
    mutationFn: (found: "done" | "failed") => calls.settle(run.action_id, found, reason.trim()),
    onSuccess: () => toast(said.settled),
    onError: (error) => toast(explain(error), { tone: "red" }),
    onSettled: () => {
      setOutcome(null);
      runsChanged(client);
    },
  });
  return (
    <Group gap="xs">
      <Button size="xs" variant="default" aria-label={said.wasDoneOf(run.summary)} onClick={() => setOutcome("done")}>
        {said.wasDone}
      </Button>
      <Button size="xs" variant="default" aria-label={said.wasNotDoneOf(run.summary)} onClick={() => setOutcome("failed")}>
        {said.wasNotDone}
      </Button>
      <Confirm
        opened={outcome !== null}
        title={said.settleTitle}
        text={said.settleText}
        label={outcome === "done" ? said.wasDone : said.wasNotDone}
        busy={settle.isPending}
        onClose={() => setOutcome(null)}
        onConfirm={() => outcome && settle.mutate(outcome)}
      >
        <div className={css.dialog}>
          <p className={css.asked} dir="auto">
            {run.summary}
          </p>
          <Textarea
            label={said.reason}
            description={outcome === "done" ? said.reasonApproved : said.reasonRejected}
            value={reason}
            maxLength={1000}
            rows={2}
            dir="auto"
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        </div>
      </Confirm>
    </Group>
  );
}
