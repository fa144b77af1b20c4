/** One document of the knowledge: read it, change it at once or in a draft, look at its versions and at what rests on it. */
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { DocumentDetail, DocumentDraft, DocumentVersion } from "../api/knowledge-shapes";
import { mayEditKnowledge, useSession } from "../session";
import { Icon } from "../ui/Icon";
import { Tag } from "../ui/small";
import { Empty, Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { words } from "../words";
import { knowledgeWords } from "../words/knowledge";
import { ArticleForm, forgetDraft, useWriting } from "./ArticleForm";
import { ArticleText } from "./ArticleText";
import { CarePanel } from "./CarePanel";
import { ConflictNotice } from "./ConflictNotice";
import { Disagreements } from "./Disagreements";
import { GivenAnswers } from "./GivenAnswers";
import { History } from "./History";
import { type Picked, ReleasePicker } from "./ReleasePicker";
import { UploadButton, UploadList } from "./UploadPanel";
import css from "./article.module.css";
import { knowledgeChanged, reasonOf, statusTone, useDocument, useVersions } from "./documents";
import { Confirm, Notice, Page, Tabs } from "./frame";
import { useCited } from "./cited";
import { inTheWay, overtaken, useSaving } from "./saving";
import { fieldsOf } from "./writing";

const said = knowledgeWords.article;
const lists = knowledgeWords.list;
const back = { href: "/knowledge", label: lists.title };

const parts = ["read", "edit", "history", "answers", "disagreements"] as const;
type Part = (typeof parts)[number];

export default function ArticlePage({ id }: { id: string }) {
  const session = useSession();
  if (id !== "new") return <Existing id={id} />;
  if (!mayEditKnowledge(session)) return <Empty icon="shield" title={words.errors.forbiddenTitle} text={lists.readOnly} />;
  return <New />;
}

function New() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const writing = useWriting("new");
  const create = useMutation({
    mutationFn: ({ draft, into }: { draft: DocumentDraft; into: Picked | null }) => calls.createDocument({ ...draft, ...(into ? { release_id: into.id } : {}) }),
    onSuccess: (accepted, { into }) => {
      forgetDraft("new");
      knowledgeChanged(client);
      toast(into ? said.savedTo(into.title) : said.saved);
      navigate(`/knowledge/${accepted.id}`, { replace: true });
    },
  });
  return (
    <Page title={said.newTitle} name="new" back={back}>
      <ArticleForm writing={writing} saving={create.isPending} error={create.error} onSave={(draft, into) => create.mutate({ draft, into })} onCancel={() => navigate("/knowledge")} />
    </Page>
  );
}

function Existing({ id }: { id: string }) {
  const document = useDocument(id);
  if (document.isPending) return <Loading lines={9} />;
  if (!document.data)
    return (
      <Page title={lists.title} name={id} back={back}>
        <Failed error={document.error} retry={() => void document.refetch()} />
      </Page>
    );
  return <Opened document={document.data} />;
}

/** Which part is open and in which draft, from the address. */
function usePart(mayEdit: boolean) {
  const [search, setSearch] = useSearchParams();
  const asked = parts.find((one) => one === search.get("tab")) ?? "read";
  const go = (to: Part, release: string | null = null): void =>
    setSearch(
      () => {
        const next = new URLSearchParams();
        if (to !== "read") next.set("tab", to);
        if (release) next.set("release", release);
        return next;
      },
      { replace: true },
    );
  const part: Part = asked === "edit" && !mayEdit ? "read" : asked;
  return { part, release: search.get("release"), go };
}

/** The newest version that waits in a draft release: of the named one where one is named. */
const waitingIn = (versions: DocumentVersion[] | undefined, release: string | null): DocumentVersion | undefined =>
  versions?.filter((one) => one.release_id !== null && one.state !== "live" && one.state !== "retired" && (release === null || one.release_id === release)).toSorted((a, b) => b.version - a.version)[0];

