"""Noticing gaps: every finished turn is read once, in order; a question without a good answer joins a gap or opens one.

An answered question that means the same as a gap's, asked after the last that had no answer, closes the gap; the next one
without an answer opens it again. What was noticed and how far the turns were read is kept in one transaction.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from tandem import ids
from tandem.db import Database, Jsonb, Queries, Tx
from tandem.embedding import Embedder
from tandem.ids import ConversationId, TenantId, TurnId
from tandem.learning import clusters, gaps, marks
from tandem.learning.clusters import Cluster, Vector
from tandem.learning.gaps import Outcome, Status
from tandem.tenants import policy

Q = Queries("tandem.learning")

READER = "gaps"

HORIZON_S = 120.0
"""Turns younger than this are not read yet: one with an earlier id may still be on its way into the database."""

FIRST_LOOK_S = 90 * 86400.0
"""How far back the very first look goes."""

BATCH = 200
"""Turns read at a time."""

ANSWERED_MOST = 200
"""Answered questions that are embedded for one tenant in one round (3 ms each): enough to see gaps close, cheap enough to run
every minute. The others of a busy minute are passed over; there will be more."""

GOOD = 0.1
"""An answer is good when its quality is this much above the threshold for answering at all; below it is weak."""

QUESTION_CHARS = 1000


@dataclass(frozen=True, slots=True)
class Finished:
    """What the record of a finished turn says about its question. `title`: of the first article that was cited."""

    id: TurnId
    conversation_id: ConversationId
    question: str
    kind: str
    route: str
    rule: str
    quality: float
    acts: int
    withheld: bool
    passages: list[dict[str, Any]]
    title: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A number."""

    n: int


@dataclass(frozen=True, slots=True)
class Member:
    """A gap's question."""

    text: str
    vector: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """A gap as it is stored, to be joined, closed or opened again."""

    id: UUID
    question: str
    centroid: bytes
    questions: int
    status: Status
    closed_because: str | None
    first_asked_at: datetime
    last_asked_at: datetime
    ended_at: datetime | None

    @property
    def cluster(self) -> Cluster:
        """Its middle."""
        return Cluster(clusters.from_bytes(self.centroid), self.questions)

    def joined_by(self, turn: Finished, vector: Vector) -> "Known":
        """With one more question; a closed gap is open again, a dismissed one stays so."""
        cluster, closed = self.cluster.with_one(vector), self.status is Status.CLOSED
        return replace(
            self,
            centroid=clusters.as_bytes(cluster.mean),
            questions=cluster.size,
            status=Status.OPEN if closed else self.status,
            closed_because=None if closed else self.closed_because,
            last_asked_at=max(self.last_asked_at, turn.asked_at),
            ended_at=None if closed else self.ended_at,
        )

    def closed_by(self, turn: Finished) -> "Known":
        """Answered by now, and by which article."""
        day = f"{turn.asked_at.day} {turn.asked_at:%B %Y}"
        because = (
            f"The article “{turn.title}” answers it: on {day} “{shortened(turn.question, 200)}” was answered from it."
        )
        return replace(self, status=Status.CLOSED, closed_because=because, ended_at=turn.asked_at)


def outcome(turn: Finished, threshold: float) -> Outcome | None:
    """Why the question has no good answer; None when it has, or wants none. `threshold`: of quality, for answering at all."""
    if turn.kind == "no_answer":
        return Outcome.WITHHELD if turn.withheld else Outcome.NO_ANSWER
    if turn.kind == "handover" and (turn.route == "attempt" or turn.rule == "unresolved"):
        return Outcome.HANDED_OVER
    if turn.kind == "answer" and not turn.acts and turn.quality < threshold + GOOD:
        return Outcome.WEAK
    return None


def is_answered(turn: Finished, threshold: float) -> bool:
    """Whether an article answered it well."""
    return turn.kind == "answer" and not turn.acts and turn.quality >= threshold + GOOD and bool(turn.title)


async def read_turns(db: Database, embedder: Embedder, tenant_id: TenantId, *, horizon_s: float = HORIZON_S) -> int:
    """Read what has finished since the last time; how many turns. Another worker at the same does not disturb."""
    budget, count = ANSWERED_MOST, 0
    until = _id_at(time.time() - horizon_s)
    while True:
        read, embedded = await _batch(db, embedder, tenant_id, until, budget)
        count, budget = count + read, budget - embedded
        if read < BATCH:
            break
    return count


