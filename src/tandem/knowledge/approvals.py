"""What sources brought and a person has to see first: the list of it, and the decision."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tandem.db import Queries, Tx
from tandem.errors import Conflict
from tandem.ids import DocumentId
from tandem.knowledge import documents, publishing
from tandem.knowledge.documents import Document

Q = Queries("tandem.knowledge")


@dataclass(frozen=True, slots=True)
class Held:
    """A version that waits for a person, beside what answers now (None for a new document)."""

    document_id: DocumentId
    version: int
    title: str
    source: str
    source_id: UUID | None
    source_url: str | None
    body: str | None
    ready: bool
    error: str | None
    live_version: int | None
    live_title: str | None
    live_body: str | None
    created_at: datetime


async def held(tx: Tx, most: int = 200) -> list[Held]:
    """What waits for approval, oldest first."""
    return await tx.all(Q.held, Held, most=most)


async def decide(tx: Tx, document: Document, number: int, *, approve: bool) -> None:
    """What a source brought answers from now on, or never will. Raises Conflict when nobody has to decide about it."""
    held = await documents.version(tx, document.id, number)
    if held.approval != "waiting":
        raise Conflict("This version does not wait for approval.")
    await tx.run(Q.decide, document_id=document.id, version=number, approval="approved" if approve else "rejected")
    if approve and held.ready:
        await publishing.publish(tx, document.id, number)
    elif not approve:
        await tx.run(Q.drop_passages, document_id=document.id, version=number)
        await tx.run(Q.settle_rejected, id=document.id)
