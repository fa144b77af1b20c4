"""How commands get at the database, the queue and the kit of turns."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import click

from tandem.ids import TenantId
from tandem.settings import Settings


def tenant_of(settings: Settings, name: str) -> TenantId:
    """A demo tenant by its name, any other by its id. Raises ClickException or Malformed."""
    from tandem import ids
    from tandem.demo import seed

    made = (seed.load(settings.data_dir) or {}).get(name)
    if made:
        return TenantId(UUID(made.tenant_id))
    if name in seed.STAFF:
        raise click.ClickException("The demo is not seeded here. Run: tandem demo")
    return TenantId(ids.read("tnt", name, "tenant"))


def with_queue(settings: Settings, work: Callable[[Any, Any], Awaitable[Any]]) -> Any:
    """What `work` gives when it has the database and the queue."""
    from tandem.db import place

    with place.hold(settings) as where:
        return with_queue_at(where, work)


def with_queue_at(where: Any, work: Callable[[Any, Any], Awaitable[Any]]) -> Any:
    """The same, at a database that somebody holds already."""
    from tandem.db import Database
    from tandem.jobs import Queue

    async def go() -> Any:
        db = Database(where.app_url, size=4)
        await db.open()
        try:
            return await work(db, Queue(db))
        finally:
            await db.close()

    return asyncio.run(go())


def with_tools(settings: Settings, tenant: str, work: Callable[[Any, TenantId], Awaitable[Any]]) -> Any:
    """What `work` gives when it has the kit of turns and the tenant."""
    from tandem import embedding, llm
    from tandem.answering.tools import Tools
    from tandem.intents.models import Classifiers
    from tandem.tenants.sealing import open_sealer

    async def go(db: Any, queue: Any) -> Any:
        models = embedding.from_settings(settings)
        asked = llm.from_settings(settings)
        tools = Tools(db, models, Classifiers(models.shipped), asked, sealer=open_sealer(settings))
        try:
            return await work(tools, tenant_of(settings, tenant))
        finally:
            await asked.aclose()

    return with_queue(settings, go)
