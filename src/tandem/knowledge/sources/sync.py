"""Bringing a source's documents up to date: the job `knowledge.sync`.

A run lists everything the source holds and saves what has changed; what the source no longer holds is withdrawn once a
listing has come to its end without a gap. It works for a minute at a time and then lets others work; cut off anywhere, it
goes on from where it was: each item is saved in a transaction of its own, under an id of its own.
"""

import hashlib
import logging
import random
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import UUID

from tandem import ids, jobs
from tandem.db import Database, Jsonb, Queries, Tx
from tandem.errors import NotFound, Problem, Unavailable
from tandem.ids import DocumentId, TenantId
from tandem.jobs import Queue
from tandem.knowledge import documents, publishing
from tandem.knowledge.documents import Labels, Origin, Written
from tandem.knowledge.sources import sources, washing
from tandem.knowledge.sources.listing import Connector, Content, Failed, Gone, Item, Page, Position
from tandem.knowledge.sources.sources import Source, SourceItem
from tandem.outgoing import TryLater, Unreachable

Q = Queries("tandem.knowledge.sources")
log = logging.getLogger(__name__)

SLICE_S = 60.0
"""After so long a run lets other jobs work, and goes on behind them."""

CHECKPOINT_S = 10.0
"""How much work at most is looked at again after a crash."""

FIRST_RETRY_MINUTES = 5
GIVE_UP_AFTER = 10
"""Runs in a row that failed; then the source is paused."""

JITTER = 0.1
"""So much of an interval is left to chance, so that sources do not all come at once."""

MOST_IN_A_ROW = 20
"""After so many items that the server did not give out, one after another, it is taken to be down and left alone."""

MOST_SHARE = 0.5
"""A run that would remove more than this share of a source's documents removes nothing: it is more often a mistake."""

Open = Callable[[TenantId, Source], AbstractAsyncContextManager[Connector]]
"""Opens a source's connector."""


@dataclass(slots=True)
class Report:
    """What a run did. `waiting`: of what was added or changed, how much a person has to approve first."""

    seen: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """Documents of a source, and those among them that a run has not seen."""

    documents: int
    missing: int


@dataclass(slots=True)
class Run:
    """A run under way, and what its cursor says."""

    tenant_id: TenantId
    source: Source
    id: UUID
    removals: bool
    position: Position | None = None
    complete: bool = True
    report: Report = field(default_factory=Report)
    unreachable: int = 0
    """In a row."""

    @property
    def cursor(self) -> dict[str, Any]:
        """The run as it is stored."""
        return {
            "run": str(self.id),
            "position": self.position,
            "complete": self.complete,
            "removals": self.removals,
            "report": asdict(self.report),
        }


