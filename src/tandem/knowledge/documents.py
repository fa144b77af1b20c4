"""Documents and their versions: added, replaced, withdrawn. A version never changes once it is read; answers cite it.

A request only stores and promises; reading, splitting and embedding happen in the worker (`ingest`).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tandem import ids
from tandem.db import Queries, Tx, Unique
from tandem.errors import Conflict, Malformed, NotFound
from tandem.ids import DocumentId
from tandem.jobs import Queue
from tandem.knowledge import changes, publishing
from tandem.knowledge.reading import FileTooLarge, Format

Q = Queries("tandem.knowledge")

FILE_BYTES = 25 * 1024 * 1024
"""The largest file taken (security.md T24)."""

BODY_CHARS = 2_000_000
"""The longest article taken as text."""

INGEST = "knowledge.ingest"
"""The kind of the job that makes a version answer."""


PUBLIC, VERIFIED, STAFF = "public", "verified", "staff"

AUDIENCE = r"^(public|verified|staff|tier:[a-z0-9_-]{1,40})$"
"""Who may be answered from a document: everyone, customers who are known, those of one tier, the staff alone."""


class Kind(StrEnum):
    """What a document is: written as knowledge, or what a person once answered and somebody approved."""

    ARTICLE = "article"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it stands. `version` is the newest outside of drafts, `live_version` the one that answers.

    `status`: `processing`, `ready`, `error`; `review`: what a source brought waits for a person; `draft`: it exists in a
    draft release alone. Labels are those of the version that answers, of the newest while none does.
    """

    id: DocumentId
    external_id: str | None
    title: str
    category: str | None
    audience: str
    source_url: str | None
    source: str
    source_id: UUID | None
    kind: Kind
    format: Format
    status: str
    error: str | None
    version: int
    live_version: int | None
    passages: int
    owner_id: UUID | None
    reviewed_at: datetime | None
    review_every_days: int | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Listed(Document):
    """A document in the list, with what tells whether it is cared for.

    `checked_at` is when a person last wrote or reviewed what answers; `used` counts the answers of 30 days that cite it;
    `draft_in` is a draft release that changes it.
    """

    checked_at: datetime
    used: int
    draft_in: UUID | None
    disagreements: int


@dataclass(frozen=True, slots=True)
class Version:
    """What a document said in one version. `release_id`: the draft it waits in; `approval`: `waiting`, `approved`, `rejected`."""

    document_id: DocumentId
    version: int
    title: str
    category: str | None
    audience: str
    source_url: str | None
    written: str | None
    body: str | None
    file_id: UUID | None
    format: Format
    content_hash: bytes
    release_id: UUID | None
    approval: str | None
    ready: bool
    error: str | None
    author: str
    created_at: datetime
    live: bool | None
    file_name: str | None
    file_size: int | None

    @property
    def labels(self) -> "Labels":
        """What was said about it beside its text."""
        return Labels(self.title, self.category, self.audience, self.source_url)


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file."""

    id: UUID
    name: str
    size: int
    bytes: bytes


@dataclass(frozen=True, slots=True)
class Count:
    """A number."""

    n: int


@dataclass(frozen=True, slots=True)
class Holding:
    """What documents one source has brought, a page and the API among them, and how they stand."""

    name: str
    last_run: datetime | None
    documents: int
    passages: int
    failures: int
    pending: int
    oldest_s: float | None


@dataclass(frozen=True, slots=True)
class Labels:
    """What is said about a document beside its text. They belong to a version."""

    title: str
    category: str | None = None
    audience: str = PUBLIC
    source_url: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a change comes from, and where it goes: at once, into a draft release (`release_id`), or before a person (`held`)."""

    source: str = "page"
    author: str = ""
    source_id: UUID | None = None
    kind: Kind = Kind.ARTICLE
    release_id: UUID | None = None
    held: bool = False


PAGE = Origin()


