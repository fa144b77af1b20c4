/** What was answered and turned out wrong: each recall with how far telling the customers has come. */
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "wouter";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { Recall } from "../api/knowledge-shapes";
import { ago } from "../format";
import { Icon } from "../ui/Icon";
import { useNow } from "../ui/hooks";
import { Tag } from "../ui/small";
import { Empty, Failed, Loading } from "../ui/states";
import { knowledgeWords } from "../words/knowledge";
import { Page, Tabs } from "./frame";
import css from "./rows.module.css";

const said = knowledgeWords.recalls;
const statuses = ["open", "closed"] as const;

export function Progress({ recall }: { recall: Pick<Recall, "answers" | "open"> }) {
  const done = recall.answers - recall.open;
  return (
    <span className={css.progress} aria-hidden="true">
      <i style={{ inlineSize: `${recall.answers > 0 ? (done / recall.answers) * 100 : 0}%` }} />
    </span>
  );
}

function Row({ recall, now }: { recall: Recall; now: number }) {
  const open = recall.status === "open";
  return (
    <li className={css.row} data-link="">
      <span className={css.mark} data-tone={!open ? undefined : recall.open > 0 ? "red" : "green"}>
        <Icon name={open && recall.open > 0 ? "alert" : "check"} />
      </span>
      <div className={css.rowMain}>
        <Link href={`/knowledge/recalls/${recall.id}`} className={css.title}>
          <bdi>{recall.title}</bdi>
        </Link>
        <p dir="auto">{recall.reason}</p>
        <p className={css.facts}>
          <Tag tone={open ? "amber" : "plain"}>{said.status[recall.status]}</Tag>
          <span>{said.trigger[recall.trigger]}</span>
          <span>{said.started(recall.created_by, ago(recall.created_at, now))}</span>
        </p>
        <p className={css.facts}>
          <span>{said.answers(recall.answers)}</span>
          <Progress recall={recall} />
          <span>{recall.open > 0 ? said.waiting(recall.open) : said.allDone}</span>
        </p>
      </div>
    </li>
  );
}

export default function RecallsPage() {
  const now = useNow(30_000);
  const [search, setSearch] = useSearchParams();
  const status = statuses.find((one) => one === search.get("status")) ?? null;
  const list = useQuery({ queryKey: keys.recallList(status), queryFn: ({ signal }) => calls.recalls(status, signal) });
  const items = list.data?.items ?? [];
  return (
    <Page title={said.title} name="recalls" lead={said.lead}>
      <Tabs
        label={said.title}
        chosen={status ?? "all"}
        onChoose={(to) => setSearch(to === "all" ? {} : { status: to }, { replace: true })}
        tabs={[{ name: "all" as const, label: said.all }, ...statuses.map((name) => ({ name, label: said.status[name] }))]}
      />
      {list.isPending && <Loading lines={5} />}
      {list.isError && !list.data && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.data && items.length === 0 && <Empty icon="reopen" title={said.empty} text={said.emptyText} />}
      {items.length > 0 && (
        <ul className={css.rows}>
          {items.map((recall) => (
            <Row key={recall.id} recall={recall} now={now} />
          ))}
        </ul>
      )}
    </Page>
  );
}
