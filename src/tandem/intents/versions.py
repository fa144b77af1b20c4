"""The classifiers that a tenant has learned: which one answers, and the way back. Knows nothing about learning."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tandem.db import Jsonb, Queries, Tx
from tandem.errors import Conflict

Q = Queries("tandem.intents")


@dataclass(frozen=True, slots=True)
class Live:
    """A version and how it did on what it had not seen. `reason`: why it was promoted or kept back."""

    version: int
    metrics: dict[str, Any]
    fingerprint: str
    reason: str
    created_at: datetime
    promoted_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldOutRow:
    """The live version with what it said of each example before it had seen it."""

    version: int
    weights: bytes
    held_out: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Learned:
    """What a version has learned."""

    weights: bytes


@dataclass(frozen=True, slots=True)
class Version:
    """A number."""

    version: int


async def live(tx: Tx) -> Live | None:
    """The version that answers; None: the starter set's."""
    return await tx.maybe(Q.live, Live)


async def latest(tx: Tx) -> Live | None:
    """The version that was learned last."""
    return await tx.maybe(Q.latest, Live)


async def weights(tx: Tx, version: int) -> bytes | None:
    """What it has learned, for `Classifier.from_bytes`; None when it is gone."""
    found = await tx.maybe(Q.weights, Learned, version=version)
    return bytes(found.weights) if found else None


async def live_held_out(tx: Tx) -> HeldOutRow | None:
    """The live version, for comparing another with it."""
    return await tx.maybe(Q.held_out, HeldOutRow)


async def add(
    tx: Tx,
    learned: bytes,
    metrics: dict[str, Any],
    fingerprint: str,
    held_out: dict[str, list[str]],
    reason: str,
    *,
    promote: bool,
) -> int:
    """Store a version; with `promote` it answers from the commit on. Its number."""
    number = (
        await tx.one(
            Q.add_classifier,
            Version,
            weights=learned,
            metrics=Jsonb(metrics),
            fingerprint=fingerprint,
            held_out=Jsonb(held_out),
            reason=reason,
        )
    ).version
    if promote:
        await tx.run(Q.retire)
        await tx.run(Q.promote, version=number)
    await tx.run(Q.prune)
    return number


async def roll_back(tx: Tx, author: str) -> int:
    """The version before answers again; 0 is the starter set's. Raises Conflict where there is none to leave."""
    await tx.run(Q.lock)
    if await live(tx) is None:
        raise Conflict("No classifier of your own answers, so there is nothing to go back from.")
    before = await tx.maybe(Q.before, Version)
    await tx.run(Q.roll_back, reason=f"Rolled back by {author}.")
    if before is None:
        return 0
    await tx.run(Q.revive, version=before.version)
    return before.version
