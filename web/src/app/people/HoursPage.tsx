/** When the company's people are there. */
import { Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "../api/keys";
import * as calls from "../api/people";
import { Notice, Page } from "../knowledge/frame";
import { useSession } from "../session";
import { Failed, Loading, explain } from "../ui/states";
import { peopleWords } from "../words/people";
import { HoursForm, usualHours } from "./HoursForm";
import css from "./people.module.css";
import { useSaving } from "./saving";

const said = peopleWords.hours;

export default function HoursPage() {
  const { member } = useSession();
  const found = useQuery({ queryKey: keys.hours, queryFn: ({ signal }) => calls.hours(signal) });
  const [draft, setDraft] = useState<calls.Hours | null>(null);
  const save = useSaving(calls.setHours, () => setDraft(null));
  const shown = draft ?? found.data?.hours ?? null;
  const choose = (always: boolean): void => {
    if (!always) return setDraft(usualHours());
    setDraft(null);
    if (found.data?.hours) save.mutate(null);
  };
  return (
    <Page title={said.title} name="hours" lead={said.lead}>
      {found.isPending && <Loading lines={8} />}
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.data && (
        <>
          <Notice icon="clock" tone={found.data.open ? "green" : "amber"}>
            {found.data.open ? said.open : said.closed(found.data.back ?? "")}
          </Notice>
          {member.role !== "admin" ? (
            <Notice icon="shield">{peopleWords.needAdmin}</Notice>
          ) : (
            <div className={css.form}>
              <Switch
                label={said.always}
                checked={shown === null}
                onChange={(event) => choose(event.currentTarget.checked)}
              />
            </div>
          )}
          {member.role === "admin" && shown && (
            <HoursForm key={JSON.stringify(found.data.hours)} hours={shown} saving={save.isPending} error={save.isError ? explain(save.error) : undefined} onSave={save.mutate} />
          )}
        </>
      )}
    </Page>
  );
}
