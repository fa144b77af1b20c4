/** Navigation: the inbox's views with their counts, the other pages, presence and account. */
import { Switch } from "@mantine/core";
import { useId } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { type View, rules, viewOf, views } from "../inbox/views";
import { mayAnswer, mayDecide, useSession } from "../session";
import { Icon } from "../ui/Icon";
import { Mark } from "../ui/Mark";
import { Key } from "../ui/small";
import { useWaitingRuns } from "../approvals/runs";
import { words } from "../words";
import { actionWords } from "../words/actions";
import { approvalWords } from "../words/approvals";
import { intentWords } from "../words/intents";
import { modelWords } from "../words/models";
import { peopleWords } from "../words/people";
import { workflowWords } from "../words/workflows";
import { AccountMenu } from "./AccountMenu";
import { useCounts } from "./counts";
import { modKey } from "./keyboard";
import { useMyPresence } from "./presence";
import { actionRooms, peopleRooms, rooms } from "./rooms";
import { useOverlay } from "./Shell";
import css from "./shell.module.css";

function PresenceSwitch() {
  const { state, set } = useMyPresence();
  const hint = useId();
  if (!state) return null;
  return (
    <div className={css.presence} title={state === "online" ? words.presence.hintOnline : words.presence.hintAway}>
      <Switch
        size="xs"
        label={state === "online" ? words.presence.online : words.presence.away}
        aria-label={words.presence.label}
        aria-describedby={hint}
        checked={state === "online"}
        onChange={(event) => set(event.currentTarget.checked ? "online" : "away")}
      />
      <span id={hint} hidden>
        {state === "online" ? words.presence.hintOnline : words.presence.hintAway}
      </span>
    </div>
  );
}

function ViewLink({ view, current, onGo }: { view: View; current: boolean; onGo?: () => void }) {
  const counts = useCounts();
  const count = counts ? rules[view].count(counts) : null;
  return (
    <li>
      <Link className={css.link} data-sub="" href={`/inbox?view=${view}`} aria-current={current ? "page" : undefined} onClick={onGo}>
        <span className={css.label}>{words.views[view]}</span>
        {count !== null && count > 0 && (
          <span className={css.count} data-hot={view === "waiting" ? "" : undefined}>
            {count}
          </span>
        )}
      </Link>
    </li>
  );
}

