"""Making a version answer: read the file, split it into passages, embed them, and swap them in at once.

Runs in the worker. Cut off anywhere and started again it does the same thing again: a version's passages are not live
before the last of them is stored, and going live is one transaction.
"""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tandem import ids, jobs
from tandem.db import Database, Queries, Tx
from tandem.embedding import Embedder, Embedders
from tandem.errors import Problem, Unavailable
from tandem.ids import DocumentId, TenantId
from tandem.knowledge import documents, generations, passages, publishing, reading
from tandem.knowledge.documents import Version
from tandem.knowledge.generations import Meaning
from tandem.knowledge.passages import Passage
from tandem.knowledge.reading import here

Q = Queries("tandem.knowledge")

BATCH = 32
"""Passages that are embedded and stored at a time."""


class Ingest:
    """The work of the job `knowledge.ingest`."""

    def __init__(self, db: Database, models: Embedders) -> None:
        self._db, self._models = db, models

    async def __call__(self, order: jobs.Order) -> dict[str, object]:
        """Bring one version to life; a newer one that is already there makes this one pointless."""
        document_id, number = DocumentId(UUID(order.args["document_id"])), int(order.args["version"])
        try:
            version = await self._read(order.tenant_id, document_id, number)
            if version is None:
                return {"passages": 0, "skipped": True}
            count = await self._embed(order, version)
        except Unavailable:
            raise  # not the document's fault: tried again until it is over
        except Problem as problem:
            async with self._db.tenant(order.tenant_id) as tx:
                await tx.run(Q.set_failed, id=document_id, version=number, error=problem.detail)
            raise
        return {"passages": count}

    async def _read(self, tenant_id: TenantId, document_id: DocumentId, number: int) -> Version | None:
        """The version with its text; None when it is gone or replaced."""
        async with self._db.tenant(tenant_id) as tx:
            if await tx.maybe(documents.Q.document, documents.Document, id=document_id) is None:
                return None
            version = await documents.version(tx, document_id, number)
            if not await _is_wanted(tx, version):
                return None
            file = await documents.file(tx, version.file_id) if version.file_id and version.body is None else None
        if version.body is not None:
            return version
        name = file.name if file else version.title
        data = file.bytes if file else (version.written or "").encode()
        if file is None and here.fits(data, version.format):
            read = await here.read(data, name=name, declared=version.format)
        else:
            read = await reading.read(data, name=name, declared=None if file else version.format)
        title = version.title if version.title != name or file is None else read.title or name
        async with self._db.tenant(tenant_id) as tx:
            await tx.run(Q.set_body, document_id=document_id, version=number, body=read.body, title=title)
            await tx.run(Q.set_title, id=document_id, title=title)
            return await documents.version(tx, document_id, number)

    async def _embed(self, order: jobs.Order, version: Version) -> int:
        split = passages.split(version.body or "", title=version.title, count_tokens=self._models.shipped.count_tokens)
        if not split:
            raise reading.Unreadable("There is no text in this document.")
        async with self._db.tenant(order.tenant_id) as tx:
            await tx.run(Q.drop_passages, document_id=version.document_id, version=version.version)
        for begin in range(0, len(split), BATCH):
            batch = split[begin : begin + BATCH]
            await self._store(order.tenant_id, version, batch)
            async with self._db.tenant(order.tenant_id) as tx:
                await jobs.progress(tx, order.job_id, (begin + len(batch)) / len(split))
        await self._finish(order.tenant_id, version)
        return len(split)

    async def _store(self, tenant_id: TenantId, version: Version, batch: Sequence[Passage]) -> None:
        """The passages and what they mean; a text that the document had before keeps its vectors."""
        rows = [_row(version, passage) for passage in batch]
        meant: dict[int, dict[UUID, Meaning]] = {}
        while True:
            async with self._db.tenant(tenant_id) as tx:
                filled = await generations.filled(tx, self._models)  # none begins or ends before this commit
                if meant.keys() == {number for number, _ in filled}:
                    await tx.many(Q.add_passage, rows)
                    for number, meanings in meant.items():
                        await generations.store(tx, number, meanings)
                    return
            meant = {number: await self._meant(tenant_id, version, rows, number, model) for number, model in filled}

    async def _meant(
        self, tenant_id: TenantId, version: Version, rows: Sequence[dict[str, Any]], generation: int, model: Embedder
    ) -> dict[UUID, Meaning]:
        async with self._db.tenant(tenant_id) as tx:
            known = await generations.known(tx, version.document_id, generation, [row["hash"] for row in rows])
        new = [row for row in rows if row["hash"] not in known]
        texts = [(row["heading"], row["text"]) for row in new]
        known |= dict(
            zip([row["hash"] for row in new], await generations.meanings(model, self._models, texts), strict=True)
        )
        return {row["id"]: known[row["hash"]] for row in rows}

    async def _finish(self, tenant_id: TenantId, version: Version) -> None:
        """From one commit to the next the new version answers; in a draft, or held, it is ready to."""
        async with self._db.tenant(tenant_id) as tx:
            await publishing.lock(tx)
            now = await documents.version(tx, version.document_id, version.version)
            await tx.run(Q.set_ready, document_id=version.document_id, version=version.version)
            if not await _is_wanted(tx, now):
                await tx.run(Q.drop_passages, document_id=version.document_id, version=version.version)
            elif now.release_id is None and now.approval != "waiting":
                await publishing.publish(tx, version.document_id, version.version)
            elif now.approval == "waiting":
                await tx.run(Q.set_held, id=version.document_id, version=version.version)


async def _is_wanted(tx: Tx, version: Version) -> bool:
    """Whether nothing newer has taken its place, and nobody has turned it down."""
    newest = await tx.maybe(
        documents.Q.newest_for, Version, document_id=version.document_id, release_id=version.release_id
    )
    return version.approval != "rejected" and (newest is None or newest.version <= version.version)


def _row(version: Version, passage: Passage) -> dict[str, Any]:
    return {
        "id": ids.new(),
        "document_id": version.document_id,
        "version": version.version,
        "ordinal": passage.ordinal,
        "heading": passage.heading,
        "text": passage.text,
        "start": passage.start,
        "end": passage.end,
        "audience": version.audience,
        "hash": hashlib.sha256(generations.embedded(passage.heading, passage.text).encode()).digest(),
    }
