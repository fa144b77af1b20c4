/** The usual parts of a definition as fields; what has no field here is changed in the JSON beside it. */
import { NativeSelect, TextInput } from "@mantine/core";
import { useContext } from "react";
import { Rows, Section } from "../policy/fields";
import { actionWords } from "../words/actions";
import css from "./actions.module.css";
import { LimitFields } from "./LimitFields";
import { type Tree, currencyOf, faultAt, get, isTree, put, text } from "./definition";
import { AreaField, EditingContext, ListField, MoneyField, NumberField, SelectField, SwitchField, TextField } from "./fields";

const said = actionWords.form;
const snake = (typed: string): string => typed.toLowerCase().replaceAll(/[^a-z0-9_]+/g, "_").slice(0, 64);

function What({ fresh }: { fresh: boolean }) {
  const { tree, change, faults } = useContext(EditingContext);
  const kind = text(tree, "kind");
  const setKind = (next: string): void => {
    const changed = put(tree, "kind", next);
    if (next === "escalate") return change(put(changed, "handler", undefined));
    change(isTree(get(tree, "handler")) ? changed : { ...changed, handler: { kind: "http", url: "" } });
  };
  return (
    <Section title={said.what} text={said.whatText}>
      <TextField path="name" label={said.name} hint={said.nameHint} required disabled={!fresh} max={64} onText={snake} />
      <AreaField path="description" label={said.description} required max={2000} rows={3} />
      <NativeSelect
        label={said.kind}
        description={said.kindHint[kind]}
        value={kind}
        data={Object.entries(actionWords.kinds).map(([value, label]) => ({ value, label }))}
        error={faultAt(faults, "kind")}
        onChange={(event) => setKind(event.currentTarget.value)}
      />
      <SwitchField path="enabled" label={actionWords.enabled} hint={said.enabledHint} otherwise />
    </Section>
  );
}

function HandlerPart() {
  const { tree } = useContext(EditingContext);
  const kind = text(tree, "handler.kind") || "http";
  const changes = text(tree, "kind") === "change";
  return (
    <Section title={said.handler} text={said.handlerText}>
      <SelectField path="handler.kind" label={said.handlerKind} names={said.handlerKinds} first="http" />
      <TextField path="handler.url" label={said.url} hint={kind === "http" ? said.urlHint : undefined} required />
      {kind === "mcp" && <TextField path="handler.tool" label={said.tool} hint={said.toolHint} max={200} />}
      {changes && kind !== "builtin" && (
        <>
          <TextField path="handler.quote_url" label={said.quoteUrl} hint={said.quoteHint} />
          <TextField path="handler.status_url" label={said.statusUrl} hint={said.statusHint} />
          <TextField path="handler.undo_url" label={said.undoUrl} />
          {text(tree, "handler.undo_url") && <NumberField path="handler.undo_within_s" label={said.undoWithin} factor={60} max={43_200} />}
        </>
      )}
      <NumberField path="timeout_s" label={said.timeout} min={1} max={30} />
    </Section>
  );
}

