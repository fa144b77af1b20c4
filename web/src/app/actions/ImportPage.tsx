/** Actions out of an OpenAPI document or an MCP server: read, chosen, and put into the registry, each of them switched off. */
import { Button, NativeSelect, TextInput, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { Link } from "wouter";
import * as calls from "../api/actions";
import type { Definition, Imported } from "../api/actions";
import { keys } from "../api/keys";
import { Notice, Page } from "../knowledge/frame";
import rows from "../knowledge/rows.module.css";
import { mayDecide, useSession } from "../session";
import { Icon } from "../ui/Icon";
import { Tag } from "../ui/small";
import { Empty, explain } from "../ui/states";
import { words } from "../words";
import { actionWords } from "../words/actions";
import css from "./actions.module.css";
import { lean, text } from "./definition";
import { addressOf } from "./places";

const said = actionWords.import;
type Source = keyof typeof said.sources;

interface Asked {
  source: Source;
  document: string;
  url: string;
  base: string;
}

function read({ source, document, url, base }: Asked): Promise<Imported> {
  if (source === "mcp") return calls.importMcp(url.trim());
  const from = source === "openapi" ? { document } : { url: url.trim() };
  return calls.importOpenapi(base.trim() ? { ...from, base_url: base.trim() } : from);
}

function From({ busy, error, onRead }: { busy: boolean; error: string | null; onRead: (asked: Asked) => void }) {
  const [asked, setAsked] = useState<Asked>({ source: "openapi", document: "", url: "", base: "" });
  const set = (change: Partial<Asked>): void => setAsked({ ...asked, ...change });
  const ready = asked.source === "openapi" ? asked.document.trim() : asked.url.trim();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (ready) onRead(asked);
  };
  return (
    <form className={css.card} onSubmit={submit}>
      <NativeSelect label={said.from} value={asked.source} data={Object.entries(said.sources).map(([value, label]) => ({ value, label }))} onChange={(event) => set({ source: event.currentTarget.value as Source })} />
      {asked.source === "openapi" && <Textarea label={said.document} value={asked.document} rows={10} spellCheck={false} classNames={{ input: css.mono }} onChange={(event) => set({ document: event.currentTarget.value })} />}
      {asked.source === "address" && <TextInput label={said.url} type="url" value={asked.url} maxLength={2000} onChange={(event) => set({ url: event.currentTarget.value })} />}
      {asked.source === "mcp" && <TextInput label={said.mcpUrl} description={said.mcpHint} type="url" value={asked.url} maxLength={2000} onChange={(event) => set({ url: event.currentTarget.value })} />}
      {asked.source !== "mcp" && <TextInput label={said.base} description={said.baseHint} type="url" value={asked.base} maxLength={2000} onChange={(event) => set({ base: event.currentTarget.value })} />}
      {error && (
        <Notice tone="red" icon="alert">
          {error}
        </Notice>
      )}
      <div>
        <Button type="submit" size="xs" loading={busy} disabled={!ready} leftSection={<Icon name="search" size={12} />}>
          {said.read}
        </Button>
      </div>
    </form>
  );
}

function Proposed({ one, chosen, exists, onFlip }: { one: Definition; chosen: boolean; exists: boolean; onFlip: () => void }) {
  const id = useId();
  return (
    <li className={rows.row}>
      <div className={css.choice}>
        <input id={id} type="checkbox" checked={chosen} onChange={onFlip} />
        <label className={rows.rowMain} htmlFor={id}>
          <span className={rows.rowHead}>
            <code className={css.name}>{one.name}</code>
            <Tag tone={one.kind === "change" ? "blue" : "plain"}>{actionWords.kinds[one.kind]}</Tag>
            {exists && <Tag tone="amber">{said.exists}</Tag>}
          </span>
          <span dir="auto">{one.description}</span>
          <span className={rows.facts}>
            <bdi>{[text(one, "handler.request.method"), text(one, "handler.tool"), text(one, "handler.url")].filter(Boolean).join(" ")}</bdi>
          </span>
        </label>
      </div>
    </li>
  );
}

