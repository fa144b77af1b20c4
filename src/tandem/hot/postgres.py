"""The hot interface on the same PostgreSQL: unlogged tables and NOTIFY. A crash of the database may empty it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from tandem.db import Database, Queries
from tandem.db.listening import listen
from tandem.hot import PRESENT_S, Hot, Limit

Q = Queries("tandem.hot")

PAYLOAD_BYTES = 7500
"""NOTIFY refuses 8,000 bytes and more."""


@dataclass(frozen=True, slots=True)
class Use:
    """What became of one counted use."""

    allowed: bool
    wait: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What was known of a member before a heartbeat."""

    state: str | None


@dataclass(frozen=True, slots=True)
class There:
    """A member who is there."""

    member_id: UUID
    state: str


class PostgresLimits:
    """Rate limits in an unlogged table."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def wait(self, key: str, limit: Limit) -> float:
        """See hot.Limits."""
        use = (await self._db.alone(Q.count_use, key=key, gap=limit.gap_s, period=limit.period_s)).one(Use)
        return 0.0 if use.allowed else max(0.05, use.wait)

    async def tidy(self) -> None:
        """Drop what no longer limits anybody."""
        async with self._db.nobody() as tx:
            await tx.run(Q.forget_old_uses)


class PostgresPresence:
    """Heartbeats in an unlogged table."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def beat(self, tenant_id: UUID, member_id: UUID, state: str) -> bool:
        """See hot.Presence."""
        async with self._db.tenant(tenant_id) as tx:
            before = await tx.one(Q.beat, Seen, member=member_id, state=state, present=PRESENT_S)
        return before.state != state

    async def states(self, tenant_id: UUID) -> dict[UUID, str]:
        """See hot.Presence."""
        async with self._db.reading(tenant_id) as tx:
            found = tx.later(Q.states, present=PRESENT_S)
        return {seen.member_id: seen.state for seen in found.all(There)}


class PostgresBus:
    """NOTIFY and LISTEN on one channel."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def send(self, payloads: list[bytes]) -> None:
        """See hot.Bus. The transaction does nothing else, so that nobody's commit waits for NOTIFY's lock."""
        for payload in _packed(payloads):
            await self._db.alone(Q.notify, payload=payload)

    async def hear(self) -> AsyncIterator[bytes | None]:
        """See hot.Bus. Reconnects for ever."""
        while True:
            async with contextlib.aclosing(listen(self._db.conninfo, "tandem")) as heard:
                async for payload in heard:
                    if payload is None:
                        yield None
                    else:
                        for line in payload.split("\n"):
                            yield line.encode()
            await asyncio.sleep(0.2)


def _packed(payloads: list[bytes]) -> list[str]:
    packs: list[list[bytes]] = [[]]
    size = 0
    for payload in payloads:
        if packs[-1] and size + len(payload) >= PAYLOAD_BYTES:
            packs.append([])
            size = 0
        packs[-1].append(payload)
        size += len(payload) + 1
    return [b"\n".join(pack).decode() for pack in packs if pack]


def open_hot(db: Database) -> Hot:
    """Everything hot, on this database."""
    return Hot(PostgresLimits(db), PostgresPresence(db), PostgresBus(db))
