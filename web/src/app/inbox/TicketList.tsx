/** One view's tickets: searched, paged as one scrolls, moved through with j and k. Rows arriving never move the selection. */
import { CloseButton, NativeSelect, TextInput } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import * as calls from "../api/calls";
import { keys } from "../api/keys";
import * as people from "../api/people";
import { useCounts } from "../shell/counts";
import { useShortcuts } from "../shell/keyboard";
import { Icon, type IconName } from "../ui/Icon";
import { useHeadingFocus, useNow } from "../ui/hooks";
import { Key, Spoken } from "../ui/small";
import { Empty, Failed, Loading } from "../ui/states";
import { words } from "../words";
import { peopleWords } from "../words/people";
import { Notices } from "./Notices";
import { Row } from "./Row";
import css from "./inbox.module.css";
import { unread, useSeen } from "./seen";
import { type View, inOrder, rules, viewOf, views } from "./views";
import { useWindow } from "./window";

const PAGE = 50;
/** Height of a row in rem; the same figure stands in inbox.module.css. */
const ROW_REM = 5.5;
const SEARCH_PAUSE_MS = 250;

const empty: Record<View, { icon: IconName; title: string; text: string }> = {
  waiting: { icon: "check", title: words.views.emptyWaiting, text: words.views.emptyWaitingText },
  mine: { icon: "person", title: words.views.emptyMine, text: words.views.emptyMineText },
  open: { icon: "inbox", title: words.views.emptyOpen, text: words.views.emptyOpenText },
  assistant: { icon: "assistant", title: words.views.emptyAssistant, text: words.views.emptyAssistantText },
  resolved: { icon: "check", title: words.views.emptyResolved, text: words.views.emptyResolvedText },
};

