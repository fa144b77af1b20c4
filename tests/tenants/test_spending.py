"""The ledger of models: written with its day, summed every way, and a budget that closes what it should."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tandem import ids
from tandem.answering import tools
from tandem.db import Database
from tandem.errors import Malformed, NotFound
from tandem.llm.account import Spent
from tandem.llm.roles import Role
from tandem.tenants import model_keys, spending
from tandem.tenants.policy import Budget
from tandem.tenants.sealing import Sealer, Unsealable
from tandem.tenants.spending import EVERYTHING, HELPING, Level, Purpose, Today
from tests.cast import Cast

NOW = datetime.now(UTC)
CALL = Spent(Role.DRAFT, "openai:tiny", 100, 20, False, 7, 800, 90, "ok", NOW)


async def book(db: Database, cast: Cast, *calls: Spent, purpose: Purpose | None = None) -> None:
    async with db.tenant(cast.acme.id) as tx:
        spending.book_later(tx, calls, purpose or Purpose())


async def today(db: Database, cast: Cast) -> Today:
    async with db.tenant(cast.acme.id) as tx:
        return await spending.today(tx)


async def test_calls_are_kept_and_the_day_is_their_sum(db: Database, cast: Cast) -> None:
    assert await today(db, cast) == Today()
    unknown = replace(CALL, input_tokens=None, output_tokens=None, cost_micros=None, outcome="timed_out")
    await asyncio.gather(*(book(db, cast, CALL, unknown) for _ in range(20)))
    assert await today(db, cast) == Today(40, 20 * 120, 20 * 7)
    async with db.tenant(cast.acme.id) as tx:
        assert (await tools.standing(tx)).spent == Today(40, 20 * 120, 20 * 7), "every turn reads the same"
    async with db.tenant(cast.rival.id) as tx:
        assert await spending.today(tx) == Today()
        assert (await tools.standing(tx)).spent == Today()


async def test_a_transaction_that_fails_leaves_no_money_spent(db: Database, cast: Cast) -> None:
    async def broken() -> None:
        async with db.tenant(cast.acme.id) as tx:
            spending.book_later(tx, [CALL], Purpose())
            await tx.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await broken()
    assert await today(db, cast) == Today()


async def test_what_was_spent_is_shown_by_day_role_model_and_conversation(db: Database, cast: Cast) -> None:
    turn = Purpose(ids.new(), ids.new(), ids.new())
    later = NOW + timedelta(seconds=1)
    judge = replace(CALL, role=Role.JUDGE, model="openai:small", cost_micros=None, outcome="overloaded", at=later)
    await book(db, cast, CALL, replace(CALL, at=NOW - timedelta(days=1)), judge, purpose=turn)
    await book(db, cast, replace(CALL, at=NOW - timedelta(days=3)))
    since, until = NOW - timedelta(days=2), NOW + timedelta(hours=1)
    async with db.tenant(cast.acme.id) as tx:
        days = await spending.lines(tx, since, until, "day")
        roles = await spending.lines(tx, since, until, "role")
        models = await spending.lines(tx, since, until, "model")
        conversations = await spending.lines(tx, since, until, "conversation")
        (ticket,) = await spending.of_conversation(tx, turn.conversation_id or ids.new())
        calls = await spending.of_turn(tx, turn.conversation_id or ids.new(), turn.turn_id or ids.new())
    assert [(line.what, line.calls) for line in days] == [
        (f"{NOW - timedelta(days=1):%Y-%m-%d}", 1),
        (f"{NOW:%Y-%m-%d}", 2),
    ]
    assert [(line.what, line.calls, line.failed, line.cost_micros, line.unpriced) for line in roles] == [
        ("draft", 2, 0, 14, 0),
        ("judge", 1, 1, 0, 1),
    ]
    assert [line.what for line in models] == ["openai:tiny", "openai:small"]
    assert [line.what for line in conversations] == [str(turn.conversation_id)]
    assert (ticket.what, ticket.calls, ticket.cost_micros) == (str(turn.ticket_id), 3, 14)
    assert [call.role for call in calls] == ["draft", "draft", "judge"]


@pytest.mark.parametrize(
    ("budget", "spent", "reached"),
    [
        (Budget(), Today(9, 10**9, 10**9), Level.WITHIN),
        (Budget(tokens_per_day=1000), Today(1, 799, 10**9), Level.WITHIN),
        (Budget(tokens_per_day=1000), Today(1, 800, 0), Level.SOFT),
        (Budget(tokens_per_day=1000), Today(1, 999, 0), Level.SOFT),
        (Budget(tokens_per_day=1000), Today(1, 1000, 0), Level.HARD),
        (Budget(cost_per_day_micros=50, soft=0.5), Today(1, 0, 25), Level.SOFT),
        (Budget(tokens_per_day=1000, cost_per_day_micros=50), Today(1, 10, 50), Level.HARD),
        (Budget(tokens_per_day=0), Today(), Level.HARD),
        (Budget(tokens_per_day=10, soft=1.0), Today(1, 9, 0), Level.WITHIN),
    ],
)
def test_how_far_a_budget_is_used_up(budget: Budget, spent: Today, reached: Level) -> None:
    assert spending.level(budget, spent) is reached


def test_what_helps_is_saved_first_and_the_answer_last() -> None:
    assert spending.closed(Level.WITHIN) == frozenset()
    assert spending.closed(Level.SOFT) == HELPING == EVERYTHING - {Role.DRAFT}
    assert spending.closed(Level.HARD) == frozenset(Role)


async def test_a_key_is_sealed_opened_for_its_own_tenant_alone_and_never_shown(
    db: Database, sealer: Sealer, cast: Cast
) -> None:
    async with db.tenant(cast.acme.id) as tx:
        await model_keys.put(tx, sealer, "openai", "sk-before-0000", "Ann")
        shown = await model_keys.put(tx, sealer, "openai", " sk-secret-1234\n", "Ann")
        assert [shown] == await model_keys.every(tx)
        kept = (await tools.standing(tx)).sealed_keys or {}
    assert (shown.provider, shown.last4, shown.author) == ("openai", "1234", "Ann")
    assert "secret" not in repr(shown)
    assert model_keys.opened(sealer, cast.acme.id, kept) == {"openai": "sk-secret-1234"}
    with pytest.raises(Unsealable):
        model_keys.opened(sealer, cast.rival.id, kept)
    with pytest.raises(Unsealable):
        model_keys.opened(sealer, cast.acme.id, {"anthropic": kept["openai"]})
    async with db.tenant(cast.rival.id) as tx:
        assert await model_keys.every(tx) == []
        with pytest.raises(NotFound):
            await model_keys.remove(tx, "openai")


@pytest.mark.parametrize("key", ["", "short", "with a space in it", "ключ-ключ-ключ", "x" * 5000, "line\nbreak-1234"])
async def test_what_cannot_be_a_key_is_refused(db: Database, sealer: Sealer, cast: Cast, key: str) -> None:
    async with db.tenant(cast.acme.id) as tx:
        with pytest.raises(Malformed):
            await model_keys.put(tx, sealer, "openai", key, "Ann")
