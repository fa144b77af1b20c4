"""What answers, changed from one commit to the next: a version goes live, another takes its place, a document is withdrawn.

Every change locks the tenant's state of knowledge first, counts it up once however many documents it holds, and keeps
the vocabulary. Passages that a release may have to bring back stay in the database; the others go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tandem.db import Queries, Tx
from tandem.ids import DocumentId

Q = Queries("tandem.knowledge")


@dataclass(frozen=True, slots=True)
class Live:
    """What answers of a document: nothing of one that was withdrawn."""

    id: DocumentId
    live_version: int | None
    deleted: bool


async def lock(tx: Tx) -> None:
    """Nobody else changes what answers before this transaction ends. Taken before any document, so that none waits for two."""
    await tx.run(Q.lock_state)


async def publish(tx: Tx, document_id: DocumentId, number: int) -> bool:
    """From this commit on this version answers, under its own labels; False when the document was withdrawn meanwhile."""
    return document_id in await swap(tx, {document_id: number})


async def withdraw(tx: Tx, document_id: DocumentId) -> None:
    """From this commit on nothing is answered from the document; the document itself stays as it is."""
    await swap(tx, {document_id: None})


async def swap(tx: Tx, wanted: Mapping[DocumentId, int | None]) -> set[DocumentId]:
    """From this commit on these versions answer, all at once and as one change; None: nothing of the document does.

    The documents that are so now; one that was withdrawn meanwhile is left alone.
    """
    tx.later(Q.lock_state)
    there = [live for live in await tx.all(Q.live, Live, ids=list(wanted)) if not live.deleted]
    exchange(tx, there, wanted)
    await tx.flush()
    return {live.id for live in there}


def exchange(tx: Tx, there: Sequence[Live], wanted: Mapping[DocumentId, int | None]) -> None:
    """The same with the transaction's next round trip, for one that has the lock, and these documents locked (`live`)."""
    moving = [live for live in there if live.live_version != wanted[live.id]]
    if moving:
        retired = [(live.id, live.live_version) for live in moving if live.live_version is not None]
        begun = [(live.id, number) for live in moving if (number := wanted[live.id]) is not None]
        withdrawn = [live.id for live in moving if wanted[live.id] is None]
        _exchange(tx, retired, begun, withdrawn)


async def relabel(
    tx: Tx, document_id: DocumentId, number: int, category: str | None, audience: str, source_url: str | None
) -> None:
    """The text is the same; what is said about it changes at once, and who may see it with it."""
    await lock(tx)
    labels = {"category": category, "audience": audience, "source_url": source_url}
    await tx.run(Q.relabel, document_id=document_id, version=number, **labels)
    await tx.run(Q.relabel_document, id=document_id, **labels)
    await tx.run(Q.relabel_passages, document_id=document_id, version=number, audience=audience)
    await tx.run(Q.relabel_vectors, document_id=document_id, version=number, audience=audience)
    await tx.run(Q.count_up)


Versions = Sequence[tuple[DocumentId, int]]


def _exchange(tx: Tx, retired: Versions, begun: Versions, withdrawn: Sequence[DocumentId]) -> None:
    """The retired versions answer no more, the begun ones do; in one round trip, however many."""
    old, new = _columns(retired), _columns(begun)
    signs = [-1] * len(retired) + [1] * len(begun)
    tx.later(Q.count_words, signs=signs, **_columns([*retired, *begun]))
    tx.later(Q.retire_passages, **old)
    tx.later(Q.retire_vectors, **old)
    tx.later(Q.unpublish, ids=list(withdrawn))
    tx.later(Q.publish_passages, **new)
    tx.later(Q.publish_vectors, **new)
    tx.later(Q.publish, **new)
    tx.later(Q.drop_unwanted, ids=old["documents"])
    tx.later(Q.count_up)


def _columns(versions: Versions) -> dict[str, list[DocumentId] | list[int]]:
    return {"documents": [id for id, _ in versions], "versions": [number for _, number in versions]}