class Sync:
    """The work of the job."""

    def __init__(self, db: Database, queue: Queue, open: Open, *, slice_s: float = SLICE_S) -> None:
        self._db = db
        self._queue = queue
        self._open = open
        self._slice_s = slice_s

    async def __call__(self, order: jobs.Order) -> dict[str, Any]:
        """A minute of a run, or the rest of it. Raises the Problem because of which the source cannot be read."""
        run = await self._begin(order)
        if run is None:
            return {"skipped": True}
        try:
            if not await self._work(run):
                return {"goes_on": str(await self._go_on(run)), **asdict(run.report)}
        except Unavailable:
            raise
        except TryLater as problem:
            await self._postpone(run, problem)
            return {"postponed": True, **asdict(run.report)}
        except Problem as problem:
            await self._fail(run, problem)
            raise
        except Exception:
            await self._fail(run, Problem("Something unexpected happened; the operator's log says what."))
            raise
        await self._end(run)
        return asdict(run.report)

    async def _begin(self, order: jobs.Order) -> Run | None:
        """The run, new or gone on with; None when the source is gone or another job has its promise."""
        async with self._db.tenant(order.tenant_id) as tx:
            try:
                source = await sources.get(tx, UUID(order.args["source_id"]), lock=True)
            except NotFound:
                return None
            if source.job_id != order.job_id:
                return None
            run = _run(order, source)
            await tx.run(Q.begin_run, id=source.id, anew=not source.cursor, cursor=Jsonb(run.cursor))
        return run

    async def _work(self, run: Run) -> bool:
        """Go through the listing; whether it came to its end within the time."""
        until, checkpoint = time.monotonic() + self._slice_s, time.monotonic() + CHECKPOINT_S
        async with self._open(run.tenant_id, run.source) as connector, aclosing(connector.pages(run.position)) as pages:
            async for page in pages:
                await self._take(run, connector, page)
                run.position = connector.position()
                if time.monotonic() > until:
                    return False
                if time.monotonic() > checkpoint:
                    await self._keep(run)
                    checkpoint = time.monotonic() + CHECKPOINT_S
        return True

    async def _take(self, run: Run, connector: Connector, page: Page) -> None:
        """Everything of one page, as far as it has changed."""
        run.complete = run.complete and page.complete
        run.report.seen += len(page.items) + len(page.failed)
        async with self._db.tenant(run.tenant_id) as tx:
            found = await tx.all(
                Q.known_items, SourceItem, id=run.source.id, keys=[key_of(item.key) for item in page.items]
            )
        known = {row.key: row for row in found}
        same = [item for item in page.items if _is_same(run, item, known.get(key_of(item.key)))]
        await self._see(run, same)
        unchanged = {item.key for item in same}
        for item in page.items:
            if item.key not in unchanged:
                await self._renew(run, connector, item, known.get(key_of(item.key)))
        for failed in page.failed:
            await self._note_failure(run, failed)

    async def _see(self, run: Run, same: Sequence[Item]) -> None:
        if same:
            async with self._db.tenant(run.tenant_id) as tx:
                await tx.run(Q.see_items, id=run.source.id, run=run.id, keys=[key_of(item.key) for item in same])
            run.unreachable = 0
        run.report.unchanged += len(same)

    async def _renew(self, run: Run, connector: Connector, item: Item, known: SourceItem | None) -> None:
        """One item that may have changed. What is wrong with it alone is noted with it."""
        try:
            content = washing.wash(item.content or await connector.content(item))
            if not content.says_nothing:
                await self._save(run, item, content, known)
        except (Unavailable, TryLater):
            raise
        except Gone:
            return  # not seen, and so removed at the end
        except Problem as problem:
            away = isinstance(problem, Unreachable)
            await self._note_failure(run, Failed(item.key, problem.detail, item.url, away))

    async def _save(self, run: Run, item: Item, content: Content, known: SourceItem | None) -> None:
        source, digest, run.unreachable = run.source, _digest(run, content), 0
        stored = {
            "id": source.id,
            "key": key_of(item.key),
            "url": content.url or item.url,
            "etag": f"{_mark(run, item)}/{digest}",
            "run": run.id,
        }
        if known is not None and known.document_id and known.etag and known.etag.rpartition("/")[2] == digest:
            async with self._db.tenant(run.tenant_id) as tx:
                await tx.run(Q.keep_item, document_id=known.document_id, changed=False, **stored)
            run.report.unchanged += 1
            return
        labels = Labels(
            content.title, content.category or source.category, narrower(source.audience, content.audience), content.url
        )
        origin = Origin(source.name, f"source {source.name}", source.id, held=source.approve)
        external_id = sources.external_id(source.id, key_of(item.key))
        async with self._db.tenant(run.tenant_id) as tx:
            if known is not None:
                await publishing.lock(tx)  # other labels change what answers: its lock comes before a document's
            saved = await documents.save(tx, self._queue, labels, content.written, origin, external_id=external_id)
            await tx.run(Q.keep_item, document_id=saved.id, changed=saved.changed, **stored)
        run.report.added += saved.changed and saved.version == 1
        run.report.changed += saved.changed and saved.version > 1
        run.report.unchanged += not saved.changed
        run.report.waiting += saved.changed and source.approve

    async def _note_failure(self, run: Run, failed: Failed) -> None:
        """Raises Unreachable when the server seems to be down."""
        run.report.failed += 1
        run.unreachable = run.unreachable + 1 if failed.unreachable else 0
        async with self._db.tenant(run.tenant_id) as tx:
            await tx.run(
                Q.keep_failed_item,
                id=run.source.id,
                key=key_of(failed.key),
                url=washing.url(failed.url),
                run=run.id,
                error=failed.error[:500],
            )
        if run.unreachable >= MOST_IN_A_ROW:
            raise Unreachable(f"The server gave out none of {run.unreachable} in a row. The last: {failed.error}")

    async def _keep(self, run: Run) -> None:
        async with self._db.tenant(run.tenant_id) as tx:
            await tx.run(Q.keep_cursor, id=run.source.id, job_id=run.source.job_id, **_state(run))

    async def _go_on(self, run: Run) -> UUID:
        """The rest is promised, behind whatever waits already."""
        await self._keep(run)
        async with self._db.tenant(run.tenant_id) as tx:
            return await sources.ask(tx, self._queue, run.source, removals=run.removals)

    async def _postpone(self, run: Run, problem: TryLater) -> None:
        async with self._db.tenant(run.tenant_id) as tx:
            await tx.run(
                Q.postpone,
                id=run.source.id,
                job_id=run.source.job_id,
                **_state(run),
                error=problem.detail + " The run goes on when it may.",
                seconds=min(float(problem.extra["retry_after"]), 86_400.0),
            )

    async def _fail(self, run: Run, problem: Problem) -> None:
        """The source cannot be read: tried again at growing intervals, until it is given up."""
        failures = run.source.failures + 1
        minutes = min(run.source.every_minutes, FIRST_RETRY_MINUTES * 2 ** min(failures - 1, 20))
        given_up = failures >= GIVE_UP_AFTER
        error = problem.detail + (f" It failed {failures} times in a row and is paused." if given_up else "")
        await self._finish(run, "failed", error, failures=failures, paused=given_up, minutes=minutes)

    async def _end(self, run: Run) -> None:
        """The listing is over: withdraw what was not in it, and say how it went."""
        refusal = await self._withdraw_missing(run) if run.complete else None
        said = [
            "Nothing was found there." if not run.report.seen else "",
            f"{run.report.failed} of {run.report.seen} could not be read." if run.report.failed else "",
            "" if run.complete else "Not everything could be looked at, so nothing was removed.",
            refusal or "",
        ]
        error = " ".join(sentence for sentence in said if sentence) or None
        await self._finish(run, "partly" if error else "ok", error, minutes=run.source.every_minutes)

    async def _finish(
        self, run: Run, status: str, error: str | None, *, minutes: float, failures: int = 0, paused: bool = False
    ) -> None:
        about = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 (no secret)
        async with self._db.tenant(run.tenant_id) as tx:
            await tx.run(
                Q.end_run,
                id=run.source.id,
                status=status,
                error=error,
                failures=failures,
                paused=paused,
                report=Jsonb(asdict(run.report)),
                seconds=60 * minutes * about,
            )
        log.info("source %s: %s", run.source.id, status)

    async def _withdraw_missing(self, run: Run) -> str | None:
        """Withdraw what the source no longer holds; a sentence when that would be too much to be meant."""
        async with self._db.tenant(run.tenant_id) as tx:
            share = await tx.one(Q.share, Share, id=run.source.id, run=run.id)
        if share.missing > MOST_SHARE * share.documents and not run.removals:
            return (
                f"{share.missing} of {share.documents} documents are not there any more; nothing was removed, because that is "
                "more than half. If it is right, ask for a run that may remove them."
            )
        while True:
            async with self._db.tenant(run.tenant_id) as tx:
                missing = await tx.all(Q.missing, SourceItem, id=run.source.id, run=run.id, most=50)
            if not missing:
                return None
            for row in missing:
                async with self._db.tenant(run.tenant_id) as tx:
                    if row.document_id is not None:
                        run.report.removed += await withdraw(tx, DocumentId(row.document_id))
                    await tx.run(Q.drop_item, id=run.source.id, key=row.key)


