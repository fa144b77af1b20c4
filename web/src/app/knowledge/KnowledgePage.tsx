/** The knowledge: every document with how it stands, how fresh it is and how much it is used, and ways to add more. */
import { Button, CloseButton, NativeSelect, TextInput } from "@mantine/core";
import { useLocation } from "wouter";
import type { DocumentKind, DocumentStatus } from "../api/knowledge-shapes";
import { mayEditKnowledge, useSession } from "../session";
import { Icon } from "../ui/Icon";
import { Empty, Failed, Loading } from "../ui/states";
import { words } from "../words";
import { knowledgeWords } from "../words/knowledge";
import { ArticleTable } from "./ArticleTable";
import { DropVeil, UploadButton, UploadList } from "./UploadPanel";
import { type Quick, quickNames, sourceName, useDocumentCounts, useDocumentList, useSyncStatus } from "./documents";
import { quickOf, useFilters } from "./filters";
import { Notice, Page } from "./frame";
import css from "./list.module.css";

const said = knowledgeWords.list;
const statuses: DocumentStatus[] = ["ready", "processing", "review", "draft", "error"];
const kinds: DocumentKind[] = ["article", "resolution"];

type Filters = ReturnType<typeof useFilters>;

/** The short ways, each with how many documents it leads to. What is empty and not chosen is left out, except stale and mine. */
function QuickWays({ filters }: { filters: Filters }) {
  const counts = useDocumentCounts();
  const chosen = quickOf(filters.filter);
  const always: readonly Quick[] = ["all", "stale", "mine"];
  return (
    <div className={css.quick} role="group" aria-label={said.filters}>
      {quickNames.map((name) => {
        const n = counts.data?.[name];
        if (!n && !always.includes(name) && chosen !== name) return null;
        return (
          <button key={name} type="button" aria-pressed={chosen === name} data-tone={name !== "all" && name !== "mine" && n ? name : undefined} onClick={() => filters.choose(name)}>
            {said.quick[name]}
            {n !== undefined && <span>{n}</span>}
          </button>
        );
      })}
    </div>
  );
}

/** Another embedding model has been chosen: what answers stays as it is until everything is ready. */
function Embedding() {
  const building = useSyncStatus().data?.embedding?.building;
  return building ? <Notice tone="blue" icon="clock">{said.building(building)}</Notice> : null;
}

function Selects({ filters }: { filters: Filters }) {
  const sync = useSyncStatus();
  const { filter, set } = filters;
  const names = new Set([...(sync.data?.sources.map((one) => one.name) ?? []), ...(filter.source ? [filter.source] : [])]);
  return (
    <>
      <NativeSelect
        size="xs"
        aria-label={said.status}
        value={filter.status ?? ""}
        onChange={(event) => set({ status: event.currentTarget.value })}
        data={[{ value: "", label: said.any(said.status) }, ...statuses.map((value) => ({ value, label: said.statuses[value] }))]}
      />
      <NativeSelect
        size="xs"
        aria-label={said.source}
        value={filter.source ?? ""}
        onChange={(event) => set({ source: event.currentTarget.value })}
        data={[{ value: "", label: said.any(said.source) }, ...[...names].map((value) => ({ value, label: sourceName(value) }))]}
      />
      <NativeSelect
        size="xs"
        aria-label={said.kind}
        value={filter.kind ?? ""}
        onChange={(event) => set({ kind: event.currentTarget.value })}
        data={[{ value: "", label: said.any(said.kind) }, ...kinds.map((value) => ({ value, label: said.kinds[value] }))]}
      />
    </>
  );
}

export default function KnowledgePage() {
  const session = useSession();
  const writes = mayEditKnowledge(session);
  const [, navigate] = useLocation();
  const filters = useFilters();
  const list = useDocumentList(filters.filter);
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const add = writes && (
    <>
      <UploadButton>{said.upload}</UploadButton>
      <Button size="xs" leftSection={<Icon name="plus" size={14} />} onClick={() => navigate("/knowledge/new")}>
        {said.add}
      </Button>
    </>
  );
  return (
    <Page title={said.title} name="knowledge" lead={writes ? said.lead : said.readOnly} actions={add}>
      {writes && <DropVeil />}
      <Embedding />
      <UploadList />
      <section className={css.documents} aria-label={said.title}>
        <QuickWays filters={filters} />
        <div className={css.filters}>
          <TextInput
            type="search"
            size="xs"
            aria-label={said.search}
            placeholder={said.search}
            value={filters.text}
            onChange={(event) => filters.setText(event.currentTarget.value)}
            leftSection={<Icon name="search" size={14} />}
            rightSection={filters.text && <CloseButton size="xs" aria-label={words.list.clear} onClick={() => filters.setText("")} />}
          />
          <Selects filters={filters} />
          {list.data && <span role="status">{said.total(list.data.pages[0]?.total ?? 0)}</span>}
        </div>
        {list.isPending && <Loading lines={8} />}
        {list.isError && !list.data && <Failed error={list.error} retry={() => void list.refetch()} />}
        {list.data && rows.length === 0 && <Nothing filters={filters} writes={writes} />}
        {rows.length > 0 && <ArticleTable rows={rows} writes={writes} />}
        {list.hasNextPage && (
          <Button className={css.more} size="xs" variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {words.more}
          </Button>
        )}
      </section>
    </Page>
  );
}

function Nothing({ filters, writes }: { filters: Filters; writes: boolean }) {
  const [, navigate] = useLocation();
  if (quickOf(filters.filter) === "stale" && !filters.filter.q) return <Empty icon="check" title={said.nothingStale} text={said.nothingStaleText} />;
  if (filters.filtered)
    return (
      <Empty icon="search" title={said.noMatch} text={said.noMatchText}>
        <Button size="xs" variant="default" onClick={filters.clear}>
          {said.clear}
        </Button>
      </Empty>
    );
  return (
    <Empty icon="book" title={said.empty} text={said.emptyText}>
      {writes && (
        <>
          <UploadButton>{said.upload}</UploadButton>
          <Button size="xs" variant="default" onClick={() => navigate("/knowledge/sources/new")}>
            {said.connect}
          </Button>
        </>
      )}
    </Empty>
  );
}
