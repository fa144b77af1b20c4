/** How far the assistant goes just now and why, and the switch. */
import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import * as calls from "../api/models";
import { type Mode, type ModelsNow, modes } from "../api/models";
import { keys } from "../api/keys";
import { Tag } from "../ui/small";
import { explain } from "../ui/states";
import { toast } from "../ui/toast";
import { modeNames, modelWords } from "../words/models";
import css from "./models.module.css";

const said = modelWords.mode;

export const modeTone = (mode: Mode): "green" | "amber" | "red" =>
  mode === "full" ? "green" : mode === "people-only" || mode === "take-a-message" ? "red" : "amber";

/** The five to choose from, each with what happens in it. */
export function ModeChoice({ chosen, onChange }: { chosen: Mode; onChange: (mode: Mode) => void }) {
  return (
    <fieldset className={css.modes}>
      <legend>{said.choose}</legend>
      {modes.map((mode) => (
        <label key={mode}>
          <input type="radio" name="mode" checked={mode === chosen} onChange={() => onChange(mode)} />
          <strong>{modeNames[mode][0]}</strong>
          <small>{modeNames[mode][1]}</small>
        </label>
      ))}
    </fieldset>
  );
}

export function ModePanel({ found }: { found: ModelsNow }) {
  const client = useQueryClient();
  const { mode, why, chosen } = found.mode;
  const [wanted, setWanted] = useState<Mode>(chosen);
  const [was, setWas] = useState(chosen);
  if (was !== chosen) {
    setWas(chosen);
    setWanted(chosen);
  }
  const saving = useMutation({
    mutationFn: () => calls.switchTo(wanted, found.policy_version),
    onSuccess: () => {
      toast(said.saved(wanted));
      for (const queryKey of [keys.models, keys.mode, keys.policy]) void client.invalidateQueries({ queryKey });
    },
    onError: (error) => {
      toast(explain(error), { tone: "red" });
      void client.invalidateQueries({ queryKey: keys.models });
    },
  });
  return (
    <section className={css.panel} aria-labelledby="mode-title">
      <div className={css.head}>
        <h2 id="mode-title">{said.title}</h2>
        <Tag tone={modeTone(mode)}>{modeNames[mode][0]}</Tag>
      </div>
      <p>{why || modeNames[mode][1]}</p>
      <ModeChoice chosen={wanted} onChange={setWanted} />
      <p>{said.hint}</p>
      <div className={css.save}>
        <Button size="xs" disabled={wanted === chosen} title={wanted === chosen ? said.same : undefined} loading={saving.isPending} onClick={() => saving.mutate()}>
          {said.save}
        </Button>
      </div>
    </section>
  );
}
