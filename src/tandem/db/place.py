"""Where the database is: the operator's server, or Tandem's own on this machine, started when needed.

Both ways in end with a server that is migrated, and with a connection string in the program's own role.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from tandem.db import embedded, migrate
from tandem.settings import Settings

log = logging.getLogger(__name__)

LOOK_S = 2.0
"""Between two looks whether the embedded server still has its supervisor."""


@dataclass(frozen=True, slots=True)
class Place:
    """A migrated database. `is_embedded`: Tandem's own server, which `embedded.ensure` keeps up."""

    app_url: str
    is_embedded: bool


@contextmanager
def hold(settings: Settings) -> Iterator[Place]:
    """The database, there for as long as the block lasts. Raises embedded.NoServer or migrate.NotMigratable."""
    if settings.database_url:
        migrate.prepare(settings.database_url)
        yield Place(migrate.app_conninfo(settings.database_url), False)
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with embedded.hold(settings.data_dir):
        address = embedded.ensure(settings.data_dir, major=settings.postgres_major)
        migrate.prepare_embedded(address.owner_url, address.url(migrate.OWNER_ROLE))
        yield Place(address.url(migrate.APP_ROLE), True)


@asynccontextmanager
async def kept_up(settings: Settings, place: Place) -> AsyncIterator[None]:
    """Tandem's own server gets a new supervisor when somebody killed it, for as long as the block lasts.

    Every program that uses it looks after it, and from before it opens a connection.
    """
    looking = asyncio.create_task(_look_after(settings)) if place.is_embedded else None
    try:
        yield
    finally:
        if looking is not None:
            looking.cancel()


async def _look_after(settings: Settings) -> None:
    while True:
        try:
            await asyncio.to_thread(embedded.ensure, settings.data_dir, major=settings.postgres_major)
        except embedded.NoServer as problem:
            log.warning("the database: %s", problem.detail)
        await asyncio.sleep(LOOK_S)
