"""Storing what has been read, and letting it answer: several documents in one transaction, each as if it were alone.

While one transaction is under way others wait for the next: the busier the worker, the more share one. A document goes live
in the transaction that stores its passages, and its job ends in it; whatever cuts that off, all of it is done or nothing.
Where a transaction fails, each of its documents is tried in one of its own: none fails for another.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tandem import jobs
from tandem.db import Database, Queries, Tx
from tandem.embedding import Embedder, Embedders
from tandem.errors import Unavailable
from tandem.ids import DocumentId, TenantId
from tandem.knowledge import generations, publishing
from tandem.knowledge.generations import Meaning
from tandem.knowledge.passages import Passage
from tandem.knowledge.publishing import Live

Q = Queries("tandem.knowledge")

TOGETHER = 8
"""Documents stored in one transaction at most. A first value, kept low: who saves an article meanwhile waits for the end of it."""

GATHER_S = 0.5
"""So long a document waits for others that are in hand as well. A first value: a tenth of the 5 s in which an article has to
answer (quality.md)."""

Filled = list[tuple[int, Embedder]]
Batch = Sequence[tuple["Read", "asyncio.Future[Filled | None]"]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage that is to be stored, under its id, with the hash of what a model reads of it."""

    id: UUID
    passage: Passage
    hash: bytes


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a version: all of it, or of a long one a part. `count` is of all its passages.

    `meant` has what the pieces mean, in their order, by generation. With the `first` part what an earlier try has stored goes;
    with the `last` the version answers. `done` is the share that is stored with this part.
    """

    order: jobs.Order
    document_id: DocumentId
    version: int
    body: str
    count: int
    pieces: Sequence[Piece] = ()
    meant: Mapping[int, Sequence[Meaning]] = field(default_factory=dict)
    first: bool = True
    last: bool = True
    done: float = 1.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a version stands. `wanted`: nothing newer has taken its place, and nobody has turned it down."""

    document_id: DocumentId
    version: int
    release_id: UUID | None
    approval: str | None
    audience: str
    deleted: bool
    wanted: bool

    @property
    def answers(self) -> bool:
        """Whether it answers once its passages are stored; in a draft, or held, it is ready to."""
        return self.wanted and not self.deleted and self.release_id is None and self.approval != "waiting"

    @property
    def is_held(self) -> bool:
        """Whether a person has to approve it first."""
        return self.wanted and self.approval == "waiting"


class Storing:
    """Stores for one worker."""

    def __init__(self, db: Database, models: Embedders) -> None:
        self._db, self._models = db, models
        self._waiting: dict[TenantId, list[tuple[Read, asyncio.Future[Filled | None]]]] = {}
        self._writing: dict[TenantId, asyncio.Task[None]] = {}
        self._enough = asyncio.Event()
        self.in_hand = 0
        """Documents that the worker has begun and not ended: as long as there are others than those that wait, some may come."""

    async def store(self, read: Read) -> Filled | None:
        """Once it returns None it is stored for good. Else nothing was: the generations are these by now, and it has to be
        embedded for them. Raises what the database says.
        """
        tenant_id = read.order.tenant_id
        future: asyncio.Future[Filled | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(tenant_id, []).append((read, future))
        if self._are_enough(tenant_id):
            self._enough.set()
        if tenant_id not in self._writing:
            self._writing[tenant_id] = asyncio.create_task(self._write(tenant_id))
        return await future

    async def _write(self, tenant_id: TenantId) -> None:
        try:
            while self._waiting[tenant_id]:
                await self._gather(tenant_id)
                await self._commit(tenant_id, _taken(self._waiting[tenant_id]))
        finally:
            del self._writing[tenant_id]
            for _, future in self._waiting.pop(tenant_id):
                future.cancel()  # we were cancelled: the worker ends

    def _are_enough(self, tenant_id: TenantId) -> bool:
        return len(self._waiting[tenant_id]) >= min(TOGETHER, self.in_hand)

    async def _gather(self, tenant_id: TenantId) -> None:
        """Wait for others, but not long."""
        self._enough.clear()
        if not self._are_enough(tenant_id):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GATHER_S):
                    await self._enough.wait()

    async def _commit(self, tenant_id: TenantId, batch: Batch) -> None:
        try:
            answers = await self._together(tenant_id, [read for read, _ in batch])
        except Exception as problem:  # noqa: BLE001  # each of those who wait hears of it
            if len(batch) > 1 and not isinstance(problem, Unavailable):
                for each in batch:
                    await self._commit(tenant_id, [each])
                return
            for _, future in batch:
                if not future.done():
                    future.set_exception(problem)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)

    async def _together(self, tenant_id: TenantId, reads: Sequence[Read]) -> list[Filled | None]:
        """All of them in one transaction; for each None, or the generations that it was not embedded for."""
        while reads:
            try:
                async with self._db.tenant(tenant_id) as tx:
                    await _store(tx, self._models, reads)
                return [None] * len(reads)
            except _Moved:
                continue
            except _Outdated as outdated:
                current = [read for read in reads if outdated.fits(read)]
                await self._together(tenant_id, current)
                return [None if read in current else outdated.filled for read in reads]
        return []


