"""Would the tests of one-time codes notice? Each mistake is planted in the running code, and somebody gets in who must not."""

import random

import pytest

from tandem.db import Database, Query
from tandem.tenants import stepping_up
from tandem.tenants.sealing import Sealer
from tests.cast import Cast
from tests.tenants.stepping import guess, stepping_of


def plant(monkeypatch: pytest.MonkeyPatch, name: str, right: bytes, mistaken: bytes) -> None:
    query: Query = getattr(stepping_up.Q, name)
    assert right in query.sql, "the query does not read like that any more"
    wrong = Query(query.name, query.row, query.purpose, query.sql.replace(right, mistaken))
    monkeypatch.setitem(stepping_up.Q._found, name, wrong)


async def test_tries_that_are_not_counted_are_noticed(
    db: Database, sealer: Sealer, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    assert await guess(await stepping_of(db, sealer, cast.cy), seed) == 0
    plant(monkeypatch, "count_step_up_try", b"tries = tries + 1", b"tries = tries")
    assert await guess(await stepping_of(db, sealer, cast.cy), seed) == 1


async def test_a_code_that_is_good_twice_is_noticed(
    db: Database, sealer: Sealer, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cy = await stepping_of(db, sealer, cast.cy)
    code = (await cy.begin()).text
    assert [await cy.check(code), await cy.check(code)] == [True, False]
    plant(monkeypatch, "count_step_up_try", b"passed_at is null and ", b"")
    assert await cy.check(code)


async def test_a_code_that_is_not_bound_to_its_conversation_is_noticed(
    db: Database, sealer: Sealer, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cy = await stepping_of(db, sealer, cast.cy)
    other, code = await cy.another(), (await cy.begin()).text
    assert not await other.check(code)
    plant(monkeypatch, "count_step_up_try", b"conversation_id = %(conversation_id)s and ", b"")
    assert await other.check(code)
