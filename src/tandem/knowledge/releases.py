"""Releases: changes to documents that are collected, replayed, published at once, and taken back with one click.

A draft answers nobody. Published, all of its versions answer from one commit on; rolled back, what answered before does,
from the very rows that it answered from. Knows nothing about how a replay judges (`evals.replay` does).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tandem import ids
from tandem.db import Queries, Tx
from tandem.errors import Conflict, NotFound
from tandem.ids import DocumentId
from tandem.knowledge import changes, documents, publishing, replays
from tandem.knowledge.changes import Change, Status

Q = Queries("tandem.knowledge")

NAMED = 5
"""Documents or questions that a refusal names in its sentence; the lists in it have more."""

LISTED = 50
"""Questions that a refusal lists; the replay has the rest."""


class NotReady(Conflict):
    """The release changes nothing yet, or a document of it is still being read or cannot be read. `documents` lists them."""

    code, title = "release_not_ready", "This release is not ready"


class Conflicting(Conflict):
    """Documents were changed since the draft changed them. Leave them out, or bring your change into what answers now."""

    code, title = "release_conflict", "Documents of this release were changed meanwhile"


class ReplayNeeded(Conflict):
    """Nobody knows yet what exactly these changes do to the questions of customers. Replay the release."""

    code, title = "replay_needed", "This release has to be replayed first"


class Blocked(Conflict):
    """The replay found more questions answered worse, or no more, than the policy allows. `questions` lists them."""

    code, title = "release_blocked", "This release would make answers worse"


@dataclass(frozen=True, slots=True)
class Release:
    """A release. `status`: `draft`, `published`, `rolled_back`, `discarded`; `number`: the state of the knowledge it made."""

    id: UUID
    title: str
    note: str
    status: str
    number: int | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    published_by: str | None
    published_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None
    changes: int


@dataclass(frozen=True, slots=True)
class Back:
    """A removed document that is on the list again."""

    id: DocumentId


async def create(tx: Tx, title: str, author: str, note: str = "") -> Release:
    """A draft that collects changes."""
    release_id = ids.new()
    await tx.run(Q.add_release, id=release_id, title=title, note=note, author=author)
    return await get(tx, release_id)


async def get(tx: Tx, release_id: UUID) -> Release:
    """One release. Raises NotFound."""
    found = await tx.maybe(Q.release, Release, id=release_id)
    if found is None:
        raise NotFound("There is no such release.")
    return found


async def page(tx: Tx, status: str | None = None, most: int = 200) -> list[Release]:
    """The releases, newest first."""
    return await tx.all(Q.releases, Release, status=status, most=most)


async def edit(tx: Tx, release_id: UUID, title: str | None, note: str | None) -> Release:
    """It is called otherwise; None leaves as it is."""
    now = await get(tx, release_id)
    await tx.run(
        Q.edit_release,
        id=release_id,
        title=now.title if title is None else title,
        note=now.note if note is None else note,
    )
    return await get(tx, release_id)


async def leave_out(tx: Tx, release_id: UUID, document_id: DocumentId) -> None:
    """The draft leaves the document alone; what was written for it there is turned down. Raises NotFound or Conflict."""
    await changes.drop(tx, release_id, document_id)
    await tx.run(Q.turn_down_drafts, release_id=release_id, document_id=document_id)
    await _clear(tx, [document_id])


async def discard(tx: Tx, release_id: UUID, author: str) -> None:
    """The draft is thrown away, and every version in it turned down. Raises NotFound or Conflict."""
    await changes.lock(tx, release_id)
    touched = [change.document_id for change in await changes.of(tx, release_id)]
    await tx.run(Q.end_release, id=release_id, status="discarded", author=author)
    await tx.run(Q.turn_down_drafts, release_id=release_id, document_id=None)
    await _clear(tx, touched)


async def publish(tx: Tx, release_id: UUID, author: str) -> Release:
    """From this commit on every version of the draft answers, all at once.

    Raises NotReady, Conflicting, ReplayNeeded or Blocked, and Conflict when it is no draft any more.
    """
    await publishing.lock(tx)
    await changes.lock(tx, release_id)
    found = await changes.of(tx, release_id)
    refuse_unready(found)
    _refuse_conflicting(found)
    await _refuse_unproven(tx, release_id, found)
    await publishing.swap(tx, {change.document_id: change.to_version for change in found})
    for change in found:
        if change.kind == "remove":
            tx.later(documents.Q.delete_document, id=change.document_id)
    tx.later(Q.settle_versions, release_id=release_id)
    tx.later(Q.turn_down_drafts, release_id=release_id, document_id=None)
    tx.later(Q.mark_published, id=release_id, author=author)
    tx.later(Q.drop_unwanted, ids=[change.document_id for change in found])
    await tx.flush()
    return await get(tx, release_id)


async def roll_back(tx: Tx, release_id: UUID, author: str) -> tuple[Release, list[Change]]:
    """From this commit on what answered before the release answers again, from the same rows.

    With it the changes that were left alone, because somebody has changed those documents since. What the release had
    added answers no more and is a draft again. Raises NotFound, and Conflict when the release is not published.
    """
    await publishing.lock(tx)
    await _lock_published(tx, release_id)
    found = await changes.of(tx, release_id)
    in_force = [change for change in found if change.is_in_force]
    removed = [change.document_id for change in in_force if change.kind == "remove"]
    listed = {back.id for back in await tx.all(Q.bring_back, Back, ids=removed)}
    back = [change for change in in_force if change.kind != "remove" or change.document_id in listed]
    await tx.run(Q.end_release, id=release_id, status="rolled_back", author=author)
    await _step_back(tx, back)
    return await get(tx, release_id), [change for change in found if change not in back]


async def _step_back(tx: Tx, back: Sequence[Change]) -> None:
    """The versions from before answer; those of the release are turned down."""
    await publishing.swap(tx, {change.document_id: change.from_version for change in back})
    taken = [change for change in back if change.to_version is not None]
    columns = {"documents": [c.document_id for c in taken], "versions": [c.to_version for c in taken]}
    tx.later(Q.step_back, back_to=[c.from_version for c in taken], **columns)
    tx.later(Q.turn_down, **columns)
    tx.later(Q.drop_unwanted, ids=columns["documents"])
    await tx.flush()


async def _lock_published(tx: Tx, release_id: UUID) -> None:
    found = await tx.maybe(changes.Q.lock_release, Status, id=release_id)
    if found is None:
        raise NotFound("There is no such release.")
    if found.status != "published":
        raise Conflict("This release is not published; there is nothing to take back.")


async def _clear(tx: Tx, document_ids: Sequence[DocumentId]) -> None:
    """What nobody wants any more goes: passages of versions turned down, and documents that existed in the draft alone."""
    await tx.run(Q.drop_unwanted, ids=list(document_ids))
    await tx.run(Q.withdraw_drafts, ids=list(document_ids))


def refuse_unready(found: Sequence[Change]) -> None:
    """Raises NotReady unless the release changes something, and every version of it has been read."""
    if not found:
        raise NotReady("This release changes nothing yet.", documents=[])
    failed = [change for change in found if change.error and not change.ready]
    if failed:
        raise NotReady(f"{_titles(failed)} cannot be read: {failed[0].error}", documents=_shown(failed))
    if waiting := [change for change in found if not change.ready]:
        raise NotReady(f"{_titles(waiting)} is still being read. Try again in a moment.", documents=_shown(waiting))


def _refuse_conflicting(found: Sequence[Change]) -> None:
    if changed := [change for change in found if change.conflicts]:
        raise Conflicting(
            f"{_titles(changed)}: somebody has changed this since it was changed in the draft. "
            "Leave it out, or bring your change into what answers now.",
            documents=_shown(changed),
        )


async def _refuse_unproven(tx: Tx, release_id: UUID, found: Sequence[Change]) -> None:
    replay = await replays.latest(tx, release_id)
    if replay is None or replay.status != "done" or not await replays.is_current(tx, replay, found):
        raise ReplayNeeded(
            "Replay this release first: nobody knows yet what it does to the questions of your customers."
            if replay is None
            else "The last replay was not of exactly these changes against what answers now. Replay the release again."
        )
    if replay.blocked:
        harmed = await replays.rows(tx, replay.id, replays.HARMS, LISTED)
        share, limit = (replay.report or {}).get("worse_share", 1.0), (replay.report or {}).get("limit", 0.0)
        first = "; ".join(f"“{row.question}”" for row in harmed[:NAMED])
        raise Blocked(
            f"{share:.1%} of the questions that it touches would be answered worse or no more; {limit:.1%} are allowed: {first}",
            questions=[
                {
                    "question": row.question,
                    "verdict": row.verdict,
                    "turn_id": row.turn_id and ids.show("trn", row.turn_id),
                }
                for row in harmed
            ],
        )


def _titles(found: Sequence[Change]) -> str:
    names = ", ".join(f"“{change.title}”" for change in found[:NAMED])
    return names if len(found) <= NAMED else f"{names} and {len(found) - NAMED} more"


def _shown(found: Sequence[Change]) -> list[dict[str, object]]:
    return [{"document_id": ids.show("doc", c.document_id), "title": c.title, "error": c.error} for c in found[:LISTED]]
