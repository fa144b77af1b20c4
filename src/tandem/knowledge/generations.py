"""What passages mean to an embedding model. Each model fills a generation of its own; one generation answers at a time.

When the operator chooses another model, everything is embedded anew beside what answers (`Rebuild`), and from one commit to
the next the new generation answers. A search names the generation whose model made its question's vector, and the database
compares it with no other: no answer mixes two.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tandem import jobs
from tandem.db import Database, Queries, Tx
from tandem.embedding import Embedder, Embedders, Vector
from tandem.ids import DocumentId, TenantId
from tandem.jobs import Queue
from tandem.knowledge import interaction, passages, publishing, search
from tandem.knowledge.interaction import Details

Q = Queries("tandem.knowledge")

REBUILD = "knowledge.rebuild"
"""The kind of the job that fills a new generation."""

BATCH = 64
"""Passages embedded and stored at a time when a generation is filled."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A passage's vector as pgvector writes it, and the vectors inside it (see `interaction`)."""

    embedding: str
    details: bytes | None


@dataclass(frozen=True, slots=True)
class Known:
    """What a text meant before, by its hash."""

    hash: bytes
    embedding: str
    details: bytes | None


@dataclass(frozen=True, slots=True)
class Text:
    """A passage that a generation lacks, as a model reads it."""

    id: UUID
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Stand:
    """Which generation answers, and which is being filled beside it."""

    generation: int
    model: str
    building: int | None
    building_model: str | None


async def filled(tx: Tx, models: Embedders) -> list[tuple[int, Embedder]]:
    """The generations that a new passage goes into, with their models: what answers, and what is to.

    A tenant that knows nothing yet begins with the chosen model. A generation whose model this installation does not have
    is left out.
    """
    now = await tx.one(Q.begin_state, Stand, model=models.chosen.model_name)
    each = [(now.generation, models.of(now.model))]
    if now.building is not None:
        each.append((now.building, models.of(now.building_model)))
    return [(number, model) for number, model in each if model is not None]


async def stand(tx: Tx) -> Stand | None:
    """Which generation answers, and which is being filled; None where nothing was ever known."""
    return await tx.maybe(Q.stand, Stand)


async def known(tx: Tx, document_id: DocumentId, generation: int, hashes: Sequence[bytes]) -> dict[bytes, Meaning]:
    """The meanings of texts that the document had before, by hash."""
    rows = await tx.all(Q.known_vectors, Known, document_id=document_id, generation=generation, hashes=list(hashes))
    return {row.hash: Meaning(row.embedding, row.details) for row in rows}


async def meanings(model: Embedder, models: Embedders, texts: Sequence[tuple[str, str]]) -> list[Meaning]:
    """What passages, each a heading and a text, mean to this model, in order. The shipped model reads them whichever finds them."""
    if not texts:
        return []
    found = await read(models, texts)
    if model is models.shipped:
        vectors = [vector for vector, _ in found]
    else:
        vectors = list(await model.embed_passages([embedded(heading, text) for heading, text in texts]))
    return [
        Meaning(search.as_text(vector), details.packed()) for (_, details), vector in zip(found, vectors, strict=True)
    ]


async def read(models: Embedders, texts: Sequence[tuple[str, str]]) -> list[tuple[Vector, Details]]:
    """Passages as the shipped model reads them: each one's vector and the vectors inside it, in order."""
    readings = await models.shipped.read_passages([embedded(heading, text) for heading, text in texts])
    titles = await _titles(models, [heading for heading, _ in texts])

    def details() -> list[tuple[Vector, Details]]:
        return [
            (reading.vector, interaction.inside(heading, text, reading, titles[_title(heading)]))
            for (heading, text), reading in zip(texts, readings, strict=True)
        ]

    return await asyncio.to_thread(details)


async def _titles(models: Embedders, headings: Sequence[str]) -> dict[str, Vector]:
    """The vectors of the documents' titles, by title."""
    titles = list(dict.fromkeys(_title(heading) for heading in headings))
    return dict(zip(titles, await models.shipped.embed_passages(titles), strict=True))


def _title(heading: str) -> str:
    """What the path of headings begins with."""
    return heading.partition(passages.PATH_SEPARATOR)[0]


def embedded(heading: str, text: str) -> str:
    """The text of a passage that a model reads: where it stands, and what it says."""
    return f"{heading}\n{text}"


async def store(tx: Tx, generation: int, meant: dict[UUID, Meaning]) -> None:
    """The meanings of stored passages, by their ids."""
    rows: list[dict[str, Any]] = [
        {"generation": generation, "passage_id": id, "embedding": m.embedding, "details": m.details}
        for id, m in meant.items()
    ]
    await tx.many(Q.add_vector, rows)


async def begin(tx: Tx, queue: Queue, models: Embedders) -> None:
    """Where another model answers than the one that is chosen: begin to embed everything anew, once."""
    found = await stand(tx)
    chosen = models.chosen.model_name
    if found is None or chosen in (found.model, found.building_model):
        return
    await publishing.lock(tx)
    if found.building is not None:
        await tx.run(Q.drop_generation, generation=found.building)
    await tx.run(Q.begin_generation, model=chosen)
    await queue.add(tx, REBUILD, lock=f"{REBUILD}:{tx.tenant_id}", model=chosen)


class Rebuild:
    """The work of the job `knowledge.rebuild`. Cut off anywhere, it goes on where it was."""

    def __init__(self, db: Database, models: Embedders) -> None:
        self._db, self._models = db, models

    async def __call__(self, order: jobs.Order) -> dict[str, object]:
        """Fill the generation of the chosen model, and let it answer."""
        count = 0
        while True:
            async with self._db.tenant(order.tenant_id) as tx:
                now = await stand(tx)
                if now is None or now.building is None or now.building_model != order.args["model"]:
                    return {"passages": count, "skipped": True}
                missing = await tx.all(Q.without_vector, Text, generation=now.building, most=BATCH)
                if not missing and await self._swap(tx, now.building):
                    break
            model = self._models.of(now.building_model)
            if model is None:
                return {"passages": count, "skipped": True}
            count += await self._fill(order.tenant_id, now.building, model, missing)
        await self._forget(order.tenant_id)
        return {"passages": count, "skipped": False}

    async def _fill(self, tenant_id: TenantId, generation: int, model: Embedder, missing: Sequence[Text]) -> int:
        texts = [(passage.heading, passage.text) for passage in missing]
        meant = await meanings(model, self._models, texts)
        async with self._db.tenant(tenant_id) as tx:
            await store(tx, generation, dict(zip([passage.id for passage in missing], meant, strict=True)))
        return len(missing)

    async def _swap(self, tx: Tx, generation: int) -> bool:
        """From this commit on the new generation answers; False when a passage came in meanwhile."""
        await publishing.lock(tx)
        if await tx.all(Q.without_vector, Text, generation=generation, most=1):
            return False
        await tx.run(Q.swap)
        return True

    async def _forget(self, tenant_id: TenantId) -> None:
        """The vectors of every other generation go."""
        async with self._db.tenant(tenant_id) as tx:
            await tx.run(Q.drop_other_generations)
