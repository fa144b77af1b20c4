"""What a release would do to the questions that customers asked: the record of its replays. `evals.replay` makes them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.db import Jsonb, Queries, Tx
from tandem.jobs import Queue
from tandem.knowledge import search
from tandem.knowledge.changes import Change

Q = Queries("tandem.knowledge")

REPLAY = "knowledge.replay"
"""The kind of the job that replays a draft."""

HARMS = ("newly_unanswered", "worse")
"""The verdicts that count against a release."""

MOST = 5000
"""Rows that are shown of a replay: as many as the policy lets it have."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay of a release. `fingerprint` and `knowledge` say of which changes, against which state of the knowledge."""

    id: UUID
    release_id: UUID
    job_id: UUID | None
    status: str
    fingerprint: str
    knowledge: int
    days: int
    report: dict[str, Any] | None
    blocked: bool
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """A question, and how it was answered on both sides."""

    question: str
    turn_id: UUID | None
    verdict: str
    live: dict[str, Any]
    draft: dict[str, Any]


def fingerprint(found: Sequence[Change]) -> str:
    """Names exactly these changes."""
    lines = sorted(f"{change.document_id} {change.kind} {change.to_version}" for change in found)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


async def promise(tx: Tx, queue: Queue, release_id: UUID, found: Sequence[Change], days: int) -> Replay:
    """A replay of these changes, over the questions of so many days; the one that is under way when it is just that."""
    running = await latest(tx, release_id)
    if running and running.status == "running" and running.days == days and await is_current(tx, running, found):
        return running
    replay_id = ids.new()
    job_id = await queue.add(tx, REPLAY, lock=str(release_id), release_id=str(release_id), replay_id=str(replay_id))
    await tx.run(
        Q.add_replay, id=replay_id, release_id=release_id, job_id=job_id, fingerprint=fingerprint(found), days=days
    )
    return await tx.one(Q.latest_replay, Replay, release_id=release_id)


async def latest(tx: Tx, release_id: UUID) -> Replay | None:
    """The last replay of a release, if there was one."""
    return await tx.maybe(Q.latest_replay, Replay, release_id=release_id)


async def is_current(tx: Tx, replay: Replay, found: Sequence[Change]) -> bool:
    """Whether it was of exactly these changes, against what answers now."""
    return replay.fingerprint == fingerprint(found) and replay.knowledge == (await search.state(tx)).release


async def rows(tx: Tx, replay_id: UUID, verdicts: Sequence[str] | None = None, most: int = MOST) -> list[Replayed]:
    """What became of the questions that the release touches, the worst first."""
    wanted = None if verdicts is None else list(verdicts)
    return await tx.all(Q.replay_rows, Replayed, replay_id=replay_id, verdicts=wanted, most=most)


async def begin(tx: Tx, replay_id: UUID, found: Sequence[Change]) -> Replay:
    """It begins, maybe anew, with the changes and the knowledge of this moment."""
    return await tx.one(Q.begin_replay, Replay, id=replay_id, fingerprint=fingerprint(found))


async def end(tx: Tx, replay_id: UUID, replayed: Sequence[Replayed], report: dict[str, Any], *, blocked: bool) -> None:
    """It is done; its rows take the place of those that an earlier try had."""
    await tx.run(Q.drop_replay_rows, replay_id=replay_id)
    columns = [
        {
            "replay_id": replay_id,
            "ordinal": ordinal,
            "turn_id": row.turn_id,
            "question": row.question,
            "verdict": row.verdict,
            "live": Jsonb(row.live),
            "draft": Jsonb(row.draft),
        }
        for ordinal, row in enumerate(replayed)
    ]
    if columns:
        await tx.many(Q.add_replay_row, columns)
    await tx.run(Q.end_replay, id=replay_id, status="done", report=Jsonb(report), blocked=blocked)


async def fail(tx: Tx, replay_id: UUID) -> None:
    """It cannot be done."""
    await tx.run(Q.end_replay, id=replay_id, status="failed", report=None, blocked=None)
