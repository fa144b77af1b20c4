"""The tenant's rules: versioned, checked, and never changed twice at once."""

import asyncio
from typing import Any

import psycopg
import pytest

from tandem.db import Database
from tandem.errors import Conflict, Malformed
from tandem.tenants import policy
from tandem.tenants.policy import Policy, Rules
from tests.cast import Cast
from tests.ground import Place


async def change(db: Database, cast: Cast, changes: dict[str, Any]) -> Policy:
    async with db.tenant(cast.acme.id) as tx:
        return await policy.change(tx, changes, "Ann")


async def current(db: Database, cast: Cast) -> Policy:
    async with db.tenant(cast.acme.id) as tx:
        return await policy.get(tx)


async def test_a_new_tenant_has_the_default_rules(db: Database, cast: Cast) -> None:
    assert await current(db, cast) == Policy(1, Rules())


async def test_a_change_is_a_new_version_and_what_is_not_named_stays(db: Database, cast: Cast) -> None:
    await change(db, cast, {"thresholds": {"intent": 0.7}, "tiers": {"enterprise": "people"}})
    changed = await change(db, cast, {"tone": {"voice": "Plain."}, "tiers": {"paid": "assist"}})
    assert changed.version == 3
    assert changed.rules.thresholds.intent == 0.7
    assert changed.rules.thresholds.answer == Rules().thresholds.answer
    assert changed.rules.tone.voice == "Plain."
    assert changed.rules.tiers == {"paid": "assist"}, "a mapping is set as a whole"
    assert await current(db, cast) == changed
    async with db.tenant(cast.rival.id) as tx:
        assert (await policy.get(tx)).version == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"thresholds": {"intent": 1.5}}, "thresholds.intent"),
        ({"thresholds": {"unknown": 0.5}}, "thresholds.unknown"),
        ({"thresholds": 1}, "thresholds"),
        ({"thresholds": {"answer_by_category": {"refund": 1.1}}}, "thresholds.answer_by_category.refund"),
        ({"always_escalate": "billing"}, "always_escalate"),
        ({"tenant_id": "x"}, "tenant_id"),
        ({"max_unresolved": 0}, "max_unresolved"),
        ({"tiers": {"paid": "delete"}}, "tiers.paid"),
        ({"tone": {"voice": "x" * 501}}, "tone.voice"),
    ],
)
async def test_it_refuses_a_rule_that_makes_no_sense(
    db: Database, cast: Cast, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Malformed) as problem:
        await change(db, cast, changes)
    assert [error["field"] for error in problem.value.extra["errors"]] == [field]
    assert (await current(db, cast)).version == 1


async def waiting_for_another(place: Place) -> None:
    """Until somebody waits for what another transaction does."""
    with psycopg.connect(place.superuser, autocommit=True) as connection:
        blocked = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        async with asyncio.timeout(60):
            while not connection.execute(blocked).fetchone():
                await asyncio.sleep(0.02)


async def test_of_two_changes_at_once_one_is_told_to_look_again(db: Database, place: Place, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        await policy.change(tx, {"max_unresolved": 5}, "Ann")
        other = asyncio.create_task(change(db, cast, {"max_unresolved": 7}))
        await waiting_for_another(place)
    with pytest.raises(Conflict):
        await other
    assert (await current(db, cast)).rules.max_unresolved == 5


async def test_rules_that_another_version_knew_are_passed_over(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        now = await policy.get(tx)
    kept = now.rules.model_dump(mode="json") | {"unheard_of": 1}
    kept["tone"] = kept["tone"] | {"louder": True}
    assert policy.stored(policy.StoredPolicy(now.version, kept)) == now


async def test_the_thresholds_by_category_are_replaced_as_a_whole(db: Database, cast: Cast) -> None:
    await change(db, cast, {"thresholds": {"answer_by_category": {"refund": 0.9, "*": 0.6}}})
    thresholds = (await current(db, cast)).rules.thresholds
    assert (thresholds.confidence("refund"), thresholds.confidence("order_status")) == (0.9, 0.6)
    await change(db, cast, {"thresholds": {"answer_by_category": {"refund": 0.8}}})
    thresholds = (await current(db, cast)).rules.thresholds
    assert (thresholds.confidence("refund"), thresholds.confidence("order_status")) == (0.8, 0.0)
