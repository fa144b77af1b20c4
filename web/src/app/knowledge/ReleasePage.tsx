/** One release: its changes, what a replay of real questions says about them, publishing it and taking it back. */
import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { Problem } from "../../shared/problem";
import * as calls from "../api/knowledge";
import type { ReleaseDetail } from "../api/knowledge-shapes";
import { mayEditKnowledge, useSession } from "../session";
import { Icon } from "../ui/Icon";
import { useNow } from "../ui/hooks";
import { Tag } from "../ui/small";
import { Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { knowledgeWords } from "../words/knowledge";
import { ReleaseChanges } from "./ReleaseChanges";
import { ReplayPanel } from "./ReplayPanel";
import { NameDialog, type Naming } from "./ReleasesPage";
import { Confirm, Notice, Page } from "./frame";
import { releaseTone, releasesChanged, story, useRelease } from "./releases";
import css from "./release.module.css";

const said = knowledgeWords.releases;
const back = { href: "/knowledge/releases", label: said.title };

export default function ReleasePage({ id }: { id: string }) {
  const release = useRelease(id);
  if (release.isPending) return <Loading lines={9} />;
  if (!release.data)
    return (
      <Page title={said.title} name={id} back={back}>
        <Failed error={release.error} retry={() => void release.refetch()} />
      </Page>
    );
  return <Opened release={release.data} />;
}

type Asked = "publish" | "rollback" | "discard" | "name" | null;

interface Named {
  id?: string;
  document_id?: string;
  title?: string;
  question?: string;
}

const nameOf = (one: Named | string): string => (typeof one === "string" ? one : (one.title ?? one.question ?? one.document_id ?? one.id ?? ""));

/** Why the server does not publish it, with the questions or articles that stand in the way. */
function Refusal({ error }: { error: unknown }) {
  if (!(error instanceof Problem)) return <Notice tone="red" icon="alert">{explain(error)}</Notice>;
  const questions = (Array.isArray(error.extra.questions) ? error.extra.questions : []) as (Named | string)[];
  const documents = (Array.isArray(error.extra.documents) ? error.extra.documents : []) as (Named | string)[];
  const list = questions.length ? questions : documents;
  return (
    <div className={css.refusal} role="alert">
      <p>
        <Icon name="alert" size={14} /> <strong>{said.why[error.code] ?? explain(error)}</strong>
      </p>
      {said.why[error.code] && error.detail && <p>{error.detail}</p>}
      {list.length > 0 && (
        <>
          <p>{questions.length ? said.breaks : said.overtaken}</p>
          <ul>
            {list.map((one, at) => (
              <li key={at} dir="auto">
                {nameOf(one)}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function Opened({ release }: { release: ReleaseDetail }) {
  const client = useQueryClient();
  const session = useSession();
  const now = useNow(30_000);
  const [, navigate] = useLocation();
  const [asked, setAsked] = useState<Asked>(null);
  const writes = mayEditKnowledge(session);
  const draft = release.status === "draft";
  const close = (): void => setAsked(null);
  const failed = (error: Error): void => {
    close();
    toast(explain(error), { tone: "red" });
  };
  const publish = useMutation({
    mutationFn: () => calls.publish(release.id),
    onSuccess: () => toast(said.publishedToast),
    onSettled: () => {
      close();
      releasesChanged(client);
    },
  });
  const rollBack = useMutation({
    mutationFn: () => calls.rollBack(release.id),
    onSuccess: () => {
      close();
      toast(said.rolledBackToast);
      releasesChanged(client);
    },
    onError: failed,
  });
  const discard = useMutation({
    mutationFn: () => calls.discardRelease(release.id),
    onSuccess: () => {
      toast(said.discardedToast);
      releasesChanged(client);
      navigate("/knowledge/releases", { replace: true });
    },
    onError: failed,
  });
  const rename = useMutation({
    mutationFn: (naming: Naming) => calls.changeRelease(release.id, naming),
    onSuccess: () => {
      close();
      toast(said.saved);
      releasesChanged(client);
    },
  });
  const left = rollBack.data?.left ?? [];
  const actions = writes && (
    <>
      {draft && (
        <>
          <Button size="xs" variant="subtle" onClick={() => setAsked("discard")}>
            {said.discard}
          </Button>
          <Button size="xs" variant="default" onClick={() => setAsked("name")}>
            {said.rename}
          </Button>
          <Button size="xs" variant={release.replay?.current && release.replay.blocked === false ? "filled" : "default"} disabled={!release.changes.length} loading={publish.isPending} onClick={() => setAsked("publish")}>
            {said.publish}
          </Button>
        </>
      )}
      {release.status === "published" && (
        <Button size="xs" variant="default" leftSection={<Icon name="reopen" size={14} />} onClick={() => setAsked("rollback")}>
          {said.rollBack}
        </Button>
      )}
    </>
  );
  return (
    <Page
      title={release.title}
      name={release.id}
      back={back}
      lead={release.note || undefined}
      actions={actions}
      meta={
        <>
          <Tag tone={releaseTone[release.status]}>{said.status[release.status]}</Tag>
          <span>{story(release, now)}</span>
        </>
      }
    >
      {publish.isError && draft && <Refusal error={publish.error} />}
      {left.length > 0 && (
        <Notice tone="amber" icon="info">
          {said.left}:{" "}
          {left.map((one, at) => (
            <span key={at}>
              {at > 0 && ", "}
              <Link href={`/knowledge/${one.document_id ?? one.id ?? ""}`}>
                <bdi>{one.title}</bdi>
              </Link>
            </span>
          ))}
        </Notice>
      )}
      <div className={css.columns}>
        <ReleaseChanges release={release} writes={writes && draft} />
        <ReplayPanel release={release} writes={writes && draft} />
      </div>
      <Confirm opened={asked === "publish"} title={said.publishTitle} text={said.publishText(release.changes.length)} label={said.publish} busy={publish.isPending} onClose={close} onConfirm={() => publish.mutate()} />
      <Confirm opened={asked === "rollback"} title={said.rollBackTitle} text={said.rollBackText} label={said.rollBack} busy={rollBack.isPending} onClose={close} onConfirm={() => rollBack.mutate()} />
      <Confirm opened={asked === "discard"} title={said.discardTitle} text={said.discardText} label={said.discard} color="red" busy={discard.isPending} onClose={close} onConfirm={() => discard.mutate()} />
      {asked === "name" && <NameDialog opened heading={said.rename} label={knowledgeWords.common.save} start={{ title: release.title, note: release.note }} busy={rename.isPending} error={rename.error} onClose={close} onSave={rename.mutate} />}
    </Page>
  );
}
