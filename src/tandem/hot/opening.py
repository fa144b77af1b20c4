"""Which maker of the hot interface an installation uses: Redis where the operator has one, else the same PostgreSQL."""

from tandem.db import Database
from tandem.hot import Hot, postgres
from tandem.settings import Settings


def open_hot(settings: Settings, db: Database) -> Hot:
    """Limits, presence and bus."""
    if settings.redis_url:
        from tandem.hot import redis

        return redis.open_hot(settings.redis_url)
    return postgres.open_hot(db)
