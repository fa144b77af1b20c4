/** Yes or no to an action that waits, asked once more, with a reason. */
import { Textarea } from "@mantine/core";
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

export type Verdict = "approve" | "reject";

function tell(verdict: Verdict, stands: calls.Stands): void {
  if (verdict === "reject") return toast(said.outcome.rejected(stands.summary));
  if (stands.status === "pending_approval") return toast(said.outcome.one);
  if (stands.status === "executed") return toast(said.outcome.done(stands.summary));
  toast(`${stands.summary}: ${stands.text}`, stands.status === "failed" ? { tone: "red" } : {});
}

export function Decide({ run, verdict, last, onClose }: { run: Run; verdict: Verdict; last: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const approving = verdict === "approve";
  const decision = useMutation({
    mutationFn: () => calls[verdict](run.action_id, reason.trim()),
    onSuccess: (stands) => tell(verdict, stands),
    onError: (error) => toast(explain(error), { tone: "red" }),
    onSettled: () => {
      onClose();
      runsChanged(client);
    },
  });
  return (
    <Confirm
      opened
      title={approving ? said.approveTitle : said.rejectTitle}
      text={approving ? (last ? said.approveText : said.approveFirstText) : said.rejectText}
      label={approving ? said.approve : said.reject}
      color={approving ? undefined : "red"}
      busy={decision.isPending}
      onClose={onClose}
      onConfirm={() => decision.mutate()}
    >
      <div className={css.dialog}>
        <p className={css.asked} dir="auto">
          {run.summary}
        </p>
        <Textarea label={said.reason} description={approving ? said.reasonApproved : said.reasonRejected} value={reason} maxLength={1000} rows={2} dir="auto" onChange={(event) => setReason(event.currentTarget.value)} />
      </div>
    </Confirm>
  );
}
