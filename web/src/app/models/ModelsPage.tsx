/** Language models: the mode and its switch, today's spending, the models' state, what it cost, and own keys. For admins. */
import { useQuery } from "@tanstack/react-query";
import * as calls from "../api/models";
import { keys } from "../api/keys";
import { Page } from "../knowledge/frame";
import { mayDecide, useSession } from "../session";
import { Empty, Failed, Loading } from "../ui/states";
import { words } from "../words";
import { modelWords as said } from "../words/models";
import { KeysPanel } from "./KeysPanel";
import css from "./models.module.css";
import { ModePanel } from "./ModePanel";
import { SpendingPanel } from "./SpendingPanel";
import { StatesPanel } from "./StatesPanel";
import { TodayPanel } from "./TodayPanel";

/** How long what is shown of a provider's state may be old. */
const FRESH_MS = 15_000;

export default function ModelsPage() {
  const allowed = mayDecide(useSession());
  const found = useQuery({ queryKey: keys.modelsNow, queryFn: ({ signal }) => calls.models(signal), enabled: allowed, refetchInterval: FRESH_MS });
  return (
    <Page title={said.title} name="models" lead={said.lead}>
      {!allowed && <Empty icon="shield" title={words.errors.forbiddenTitle} text={said.needAdmin} />}
      {allowed && found.isPending && <Loading lines={8} />}
      {found.isError && !found.data && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.data && (
        <div className={css.stack}>
          <div className={css.columns}>
            <ModePanel found={found.data} />
            <div className={css.stack}>
              <TodayPanel found={found.data} />
              <StatesPanel found={found.data} />
            </div>
          </div>
          <SpendingPanel />
          <KeysPanel found={found.data.keys} />
        </div>
      )}
    </Page>
  );
}
