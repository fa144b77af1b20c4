"""Would the tenant probe notice? A policy is opened or dropped, an owner check is broken; it has to say so."""

import asyncio
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tandem.conversations import threads
from tests.cast import Cast
from tests.ground import Ground as TestGround
from tests.web import probing, sites
from tests.web import site as site_room
from tests.web.probing import Ground

PROBES = 300
SEED = 1
OPENED = "create policy planted on {} using (true)"


@pytest.fixture
def probed(ground: TestGround, cast: Cast) -> Iterator[Ground]:
    """A site of the test's own, for it will be broken."""
    with (
        ground.database(ground.template.name) as place,
        site_room.serve(place, cast, sites.FOLDER, rate_limits=False) as site,
    ):
        yield probing.prepare(site, cast)


def leaks(probed: Ground, part: str) -> list[str]:
    """What the probes of these routes say."""
    chosen = [probe for probe in probing.probes(probed, SEED, PROBES) if part in probe.path]
    assert len(chosen) > 20
    return asyncio.run(probing.run(probed, chosen)).leaks


def break_database(probed: Ground, statement: str) -> None:
    with psycopg.connect(probed.site.place.superuser, autocommit=True) as connection:
        connection.execute(statement.encode())


def test_it_notices_an_opened_policy(probed: Ground) -> None:
    assert leaks(probed, "/kb/") == []
    for table in ("documents", "document_versions"):
        break_database(probed, OPENED.format(table))
    assert any("shows canary" in leak for leak in leaks(probed, "/kb/"))


def test_it_notices_a_dropped_policy_with_row_security_off(probed: Ground) -> None:
    for table in ("tickets", "conversations", "customers", "messages"):
        break_database(probed, f"drop policy own_tenant on {table}; alter table {table} disable row level security")
    assert any("shows canary" in leak for leak in leaks(probed, "/tickets"))


def test_it_notices_a_broken_owner_check(probed: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = threads.get

    async def careless(tx: Any, conversation_id: Any, *, owner: Any = None, lock: bool = False, asked: str = "") -> Any:
        return await whole(tx, conversation_id, lock=lock)

    monkeypatch.setattr(threads, "get", careless)
    found = leaks(probed, "/conversations/")
    assert any("neighbour" in leak and "shows canary" in leak for leak in found)
