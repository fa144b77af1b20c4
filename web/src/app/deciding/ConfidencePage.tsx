/** The confidence: how far it can be believed, judging answers, and the limit that is kept by it. For admins. */
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "wouter";
import * as calls from "../api/deciding";
import { keys } from "../api/keys";
import { Page, Tabs } from "../knowledge/frame";
import { Failed, Loading } from "../ui/states";
import { decidingWords as said } from "../words/deciding";
import { JudgePanel } from "./JudgePanel";
import { LimitPanel } from "./LimitPanel";
import { ReliabilityPanel } from "./ReliabilityPanel";

const tabs = ["reliability", "judge", "limit"] as const;

export default function ConfidencePage() {
  const [search, setSearch] = useSearchParams();
  const tab = tabs.find((name) => name === search.get("tab")) ?? "reliability";
  const go = (to: (typeof tabs)[number]): void => setSearch(to === "reliability" ? {} : { tab: to }, { replace: true });
  const found = useQuery({ queryKey: keys.confidence, queryFn: ({ signal }) => calls.confidence(signal) });
  return (
    <Page title={said.title} name="confidence" lead={said.lead}>
      <Tabs label={said.title} chosen={tab} onChoose={go} tabs={tabs.map((name) => ({ name, label: said.tabs[name], count: name === "judge" ? found.data?.labels.waiting : undefined }))} />
      {tab === "reliability" && found.isPending && <Loading lines={8} />}
      {tab === "reliability" && found.isError && !found.data && <Failed error={found.error} retry={() => void found.refetch()} />}
      {tab === "reliability" && found.data && <ReliabilityPanel found={found.data} onJudge={() => go("judge")} />}
      {tab === "judge" && <JudgePanel />}
      {tab === "limit" && <LimitPanel />}
    </Page>
  );
}
