"""What a draft release collects: one change a document, the latest of them. Knows nothing about what publishing does."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tandem.db import Queries, Tx
from tandem.errors import Conflict, NotFound
from tandem.ids import DocumentId

Q = Queries("tandem.knowledge")


@dataclass(frozen=True, slots=True)
class Change:
    """One document of a release: `kind` is `add`, `replace` or `remove`.

    `from_version` answered when the change was begun; `live_version` answers now: when they differ, somebody changed it
    meanwhile. `ready`: the new version's passages are stored; `error`: why they cannot be; `gone`: the document is deleted.
    """

    document_id: DocumentId
    title: str
    kind: str
    from_version: int | None
    to_version: int | None
    live_version: int | None
    ready: bool
    error: str | None
    gone: bool
    updated_at: datetime

    @property
    def conflicts(self) -> bool:
        """Whether somebody changed the document since the draft did: publishing would undo it unseen."""
        return self.live_version != self.from_version or self.gone

    @property
    def is_in_force(self) -> bool:
        """Whether what answers of the document is what the change made of it."""
        return self.live_version == self.to_version and self.gone == (self.kind == "remove")


@dataclass(frozen=True, slots=True)
class Before:
    """What a document says that a release changes."""

    document_id: DocumentId
    body: str


@dataclass(frozen=True, slots=True)
class Status:
    """How a release stands: `draft`, `published`, `rolled_back`, `discarded`."""

    status: str


async def collect(
    tx: Tx,
    release_id: UUID,
    document_id: DocumentId,
    kind: str,
    from_version: int | None,
    to_version: int | None,
    *,
    rebased: bool = True,
) -> None:
    """The change is in the draft. Raises NotFound when there is no such release, Conflict when it is no draft any more.

    Unless it is `rebased`, a document that the draft changes already keeps the version that this was begun from: what
    somebody else published meanwhile still shows as a conflict.
    """
    await lock(tx, release_id)
    await tx.run(
        Q.collect_change,
        release_id=release_id,
        document_id=document_id,
        kind=kind,
        from_version=from_version,
        to_version=to_version,
        rebased=rebased,
    )


async def lock(tx: Tx, release_id: UUID) -> None:
    """Nobody else changes the draft before this transaction ends. Raises NotFound or Conflict."""
    found = await tx.maybe(Q.lock_release, Status, id=release_id)
    if found is None:
        raise NotFound("There is no such release.")
    if found.status != "draft":
        raise Conflict("This release is not a draft any more.")


async def of(tx: Tx, release_id: UUID) -> list[Change]:
    """What the release changes, in the order of titles."""
    return await tx.all(Q.changes, Change, release_id=release_id)


async def texts_before(tx: Tx, release_id: UUID) -> dict[DocumentId, str]:
    """What each document that the release changes says now; nothing where it does not answer yet."""
    return {row.document_id: row.body for row in await tx.all(Q.texts_before, Before, release_id=release_id)}


async def drop(tx: Tx, release_id: UUID, document_id: DocumentId) -> None:
    """The document is left out of the draft. Raises NotFound or Conflict."""
    await lock(tx, release_id)
    if not await tx.run(Q.drop_change, release_id=release_id, document_id=document_id):
        raise NotFound("The release does not change this document.")