export function useTickets(view: View, q: string, team: string) {
  return useInfiniteQuery({
    queryKey: keys.list(view, q, team),
    queryFn: ({ pageParam, signal }) => calls.tickets({ status: rules[view].status, assignee: rules[view].assignee, q, team }, pageParam, PAGE, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

function SearchBox({ q }: { q: string }) {
  const [, setSearch] = useSearchParams();
  const [text, setText] = useState(q);
  const input = useRef<HTMLInputElement>(null);
  useShortcuts({ "/": () => input.current?.focus() });
  useEffect(() => setText(q), [q]);
  useEffect(() => {
    if (text.trim() === q) return;
    const timer = setTimeout(() => {
      setSearch((was) => {
        const next = new URLSearchParams(was);
        if (text.trim()) next.set("q", text.trim());
        else next.delete("q");
        return next;
      }, { replace: true });
    }, SEARCH_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [q, setSearch, text]);
  return (
    <TextInput
      ref={input}
      type="search"
      size="xs"
      aria-label={words.list.search}
      placeholder={words.list.searchHint}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        setText("");
        event.currentTarget.blur();
      }}
      leftSection={<Icon name="search" size={14} />}
      rightSection={text ? <CloseButton size="xs" aria-label={words.list.clear} onClick={() => setText("")} /> : <Key>/</Key>}
    />
  );
}

/** Only where there is more than one team. */
function TeamSelect({ team }: { team: string }) {
  const [, setSearch] = useSearchParams();
  const teams = useQuery({ queryKey: keys.teams, queryFn: ({ signal }) => people.teams(signal), staleTime: 60_000 });
  const items = teams.data?.items ?? [];
  if (items.length < 2 && !team) return null;
  const choose = (id: string): void =>
    setSearch((was) => {
      const next = new URLSearchParams(was);
      if (id) next.set("team", id);
      else next.delete("team");
      return next;
    }, { replace: true });
  return (
    <NativeSelect
      size="xs"
      aria-label={peopleWords.inbox.team}
      value={team}
      data={[{ value: "", label: peopleWords.inbox.allTeams }, ...items.map(({ id, name, waiting }) => ({ value: id, label: waiting ? `${name} (${waiting})` : name }))]}
      onChange={(event) => choose(event.currentTarget.value)}
    />
  );
}

function Head({ view, q, team, focusPage }: { view: View; q: string; team: string; focusPage: string | null }) {
  const counts = useCounts();
  const [, navigate] = useLocation();
  const heading = useHeadingFocus<HTMLHeadingElement>(focusPage);
  const Title = focusPage === null ? "h2" : "h1";
  return (
    <header className={css.listHead}>
      <div className={css.listTitle}>
        <Title ref={heading} tabIndex={-1}>
          {words.views[view]}
        </Title>
        {counts && <span className={css.listCount}>{rules[view].count(counts)}</span>}
      </div>
      <div className={css.viewSelect}>
        <NativeSelect
          size="xs"
          aria-label={words.views.label}
          value={view}
          data={views.map((one) => ({ value: one, label: counts ? `${words.views[one]} (${rules[one].count(counts)})` : words.views[one] }))}
          onChange={(event) => navigate(`/inbox?view=${viewOf(event.currentTarget.value)}`)}
        />
      </div>
      <SearchBox q={q} />
      <TeamSelect team={team} />
    </header>
  );
}

export function TicketList({ view, q, team, openId }: { view: View; q: string; team: string; openId: string | null }) {
  const tickets = useTickets(view, q, team);
  const rows = inOrder(tickets.data?.pages.flatMap((page) => page.items) ?? [], view);
  const box = useRef<HTMLDivElement>(null);
  const shown = useWindow(box, ROW_REM, rows.length);
  const [cursor, setCursor] = useState<string | null>(openId);
  const wantsFocus = useRef(false);
  const now = useNow();
  const seen = useSeen();
  const current = cursor ?? openId;

  useEffect(() => setCursor(openId), [openId, view]);

  const move = (step: 1 | -1): void | false => {
    if (!rows.length) return false;
    const at = rows.findIndex((row) => row.id === current);
    const to = at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step));
    const row = rows[to];
    const element = box.current;
    if (!row || !element) return false;
    const top = to * shown.row;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + shown.row > element.scrollTop + element.clientHeight) element.scrollTop = top + shown.row - element.clientHeight;
    wantsFocus.current = true;
    setCursor(row.id);
  };
  useShortcuts({ j: () => move(1), k: () => move(-1) });

  useEffect(() => {
    if (!wantsFocus.current || !cursor) return;
    const link = box.current?.querySelector<HTMLElement>(`[data-ticket="${CSS.escape(cursor)}"]`);
    if (!link) return;
    wantsFocus.current = false;
    link.focus({ preventScroll: true });
  }, [cursor, shown.from, shown.to]);

  const { hasNextPage, isFetchingNextPage, fetchNextPage } = tickets;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && shown.to >= rows.length - 10) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage, rows.length, shown.to]);

  return (
    <section className={css.list} aria-label={words.list.label}>
      <Head view={view} q={q} team={team} focusPage={openId ? null : view} />
      <Notices />
      <div className={css.rows} ref={box} tabIndex={rows.length ? undefined : -1}>
        {tickets.isPending && <Loading lines={12} />}
        {tickets.isError && !tickets.data && <Failed error={tickets.error} retry={() => void tickets.refetch()} />}
        {tickets.data && rows.length === 0 && (q ? <NoMatch q={q} view={view} /> : <Empty {...empty[view]} />)}
        {rows.length > 0 && (
          <ul className={css.rowList} style={{ paddingBlockStart: shown.from * shown.row, paddingBlockEnd: Math.max(0, rows.length - shown.to) * shown.row }}>
            {rows.slice(shown.from, shown.to).map((row, index) => (
              <li key={row.id} aria-setsize={hasNextPage ? -1 : rows.length} aria-posinset={shown.from + index + 1}>
                <Row row={row} view={view} q={q} team={team} open={row.id === openId} at={row.id === current} unread={unread(row, seen)} now={now} />
              </li>
            ))}
          </ul>
        )}
        {isFetchingNextPage && <Loading lines={3} />}
      </div>
      <Spoken>
        <span role="status">{tickets.isFetching ? "" : words.list.end(rows.length)}</span>
      </Spoken>
    </section>
  );
}

function NoMatch({ q, view }: { q: string; view: View }) {
  return (
    <Empty icon="search" title={words.list.noMatch(q)} text={words.list.noMatchText}>
      {view !== "open" && <Link href={`/inbox?view=open&q=${encodeURIComponent(q)}`}>{words.list.allViews}</Link>}
    </Empty>
  );
}
