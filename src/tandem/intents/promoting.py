"""The worker's part of training: learn, compare with what answers now on the same held-out examples, promote or say why not.

Each version keeps what it said of each of its examples before it had seen it. So two versions are compared on every example
of today, neither on one that it was taught with: where the live one has seen an example, its held-out word counts.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tandem import jobs
from tandem.db import Database, Tx
from tandem.errors import Malformed
from tandem.intents import classifier as classifier_room
from tandem.intents import examples, report, training, versions
from tandem.intents.classifier import Classifier
from tandem.intents.features import Looks
from tandem.intents.models import Classifiers
from tandem.intents.starter import UNKNOWN, Example
from tandem.intents.training import Trained
from tandem.jobs import Order

TRAIN = "intents.train"
"""The kind of the job."""

BATCH = 500
"""Examples read between two notes of progress."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How two classifiers did on the same examples."""

    examples: int
    right_new: int
    right_live: int

    @property
    def promote(self) -> bool:
        """The new one is not worse."""
        return self.right_new >= self.right_live

    @property
    def reason(self) -> str:
        """For people."""
        both = f"{self.right_new} of {self.examples} held-out examples right, the one before {self.right_live}"
        return f"Promoted: {both}." if self.promote else f"Kept the old one: {both}."


class Train:
    """Does the job."""

    def __init__(self, db: Database, classifiers: Classifiers) -> None:
        self._db, self._classifiers = db, classifiers

    async def __call__(self, order: Order) -> dict[str, Any]:
        """Learn from the tenant's examples as they are now. Raises Malformed without any of an intent."""
        async with self._db.tenant(order.tenant_id) as tx:
            found = await examples.everything(tx)
            parents = {intent.name: intent.parent for intent in (await examples.catalogue(tx))[0] if intent.parent}
            live = await versions.live_held_out(tx)
        if not any(example.intents != (UNKNOWN,) for example in found):
            raise Malformed("There is no example to learn from. Add some first.")
        looks = await self._looks(order, found)
        foreign = await self._classifiers.foreign()
        trained = await asyncio.to_thread(training.train, found, looks, parents=parents, foreign=foreign)
        await self._note(order, 0.8)
        said = report.held_out_said(trained)
        before, theirs = await self._before(live.weights if live else None, live.held_out if live else None)
        compared = await asyncio.to_thread(compare, found, looks, trained, said, before, theirs)
        return await self._store(order, found, trained, said, compared)

    async def _looks(self, order: Order, found: Sequence[Example]) -> list[Looks]:
        looks: list[Looks] = []
        for begin in range(0, len(found), BATCH):
            looks += await self._classifiers.looks([example.text for example in found[begin : begin + BATCH]])
            await self._note(order, 0.4 * len(looks) / len(found))
        return looks

    async def _note(self, order: Order, share: float) -> None:
        async with self._db.tenant(order.tenant_id) as tx:
            await jobs.progress(tx, order.job_id, share)

    async def _before(
        self, weights: bytes | None, held_out: dict[str, list[str]] | None
    ) -> tuple[Classifier, dict[str, list[str]]]:
        """What answers now, and what it said of its examples before it had seen them."""
        if weights is not None and held_out is not None:
            return await asyncio.to_thread(Classifier.from_bytes, bytes(weights)), held_out
        return await self._classifiers.starter(), await self._classifiers.starter_said()

    async def _store(
        self,
        order: Order,
        found: Sequence[Example],
        trained: Trained,
        said: dict[int, tuple[str, ...]],
        compared: Compared,
    ) -> dict[str, Any]:
        figures = report.metrics(trained, found, said)
        figures["compared"] = {
            "examples": compared.examples,
            "right_new": compared.right_new,
            "right_live": compared.right_live,
        }
        learned = await asyncio.to_thread(trained.classifier.to_bytes)
        async with self._db.tenant(order.tenant_id) as tx:
            await tx.run(versions.Q.lock)
            number = await versions.add(
                tx,
                learned,
                figures,
                fingerprint(found),
                report.by_text(found, said),
                compared.reason,
                promote=compared.promote,
            )
        return {"version": number, "promoted": compared.promote, "reason": compared.reason, "metrics": figures}


def compare(
    found: Sequence[Example],
    looks: Sequence[Looks],
    trained: Trained,
    said: dict[int, tuple[str, ...]],
    before: Classifier,
    theirs: dict[str, list[str]],
) -> Compared:
    """Both on every example that was held out, paired."""
    right_new = right_live = 0
    for row, ours in said.items():
        truth = set(found[row].intents)
        right_new += set(ours) == truth
        told = theirs.get(report.key(found[row].text))
        if told is None:
            told = list(before.asserted(before.classify(looks[row])))
        right_live += set(told) == truth
    return Compared(len(said), right_new, right_live)


def fingerprint(found: Sequence[Example]) -> str:
    """Names exactly these examples and the way they are learned from."""
    rows = sorted((example.text, sorted(example.intents)) for example in found)
    return hashlib.sha256(json.dumps([classifier_room.RECIPE, rows]).encode()).hexdigest()[:16]


async def is_stale(tx: Tx) -> bool:
    """Whether the examples have changed since the last training."""
    last = await versions.latest(tx)
    _, own = await examples.catalogue(tx)
    if last is None:
        return own
    return last.fingerprint != fingerprint(await examples.everything(tx))
