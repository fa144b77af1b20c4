"""The demo's library as tests of releases use it: edited in drafts and directly, read by the worker's code, and asked."""

from dataclasses import dataclass, replace
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from tandem import ids, jobs
from tandem.answering.tools import Tools
from tandem.answering.turn import Turn
from tandem.db import Database
from tandem.embedding.minilm import MiniLM
from tandem.evals import asking
from tandem.ids import DocumentId, TenantId
from tandem.jobs import Queue
from tandem.knowledge import changes, documents, releases, replays
from tandem.knowledge.changes import Change
from tandem.knowledge.documents import Document, Labels, Origin, Saved, Written
from tandem.knowledge.ingest import Ingest
from tandem.knowledge.reading import Format
from tandem.knowledge.releases import Release
from tests.ground import Place
from tests.library import together

AUTHOR = "Ann"


@dataclass(frozen=True)
class Shelf:
    """A tenant's documents. Everything written here is read before the call returns."""

    db: Database
    tenant_id: TenantId
    embedder: MiniLM
    tools: Tools
    place: Place

    def rows(self, statement: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """What really stands in the database, as its owner of everything sees it; `%s` is the tenant, then the values."""
        with psycopg.connect(self.place.superuser) as connection:
            return connection.execute(statement, [self.tenant_id, *values]).fetchall()

    async def draft(self, title: str = "Spring") -> UUID:
        async with self.db.tenant(self.tenant_id) as tx:
            return (await releases.create(tx, title, AUTHOR)).id

    async def document(self, name: str) -> Document:
        async with self.db.tenant(self.tenant_id) as tx:
            return await documents.named(tx, name)

    async def text(self, name: str) -> str:
        """What answers of it now."""
        async with self.db.tenant(self.tenant_id) as tx:
            found = await documents.named(tx, name)
            return (await documents.version(tx, found.id, found.live_version or 1)).body or ""

    async def write(
        self,
        name: str,
        body: str,
        release_id: UUID | None = None,
        *,
        base: int | None = None,
        title: str | None = None,
        audience: str | None = None,
        read: bool = True,
    ) -> Saved:
        """The document says this, in a draft or at once."""
        async with self.db.tenant(self.tenant_id) as tx:
            known = await tx.maybe(documents.Q.by_external_id, Document, external_id=name)
            labels = Labels(title or name, audience=audience or "public")
            if known:
                labels = Labels(title or known.title, known.category, audience or known.audience, known.source_url)
            content, origin = Written(Format.MARKDOWN, body), Origin("page", AUTHOR, release_id=release_id)
            saved = await documents.save(tx, Queue(self.db), labels, content, origin, external_id=name, base=base)
        if read and saved.changed:
            await self.read(saved)
        return saved

    async def read(self, saved: Saved) -> None:
        """What the worker does with it."""
        args = {"document_id": str(saved.id), "version": str(saved.version)}
        await Ingest(self.db, together(self.embedder))(jobs.Order(self.tenant_id, ids.new(), args))

    async def replace(self, name: str, old: str, new: str, release_id: UUID | None = None) -> Saved:
        """The document says something else in one place."""
        text = await self.text(name)
        assert old in text, f"{name} does not say {old!r}"
        return await self.write(name, text.replace(old, new), release_id)

    async def remove(self, name: str, release_id: UUID | None = None) -> None:
        async with self.db.tenant(self.tenant_id) as tx:
            found = await documents.named(tx, name)
            if release_id:
                await documents.remove_in(tx, found, release_id)
            else:
                await documents.delete(tx, found)

    async def changes(self, release_id: UUID) -> list[Change]:
        async with self.db.tenant(self.tenant_id) as tx:
            return await changes.of(tx, release_id)

    async def prove(self, release_id: UUID, *, blocked: bool = False) -> None:
        """As if it had been replayed, with this outcome."""
        async with self.db.tenant(self.tenant_id) as tx:
            replay = await replays.promise(tx, Queue(self.db), release_id, await changes.of(tx, release_id), 30)
            await replays.end(tx, replay.id, [], {"worse_share": 0.0, "limit": 0.02}, blocked=blocked)

    async def publish(self, release_id: UUID) -> Release:
        async with self.db.tenant(self.tenant_id) as tx:
            return await releases.publish(tx, release_id, AUTHOR)

    async def roll_back(self, release_id: UUID) -> list[str]:
        """The titles of the documents that were left alone."""
        async with self.db.tenant(self.tenant_id) as tx:
            _, left = await releases.roll_back(tx, release_id, AUTHOR)
        return [change.title for change in left]

    async def published(self, release_id: UUID) -> Release:
        """The same after a replay that found nothing."""
        await self.prove(release_id)
        return await self.publish(release_id)

    async def discard(self, release_id: UUID) -> None:
        async with self.db.tenant(self.tenant_id) as tx:
            await releases.discard(tx, release_id, AUTHOR)

    async def leave_out(self, release_id: UUID, document_id: DocumentId) -> None:
        async with self.db.tenant(self.tenant_id) as tx:
            await releases.leave_out(tx, release_id, document_id)

    async def ask(self, question: str, *, verified: bool = False, tier: str = "free") -> Turn:
        return await asking.ask(self.tools, self.tenant_id, question, verified=verified, tier=tier)

    def of(self, tenant_id: TenantId) -> "Shelf":
        """Another tenant's."""
        return replace(self, tenant_id=tenant_id)