async def _batch(db: Database, embedder: Embedder, tenant_id: TenantId, until: UUID, budget: int) -> tuple[int, int]:
    """How many turns were read, and how many answered questions embedded."""
    async with db.tenant(tenant_id) as tx:
        before = (await marks.get(tx, READER)).turn_id
        after = before or _id_at(time.time() - FIRST_LOOK_S)
        found = await tx.all(Q.finished, Finished, after=after, until=until, most=BATCH)
        waiting = (await tx.one(Q.waiting_gaps, Waiting)).n
        threshold = (await policy.get(tx)).rules.thresholds.answer
        if waiting:
            await tx.run(Q.count_handed_over)
    if not found:
        return 0, 0
    lacking = {turn.id: why for turn in found if turn.question.strip() and (why := outcome(turn, threshold))}
    answered = [turn for turn in found if is_answered(turn, threshold)][:budget] if waiting or lacking else []
    wanted = {*lacking, *(turn.id for turn in answered)}
    chosen = [turn for turn in found if turn.id in wanted]
    vectors = await embedder.embed_passages([turn.question for turn in chosen])
    async with db.tenant(tenant_id) as tx:
        if not await tx.run(Q.advance, reader=READER, turn_id=found[-1].id, before=before):
            return 0, 0
        await _keep(tx, embedder.model_name, list(zip(chosen, vectors, strict=True)), lacking)
    return len(found), len(answered)


async def _keep(tx: Tx, model: str, turns: Sequence[tuple[Finished, Vector]], lacking: dict[TurnId, Outcome]) -> None:
    """What the turns make of the gaps, in the order in which they were asked."""
    known = await tx.all(Q.known_gaps, Known, model=model) if turns else []
    stored = list(known)
    rows: list[dict[str, Any]] = []
    for turn, vector in turns:
        if turn.id in lacking:
            place = clusters.nearest(vector, [gap.cluster for gap in known], clusters.JOIN)
            if place is None:
                known.append(_opened(turn, vector))
                place = len(known) - 1
            else:
                known[place] = known[place].joined_by(turn, vector)
            rows.append(_row(turn, vector, known[place].id, lacking[turn.id]))
        else:
            place = clusters.nearest(vector, [gap.cluster for gap in known], clusters.SAME)
            if place is not None and _closes(turn, known[place]):
                known[place] = known[place].closed_by(turn)
    touched = [gap for place, gap in enumerate(known) if place >= len(stored) or gap is not stored[place]]
    for gap in touched:
        tx.later(Q.keep_gap, **_columns(gap, model))
    for row in rows:
        tx.later(Q.add_question, **row)
    for gap in touched:
        await _stand_in(tx, gap)
    await tx.run(Q.count_handed_over)


def _closes(turn: Finished, gap: Known) -> bool:
    return gap.status in (Status.OPEN, Status.DRAFTED) and turn.asked_at > gap.last_asked_at


async def _stand_in(tx: Tx, gap: Known) -> None:
    """The question nearest to the middle stands for all of them."""
    members = await tx.all(Q.members, Member, gap_id=gap.id)
    vectors = [clusters.from_bytes(member.vector, np.float16) for member in members]
    best = members[clusters.middle(vectors, gap.cluster.mean)]
    await tx.run(Q.set_question, id=gap.id, question=shortened(best.text, QUESTION_CHARS))


def _opened(turn: Finished, vector: Vector) -> Known:
    middle, at = clusters.as_bytes(vector), turn.asked_at
    return Known(ids.new(), shortened(turn.question, QUESTION_CHARS), middle, 1, Status.OPEN, None, at, at, None)


def _row(turn: Finished, vector: Vector, gap_id: UUID, why: Outcome) -> dict[str, Any]:
    near = sorted(turn.passages, key=lambda passage: -(passage.get("cosine") or 0.0))[: gaps.NEAREST]
    names = ("document_id", "title", "passage_id", "text")
    return {
        "turn_id": turn.id,
        "gap_id": gap_id,
        "conversation_id": turn.conversation_id,
        "text": shortened(turn.question, QUESTION_CHARS),
        "outcome": why,
        "quality": turn.quality,
        "nearest": Jsonb([{**{name: p.get(name) for name in names}, "cosine": p.get("cosine") or 0.0} for p in near]),
        "vector": clusters.as_bytes(vector, np.float16),
        "asked_at": turn.asked_at,
    }


def _columns(gap: Known, model: str) -> dict[str, Any]:
    names = ("id", "question", "centroid", "questions", "status", "closed_because", "first_asked_at", "last_asked_at")
    return {**{name: getattr(gap, name) for name in names}, "ended_at": gap.ended_at, "model": model}


def shortened(text: str, most: int) -> str:
    """On one line, cut at a word."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + " …"


def _id_at(seconds: float) -> UUID:
    """The least id that can have been made at a moment: ids are in order of time."""
    return UUID(int=int(seconds * 1000) << 80)