class _Moved(Exception):
    """Somebody has published, edited or withdrawn one of the documents just now. Nothing is stored; look again."""


class _Outdated(Exception):
    """A generation has begun or ended since something was embedded. Nothing is stored."""

    def __init__(self, filled: Filled) -> None:
        self.filled = filled

    def fits(self, read: Read) -> bool:
        """Whether it is embedded for the generations there are now."""
        return not read.pieces or read.meant.keys() == {number for number, _ in self.filled}


def _taken(waiting: list[tuple[Read, "asyncio.Future[Filled | None]"]]) -> Batch:
    """Those who are stored next, taken out of the list: one of each document, and nobody who has gone."""
    taken: dict[DocumentId, tuple[Read, asyncio.Future[Filled | None]]] = {}
    for each in list(waiting):
        if each[1].done():
            waiting.remove(each)
        elif each[0].document_id not in taken and len(taken) < TOGETHER:
            taken[each[0].document_id] = each
            waiting.remove(each)
    return list(taken.values())


async def _store(tx: Tx, models: Embedders, reads: Sequence[Read]) -> None:
    """The passages are there, and versions of which that was the last part go where they belong.

    What takes time, the passages with their indexes, comes before the lock on the tenant's knowledge, and behind it stands what
    makes sure that nothing has changed before: who edits an article waits for three round trips and no more.
    """
    tx.later(Q.plan_anew)
    there = await _standing(tx, reads)
    _put(tx, there)
    now = _Outdated(await generations.filled(tx, models))  # the lock: nobody changes what answers before this commit
    if not all(now.fits(read) for read in reads):
        raise now
    live = tx.later(publishing.Q.live, ids=[read.document_id for read in reads])
    if await _standing(tx, reads) != there:
        raise _Moved
    for read, _ in there:
        if not read.last:
            jobs.reaches(tx, read.order, read.done)
    _finish(tx, live.all(publishing.Live), [(read, stands) for read, stands in there if read.last])


async def _standing(tx: Tx, reads: Sequence[Read]) -> list[tuple[Read, Standing]]:
    """How their versions stand; without those that are not there."""
    found = {(each.document_id, each.version): each for each in await tx.all(Q.standing, Standing, **_columns(reads))}
    return [(read, found[key]) for read in reads if (key := (read.document_id, read.version)) in found]


def _put(tx: Tx, there: Sequence[tuple[Read, Standing]]) -> None:
    """The passages, without those of an earlier try; none of a version that nobody wants any more."""
    begun = [read for read, stands in there if read.first or not stands.wanted]
    tx.later(Q.drop_passages_of, **_columns(begun))
    if pieces := _pieces([(read, stands) for read, stands in there if stands.wanted and read.pieces]):
        tx.later(Q.add_passages, **pieces)


def _finish(tx: Tx, live: Sequence[Live], there: Sequence[tuple[Read, Standing]]) -> None:
    """From one commit to the next the new versions answer; in a draft, or held, they are ready to."""
    ready = [read for read, _ in there]
    tx.later(Q.set_read, **_columns(ready), bodies=[read.body for read in ready])
    answering = {read.document_id: read.version for read, stands in there if stands.answers}
    publishing.exchange(tx, [each for each in live if each.id in answering], answering)
    for read, stands in there:
        if stands.is_held:
            tx.later(Q.set_held, id=read.document_id, version=read.version)
        jobs.done(tx, read.order, {"passages": read.count})


def _columns(reads: Sequence[Read]) -> dict[str, list[DocumentId] | list[int]]:
    return {"documents": [read.document_id for read in reads], "versions": [read.version for read in reads]}


def _pieces(wanted: Sequence[tuple[Read, Standing]]) -> dict[str, list[Any]] | None:
    """The passages and their vectors in columns; None when there are none. A part of a long version is not live yet."""
    rows = [(read, stands, piece) for read, stands in wanted for piece in read.pieces]
    if not rows:
        return None
    meant = [
        (number, piece.id, meaning)
        for read, _ in wanted
        for number, meanings in read.meant.items()
        for piece, meaning in zip(read.pieces, meanings, strict=True)
    ]
    return {
        "ids": [piece.id for _, _, piece in rows],
        "documents": [read.document_id for read, _, _ in rows],
        "versions": [read.version for read, _, _ in rows],
        "ordinals": [piece.passage.ordinal for _, _, piece in rows],
        "headings": [piece.passage.heading for _, _, piece in rows],
        "texts": [piece.passage.text for _, _, piece in rows],
        "starts": [piece.passage.start for _, _, piece in rows],
        "ends": [piece.passage.end for _, _, piece in rows],
        "audiences": [stands.audience for _, stands, _ in rows],
        "lives": [stands.answers and read.last for read, stands, _ in rows],
        "hashes": [piece.hash for _, _, piece in rows],
        "generations": [number for number, _, _ in meant],
        "passages": [id for _, id, _ in meant],
        "embeddings": [meaning.embedding for _, _, meaning in meant],
        "details": [meaning.details for _, _, meaning in meant],
    }