/** The text, with the sentence marked that an answer cited, where one was followed here. */
function Read({ text, version, onHistory }: { text: string; version: number; onHistory: () => void }) {
  const [search] = useSearchParams();
  const box = useRef<HTMLDivElement>(null);
  const cited = search.get("version");
  const found = useCited(box, search.get("cited"), text);
  return (
    <>
      {found === false && (
        <Notice tone="amber" icon="info" actions={<Button size="compact-xs" variant="default" onClick={onHistory}>{said.history}</Button>}>
          {said.citedGone(cited ?? "?", version)}
        </Notice>
      )}
      <ArticleText text={text} box={box} />
    </>
  );
}

function Opened({ document }: { document: DocumentDetail }) {
  const session = useSession();
  const writes = mayEditKnowledge(session);
  const mayEdit = writes && !document.file;
  const { part, release, go } = usePart(mayEdit);
  const versions = useVersions(document.id);
  const disagreements = useQuery({ queryKey: keys.disagreements(document.id), queryFn: ({ signal }) => calls.disagreements(document.id, signal), enabled: document.live_version !== null });
  const onlyDraft = document.status === "draft";
  const draft = waitingIn(versions.data?.items, release);
  const items = disagreements.data?.items ?? [];
  const text = onlyDraft && draft ? draft.body : document.body;
  return (
    <Page
      title={document.title}
      name={document.id}
      back={back}
      meta={
        <>
          <Tag tone={statusTone[document.status]}>{lists.statuses[document.status]}</Tag>
          <span>{document.kind === "resolution" ? lists.kindOne.resolution : lists.format[document.format]}</span>
          <span>{words.ticket.version(document.version)}</span>
        </>
      }
      actions={writes && <Deeds document={document} />}
    >
      <HowItStands document={document} draft={part === "edit" && release ? undefined : draft} onEdit={mayEdit && draft && part !== "edit" ? () => go("edit", draft.release_id) : undefined} writes={writes} />
      <UploadList />
      <Tabs
        label={said.tabs}
        chosen={part}
        onChoose={(to) => go(to)}
        tabs={[
          { name: "read", label: said.read },
          ...(mayEdit ? [{ name: "edit" as const, label: words.edit }] : []),
          { name: "history", label: said.history },
          { name: "answers", label: said.answers },
          { name: "disagreements", label: said.disagreements, count: items.length },
        ]}
      />
      {part === "edit" ? (
        <Editing key={release ?? (onlyDraft ? "draft" : "live")} document={document} draft={release || onlyDraft ? draft : undefined} waiting={(release !== null || onlyDraft) && versions.isPending} onDone={() => go("read")} />
      ) : (
        <div className={css.columns}>
          <div className={css.main}>
            {part === "read" && (text ? <Read text={text} version={document.version} onHistory={() => go("history")} /> : <Empty icon="file" title={said.noText} />)}
            {part === "history" && <History id={document.id} writes={writes} />}
            {part === "answers" && <GivenAnswers document={document} writes={writes} />}
            {part === "disagreements" && <Disagreements query={disagreements} writes={writes} />}
          </div>
          <CarePanel document={document} written={versions.data?.items.find((one) => one.current)?.created_at} writes={writes} />
        </div>
      )}
    </Page>
  );
}

interface EditingProps {
  document: DocumentDetail;
  /** the text in a draft that is edited instead of what answers */
  draft: DocumentVersion | undefined;
  waiting: boolean;
  onDone: () => void;
}

function Editing({ document, draft, waiting, onDone }: EditingProps) {
  const id = draft?.release_id ?? null;
  const release = useQuery({ queryKey: keys.release(id ?? ""), enabled: id !== null, queryFn: ({ signal }) => calls.release(id ?? "", signal) });
  if (waiting || (id !== null && release.isPending)) return <Loading lines={9} />;
  const within = release.data ? { id: release.data.id, title: release.data.title } : null;
  return <Editor document={document} version={within ? draft : undefined} within={within} onDone={onDone} />;
}

