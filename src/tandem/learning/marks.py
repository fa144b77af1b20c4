"""How far each reader has got: through a tenant's turns, through the states of its knowledge, or to a moment.

A mark is written in the transaction that keeps what was learnt; what is not marked is read again. Marks of documents name
the version that was looked at, so that what was missed while nobody worked shows as a difference, not as a date.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tandem.db import Queries, Tx
from tandem.ids import DocumentId
from tandem.knowledge import search

Q = Queries("tandem.learning")


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a reader has got; one of the three, by what it reads."""

    turn_id: UUID | None = None
    release: int | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A document of which another version answers than the reader has seen; None: nothing of it does any more."""

    id: DocumentId
    before: int | None
    live_version: int | None
    settled: bool


async def get(tx: Tx, reader: str) -> Mark:
    """Where the reader stands; an empty mark at the very beginning."""
    return await tx.maybe(Q.marked, Mark, reader=reader) or Mark()


async def put(tx: Tx, reader: str, mark: Mark) -> None:
    """The reader stands here now."""
    await tx.run(Q.mark, reader=reader, turn_id=mark.turn_id, release=mark.release, read_at=mark.read_at)


async def now(tx: Tx) -> Mark:
    """This moment at the database."""
    return await tx.one(Q.moment, Mark)


async def unread_state(tx: Tx, reader: str) -> int | None:
    """The state of the knowledge that answers, unless the reader has been through it: any change counts it up."""
    state = (await search.state(tx)).release
    return state if state and state != (await get(tx, reader)).release else None


async def read_state(tx: Tx, reader: str, release: int) -> None:
    """The reader has been through all that had changed when this was the state."""
    await put(tx, reader, Mark(release=release))


async def changed(tx: Tx, reader: str, *, settled_s: float, most: int) -> list[Changed]:
    """Documents that the reader has not looked at as they answer now, longest first."""
    return await tx.all(Q.changed, Changed, reader=reader, seconds=settled_s, most=most)


async def read_document(tx: Tx, reader: str, document_id: DocumentId, version: int | None) -> None:
    """The reader has looked at this version."""
    await tx.run(Q.mark_document, reader=reader, document_id=document_id, version=version)