/** Puts the chosen ones one after the other: a failure leaves the rest as they were, and is told. */
function Choose({ found, onOver }: { found: Imported; onOver: (taken: string[]) => void }) {
  const client = useQueryClient();
  const known = useQuery({ queryKey: keys.actionList, queryFn: ({ signal }) => calls.actions(signal) });
  const names = new Set(known.data?.items.map((one) => one.name));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [done, setDone] = useState<string[]>([]);
  const left = found.items.filter((one) => chosen.has(one.name) && !done.includes(one.name));
  const take = useMutation({
    mutationFn: async () => {
      const taken = [...done];
      for (const one of left) {
        try {
          await calls.put(one.name, { ...lean(one), enabled: false });
        } catch (error) {
          throw new Error(said.failed(one.name, explain(error)), { cause: error });
        }
        taken.push(one.name);
        setDone([...taken]);
      }
      return taken;
    },
    onSuccess: onOver,
    onSettled: () => client.invalidateQueries({ queryKey: keys.actions }),
  });
  const flip = (name: string): void => {
    const next = new Set(chosen);
    if (!next.delete(name)) next.add(name);
    setChosen(next);
  };
  const all = chosen.size === found.items.length;
  if (!found.items.length) return <Empty icon="info" title={said.none} />;
  return (
    <section className={rows.panel} aria-label={said.choose}>
      <div className={rows.panelHead}>
        <h2>{said.found(found.items.length)}</h2>
        <label className={css.all}>
          <input type="checkbox" checked={all} onChange={() => setChosen(new Set(all ? [] : found.items.map((one) => one.name)))} />
          <span>{said.all}</span>
        </label>
      </div>
      <ul className={rows.rows} aria-label={said.choose}>
        {found.items.map((one) => (
          <Proposed key={one.name} one={one} chosen={chosen.has(one.name)} exists={names.has(one.name)} onFlip={() => flip(one.name)} />
        ))}
      </ul>
      {take.isError && (
        <Notice tone="red" icon="alert">
          {take.error.message}
        </Notice>
      )}
      <div className={css.barRow}>
        {take.isPending && <p role="status">{said.progress(done.length, chosen.size)}</p>}
        <Button size="xs" disabled={!left.length} loading={take.isPending} onClick={() => take.mutate()}>
          {said.take(left.length)}
        </Button>
      </div>
    </section>
  );
}

function Told({ found }: { found: Imported }) {
  return (
    <>
      {found.hints.length > 0 && (
        <details className={css.details} open>
          <summary>{said.hints(found.hints.length)}</summary>
          <ul>
            {found.hints.map((hint) => (
              <li key={hint} dir="auto">
                {hint}
              </li>
            ))}
          </ul>
        </details>
      )}
      {found.passed_over.length > 0 && (
        <details className={css.details}>
          <summary>{said.passedOver(found.passed_over.length)}</summary>
          <ul>
            {found.passed_over.map(({ name, reason }) => (
              <li key={name + reason} dir="auto">
                <code>{name}</code> {reason}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Import() {
  const [taken, setTaken] = useState<string[] | null>(null);
  const reading = useMutation({ mutationFn: read, onMutate: () => setTaken(null) });
  return (
    <Page title={said.title} name="import actions" lead={said.lead} back={{ href: "/actions", label: actionWords.backTo }}>
      <From busy={reading.isPending} error={reading.isError ? explain(reading.error) : null} onRead={reading.mutate} />
      {taken && (
        <Notice tone="green" icon="check">
          {said.taken(taken.length)}{" "}
          {taken.slice(0, 20).map((name) => (
            <Link key={name} className={css.takenLink} href={addressOf(name)}>
              {name}
            </Link>
          ))}
        </Notice>
      )}
      {reading.data && !taken && <Choose key={reading.submittedAt} found={reading.data} onOver={setTaken} />}
      {reading.data && <Told found={reading.data} />}
    </Page>
  );
}

export default function ImportPage() {
  if (!mayDecide(useSession())) return <Empty icon="shield" title={words.errors.forbiddenTitle} text={words.errors.forbidden} />;
  return <Import />;
}