@dataclass(frozen=True, slots=True)
class Written:
    """Content as it was typed or sent, or as a file; the worker makes of it what can be quoted."""

    format: Format
    text: str | None = None
    file: bytes | None = None
    file_name: str | None = None

    @property
    def hash(self) -> bytes:
        """What tells a change of content."""
        return hashlib.sha256(self.file if self.file is not None else (self.text or "").encode()).digest()


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a document that was sent."""

    id: DocumentId
    version: int
    status: str
    changed: bool
    job_id: UUID | None


async def save(
    tx: Tx,
    queue: Queue,
    labels: Labels,
    content: Written,
    origin: Origin = PAGE,
    *,
    external_id: str | None = None,
    id: DocumentId | None = None,
    base: int | None = None,
) -> Saved:
    """A new document, or a new version of the one with this id or external id when its content changed.

    `base` is the version that the writer had before them: when there is a newer one by now, the change is refused with
    Conflict instead of undoing somebody else's.
    """
    _refuse_too_large(content)
    if origin.release_id:
        await changes.lock(tx, origin.release_id)  # before the document, as publishing does
    elif id is not None or external_id:
        await publishing.lock(tx)  # as well: labels alone change at once
    if id is not None:
        return await _replace(tx, queue, await get(tx, id, lock=True), labels, content, origin, base)
    known = await tx.maybe(Q.by_external_id, Document, external_id=external_id) if external_id else None
    if known:
        return await _replace(tx, queue, known, labels, content, origin, base)
    document_id = DocumentId(ids.new())
    try:
        await tx.run(
            Q.add_document,
            id=document_id,
            external_id=external_id,
            source=origin.source,
            source_id=origin.source_id,
            kind=origin.kind,
            format=content.format,
            status="draft" if origin.release_id else "processing",
            **_columns(labels),
        )
    except Unique as problem:
        raise Conflict("Somebody else is adding a document with this external_id just now. Send it again.") from problem
    if origin.release_id:
        await changes.collect(tx, origin.release_id, document_id, "add", None, 1)
    return await _add_version(tx, queue, document_id, 1, labels, content, origin)


async def get(tx: Tx, document_id: DocumentId, *, lock: bool = False) -> Document:
    """One document. Raises NotFound."""
    found = await tx.maybe(Q.lock_document if lock else Q.document, Document, id=document_id)
    if found is None:
        raise NotFound("There is no such document.")
    return found


async def named(tx: Tx, external_id: str) -> Document:
    """The document that the tenant's own systems know by this id. Raises NotFound."""
    found = await tx.maybe(Q.by_external_id, Document, external_id=external_id)
    if found is None:
        raise NotFound("There is no such document.")
    return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents of the list: every field that is set must hold. `stale`: nobody has looked at it for too long."""

    id: DocumentId | None = None
    words: str | None = None
    status: str | None = None
    source: str | None = None
    kind: Kind | None = None
    owner_id: UUID | None = None
    stale: bool | None = None


async def page(
    tx: Tx,
    wanted: Wanted = Wanted(),
    *,
    review_days: int = 180,
    before: tuple[datetime, UUID] | None = None,
    most: int = 50,
) -> tuple[list[Listed], int]:
    """A page of the list, newest change first, and how many there are in all. `review_days` is the cadence of those without one."""
    filters = {
        "id": wanted.id,
        "words": f"%{_literal(wanted.words)}%" if wanted.words else None,
        "status": wanted.status,
        "source": wanted.source,
        "kind": wanted.kind,
        "owner_id": wanted.owner_id,
        "stale": wanted.stale,
        "review_days": review_days,
    }
    found = await tx.all(
        Q.documents, Listed, before=before and before[0], before_id=before and before[1], most=most, **filters
    )
    return found, (await tx.one(Q.count_documents, Count, **filters)).n


async def version(tx: Tx, document_id: DocumentId, number: int) -> Version:
    """One version, of a withdrawn document too. Raises NotFound."""
    found = await tx.maybe(Q.version, Version, document_id=document_id, version=number)
    if found is None:
        raise NotFound("There is no such version.")
    return found


async def versions(tx: Tx, document_id: DocumentId) -> list[Version]:
    """Every version, newest first."""
    return await tx.all(Q.versions, Version, document_id=document_id)


async def file(tx: Tx, file_id: UUID) -> File:
    """An uploaded file. Raises NotFound."""
    found = await tx.maybe(Q.file, File, id=file_id)
    if found is None:
        raise NotFound("There is no such file.")
    return found


async def delete(tx: Tx, document: Document) -> None:
    """From this commit on nothing is answered from it. What was answered keeps its evidence."""
    await publishing.withdraw(tx, document.id)
    await tx.run(Q.delete_document, id=document.id)


async def remove_in(tx: Tx, document: Document, release_id: UUID) -> None:
    """It is gone once the draft release is published."""
    if document.live_version is None:
        raise Conflict("It does not answer yet: take its change out of the draft instead.")
    await changes.collect(tx, release_id, document.id, "remove", document.live_version, None)


async def restore(tx: Tx, queue: Queue, document: Document, number: int, origin: Origin) -> Saved:
    """What an earlier version said, said again as a new version."""
    old = await version(tx, document.id, number)
    file_bytes = await file(tx, old.file_id) if old.file_id else None
    content = Written(old.format, old.written, file_bytes.bytes if file_bytes else None, old.file_name)
    return await _replace(tx, queue, document, old.labels, content, origin, None)


async def keep(
    tx: Tx, document: Document, *, owner_id: UUID | None, review_every_days: int | None, reviewed: bool
) -> None:
    """Who looks after it, how often it is to be looked at, and that somebody just has."""
    await tx.run(Q.keep, id=document.id, owner_id=owner_id, review_every_days=review_every_days, reviewed=reviewed)


async def holdings(tx: Tx) -> list[Holding]:
    """What each source has brought."""
    return await tx.all(Q.holdings, Holding)


async def _replace(
    tx: Tx, queue: Queue, known: Document, labels: Labels, content: Written, origin: Origin, base: int | None
) -> Saved:
    newest = await tx.maybe(Q.newest_for, Version, document_id=known.id, release_id=origin.release_id)
    if base is not None and newest and newest.version != base:
        raise Conflict(
            f"Somebody else has changed this document: version {newest.version} is newer than your {base}. "
            "Look at it and bring your change into it.",
        )
    is_same = newest is not None and content.hash == newest.content_hash and content.format == newest.format
    if is_same and newest and (labels == newest.labels or (origin.release_id is None and labels.title == newest.title)):
        if origin.release_id and newest.release_id == origin.release_id:
            await _collect(tx, known, newest.version, origin.release_id, base)
        elif labels != newest.labels:
            await publishing.relabel(tx, known.id, newest.version, labels.category, labels.audience, labels.source_url)
        return Saved(known.id, newest.version, known.status, False, None)
    number = (await tx.one(Q.next_version, Count, document_id=known.id)).n
    if origin.release_id:
        await _collect(tx, known, number, origin.release_id, base)
        await tx.run(Q.renew_draft, id=known.id, version=number, title=labels.title)
    else:
        await tx.run(Q.renew, id=known.id, version=number, format=content.format, source=origin.source)
    return await _add_version(tx, queue, known.id, number, labels, content, origin)


async def _collect(tx: Tx, known: Document, number: int, release_id: UUID, base: int | None) -> None:
    """The version is the draft's; without a base its writer says that it may take the place of whatever answers now."""
    kind = "replace" if known.live_version else "add"
    await changes.collect(tx, release_id, known.id, kind, known.live_version, number, rebased=base is None)


