"""A request that is sent twice is done once (fault table F8 and F9)."""

import asyncio

import pytest

from tandem.db import Database, Query
from tandem.tenants import idempotency
from tandem.tenants.idempotency import FirstAnswer, KeyReused, StillRunning
from tests.cast import Cast

AGE = Query("in this test", None, "", b"update idempotency set created_at = now() - interval '61 seconds'")


async def test_the_first_answer_is_given_again(db: Database, cast: Cast) -> None:
    acme = cast.acme.id
    assert await idempotency.claim(db, acme, "server", "k1", b"print") is None
    await idempotency.keep(db, acme, "server", "k1", 201, {"id": "tkt_1"})
    again = await idempotency.claim(db, acme, "server", "k1", b"print")
    assert again == FirstAnswer(b"print", 201, {"id": "tkt_1"})


async def test_it_refuses_a_key_that_was_used_for_something_else(db: Database, cast: Cast) -> None:
    acme = cast.acme.id
    assert await idempotency.claim(db, acme, "server", "k1", b"print") is None
    with pytest.raises(KeyReused):
        await idempotency.claim(db, acme, "server", "k1", b"other")
    await idempotency.keep(db, acme, "server", "k1", 201, {})
    with pytest.raises(KeyReused):
        await idempotency.claim(db, acme, "server", "k1", b"other")


async def test_of_many_at_once_one_goes_ahead(db: Database, cast: Cast) -> None:
    async def claim() -> bool | None:
        try:
            return await idempotency.claim(db, cast.acme.id, "server", "k1", b"print") is None
        except StillRunning:
            return None

    got = await asyncio.gather(*(claim() for _ in range(64)))
    assert got.count(True) == 1
    assert got.count(None) == 63


async def test_a_request_that_came_to_nothing_frees_its_key(db: Database, cast: Cast) -> None:
    acme = cast.acme.id
    assert await idempotency.claim(db, acme, "server", "k1", b"print") is None
    await idempotency.free(db, acme, "server", "k1")
    assert await idempotency.claim(db, acme, "server", "k1", b"print") is None
    await idempotency.keep(db, acme, "server", "k1", 201, {})
    await idempotency.free(db, acme, "server", "k1")
    assert await idempotency.claim(db, acme, "server", "k1", b"print"), "an answer that was given stays"


async def test_a_request_that_died_can_be_sent_again(db: Database, cast: Cast) -> None:
    acme = cast.acme.id
    assert await idempotency.claim(db, acme, "server", "k1", b"print") is None
    async with db.tenant(acme) as tx:
        await tx.run(AGE)
    with pytest.raises(KeyReused):
        await idempotency.claim(db, acme, "server", "k1", b"other")
    assert await idempotency.claim(db, acme, "server", "k1", b"print") is None
    with pytest.raises(StillRunning):
        await idempotency.claim(db, acme, "server", "k1", b"print")


async def test_keys_belong_to_their_caller_and_their_tenant(db: Database, cast: Cast) -> None:
    for tenant_id in (cast.acme.id, cast.rival.id):
        for caller in ("server", "somebody else"):
            assert await idempotency.claim(db, tenant_id, caller, "k1", b"print") is None
