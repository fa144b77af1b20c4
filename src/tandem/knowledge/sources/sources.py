"""A source of documents: what it is called, where it leads, how its last run went. Its secret is sealed and never shown.

Knows nothing about any kind of source beyond its name; what its settings may be, `connectors` says.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.db import Jsonb, Queries, Tx, Unique
from tandem.errors import Conflict, NotFound
from tandem.jobs import Queue
from tandem.knowledge import documents
from tandem.tenants.sealing import Sealer, Unsealable

Q = Queries("tandem.knowledge.sources")

SYNC = "knowledge.sync"
"""The kind of the job that brings a source's documents up to date."""

REMOVAL = "knowledge.source_removal"
"""The kind of the job that withdraws the documents of a source that was removed."""

SHOWN = 4
"""So many letters of a secret are shown, of one that has at least three times as many."""

RESERVED = frozenset(("page", "api", "upload"))
"""Names of what comes without a source."""


class Kind(StrEnum):
    """What a source is."""

    SITE = "site"
    SITEMAP = "sitemap"
    ZENDESK = "zendesk"
    CONFLUENCE = "confluence"
    NOTION = "notion"
    GIT = "git"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Source:
    """A source as it stands. `status`: `new`, `running`, `ok`, `partly` (see `error`), `failed`; `failures`: in a row.

    `cursor` is how far a run has come that is not over; `report` counts what the last one did.
    """

    id: UUID
    kind: Kind
    name: str
    settings: dict[str, Any]
    secret: bytes | None = field(repr=False)
    audience: str
    category: str | None
    approve: bool
    every_minutes: int
    paused: bool
    status: str
    error: str | None
    failures: int
    cursor: dict[str, Any] = field(repr=False)
    report: dict[str, Any]
    job_id: UUID | None
    documents: int
    started_at: datetime | None
    finished_at: datetime | None
    next_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SourceItem:
    """One thing that a source held when it was last looked at; `error`: why it could not be read then."""

    key: str
    url: str | None
    document_id: UUID | None
    etag: str | None
    error: str | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """What an admin sets about a source beside its settings and its secret."""

    name: str
    audience: str = documents.PUBLIC
    category: str | None = None
    approve: bool = False
    every_minutes: int = 1440
    paused: bool = False


async def add(tx: Tx, kind: Kind, wish: Wish, settings: dict[str, Any], sealed: bytes | None, id: UUID) -> Source:
    """A new source, due at once. Raises Conflict when another has the name."""
    _refuse_reserved(wish.name)
    try:
        await tx.run(Q.add_source, id=id, kind=kind, settings=Jsonb(settings), secret=sealed, **_columns(wish))
    except Unique as problem:
        raise Conflict("Another source has this name already.") from problem
    return await get(tx, id)


async def change(tx: Tx, source: Source, wish: Wish, settings: dict[str, Any], sealed: bytes | None) -> Source:
    """The source with other settings. Its documents are called as it is; a source that was paused begins anew."""
    _refuse_reserved(wish.name)
    anew = settings != source.settings
    try:
        await tx.run(
            Q.change_source, id=source.id, settings=Jsonb(settings), secret=sealed, anew=anew, **_columns(wish)
        )
    except Unique as problem:
        raise Conflict("Another source has this name already.") from problem
    if wish.name != source.name:
        await tx.run(Q.rename_documents, id=source.id, name=wish.name)
    return await get(tx, source.id)


async def get(tx: Tx, source_id: UUID, *, lock: bool = False) -> Source:
    """One source. Raises NotFound."""
    if lock:
        await tx.run(Q.lock_source, id=source_id)
    found = await tx.maybe(Q.source, Source, id=source_id)
    if found is None:
        raise NotFound("There is no such source.")
    return found


async def named(tx: Tx, name: str) -> Source:
    """The source of this name. Raises NotFound."""
    for source in await statuses(tx):
        if source.name == name:
            return source
    raise NotFound(f"There is no source named {name}.")


async def statuses(tx: Tx) -> list[Source]:
    """Every source and how it stands, in the order of names."""
    return await tx.all(Q.sources, Source)


async def items(tx: Tx, source_id: UUID, *, failed: bool = False, most: int = 500) -> list[SourceItem]:
    """What the source holds, what failed first and the latest change before; with `failed` nothing else."""
    return await tx.all(Q.items, SourceItem, id=source_id, failed=failed, most=most)


async def ask(tx: Tx, queue: Queue, source: Source, *, removals: bool = False) -> UUID:
    """Promise a run; the job's id. One that is under way is not begun twice. `removals`: more than half may vanish."""
    allowed = "all" if removals else "few"
    job_id = await queue.add(tx, SYNC, lock=str(source.id), source_id=str(source.id), removals=allowed)
    await tx.run(Q.promise, id=source.id, job_id=job_id)
    return job_id


async def remove(tx: Tx, queue: Queue, source: Source, *, with_documents: bool) -> UUID | None:
    """The source is gone. Its documents stay, or are withdrawn by the job whose id this returns."""
    await tx.run(Q.remove_source, id=source.id)
    if not with_documents:
        return None
    return await queue.add(tx, REMOVAL, lock=str(source.id), source_id=str(source.id))


def seal(sealer: Sealer, tenant_id: UUID, source_id: UUID, secret: str) -> bytes:
    """The secret as it is stored, useless for any other source."""
    return sealer.seal(tenant_id, f"source {source_id}", secret.encode())


def unseal(sealer: Sealer, tenant_id: UUID, source: Source) -> str:
    """The secret again; empty when there is none. Raises Unsealable."""
    return sealer.open(tenant_id, f"source {source.id}", source.secret).decode() if source.secret else ""


def last_letters(sealer: Sealer, tenant_id: UUID, source: Source) -> str | None:
    """What an admin recognises a secret by; None when there is none, or it is too short, or cannot be opened."""
    try:
        secret = unseal(sealer, tenant_id, source)
    except Unsealable:
        return None
    return secret[-SHOWN:] if len(secret) >= 3 * SHOWN else None


def external_id(source_id: UUID, key: str) -> str:
    """What an item's document is known by."""
    return f"{ids.show('src', source_id)[-10:]}/{key}"


def _refuse_reserved(name: str) -> None:
    if name in RESERVED:
        raise Conflict(f"{name} is what documents without a source are called. Choose another name.")


def _columns(wish: Wish) -> dict[str, Any]:
    return {
        "name": wish.name,
        "audience": wish.audience,
        "category": wish.category,
        "approve": wish.approve,
        "every_minutes": wish.every_minutes,
        "paused": wish.paused,
    }