async def _add_version(
    tx: Tx, queue: Queue, document_id: DocumentId, number: int, labels: Labels, content: Written, origin: Origin
) -> Saved:
    file_id = None
    if content.file is not None:
        file_id = ids.new()
        name = (content.file_name or "file")[-200:]
        await tx.run(
            Q.add_file,
            id=file_id,
            name=name,
            sha256=hashlib.sha256(content.file).digest(),
            size=len(content.file),
            bytes=content.file,
        )
    await tx.run(
        Q.add_version,
        document_id=document_id,
        version=number,
        written=content.text,
        file_id=file_id,
        format=content.format,
        content_hash=content.hash,
        release_id=origin.release_id,
        approval="waiting" if origin.held else None,
        author=origin.author,
        **_columns(labels),
    )
    job_id = await queue.add(tx, INGEST, lock=str(document_id), document_id=str(document_id), version=str(number))
    return Saved(document_id, number, "draft" if origin.release_id else "processing", True, job_id)


def _columns(labels: Labels) -> dict[str, str | None]:
    return {
        "title": labels.title,
        "category": labels.category,
        "audience": labels.audience,
        "source_url": labels.source_url,
    }


def _refuse_too_large(content: Written) -> None:
    if content.file is not None and len(content.file) > FILE_BYTES:
        raise FileTooLarge(
            f"The file has {len(content.file) / 1048576:.0f} MB; {FILE_BYTES // 1048576} MB are the most that Tandem reads."
        )
    if content.text is not None and len(content.text) > BODY_CHARS:
        raise FileTooLarge(f"The article has {len(content.text):,} characters; {BODY_CHARS:,} are the most.")
    if content.text is not None and not content.text.strip():
        raise Malformed("The article is empty.", errors=[{"field": "body", "message": "must not be empty"}])


def _literal(words: str) -> str:
    """LIKE's own signs taken literally."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
