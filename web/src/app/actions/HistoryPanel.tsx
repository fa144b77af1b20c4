/** What an action was: every version, what it changed, and putting one in force again. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import * as calls from "../api/actions";
import type { Action } from "../api/actions";
import { keys } from "../api/keys";
import { Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { actionWords } from "../words/actions";
import { Versions } from "./Versions";
import { lean, shown } from "./definition";

const said = actionWords.history;

export function HistoryPanel({ entry, admin }: { entry: Action; admin: boolean }) {
  const client = useQueryClient();
  const found = useQuery({ queryKey: keys.actionVersions(entry.name), queryFn: ({ signal }) => calls.versions(entry.name, signal) });
  const [round, setRound] = useState(0);
  const restore = useMutation({
    mutationFn: (definition: object) => calls.put(entry.name, { ...definition, name: entry.name }),
    onSuccess: (now) => {
      toast(actionWords.form.saved(now.version));
      setRound(round + 1);
      void client.invalidateQueries({ queryKey: keys.actions });
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
  if (found.isPending) return <Loading lines={6} />;
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const versions = found.data.items.map((each) => ({ ...each, text: shown(lean(each.definition)) }));
  return (
    <Versions
      key={round}
      label={actionWords.tabs.history}
      versions={versions}
      words={{ ...said, by: actionWords.by, version: actionWords.version }}
      onRestore={admin ? (version) => {
        const old = found.data.items.find((each) => each.version === version);
        if (old) restore.mutate(old.definition);
      } : undefined}
      busy={restore.isPending}
    />
  );
}
