/** One workflow: its YAML, checked while one writes and tried on made-up messages, and every version there has been. For admins. */
import { Button } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import { Problem } from "../../shared/problem";
import { CodeArea, goToLine } from "../actions/CodeArea";
import { Versions } from "../actions/Versions";
import actionsCss from "../actions/actions.module.css";
import { keys } from "../api/keys";
import * as calls from "../api/workflows";
import type { Checked, Workflow } from "../api/workflows";
import { readable, wholeTime } from "../format";
import { Confirm, Notice, Page, Tabs } from "../knowledge/frame";
import { mayDecide, useSession } from "../session";
import { Icon } from "../ui/Icon";
import { Tag } from "../ui/small";
import { Empty, Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { words } from "../words";
import { workflowWords } from "../words/workflows";
import { TryPanel } from "./TryPanel";
import { addressOf } from "./WorkflowsPage";
import css from "./workflows.module.css";

const said = workflowWords.edit;
const back = { href: "/workflows", label: workflowWords.backTo };
const tabs = ["document", "history"] as const;
/** After the last letter; a check takes some milliseconds. */
const PAUSE_MS = 400;

function Verdict({ checked, checking, error, onLine }: { checked: Checked | undefined; checking: boolean; error: unknown; onLine: (line: number) => void }) {
  if (error) return <Notice tone="red" icon="alert">{explain(error)}</Notice>;
  if (!checked) return <p className={css.dim}>{said.checking}</p>;
  return (
    <div className={css.verdict} aria-busy={checking}>
      <p role="status" data-tone={checked.errors.length ? "red" : "green"}>
        <Icon name={checked.errors.length ? "alert" : "check"} size={14} />
        {checked.errors.length ? said.errors(checked.errors.length) : said.fine}
      </p>
      {checked.errors.length > 0 && (
        <ul className={css.errors}>
          {checked.errors.map((fault) => (
            <li key={`${fault.line} ${fault.field} ${fault.message}`}>
              <button type="button" onClick={() => onLine(fault.line)}>
                {said.line(fault.line)}
              </button>
              <span>
                {fault.field !== "source" && <code>{fault.field}</code>} {fault.message}
              </span>
            </li>
          ))}
        </ul>
      )}
      {checked.warnings.length > 0 && (
        <Notice tone="amber" icon="alert">
          <strong>{said.warned}</strong>
          <ul className={css.warned}>
            {checked.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Notice>
      )}
    </div>
  );
}

function Editor({ known }: { known: Workflow | null }) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [base, setBase] = useState(() => ({ source: known?.source ?? said.example, version: known?.version ?? 0 }));
  const [source, setSource] = useState(base.source);
  const [settled] = useDebouncedValue(source, PAUSE_MS);
  const area = useRef<HTMLTextAreaElement>(null);
  const dirty = !known || source !== base.source;
  // Another version, or an old one put in force again: taken over where nothing is lost by it.
  if (known && known.version > base.version && !dirty) {
    setBase({ source: known.source, version: known.version });
    setSource(known.source);
  }
  const check = useQuery({
    queryKey: keys.checked(settled),
    enabled: settled.trim() !== "",
    queryFn: ({ signal }) => calls.check(settled, signal),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
  const renamed = known !== null && check.data?.name !== null && check.data !== undefined && check.data.name !== known.name;
  const current = settled === source && !check.isPlaceholderData;
  const save = useMutation({
    mutationFn: () => calls.put(known?.name ?? check.data?.name ?? "", source, base.version),
    onSuccess: (entry) => {
      toast(said.saved(entry.version));
      void client.invalidateQueries({ queryKey: keys.workflows });
      setBase({ source: entry.source, version: entry.version });
      if (!known) navigate(addressOf(entry.name), { replace: true });
    },
  });
  const overtaken = save.error instanceof Problem && save.error.status === 409;
  const theirs = async (): Promise<void> => {
    const name = known?.name ?? check.data?.name ?? "";
    save.reset();
    const entry = await calls.workflow(name).catch(() => null);
    if (!entry) return;
    if (!known) return navigate(addressOf(name));
    setBase({ source: entry.source, version: entry.version });
    setSource(entry.source);
  };
  return (
    <>
      <div className={css.two}>
        <div className={css.stack}>
          <CodeArea
            label={said.label}
            hint={said.hint}
            value={source}
            rows={30}
            field={area}
            faulty={new Set(check.data?.errors.map(({ line }) => line))}
            onChange={(next) => {
              if (save.isError) save.reset();
              setSource(next);
            }}
          />
          <Verdict checked={check.data} checking={!current} error={check.error} onLine={(line) => area.current && goToLine(area.current, line)} />
        </div>
        <TryPanel source={source} />
      </div>
      {(dirty || save.isError) && (
        <section className={actionsCss.bar} aria-label={said.unsaved}>
          {overtaken && (
            <Notice tone="amber" icon="alert" actions={<Button size="xs" variant="default" onClick={() => void theirs()}>{said.theirs}</Button>}>
              {said.overtaken}
            </Notice>
          )}
          {save.isError && !overtaken && <Notice tone="red" icon="alert">{explain(save.error)}</Notice>}
          {renamed && <Notice tone="amber" icon="alert">{said.renamed(known.name)}</Notice>}
          <div className={actionsCss.barRow}>
            <p role="status">{said.unsaved}</p>
            {known && (
              <Button size="xs" variant="subtle" onClick={() => { save.reset(); setSource(base.source); }}>
                {said.discard}
              </Button>
            )}
            <Button size="xs" loading={save.isPending} disabled={!current || !check.data?.name || renamed} onClick={() => save.mutate()}>
              {said.save(base.version + 1)}
            </Button>
          </div>
        </section>
      )}
    </>
  );
}

function History({ name }: { name: string }) {
  const client = useQueryClient();
  const found = useQuery({ queryKey: keys.workflowVersions(name), queryFn: ({ signal }) => calls.versions(name, signal) });
  const restore = useMutation({
    mutationFn: (version: number) => calls.restore(name, version),
    onSuccess: (entry) => {
      toast(workflowWords.history.restored(entry.version));
      void client.invalidateQueries({ queryKey: keys.workflows });
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
  if (found.isPending) return <Loading lines={6} />;
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  return (
    <Versions
      label={workflowWords.tabs.history}
      versions={found.data.items.map((each) => ({ ...each, text: each.source }))}
      words={{ ...workflowWords.history, by: workflowWords.by, version: workflowWords.version }}
      busy={restore.isPending}
      onRestore={restore.mutate}
    />
  );
}

function Remove({ name }: { name: string }) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => calls.remove(name),
    onSuccess: () => {
      toast(said.removed(name));
      navigate("/workflows");
      void client.invalidateQueries({ queryKey: keys.workflows });
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
  return (
    <>
      <Button size="xs" variant="default" leftSection={<Icon name="trash" size={14} />} onClick={() => setAsking(true)}>
        {said.remove}
      </Button>
      <Confirm opened={asking} title={said.remove} text={said.removeText} label={said.remove} color="red" busy={remove.isPending} onClose={() => setAsking(false)} onConfirm={() => remove.mutate()} />
    </>
  );
}

function Known({ name }: { name: string }) {
  const [search, setSearch] = useSearchParams();
  const tab = tabs.find((one) => one === search.get("tab")) ?? "document";
  const found = useQuery({ queryKey: keys.workflow(name), queryFn: ({ signal }) => calls.workflow(name, signal) });
  if (found.isPending) return <Loading lines={9} />;
  if (!found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const { data } = found;
  return (
    <Page
      title={data.title}
      name={`workflow ${name}`}
      back={back}
      lead={data.description || undefined}
      actions={<Remove name={name} />}
      meta={
        <>
          <code>{data.name}</code>
          {data.intents.map((intent) => (
            <Tag key={intent} tone="accent">
              {readable(intent)}
            </Tag>
          ))}
          <span>{workflowWords.version(data.version)}</span>
          <span>
            <time dateTime={data.created_at}>{wholeTime(data.created_at)}</time> <bdi>{workflowWords.by(data.author)}</bdi>
          </span>
        </>
      }
    >
      <Tabs label={data.title} chosen={tab} onChoose={(one) => setSearch(one === "document" ? {} : { tab: one }, { replace: true })} tabs={tabs.map((one) => ({ name: one, label: workflowWords.tabs[one] }))} />
      <div className={css.pane} hidden={tab !== "document"}>
        <Editor key={name} known={data} />
      </div>
      {tab === "history" && <History name={name} />}
    </Page>
  );
}

export default function WorkflowPage({ name }: { name: string | null }) {
  if (!mayDecide(useSession())) return <Empty icon="shield" title={words.errors.forbiddenTitle} text={words.errors.forbidden} />;
  if (name !== null) return <Known name={name} />;
  return (
    <Page title={said.newTitle} name="new workflow" back={back}>
      <Editor known={null} />
    </Page>
  );
}
