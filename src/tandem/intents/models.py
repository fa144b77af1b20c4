"""The classifiers at hand: the starter set's, learned once on a machine, and the tenants' own, by version.

Knows nothing about how one is learned or promoted.
"""

import asyncio
import json
import os
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tandem import embedding
from tandem.db import Database
from tandem.embedding.minilm import MiniLM
from tandem.ids import TenantId
from tandem.intents import classifier, examples, features, report, spelling, starter, training, versions
from tandem.intents.classifier import Classifier, Guess
from tandem.intents.features import Looks
from tandem.intents.starter import UNKNOWN

KEPT = 200
"""Tenants' classifiers in memory: some 1 MB each for 500 examples."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A classifier with its name and the model that reads for it."""

    version: str
    classifier: Classifier
    own: bool
    """It is the tenant's, not the starter set's."""
    embedder: MiniLM
    titles: Mapping[str, str]

    async def guesses(self, text: str) -> tuple[Guess, ...]:
        """Every intent and `unknown`, likeliest first. What is mistyped is read as it was meant."""
        text = spelling.respelled(text, self.classifier.spoken)
        return self.classifier.classify(features.look(text, await self.embedder.read_query(text)))

    def needed(self, threshold: float) -> float:
        """The confidence from which an intent is asserted: a tenant's classifier has chosen its own, the starter's is `threshold`."""
        return self.classifier.threshold if self.own else threshold


class Classifiers:
    """The classifiers of a process, loaded or learned when they are first needed."""

    def __init__(self, embedder: MiniLM, cache_dir: Path | None = None) -> None:
        self.embedder = embedder
        self._cache_dir = cache_dir or embedding.default_cache_dir()
        self._starter: Classifier | None = None
        self._starter_said: dict[str, list[str]] = {}
        self._starting = asyncio.Lock()
        self._own: OrderedDict[tuple[TenantId, int], Ready] = OrderedDict()

    @property
    def version(self) -> str:
        """The starter's name: changes with the examples and with the way they are learned from; stands in every turn's record."""
        return f"starter:{starter.load().fingerprint}-{classifier.RECIPE}"

    async def of(self, db: Database, tenant_id: TenantId, version: int) -> Ready:
        """The tenant's classifier of this version; 0 is the starter's. One that is gone or unreadable is the starter's too."""
        key = (tenant_id, version)
        if ready := self._own.get(key):
            self._own.move_to_end(key)
            return ready
        data, titles = None, {}
        if version:
            async with db.reading(tenant_id) as tx:
                data = await versions.weights(tx, version)
                titles = {i.name: i.title or i.description for i in (await examples.catalogue(tx))[0]}
        if data is None:
            titles = {intent.name: intent.title for intent in starter.load().intents}
            return Ready(self.version, await self.starter(), False, self.embedder, titles)
        learned = await asyncio.to_thread(Classifier.from_bytes, data)
        self._own[key] = Ready(f"v{version}", learned, True, self.embedder, titles)
        while len(self._own) > KEPT:
            self._own.popitem(last=False)
        return self._own[key]

    async def starter(self) -> Classifier:
        """The starter set's classifier. Learning it takes some seconds, once on a machine."""
        async with self._starting:
            if self._starter is None:
                self._starter = await self._load()
            return self._starter

    async def starter_said(self) -> dict[str, list[str]]:
        """What the starter's heads said of each of its examples before they had seen it, by `report.key`."""
        await self.starter()
        return self._starter_said

    async def looks(self, texts: Sequence[str]) -> list[Looks]:
        """How messages look to a classifier, read behind whatever customers ask."""
        readings = await self.embedder.read_passages(texts)
        return [features.look(text, reading) for text, reading in zip(texts, readings, strict=True)]

    async def foreign(self) -> list[Looks]:
        """Messages that are no support desk's business: the starter set's examples of `unknown`."""
        return await self.looks([e.text for e in starter.load().examples if e.intents == (UNKNOWN,)])

    async def _load(self) -> Classifier:
        seed = starter.load()
        path = self._cache_dir / f"intents-{seed.fingerprint}-{classifier.RECIPE}-{_safe(self.embedder.model_name)}.npz"
        kept = await asyncio.to_thread(_read, path)
        if kept is not None:
            learned, self._starter_said = kept
            return learned
        looks = await self.looks([example.text for example in seed.examples])
        trained = await asyncio.to_thread(training.train, seed.examples, looks)
        self._starter_said = report.by_text(seed.examples, report.held_out_said(trained))
        await asyncio.to_thread(_keep, path, trained.classifier, self._starter_said)
        return trained.classifier


def _read(path: Path) -> tuple[Classifier, dict[str, list[str]]] | None:
    try:
        return Classifier.from_bytes(path.read_bytes()), json.loads(path.with_suffix(".json").read_bytes())
    except FileNotFoundError:
        return None


def _keep(path: Path, learned: Classifier, said: dict[str, list[str]]) -> None:
    """Two processes may learn at once: each writes drafts of its own, and the last name wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for ending, content in ((".json", json.dumps(said).encode()), (".npz", learned.to_bytes())):
        draft = path.with_suffix(f"{ending}.{os.getpid()}.tmp")
        draft.write_bytes(content)
        draft.replace(path.with_suffix(ending))


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-." else "-" for c in name)