function Takes() {
  const { tree } = useContext(EditingContext);
  const known = get(tree, "input_schema.properties");
  const needed = get(tree, "input_schema.required");
  const names = isTree(known) ? Object.entries(known) : [];
  return (
    <Section title={said.takes} text={said.takesText}>
      {names.length === 0 && <p className={css.dim}>{said.takesNone}</p>}
      {names.length > 0 && (
        <ul className={css.takes}>
          {names.map(([name, schema]) => (
            <li key={name}>
              <code>{name}</code>
              <span>{[text(schema, "type"), Array.isArray(needed) && needed.includes(name) && said.needed].filter(Boolean).join(", ")}</span>
              <span dir="auto">{text(schema, "description")}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

interface OwnerRow {
  argument?: string;
  look_up?: string;
  path?: string;
}

function Owners({ lookUps }: { lookUps: string[] }) {
  const { tree, change, faults } = useContext(EditingContext);
  const kept = get(tree, "owner");
  const rows: OwnerRow[] = Array.isArray(kept) ? kept.filter(isTree) : isTree(kept) ? [kept] : [];
  const known = Object.keys((get(tree, "input_schema.properties") as Tree | undefined) ?? {});
  const setRows = (next: OwnerRow[]): void => change(put(tree, "owner", next.length ? next : undefined));
  return (
    <Section title={said.owner} text={said.ownerText}>
      <Rows rows={rows} add={said.addOwner} blank={{ argument: known[0] ?? "" }} name={(row) => said.ownerRow(row.argument ?? "")} error={faultAt(faults, "owner", true)} onChange={setRows}>
        {(row, set) => (
          <>
            <NativeSelect
              label={said.argument}
              value={row.argument ?? ""}
              data={[...new Set([...known, row.argument ?? ""])].map((value) => ({ value, label: value || "–" }))}
              onChange={(event) => set({ ...row, argument: event.currentTarget.value })}
            />
            <NativeSelect
              label={said.lookUp}
              value={row.look_up ?? ""}
              data={[{ value: "", label: said.noLookUp }, ...[...new Set([...lookUps, row.look_up ?? ""])].filter(Boolean).map((value) => ({ value, label: value }))]}
              onChange={(event) => {
                const { look_up: _was, path, ...rest } = row;
                set(event.currentTarget.value ? { ...rest, look_up: event.currentTarget.value, path: path ?? "customer_id" } : rest);
              }}
            />
            {row.look_up && <TextInput label={said.path} value={row.path ?? ""} maxLength={200} spellCheck={false} onChange={(event) => set({ ...row, path: event.currentTarget.value })} />}
          </>
        )}
      </Rows>
    </Section>
  );
}

function AmountPart() {
  const { tree, change, faults } = useContext(EditingContext);
  const has = isTree(get(tree, "amount"));
  const from = (value: string): void => {
    if (!value) return change(put(tree, "amount", undefined));
    change({ ...tree, amount: has ? { ...(get(tree, "amount") as Tree), from: value } : { from: value, currency: "EUR" } });
  };
  return (
    <Section title={said.amount} text={said.amountText}>
      <TextInput label={said.amountFrom} description={said.amountFromHint} value={text(tree, "amount.from")} maxLength={200} spellCheck={false} error={faultAt(faults, "amount.from") ?? faultAt(faults, "amount")} onChange={(event) => from(event.currentTarget.value)} />
      {has && (
        <div className={css.three}>
          <TextField path="amount.currency" label={said.currency} hint={said.currencyHint} required max={200} />
          <SelectField path="amount.unit" label={said.unit} names={said.units} first="minor" />
        </div>
      )}
    </Section>
  );
}

function ConfirmPart() {
  const { tree } = useContext(EditingContext);
  return (
    <Section title={said.confirm} text={said.confirmText}>
      <SwitchField path="confirm.required" label={said.asks} otherwise />
      {isTree(get(tree, "amount")) && <MoneyField path="confirm.above_minor" label={said.confirmAbove} currency={currencyOf(tree)} />}
      <NumberField path="confirm.expires_s" label={said.expires} factor={60} min={0.5} max={60} />
    </Section>
  );
}

export function DefinitionForm({ fresh, lookUps }: { fresh: boolean; lookUps: string[] }) {
  const { tree } = useContext(EditingContext);
  const kind = text(tree, "kind");
  return (
    <>
      <What fresh={fresh} />
      {kind !== "escalate" && <HandlerPart />}
      <Takes />
      <Section title={said.who}>
        <SelectField path="identity" label={said.identity} names={actionWords.identities} first="verified" />
        <ListField path="scopes" label={said.scopes} hint={said.scopesHint} nothing={undefined} />
      </Section>
      {kind !== "escalate" && <Owners lookUps={lookUps.filter((name) => name !== text(tree, "name") || kind === "look_up")} />}
      {kind === "change" && (
        <>
          <AmountPart />
          <ConfirmPart />
          <Section title={said.limits} text={said.limitsText}>
            <LimitFields />
          </Section>
          <Section title={said.texts} text={said.textsText}>
            {(["summary", "done", "failed", "waiting"] as const).map((name) => (
              <AreaField key={name} path={`texts.${name}`} label={said.text[name] ?? name} />
            ))}
          </Section>
        </>
      )}
      {kind !== "escalate" && (
        <Section title={said.shows} text={said.showsText}>
          <Shown path="shows.model" label={said.showsModel} />
          <Shown path="shows.customer" label={said.showsCustomer} />
          <ListField path="shows.hide_arguments" label={said.hide} nothing={undefined} />
        </Section>
      )}
    </>
  );
}

/** Everything, or paths only; an empty list of paths shows nothing. */
function Shown({ path, label }: { path: string; label: string }) {
  const { tree, change } = useContext(EditingContext);
  const all = !Array.isArray(get(tree, path));
  return (
    <div className={css.shown} role="group" aria-label={label}>
      <NativeSelect
        label={label}
        value={all ? "all" : "some"}
        data={[
          { value: "all", label: said.showsAll },
          { value: "some", label: said.showsSome },
        ]}
        onChange={(event) => change(put(tree, path, event.currentTarget.value === "all" ? undefined : []))}
      />
      {!all && <ListField path={path} label={said.showsPaths} nothing={[]} />}
    </div>
  );
}
