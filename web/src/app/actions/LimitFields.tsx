/** Limits: at once, by window, by tier, and from when on people approve. Used in the editor and for what-if. */
import { ActionIcon, Button, TextInput } from "@mantine/core";
import { useContext, useState } from "react";
import { Icon } from "../ui/Icon";
import { actionWords } from "../words/actions";
import css from "./actions.module.css";
import { type Tree, currencyOf, get, isTree, put, whose, windows } from "./definition";
import { EditingContext, MoneyField, NumberField } from "./fields";

const said = actionWords.form;

function Bounds({ path, currency, moves }: { path: string; currency: string | null; moves: boolean }) {
  return (
    <>
      {moves && (
        <div className={css.three}>
          <MoneyField path={`${path}.per_action_minor`} label={said.perAction} currency={currency} />
          <MoneyField path={`${path}.approve_above_minor`} label={said.approveAbove} currency={currency} />
          <MoneyField path={`${path}.second_approver_above_minor`} label={said.secondAbove} currency={currency} />
        </div>
      )}
      <div role="group" aria-label={said.windows} className={css.windows}>
        {whose.map((who) => (
          <table key={who}>
            <caption>{said.whose[who]}</caption>
            <thead>
              <tr>
                <th scope="col">{said.windowHead}</th>
                <th scope="col">{said.count}</th>
                {moves && <th scope="col">{said.sum}</th>}
              </tr>
            </thead>
            <tbody>
              {windows.map((window) => (
                <tr key={window}>
                  <th scope="row">{said.window[window]}</th>
                  <td>
                    <NumberField bare whole path={`${path}.per_${who}_${window}_count`} label={said.cell(said.count, said.whose[who] ?? "", said.window[window] ?? "")} />
                  </td>
                  {moves && (
                    <td>
                      <MoneyField bare path={`${path}.per_${who}_${window}_sum_minor`} label={said.cell(said.sum, said.whose[who] ?? "", said.window[window] ?? "")} currency={currency} />
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        ))}
      </div>
    </>
  );
}

/** Keys with dots would be read as paths, so a tier with one is changed in the JSON only. */
const writable = (tier: string): boolean => !tier.includes(".");

export function LimitFields() {
  const { tree, change } = useContext(EditingContext);
  const [name, setName] = useState("");
  const currency = currencyOf(tree);
  const moves = isTree(get(tree, "amount"));
  const tiers = isTree(get(tree, "limits.by_tier")) ? Object.keys(get(tree, "limits.by_tier") as Tree) : [];
  const [open, setOpen] = useState<string[]>([]);
  const shown = [...tiers, ...open.filter((tier) => !tiers.includes(tier))].filter(writable);
  const add = (): void => {
    const tier = name.trim();
    if (!tier || !writable(tier)) return;
    setOpen([...open, tier]);
    setName("");
  };
  const remove = (tier: string): void => {
    setOpen(open.filter((one) => one !== tier));
    change(put(tree, `limits.by_tier.${tier}`, undefined));
  };
  return (
    <>
      <Bounds path="limits" currency={currency} moves={moves} />
      <div role="group" aria-label={said.tiers} className={css.tiers}>
        <strong>{said.tiers}</strong>
        <p>{said.tiersText}</p>
        {shown.map((tier) => (
          <section key={tier} className={css.tier} aria-label={said.tierName(tier)}>
            <header>
              <strong dir="auto">{tier}</strong>
              <ActionIcon variant="subtle" size="lg" aria-label={said.removeTier(tier)} onClick={() => remove(tier)}>
                <Icon name="trash" />
              </ActionIcon>
            </header>
            <Bounds path={`limits.by_tier.${tier}`} currency={currency} moves={moves} />
          </section>
        ))}
        <div className={css.addRow}>
          <TextInput
            label={said.tier}
            value={name}
            maxLength={100}
            dir="auto"
            onChange={(event) => setName(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              add();
            }}
          />
          <Button size="xs" variant="default" leftSection={<Icon name="plus" size={12} />} disabled={!name.trim() || !writable(name)} onClick={add}>
            {said.addTier}
          </Button>
        </div>
      </div>
    </>
  );
}
