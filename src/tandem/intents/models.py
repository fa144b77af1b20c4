"""The classifier of this machine: learned once from the starter set and kept in the cache beside the embedding model."""

import asyncio
import os
from pathlib import Path

from tandem import embedding
from tandem.embedding import Embedder
from tandem.intents import classifier, starter
from tandem.intents.classifier import Classifier


class Classifiers:
    """The classifier, loaded or learned when it is first needed."""

    def __init__(self, embedder: Embedder, cache_dir: Path | None = None) -> None:
        self._embedder = embedder
        self._cache_dir = cache_dir or embedding.default_cache_dir()
        self._starter: Classifier | None = None
        self._starting = asyncio.Lock()

    @property
    def version(self) -> str:
        """Changes with the examples and with the way they are learned from; stands in every turn's record."""
        return f"starter:{starter.load().fingerprint}-{classifier.RECIPE}"

    async def starter(self) -> Classifier:
        """The starter set's classifier. Learning it takes some seconds, once on a machine."""
        async with self._starting:
            if self._starter is None:
                self._starter = await self._load()
            return self._starter

    async def _load(self) -> Classifier:
        seed = starter.load()
        path = (
            self._cache_dir / f"intents-{seed.fingerprint}-{classifier.RECIPE}-{_safe(self._embedder.model_name)}.npz"
        )
        kept = await asyncio.to_thread(_read, path)
        if kept is not None:
            return kept
        vectors = await self._embedder.embed_passages([example.text for example in seed.examples])
        learned = await asyncio.to_thread(classifier.train, seed.examples, vectors)
        await asyncio.to_thread(_keep, path, learned)
        return learned


def _read(path: Path) -> Classifier | None:
    try:
        return Classifier.from_bytes(path.read_bytes())
    except FileNotFoundError:
        return None


def _keep(path: Path, learned: Classifier) -> None:
    """Two processes may learn at once: each writes a draft of its own, and the last name wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_bytes(learned.to_bytes())
    draft.replace(path)


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-." else "-" for c in name)