function Editor({ document, version, within, onDone }: { document: DocumentDetail; version: DocumentVersion | undefined; within: Picked | null; onDone: () => void }) {
  const keep = within ? `${document.id}.${within.id}` : document.id;
  const versions = useVersions(document.id);
  const writing = useWriting(keep, fieldsOf(document, version), version?.version ?? document.version);
  const saving = useSaving(document.id, (accepted, into) => {
    forgetDraft(keep);
    toast(accepted.changed === false ? said.unchanged : into ? said.savedTo(into.title) : said.saved);
    onDone();
  });
  const tried = saving.variables;
  const other = tried && overtaken(saving.error) ? inTheWay(versions.data?.items, tried.into, tried.base) : undefined;
  const conflict: ReactNode = tried && overtaken(saving.error) && (
    <ConflictNotice
      other={other}
      mine={writing.fields.body}
      busy={saving.isPending}
      onKeep={() => other && saving.mutate({ ...tried, base: other.version })}
      onTake={() => {
        if (other) writing.take(fieldsOf(document, other), other.version);
        saving.reset();
      }}
    />
  );
  return (
    <>
      {within && <Notice tone="blue" icon="edit">{said.editingDraft(within.title)}</Notice>}
      {document.source_id && !within && <Notice tone="amber" icon="info">{said.fromSource}</Notice>}
      <ArticleForm
        writing={writing}
        format={version?.format ?? document.format}
        within={within}
        saving={saving.isPending}
        error={saving.error}
        conflict={conflict || undefined}
        onSave={(draft, into) => saving.mutate({ draft: { ...draft, ...(document.external_id ? { external_id: document.external_id } : {}) }, into, base: writing.base })}
        onCancel={onDone}
      />
    </>
  );
}

function HowItStands({ document, draft, writes, onEdit }: { document: DocumentDetail; draft: DocumentVersion | undefined; writes: boolean; onEdit?: () => void }) {
  const edit = onEdit && (
    <Button size="compact-xs" variant="default" onClick={onEdit}>
      {said.editInDraft}
    </Button>
  );
  return (
    <>
      {document.status === "processing" && <Notice tone="blue" icon="clock">{said.processing}</Notice>}
      {document.status === "error" && (
        <Notice tone="red" icon="alert">
          <strong>{said.failed}.</strong> {reasonOf(document)} {document.live_version !== null && said.failedVersion}
        </Notice>
      )}
      {document.status === "review" && (
        <Notice tone="amber" icon="shield" actions={<Link href="/knowledge/approvals">{said.toApprovals}</Link>}>
          {said.inReview}
        </Notice>
      )}
      {draft?.release_id && (
        <Notice
          tone="blue"
          icon="flag"
          actions={
            <>
              {edit}
              <Link href={`/knowledge/releases/${draft.release_id}`}>{said.openDraft}</Link>
            </>
          }
        >
          {document.status === "draft" ? said.draftOnly : said.alsoInDraft}
        </Notice>
      )}
      {document.file && writes && <Notice icon="file">{said.fromFile(document.file.name)}</Notice>}
    </>
  );
}

function Deeds({ document }: { document: DocumentDetail }) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState<"delete" | "later" | null>(null);
  const close = (): void => setAsking(null);
  const remove = useMutation({
    mutationFn: (into: Picked | null) => calls.deleteDocument(document.id, into?.id),
    onSuccess: (_nothing, into) => {
      close();
      if (into) {
        toast(said.removedIn(into.title));
        knowledgeChanged(client);
        return;
      }
      toast(said.deleted);
      navigate("/knowledge", { replace: true });
      for (const queryKey of [keys.document(document.id), keys.versions(document.id)]) client.removeQueries({ queryKey });
      knowledgeChanged(client);
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
  return (
    <>
      {document.file && document.external_id && (
        <UploadButton fields={{ external_id: document.external_id }} multiple={false}>
          {said.replace}
        </UploadButton>
      )}
      <Button size="xs" variant="default" leftSection={<Icon name="trash" size={14} />} onClick={() => setAsking("delete")}>
        {said.delete}
      </Button>
      <Confirm opened={asking === "delete"} title={said.deleteTitle} text={said.deleteText} label={said.deleteConfirm} color="red" busy={remove.isPending} onClose={close} onConfirm={() => remove.mutate(null)}>
        {document.live_version !== null && (
          <Button className={css.later} size="compact-sm" variant="subtle" onClick={() => setAsking("later")}>
            {said.deleteLater}
          </Button>
        )}
      </Confirm>
      <ReleasePicker opened={asking === "later"} busy={remove.isPending} onClose={close} onPick={remove.mutate} />
    </>
  );
}
