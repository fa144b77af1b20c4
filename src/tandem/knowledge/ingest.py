"""Making a version answer: read the file, split it into passages, embed them, and hand them over to be stored (`storing`).

Runs in the worker, on several documents at a time, so that the embedding model always has something to read. Cut off
anywhere and started again it does the same thing again: a version's passages are not live before the last of them is
stored, and going live is one transaction.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from tandem import ids, jobs
from tandem.db import Database, Queries
from tandem.embedding import Embedder, Embedders
from tandem.errors import Problem, Unavailable
from tandem.ids import DocumentId, TenantId
from tandem.knowledge import documents, generations, passages, reading, storing
from tandem.knowledge.documents import Version
from tandem.knowledge.generations import Meaning
from tandem.knowledge.reading import here
from tandem.knowledge.storing import Piece, Read, Storing

Q = Queries("tandem.knowledge")

AT_ONCE = 24
"""Documents that a worker has in hand at a time: while some wait to be stored together, others are read and embedded."""

FILES_AT_ONCE = 2
"""Files that are read at a time, each in a process of its own that may take half a gigabyte."""

BATCH = 64
"""Passages that are embedded at a time. A document of more is stored piece by piece, and shorter ones get between."""


class Ingest:
    """The work of the job `knowledge.ingest`."""

    def __init__(self, db: Database, models: Embedders) -> None:
        self._db, self._models = db, models
        self._storing = Storing(db, models)
        self._files = asyncio.Semaphore(FILES_AT_ONCE)

    async def __call__(self, order: jobs.Order) -> dict[str, object] | jobs.Kept:
        """Bring one version to life; a newer one that is already there makes this one pointless."""
        document_id, number = DocumentId(UUID(order.args["document_id"])), int(order.args["version"])
        self._storing.in_hand += 1
        try:
            version = await self._read(order.tenant_id, document_id, number)
            if version is None:
                return {"passages": 0, "skipped": True}
            await self._embed(order, version)
        except Unavailable:
            raise  # not the document's fault: tried again until it is over
        except Problem as problem:
            async with self._db.tenant(order.tenant_id) as tx:
                await tx.run(Q.set_failed, id=document_id, version=number, error=problem.detail)
            raise
        finally:
            self._storing.in_hand -= 1
        return jobs.Kept()

    async def _read(self, tenant_id: TenantId, document_id: DocumentId, number: int) -> Version | None:
        """The version with its text; None when it is gone or replaced."""
        async with self._db.reading(tenant_id) as tx:
            tx.later(storing.Q.plan_anew)
            standing = tx.later(storing.Q.standing, documents=[document_id], versions=[number])
            found = tx.later(documents.Q.version, document_id=document_id, version=number)
        stands, version = standing.maybe(storing.Standing), found.maybe(Version)
        if stands is None or version is None or stands.deleted or not stands.wanted:
            return None
        if version.body is not None:
            return version
        text = (version.written or "").encode()
        if version.file_id is None and here.fits(text, version.format):
            read = await here.read(text, name=version.title, declared=version.format)
            return replace(version, body=read.body)
        async with self._files:
            return await self._read_file(tenant_id, version, text)

    async def _read_file(self, tenant_id: TenantId, version: Version, text: bytes) -> Version:
        """What a child process makes of it; kept at once, as it may have taken long."""
        if version.file_id is None:
            body, title = (await reading.read(text, name=version.title, declared=version.format)).body, version.title
        else:
            async with self._db.reading(tenant_id) as tx:
                file = await documents.file(tx, version.file_id)
            read = await reading.read(file.bytes, name=file.name)
            body, title = read.body, version.title if version.title != file.name else read.title or file.name
        async with self._db.tenant(tenant_id) as tx:
            tx.later(Q.set_body, document_id=version.document_id, version=version.version, body=body, title=title)
            tx.later(Q.set_title, id=version.document_id, title=title)
        return replace(version, body=body, title=title)

    async def _embed(self, order: jobs.Order, version: Version) -> None:
        split = await asyncio.to_thread(self._split, version)
        if not split:
            raise reading.Unreadable("There is no text in this document.")
        read = Read(order, version.document_id, version.version, version.body or "", len(split))
        if len(split) <= BATCH:
            await self._store(read, split, version)
            return
        for begin in range(0, len(split), BATCH):
            part = replace(read, first=begin == 0, last=False, done=min(begin + BATCH, len(split)) / len(split))
            await self._store(part, split[begin : begin + BATCH], version)
        await self._storing.store(replace(read, first=False))

    def _split(self, version: Version) -> list[Piece]:
        found = passages.split(version.body or "", title=version.title, count_tokens=self._models.shipped.count_tokens)
        return [
            Piece(
                ids.new(),
                passage,
                hashlib.sha256(generations.embedded(passage.heading, passage.text).encode()).digest(),
            )
            for passage in found
        ]

    async def _store(self, read: Read, pieces: Sequence[Piece], version: Version) -> None:
        """The passages and what they mean; a text that the document had before keeps its vectors."""
        meant: Mapping[int, Sequence[Meaning]] = {}
        async with self._db.tenant(read.order.tenant_id) as tx:
            filled = await generations.filled(tx, self._models)
        while True:
            meant = {number: await self._meant(read, version, pieces, number, model) for number, model in filled}
            now = await self._storing.store(replace(read, pieces=pieces, meant=meant))
            if now is None:
                return
            filled = now  # a generation has begun or ended meanwhile

    async def _meant(
        self, read: Read, version: Version, pieces: Sequence[Piece], generation: int, model: Embedder
    ) -> list[Meaning]:
        """What each of the pieces means to the model of a generation; the same text is read once."""
        known: dict[bytes, Meaning] = {}
        if version.version > 1:
            async with self._db.reading(read.order.tenant_id) as tx:
                known = await generations.known(tx, version.document_id, generation, [each.hash for each in pieces])
        new = {each.hash: (each.passage.heading, each.passage.text) for each in pieces if each.hash not in known}
        meanings = await generations.meanings(model, self._models, list(new.values()))
        known |= dict(zip(new, meanings, strict=True))
        return [known[each.hash] for each in pieces]
