"""Transactions: all or nothing, told only when it is true, and usable again after whatever went wrong."""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tandem import db as database
from tandem import ids
from tandem.db import Database, Jsonb, Missing, Query, Tx, Unique, embedded, migrate
from tandem.db.embedded import places
from tandem.errors import Unavailable
from tests.cast import Cast
from tests.ground import Place


class Tier(StrEnum):
    FREE = "free"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Known:
    id: UUID
    tier: Tier
    name: str | None


def query(sql: str) -> Query:
    return Query("in this test", None, "", sql.encode())


ADD = query("insert into customers (id, external_id, tier) values (%(id)s, %(external_id)s, %(tier)s)")
FIND = query("select id, tier, name from customers where external_id = %(external_id)s")
FAIL = query("select 1 / 0")
SLEEP = query("select pg_sleep(30)")


@pytest.fixture
async def narrow(place: Place) -> AsyncIterator[Database]:
    """A pool of one connection: whoever loses it stops everybody."""
    db = Database(place.app, size=1)
    await db.open()
    yield db
    await db.close()


async def add(tx: Tx, external_id: str, tier: str = "paid") -> None:
    await tx.run(ADD, id=ids.new(), external_id=external_id, tier=tier)


async def test_it_commits_at_the_end_and_rows_become_records(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        await add(tx, "new-1")
        async with db.tenant(cast.acme.id) as other:
            assert await other.maybe(FIND, Known, external_id="new-1") is None
    async with db.tenant(cast.acme.id) as tx:
        found = await tx.one(FIND, Known, external_id="new-1")
    assert (found.tier, found.name) == (Tier.PAID, None)
    assert isinstance(found.tier, Tier)


async def test_it_keeps_nothing_of_a_block_that_raises(db: Database, cast: Cast) -> None:
    told: list[str] = []

    async def half() -> None:
        async with db.tenant(cast.acme.id) as tx:
            await add(tx, "new-1")
            tx.after_commit(lambda: told.append("done"))
            raise KeyError

    with pytest.raises(KeyError):
        await half()
    async with db.tenant(cast.acme.id) as tx:
        assert await tx.maybe(FIND, Known, external_id="new-1") is None
    assert told == []


async def test_it_tells_after_the_commit_in_order(db: Database, cast: Cast, place: Place) -> None:
    told: list[Any] = []

    def look() -> None:
        with psycopg.connect(place.superuser) as connection:
            told.append(connection.execute("select count(*) from customers where external_id = 'new-1'").fetchone())

    async with db.tenant(cast.acme.id) as tx:
        await add(tx, "new-1")
        tx.after_commit(look)
        tx.after_commit(lambda: told.append("second"))
        assert told == []
    assert told == [(1,), "second"]


async def test_an_error_that_is_swallowed_inside_is_no_commit(db: Database, cast: Cast) -> None:
    told: list[str] = []

    async def twice() -> None:
        async with db.tenant(cast.acme.id) as tx:
            await add(tx, "new-1")
            tx.after_commit(lambda: told.append("done"))
            with pytest.raises(Unique):
                await add(tx, "new-1")

    with pytest.raises(RuntimeError, match="nothing was kept"):
        await twice()
    async with db.tenant(cast.acme.id) as tx:
        assert await tx.maybe(FIND, Known, external_id="new-1") is None
    assert told == []


async def test_it_names_the_rule_that_a_second_row_breaks(db: Database, cast: Cast) -> None:
    with pytest.raises(Unique) as problem:
        async with db.tenant(cast.acme.id) as tx:
            await add(tx, "cy-1")
    assert problem.value.extra == {"constraint": "customers_tenant_id_external_id_key"}
    async with db.tenant(cast.rival.id) as tx:
        await add(tx, "cy-1")  # another tenant's keys are its own


async def test_it_says_which_query_found_nothing(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        assert await tx.maybe(FIND, Known, external_id="nobody") is None
        assert await tx.all(FIND, Known, external_id="nobody") == []
        with pytest.raises(Missing, match="in this test found nothing"):
            await tx.one(FIND, Known, external_id="nobody")


async def test_it_does_many_at_once_and_counts_what_it_touched(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        await tx.many(ADD, [{"id": ids.new(), "external_id": f"new-{n}", "tier": "free"} for n in range(40)])
        assert await tx.run(query("update customers set tier = 'paid' where external_id like 'new-%%'")) == 40


async def test_ids_and_moments_may_stand_in_json(db: Database, cast: Cast) -> None:
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    async with db.tenant(cast.acme.id) as tx:
        got = await tx.one(
            query("select %(value)s::jsonb"), dict, value=Jsonb({"id": cast.cy.id, "at": moment, "word": "naïve"})
        )
    assert got == {"id": str(cast.cy.id), "at": "2026-11-20T00:00:00Z", "word": "naïve"}


async def test_a_cancelled_statement_gives_its_connection_back(narrow: Database, cast: Cast) -> None:
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), narrow.tenant(cast.acme.id) as tx:
                await tx.run(SLEEP)
        async with narrow.tenant(cast.rival.id) as tx:
            assert await tx.all(query("select name from tenants"), str) == ["Rival"]


async def test_nobody_is_lost_however_tasks_are_cancelled(place: Place, cast: Cast) -> None:
    db, chance = Database(place.app, size=2), random.Random(11)
    await db.open()

    async def work() -> None:
        while True:
            async with db.tenant(cast.acme.id) as tx:
                await tx.one(FIND, Known, external_id="cy-1")

    for _ in range(60):
        tasks = [asyncio.create_task(work()) for _ in range(4)]
        await asyncio.sleep(chance.random() * 0.008)
        for task in tasks:
            task.cancel()
        _, unending = await asyncio.wait(tasks, timeout=60)
        assert not unending, "a cancellation was swallowed"
    async with asyncio.timeout(60), db.tenant(cast.acme.id) as one, db.tenant(cast.acme.id) as other:
        for tx in (one, other):
            assert (await tx.one(FIND, Known, external_id="cy-1")).id == cast.cy.id
    await db.close()


async def test_who_comes_takes_the_connection_that_was_given_back_last(db: Database) -> None:
    backend = query("select pg_backend_pid()")
    async with db.nobody() as first, db.nobody() as second:
        pids = {await first.one(backend, int), await second.one(backend, int)}
    assert len(pids) == 2
    assert len({(await db.alone(backend)).one(int) for _ in range(5)}) == 1


async def test_a_failed_statement_gives_its_connection_back(narrow: Database, cast: Cast) -> None:
    for _ in range(3):
        with pytest.raises(psycopg.errors.DivisionByZero):
            async with narrow.tenant(cast.acme.id) as tx:
                await tx.run(FAIL)
    async with narrow.tenant(cast.acme.id) as tx:
        assert (await tx.one(FIND, Known, external_id="cy-1")).id == cast.cy.id


async def test_it_gives_up_kindly_when_every_connection_is_taken(
    place: Place, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = Database(place.app, size=1)
    await narrow.open()
    async with narrow.tenant(cast.acme.id):
        with monkeypatch.context() as hasty:
            hasty.setattr(database, "PATIENCE_S", 0.2)
            with pytest.raises(Unavailable):
                async with narrow.nobody():
                    pass
    async with narrow.nobody() as tx:
        assert await tx.one(query("select 1"), int) == 1
    await narrow.close()


async def test_connections_that_died_are_replaced_unseen(db: Database, cast: Cast, place: Place) -> None:
    for _ in range(3):
        async with db.tenant(cast.acme.id) as tx:
            await tx.one(FIND, Known, external_id="cy-1")
        _end_backends(place)
    async with db.tenant(cast.acme.id) as tx:
        assert (await tx.one(FIND, Known, external_id="cy-1")).id == cast.cy.id


async def test_a_statement_alone_is_its_own_transaction_and_sees_no_tenants_rows(
    narrow: Database, cast: Cast, place: Place
) -> None:
    for _ in range(2):
        transaction = query("select pg_current_xact_id()::text")
        assert (await narrow.alone(transaction)).one(str) != (await narrow.alone(transaction)).one(str)
        with pytest.raises(psycopg.errors.DivisionByZero):
            await narrow.alone(FAIL)
        with pytest.raises(psycopg.Error):
            await narrow.alone(FIND, external_id="cy-1")
        async with narrow.tenant(cast.acme.id) as tx:  # the only connection is whole after each of them
            assert (await tx.one(FIND, Known, external_id="cy-1")).id == cast.cy.id
        _end_backends(place)  # and what died is replaced unseen


async def test_a_connection_that_dies_in_the_middle_is_no_commit(db: Database, cast: Cast, place: Place) -> None:
    async def cut_off() -> None:
        async with db.tenant(cast.acme.id) as tx:
            await add(tx, "new-1")
            _end_backends(place)

    with pytest.raises(Unavailable):
        await cut_off()
    async with db.tenant(cast.acme.id) as tx:
        assert await tx.maybe(FIND, Known, external_id="new-1") is None


async def test_a_server_that_was_killed_is_back_without_anybody_reconnecting(tmp_path: Path) -> None:
    with embedded.hold(tmp_path):
        address = embedded.ensure(tmp_path, linger=0)
        migrate.prepare_embedded(address.owner_url, address.url(migrate.OWNER_ROLE))
        db = Database(address.url(migrate.APP_ROLE))
        await db.open()
        try:
            server = 0
            for _ in range(2):
                server = await _another_server(tmp_path, server)
                os.kill(server, signal.SIGKILL)
                assert await _works_within(db, 60)
        finally:
            await db.close()
    embedded.stop(tmp_path)


async def _another_server(data: Path, before: int) -> int:
    """The running server's process, once it is not the one of `before`, whose last backends may answer for a moment yet."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(FileNotFoundError, IndexError):  # it is just being written
                found = int((places.of(data).cluster / "postmaster.pid").read_text().split()[0])
                if found != before:
                    return found
            await asyncio.sleep(0.02)


async def _works_within(db: Database, seconds: float) -> bool:
    """A backend of the dead server may still begin a transaction and then go: that is one error, kindly said."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(Unavailable):
            async with db.nobody() as tx:
                return await tx.one(query("select 1"), int) == 1
        await asyncio.sleep(0.05)
    return False


def _end_backends(place: Place) -> None:
    with psycopg.connect(place.superuser, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid, 2000) from pg_stat_activity"
            " where datname = current_database() and usename = 'tandem_app' and pid <> pg_backend_pid()"
        )
