"""The worker's round through every tenant: what turns and changes of the knowledge teach, minute by minute.

Each reader knows how far it got; a round that fails somewhere goes on with the next, and the one after it takes up the rest.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from tandem.db import Database
from tandem.embedding import Embedder
from tandem.errors import Problem
from tandem.ids import TenantId
from tandem.learning import disagreements, noticing, proposing, recalling, scorings
from tandem.tenants import companies

log = logging.getLogger(__name__)

EVERY_S = 60.0

Reader = Callable[[Database, Embedder, TenantId], Awaitable[int]]

READERS: tuple[Reader, ...] = (
    recalling.by_change,
    noticing.read_turns,
    proposing.propose,
    disagreements.find,
    scorings.fit_again,
)
"""In this order; each returns how much it looked at."""


async def run(db: Database, embedder: Embedder) -> None:
    """Round after round until cancelled. `embedder` is the shipped one: what is learnt stays comparable."""
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            await once(db, embedder)
        except Problem as problem:
            log.warning("learning: %s", problem.code)


async def once(db: Database, embedder: Embedder) -> None:
    """Every reader for every tenant; what fails for one is logged and no other's trouble."""
    for tenant_id in await companies.every(db):
        for reader in READERS:
            try:
                await reader(db, embedder, tenant_id)
            except Problem as problem:
                log.warning("learning: %s", problem.code, extra={"tenant_id": str(tenant_id)})
            except Exception:
                log.exception("learning failed", extra={"tenant_id": str(tenant_id)})
