"""Rate limits: so many at once, then one for every gap; two who come at once cannot both have the last use."""

import asyncio
import time
from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from tandem import ids
from tandem.db import Database
from tandem.hot import Hot, Limit
from tandem.hot.local import LocalLimits, gcra
from tandem.hot.postgres import PostgresLimits
from tests.hot.conftest import Passes

LIMITS = st.builds(Limit, st.integers(1, 12), st.floats(0.5, 3600))


async def test_it_allows_so_many_at_once_and_then_says_how_long_to_wait(hot: Hot, passes: Passes) -> None:
    limit = Limit(3, 6000)
    assert [await hot.limits.wait("ann", limit) for _ in range(3)] == [0.0] * 3
    wait = await hot.limits.wait("ann", limit)
    assert 0 < wait <= limit.gap_s
    await passes(wait)
    assert await hot.limits.wait("ann", limit) == 0.0


async def test_a_refused_use_does_not_count(hot: Hot, passes: Passes) -> None:
    limit = Limit(1, 6000)
    assert await hot.limits.wait("ann", limit) == 0.0
    for _ in range(20):
        assert await hot.limits.wait("ann", limit) > 0
    await passes(limit.gap_s)
    assert await hot.limits.wait("ann", limit) == 0.0


async def test_keys_know_nothing_of_each_other(hot: Hot) -> None:
    limit = Limit(1, 6000)
    assert await hot.limits.wait("ann", limit) == 0.0
    assert await hot.limits.wait("bo", limit) == 0.0
    assert await hot.limits.wait("ann", limit) > 5000


async def test_many_at_once_get_exactly_what_there_is(hot: Hot) -> None:
    waits = await asyncio.gather(*(hot.limits.wait("ann", Limit(5, 6000)) for _ in range(64)))
    assert waits.count(0.0) == 5


async def test_time_that_was_not_used_is_not_saved_up(hot: Hot, passes: Passes) -> None:
    limit = Limit(2, 6000)
    await hot.limits.wait("ann", limit)
    await passes(9000)
    assert [await hot.limits.wait("ann", limit) for _ in range(2)] == [0.0, 0.0]
    assert await hot.limits.wait("ann", limit) > 0


@settings(max_examples=12)
@given(
    times=st.integers(1, 4), gap_ms=st.integers(5, 40), pauses_ms=st.lists(st.integers(0, 30), min_size=3, max_size=9)
)
async def test_a_real_one_never_lets_through_more_than_it_says(
    hot: Hot, times: int, gap_ms: int, pauses_ms: list[int]
) -> None:
    limit, key = Limit(times, times * gap_ms / 1000), str(ids.new())
    allowed: list[tuple[float, float]] = []
    for pause in pauses_ms:
        before = time.monotonic()
        if await hot.limits.wait(key, limit) == 0.0:
            allowed.append((before, time.monotonic()))
        await asyncio.sleep(pause / 1000)
    assert keeps(limit, allowed)


@settings(max_examples=400)
@given(limit=LIMITS, pauses=st.lists(st.floats(0, 3, allow_subnormal=False), max_size=60))
def test_the_rule_never_lets_through_more_than_it_says(limit: Limit, pauses: list[float]) -> None:
    allowed: list[tuple[float, float]] = []
    tat: float | None = None
    now = 1_000_000.0
    for pause in pauses:
        now += pause * limit.gap_s
        tat, wait = gcra(tat, now, limit)
        if wait == 0.0:
            allowed.append((now, now))
        else:
            assert wait <= limit.gap_s + 1e-6, "one gap is enough for one more use"
            assert gcra(tat, now + wait + 1e-6, limit)[1] == 0.0, "after the wait it is allowed"
            assert gcra(tat, now + wait * 0.99 - 2e-6, limit)[1] > 0 or wait < 1e-3, "and not before"
    assert keeps(limit, allowed)
    assert not pauses or allowed, "the first is always allowed"


@given(limit=LIMITS, uses=st.integers(1, 50))
def test_whoever_keeps_to_the_gap_is_never_refused(limit: Limit, uses: int) -> None:
    tat: float | None = None
    for use in range(uses):
        tat, wait = gcra(tat, 1_000_000.0 + use * (limit.gap_s + 1e-6), limit)
        assert wait == 0.0


async def test_memory_forgets_keys_whose_time_has_come() -> None:
    now = 0.0
    limits = LocalLimits(clock=lambda: now)
    for number in range(100_000):
        await limits.wait(str(number), Limit(1, 10))
    now = 20.0
    await limits.wait("ann", Limit(1, 10))
    assert set(limits.tats) == {"ann"}


async def test_the_table_is_tidied(db: Database) -> None:
    limits = PostgresLimits(db)
    await limits.wait("short", Limit(1, 0.01))
    await limits.wait("long", Limit(1, 600))
    await asyncio.sleep(0.05)
    await limits.tidy()
    assert await limits.wait("long", Limit(1, 600)) > 500
    async with db.nobody() as tx:
        rows = await (await tx.connection.execute("select key from rate_limits")).fetchall()
    assert rows == [("long",)]


def keeps(limit: Limit, allowed: Iterable[tuple[float, float]]) -> bool:
    """In no stretch of time were there more uses than `times` and one for every gap of it. Each is (before, after)."""
    uses = list(allowed)
    return all(
        last - first + 1 <= limit.times + (uses[last][1] - uses[first][0]) / limit.gap_s + 1e-3
        for first in range(len(uses))
        for last in range(first, len(uses))
    )
