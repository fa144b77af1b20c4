"""The demo's articles, read and embedded once a run: a template database in which acme and rival know their help centres."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

from tandem import ids, jobs
from tandem.db import Database
from tandem.demo import seed
from tandem.embedding import Embedders
from tandem.embedding.minilm import MiniLM
from tandem.ids import TenantId
from tandem.jobs import Queue
from tandem.knowledge import documents
from tandem.knowledge.ingest import Ingest
from tests.cast import Cast
from tests.ground import Ground, Place, locked

NAME = "library"


def template(ground: Ground, cast: Cast, embedder: MiniLM) -> str:
    """The name of the template, filled by the first who comes (some 5 s of one core)."""
    place = ground.place(f"tandem_{ground.run}_{NAME}")
    kept = ground.folder / f"{place.name}.ready"
    with locked(ground.folder / f"{NAME}.lock"):
        if not kept.exists():
            ground.drop(place)
            ground.create(place, ground.template.name)
            with ThreadPoolExecutor(1) as aside:
                aside.submit(asyncio.run, _fill(place, cast, embedder)).result()
            kept.write_text("")
    return place.name


def together(embedder: MiniLM) -> Embedders:
    """An installation that has this model alone."""
    return Embedders(embedder, None, embedder)


@contextmanager
def copy(ground: Ground, cast: Cast, embedder: MiniLM) -> Iterator[Place]:
    """A database of one's own with the articles in it."""
    with ground.database(template(ground, cast, embedder)) as place:
        yield place


async def _fill(place: Place, cast: Cast, embedder: MiniLM) -> None:
    db = Database(place.app)
    await db.open()
    try:
        for company, name in ((cast.acme, "acme"), (cast.rival, "rival")):
            await seed.add_articles(db, Queue(db), company.id, seed.FOLDERS[name])
            await ingest_everything(db, company.id, embedder)
    finally:
        await db.close()


async def ingest_everything(db: Database, tenant_id: TenantId, embedder: MiniLM) -> None:
    """What the worker would do with every document that is still processing, here and now."""
    ingest = Ingest(db, together(embedder))
    async with db.tenant(tenant_id) as tx:
        waiting, _ = await documents.page(tx, documents.Wanted(status="processing"), most=1000)
    for document in waiting:
        await ingest(
            jobs.Order(
                tenant_id, ids.new(), {"document_id": str(UUID(int=document.id.int)), "version": str(document.version)}
            )
        )
