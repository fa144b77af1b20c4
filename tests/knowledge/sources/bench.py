"""A workbench for sources: a source of acme's, runs of it as the worker would make them, and what became of its documents."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from aiohttp import web

from tandem import ids, jobs
from tandem.db import Database
from tandem.errors import Problem
from tandem.ids import TenantId
from tandem.jobs import Queue
from tandem.knowledge import documents
from tandem.knowledge.documents import Listed, Version, Wanted
from tandem.knowledge.sources import Kind, Source, connectors, sources
from tandem.knowledge.sources.listing import Connector, Reach
from tandem.knowledge.sources.sources import SourceItem, Wish
from tandem.knowledge.sources.sync import Sync
from tandem.outgoing import Client, Patient
from tandem.tenants.sealing import Sealer
from tests.outgoing.loopback import LOOPBACK


@dataclass(slots=True)
class Bench:
    """One tenant's sources."""

    db: Database
    tenant_id: TenantId
    sealer: Sealer
    room: Path
    folders: tuple[Path, ...] = ()
    slice_s: float = 60.0
    waited: list[float] = field(default_factory=list)

    async def add(self, kind: Kind, settings: dict[str, Any], secret: str = "", **wish: Any) -> Source:
        """A source named after its kind."""
        async with self.db.tenant(self.tenant_id) as tx:
            id = ids.new()
            sealed = sources.seal(self.sealer, self.tenant_id, id, secret) if secret else None
            made = Wish(**({"name": kind.value} | wish))
            return await sources.add(tx, kind, made, connectors.check(kind, settings), sealed, id)

    async def look(self, source: Source) -> Source:
        """The source as it stands now."""
        async with self.db.tenant(self.tenant_id) as tx:
            return await sources.get(tx, source.id)

    async def promise(self, source: Source, *, removals: bool = False) -> jobs.Order:
        """A run that is promised, as the worker would be given it."""
        async with self.db.tenant(self.tenant_id) as tx:
            job_id = await sources.ask(tx, Queue(self.db), source, removals=removals)
        return self.order(source, job_id, removals=removals)

    def order(self, source: Source, job_id: UUID, *, removals: bool = False) -> jobs.Order:
        return jobs.Order(
            self.tenant_id, job_id, {"source_id": str(source.id), "removals": "all" if removals else "few"}
        )

    async def run(self, source: Source, *, removals: bool = False) -> Source:
        """A whole run, slice after slice; the source afterwards."""
        sync = Sync(self.db, Queue(self.db), self.open, slice_s=self.slice_s)
        order = await self.promise(source, removals=removals)
        for _ in range(200):
            try:
                said = await sync(order)
            except Problem:
                break
            if "goes_on" not in said:
                break
            order = self.order(source, UUID(said["goes_on"]), removals=removals)
        return await self.look(source)

    @asynccontextmanager
    async def open(self, tenant_id: TenantId, source: Source) -> AsyncIterator[Connector]:
        """As the product opens a connector, but loopback is allowed, and nobody waits."""

        async def sleep(seconds: float) -> None:
            self.waited.append(seconds)

        model, make = connectors.KINDS[source.kind]
        room = self.room / str(ids.new())
        room.mkdir()
        async with Client(LOOPBACK) as client:
            patient = Patient(client, sleep=sleep)
            secret = sources.unseal(self.sealer, tenant_id, source)
            yield make(model.model_validate(source.settings), Reach(patient, room, secret, self.folders))

    async def documents(self) -> dict[str, Listed]:
        """What there is, by title."""
        async with self.db.tenant(self.tenant_id) as tx:
            found, total = await documents.page(tx, Wanted(), most=2000)
        assert len(found) == total
        titles = {document.title: document for document in found}
        assert len(titles) == total, "a document is there twice"
        return titles

    async def text(self, title: str) -> Version:
        """The newest version of the document with this title."""
        document = (await self.documents())[title]
        async with self.db.tenant(self.tenant_id) as tx:
            return await documents.version(tx, document.id, document.version)

    async def items(self, source: Source, *, failed: bool = False) -> dict[str, SourceItem]:
        """What is known of the source's items, by key."""
        async with self.db.tenant(self.tenant_id) as tx:
            return {item.key: item for item in await sources.items(tx, source.id, failed=failed)}


Reply = Callable[[web.BaseRequest], web.StreamResponse]


@dataclass(slots=True)
class Site:
    """A web site that tests write: pages by path, as HTML, or as (status, type, body), or as a redirect `> path`."""

    pages: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        said = self.pages.get(request.path_qs, self.pages.get(request.path))
        match said:
            case None:
                return web.Response(status=404)
            case int():
                return web.Response(status=said)
            case str() if said.startswith("> "):
                return web.Response(status=301, headers={"location": said[2:]})
            case str():
                return web.Response(text=said, content_type="text/html")
            case (status, kind, body):
                return web.Response(status=status, body=body, headers={"content-type": kind})
        raise AssertionError(said)


def page(title: str, text: str = "", *links: str, head: str = "") -> str:
    """A page with a menu of links beside its text."""
    menu = "".join(f'<li><a href="{link}">x</a></li>' for link in links)
    return (
        f"<!doctype html><html><head><title>{title} - Acme</title>{head}</head><body><nav><ul>{menu}</ul></nav>"
        f"<main><h1>{title}</h1><p>{text or 'The text of ' + title}.</p></main></body></html>"
    )