/** The pages of the knowledge; what is not one of its rooms is an article or their list. */
function KnowledgeLinks({ path, onGo }: { path: string; onGo?: () => void }) {
  const room = rooms.find((name) => path.split("/")[2] === name) ?? null;
  return (
    <ul aria-label={words.knowledge.label}>
      {([null, ...rooms] as const).map((name) => (
        <li key={name}>
          <Link className={css.link} data-sub="" href={name ? `/knowledge/${name}` : "/knowledge"} aria-current={room === name ? "page" : undefined} onClick={onGo}>
            <span className={css.label}>{words.knowledge.views[name ?? "articles"]}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** What waits for somebody to agree, with how many. */
function ApprovalsLink({ path, onGo }: { path: string; onGo?: () => void }) {
  const waiting = useWaitingRuns().data?.length ?? 0;
  return (
    <Link className={css.link} data-top="" href="/approvals" aria-current={path.startsWith("/approvals") ? "page" : undefined} onClick={onGo}>
      <Icon name="check" />
      <span className={css.label}>{approvalWords.nav}</span>
      {waiting > 0 && (
        <span className={css.count} data-hot="" title={approvalWords.count(waiting)}>
          {waiting}
        </span>
      )}
    </Link>
  );
}

/** The pages about actions. */
function ActionLinks({ path, onGo }: { path: string; onGo?: () => void }) {
  const room = actionRooms.find((name) => path.split("/")[2] === name) ?? null;
  return (
    <ul aria-label={actionWords.label}>
      {([null, ...actionRooms] as const).map((name) => (
        <li key={name}>
          <Link className={css.link} data-sub="" href={name ? `/actions/${name}` : "/actions"} aria-current={room === name ? "page" : undefined} onClick={onGo}>
            <span className={css.label}>{actionWords.views[name ?? "registry"]}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** The pages about the people who answer. */
function PeopleLinks({ path, onGo }: { path: string; onGo?: () => void }) {
  return (
    <ul aria-label={peopleWords.label}>
      {peopleRooms.map((name) => (
        <li key={name}>
          <Link className={css.link} data-sub="" href={`/people/${name}`} aria-current={path.split("/")[2] === name ? "page" : undefined} onClick={onGo}>
            <span className={css.label}>{peopleWords.views[name]}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

export function Sidebar({ inDrawer, onGo }: { inDrawer?: boolean; onGo?: () => void }) {
  const session = useSession();
  const [path] = useLocation();
  const [search] = useSearchParams();
  const open = useOverlay();
  const inInbox = path.startsWith("/inbox");
  const inKnowledge = path.startsWith("/knowledge");
  return (
    <div className={css.side}>
      {!inDrawer && (
        <div className={css.brand}>
          <Mark />
          <span className={css.brandText}>
            <strong>{words.product}</strong>
            <span>{session.tenant.name}</span>
          </span>
        </div>
      )}
      <button type="button" className={css.jump} onClick={() => open("palette")}>
        <Icon name="search" size={14} />
        <span>{words.nav.palette}</span>
        <Key>{`${modKey} K`}</Key>
      </button>
      <nav className={css.nav} aria-label={words.nav.main}>
        <Link className={css.link} data-top="" href="/inbox" onClick={onGo}>
          <Icon name="inbox" />
          <span className={css.label}>{words.nav.inbox}</span>
        </Link>
        <ul aria-label={words.views.label}>
          {views.map((view) => (
            <ViewLink key={view} view={view} current={inInbox && viewOf(search.get("view")) === view} onGo={onGo} />
          ))}
        </ul>
        {mayAnswer(session) && <ApprovalsLink path={path} onGo={onGo} />}
        <Link className={css.link} data-top="" href="/knowledge" onClick={onGo}>
          <Icon name="book" />
          <span className={css.label}>{words.nav.knowledge}</span>
        </Link>
        {inKnowledge && <KnowledgeLinks path={path} onGo={onGo} />}
        {mayDecide(session) && (
          <Link className={css.link} data-top="" href="/confidence" aria-current={path.startsWith("/confidence") ? "page" : undefined} onClick={onGo}>
            <Icon name="gauge" />
            <span className={css.label}>{words.nav.confidence}</span>
          </Link>
        )}
        {mayDecide(session) && (
          <Link className={css.link} data-top="" href="/rules" aria-current={path.startsWith("/rules") ? "page" : undefined} onClick={onGo}>
            <Icon name="shield" />
            <span className={css.label}>{words.nav.rules}</span>
          </Link>
        )}
        {mayDecide(session) && (
          <Link className={css.link} data-top="" href="/models" aria-current={path.startsWith("/models") ? "page" : undefined} onClick={onGo}>
            <Icon name="assistant" />
            <span className={css.label}>{modelWords.nav}</span>
          </Link>
        )}
        {mayDecide(session) && (
          <Link className={css.link} data-top="" href="/intents" aria-current={path.startsWith("/intents") ? "page" : undefined} onClick={onGo}>
            <Icon name="tree" />
            <span className={css.label}>{intentWords.nav}</span>
          </Link>
        )}
        <Link className={css.link} data-top="" href="/actions" aria-current={path.startsWith("/actions") && !mayDecide(session) ? "page" : undefined} onClick={onGo}>
          <Icon name="bolt" />
          <span className={css.label}>{actionWords.nav}</span>
        </Link>
        {path.startsWith("/actions") && mayDecide(session) && <ActionLinks path={path} onGo={onGo} />}
        {mayDecide(session) && (
          <Link className={css.link} data-top="" href="/workflows" aria-current={path.startsWith("/workflows") ? "page" : undefined} onClick={onGo}>
            <Icon name="branch" />
            <span className={css.label}>{workflowWords.nav}</span>
          </Link>
        )}
        <Link className={css.link} data-top="" href="/people/teams" onClick={onGo}>
          <Icon name="people" />
          <span className={css.label}>{peopleWords.nav}</span>
        </Link>
        {path.startsWith("/people") && <PeopleLinks path={path} onGo={onGo} />}
      </nav>
      <div className={css.foot}>
        <PresenceSwitch />
        <AccountMenu />
      </div>
    </div>
  );
}
