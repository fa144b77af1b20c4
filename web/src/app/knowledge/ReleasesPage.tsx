/** Every release: drafts that collect changes, what was published, what was taken back. */
import { Button, Modal, TextInput, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { Release, ReleaseStatus } from "../api/knowledge-shapes";
import { mayEditKnowledge, useSession } from "../session";
import { Icon } from "../ui/Icon";
import { useNow } from "../ui/hooks";
import { Tag } from "../ui/small";
import { Empty, Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { words } from "../words";
import { knowledgeWords } from "../words/knowledge";
import { Notice, Page, Tabs } from "./frame";
import frame from "./frame.module.css";
import { releaseTone, releasesChanged, story } from "./releases";
import css from "./rows.module.css";

const said = knowledgeWords.releases;
const statuses: ReleaseStatus[] = ["draft", "published", "rolled_back", "discarded"];

export interface Naming {
  title: string;
  note: string;
}

interface NameDialogProps {
  opened: boolean;
  heading: string;
  label: string;
  start?: Naming;
  busy: boolean;
  error: unknown;
  onClose: () => void;
  onSave: (naming: Naming) => void;
}

/** Name and note of a release, new or not. */
export function NameDialog({ opened, heading, label, start = { title: "", note: "" }, busy, error, onClose, onSave }: NameDialogProps) {
  const [naming, setNaming] = useState(start);
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (naming.title.trim()) onSave({ title: naming.title.trim(), note: naming.note.trim() });
    else setMissing(true);
  };
  return (
    <Modal opened={opened} onClose={onClose} title={heading}>
      <form className={css.dialog} onSubmit={submit} noValidate>
        <TextInput data-autofocus label={said.name} description={said.nameHint} dir="auto" value={naming.title} maxLength={200} error={missing && !naming.title.trim() ? said.needName : undefined} onChange={(event) => setNaming({ ...naming, title: event.currentTarget.value })} />
        <Textarea label={said.note} description={said.noteHint} dir="auto" rows={3} value={naming.note} maxLength={2000} onChange={(event) => setNaming({ ...naming, note: event.currentTarget.value })} />
        {error !== null && error !== undefined && <Notice tone="red" icon="alert">{explain(error)}</Notice>}
        <div className={frame.dialogFoot}>
          <Button variant="default" onClick={onClose}>
            {words.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {label}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function Row({ release, now }: { release: Release; now: number }) {
  return (
    <li className={css.row} data-link="">
      <span className={css.mark} data-tone={releaseTone[release.status] === "plain" ? undefined : releaseTone[release.status]}>
        <Icon name={release.status === "draft" ? "edit" : release.status === "published" ? "check" : "reopen"} />
      </span>
      <div className={css.rowMain}>
        <Link href={`/knowledge/releases/${release.id}`} className={css.title}>
          <bdi>{release.title}</bdi>
        </Link>
        <p className={css.facts}>
          <Tag tone={releaseTone[release.status]}>{said.status[release.status]}</Tag>
          <span>{release.changes ? said.changes(release.changes) : said.noChanges}</span>
          <span>{story(release, now)}</span>
        </p>
        {release.note && <p className={css.empty} dir="auto">{release.note}</p>}
      </div>
    </li>
  );
}

export default function ReleasesPage() {
  const session = useSession();
  const client = useQueryClient();
  const writes = mayEditKnowledge(session);
  const now = useNow(30_000);
  const [, navigate] = useLocation();
  const [search, setSearch] = useSearchParams();
  const [naming, setNaming] = useState(false);
  const status = statuses.find((one) => one === search.get("status")) ?? null;
  const list = useQuery({ queryKey: keys.releaseList(status), queryFn: ({ signal }) => calls.releases(status, signal), placeholderData: (before) => before });
  const create = useMutation({
    mutationFn: ({ title, note }: Naming) => calls.createRelease(title, note),
    onSuccess: (release) => {
      releasesChanged(client);
      toast(said.created);
      navigate(`/knowledge/releases/${release.id}`);
    },
  });
  const items = list.data?.items ?? [];
  const add = writes && (
    <Button size="xs" leftSection={<Icon name="plus" size={14} />} onClick={() => setNaming(true)}>
      {said.add}
    </Button>
  );
  return (
    <Page title={said.title} name="releases" lead={said.lead} actions={add}>
      <Tabs
        label={said.title}
        chosen={status ?? "all"}
        onChoose={(to) => setSearch(to === "all" ? {} : { status: to }, { replace: true })}
        tabs={[{ name: "all" as const, label: said.all }, ...statuses.map((name) => ({ name, label: said.status[name] }))]}
      />
      {list.isPending && <Loading lines={5} />}
      {list.isError && !list.data && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.data && items.length === 0 && (
        <Empty icon="flag" title={said.empty} text={said.emptyText}>
          {add}
        </Empty>
      )}
      {items.length > 0 && (
        <ul className={css.rows}>
          {items.map((release) => (
            <Row key={release.id} release={release} now={now} />
          ))}
        </ul>
      )}
      {naming && <NameDialog opened heading={said.newTitle} label={said.create} busy={create.isPending} error={create.error} onClose={() => setNaming(false)} onSave={create.mutate} />}
    </Page>
  );
}