async def withdraw(tx: Tx, document_id: DocumentId) -> bool:
    """Nothing is answered from the document any more; False when somebody had withdrawn it already."""
    await publishing.lock(tx)
    try:
        found = await documents.get(tx, document_id, lock=True)
    except NotFound:
        return False
    await documents.delete(tx, found)
    return True


def narrower(own: str, said: str | None) -> str:
    """A source's audience, or the one that an item asks for when fewer people are in it."""
    ranks = {documents.PUBLIC: 0, documents.VERIFIED: 1, documents.STAFF: 3}
    return said if said is not None and ranks.get(said, 2) > ranks.get(own, 2) else own


def key_of(key: str) -> str:
    """An item's key as it is stored: a very long one is shortened to something as unique."""
    return key if len(key) <= 250 else f"{key[:180]}~{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def _run(order: jobs.Order, source: Source) -> Run:
    removals = order.args.get("removals") == "all"
    kept = source.cursor
    if not kept:
        return Run(order.tenant_id, source, ids.new(), removals)
    return Run(
        order.tenant_id,
        source,
        UUID(kept["run"]),
        removals or kept["removals"],
        kept["position"],
        kept["complete"],
        Report(**kept["report"]),
    )


def _state(run: Run) -> dict[str, Any]:
    return {"cursor": Jsonb(run.cursor), "report": Jsonb(asdict(run.report))}


def _is_same(run: Run, item: Item, known: SourceItem | None) -> bool:
    if item.mark is None or known is None or known.error or not known.document_id or not known.etag:
        return False
    return known.etag.rpartition("/")[0] == _mark(run, item)


def _mark(run: Run, item: Item) -> str:
    """The source's own mark of the content, under the labels that the source gives it."""
    return _hash(item.mark, run.source.audience, run.source.category) if item.mark is not None else ""


def _digest(run: Run, content: Content) -> str:
    """What tells a change: the text and everything that is said about it."""
    said = replace(content, written=Written(content.written.format))
    return _hash(content.written.hash.hex(), repr(said), run.source.audience, run.source.category)


def _hash(*parts: str | None) -> str:
    return hashlib.sha256("\0".join(part or "" for part in parts).encode()).hexdigest()[:24]
