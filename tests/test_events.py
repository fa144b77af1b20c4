"""News reaches everyone who listens: once, in order, without a gap, whatever the bus between processes loses."""

import asyncio
import contextlib
import gc
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from tandem import events, ids
from tandem.conversations import log, threads
from tandem.conversations.log import Backstop, News
from tandem.conversations.threads import Channel
from tandem.db import Database
from tandem.events import BUFFER, Bus, Event, Hub, Listener, Passing, Stale
from tandem.hot import postgres
from tandem.hot import redis as hot_redis
from tandem.ids import ConversationId
from tests.cast import Cast, Client


class Lossy:
    """A bus that takes everything and brings nothing (fault table F16)."""

    async def send(self, payloads: list[bytes]) -> None:
        """Gone."""

    async def hear(self) -> AsyncIterator[bytes | None]:
        yield None
        await asyncio.Event().wait()


class Broken:
    """A bus that cannot send."""

    def __init__(self) -> None:
        self.tries = 0

    async def send(self, payloads: list[bytes]) -> None:
        self.tries += 1
        raise ConnectionError

    async def hear(self) -> AsyncIterator[bytes | None]:
        await asyncio.Event().wait()
        yield None


class Counting:
    """A bus that counts how often it is used."""

    def __init__(self) -> None:
        self.sends = 0
        self.told: set[bytes] = set()

    async def send(self, payloads: list[bytes]) -> None:
        self.sends += 1
        self.told.update(payloads)

    async def hear(self) -> AsyncIterator[bytes | None]:
        await asyncio.Event().wait()
        yield None


class Garbage:
    """A bus on which somebody says what is no notice."""

    async def send(self, payloads: list[bytes]) -> None:
        """Gone."""

    async def hear(self) -> AsyncIterator[bytes | None]:
        for payload in (
            b"",
            b"hello",
            b"x {",
            b'x ["n"]',
            b'x ["n", 1, 2]',
            b'x ["p", "no", "id", 1]',
            b"x 7",
            b"\xff\xfe",
        ):
            yield payload
        yield b'x ["n", "%s", "%s"]' % (str(ids.new()).encode(), str(CONVERSATION).encode())
        await asyncio.Event().wait()


CONVERSATION = ids.new()


@pytest.fixture(params=["postgres", "redis"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    if request.param == "redis":
        url: str = request.getfixturevalue("redis_url")
        async with Redis.from_url(url) as client:
            await client.flushall()
        hot = hot_redis.open_hot(url)
        yield hot.bus
        await hot.close()
    else:
        db = Database(request.getfixturevalue("place").app)
        await db.open()
        yield postgres.open_hot(db).bus
        await db.close()


@contextlib.asynccontextmanager
async def running(*works: Awaitable[Any]) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def opened(db: Database, customer: Client) -> ConversationId:
    async with db.tenant(customer.tenant_id) as tx:
        conversation_id = await threads.begin(tx, customer.id, Channel.WEB_CHAT)
    return conversation_id


async def append(db: Database, hub: Hub, customer: Client, conversation_id: ConversationId, *news: News) -> None:
    async with db.tenant(customer.tenant_id) as tx:
        await log.append(tx, hub, conversation_id, news)


async def heard(listener: Listener, seconds: float = 60) -> events.Item:
    async with asyncio.timeout(seconds):
        return await listener.next()


def some(number: int, *, for_staff: bool = False) -> News:
    return News("delta", {"text": str(number)}, for_staff)


# ------------------------------------------------------------------------------------------ one process


async def test_a_listener_who_falls_behind_is_told_to_read_again(cast: Cast) -> None:
    hub, conversation_id = Hub(ids.new()), ids.new()
    with hub.listen(conversation_id) as slow:
        hub.publish([Event(cast.acme.id, conversation_id, seq, "delta", False, {}) for seq in range(1, BUFFER + 3)])
        assert isinstance(await heard(slow), Stale)
        following = await heard(slow)
        assert isinstance(following, Event)
        assert following.seq == BUFFER + 2


async def test_a_listener_hears_its_own_conversation_alone(cast: Cast) -> None:
    hub, mine, other = Hub(ids.new()), ids.new(), ids.new()
    with (
        hub.listen(mine) as listener,
        hub.listen_tenant(cast.acme.id) as staff,
        hub.listen_tenant(cast.rival.id) as far,
    ):
        hub.publish(
            [Event(cast.acme.id, other, 1, "delta", False, {}), Event(cast.acme.id, mine, 1, "done", False, {})]
        )
        got = await heard(listener)
        assert isinstance(got, Event)
        assert got.kind == "done"
        assert isinstance(await heard(staff), Stale)
        with pytest.raises(TimeoutError):
            await heard(far, 0.05)


async def test_what_is_for_staff_never_passes_by_a_customer(cast: Cast) -> None:
    hub, conversation_id = Hub(ids.new()), ids.new()
    with hub.listen(conversation_id) as customer, hub.listen_tenant(cast.acme.id) as staff:
        hub.pass_on(Passing(cast.acme.id, conversation_id, "viewing", {}, for_staff=True))
        hub.pass_on(Passing(cast.acme.id, conversation_id, "typing", {}))
        assert [item.kind for item in [await heard(staff), await heard(staff)] if isinstance(item, Passing)] == [
            "viewing",
            "typing",
        ]
        got = await heard(customer)
        assert isinstance(got, Passing)
        assert got.kind == "typing"


def test_nothing_is_left_of_a_listener_who_went() -> None:
    hub = Hub(ids.new())
    with hub.listen(ids.new()), hub.listen_tenant(ids.new()):
        pass
    assert not hub._conversations
    assert not hub._tenants


async def test_ears_that_nobody_holds_any_more_are_forgotten(cast: Cast) -> None:
    hub, conversation_id = Hub(ids.new()), ids.new()
    ears = Listener()
    hub.attach(ears, conversation_id)
    hub.publish([Event(cast.acme.id, conversation_id, 1, "delta", False, {})])
    assert isinstance(await heard(ears), Event)
    del ears  # a stream that never began
    gc.collect()
    looked = asyncio.Event()

    async def look() -> list[tuple[UUID, UUID]]:
        looked.set()
        return []

    async with running(hub.backstop(look)):
        await looked.wait()
        assert not hub._conversations


async def test_notices_under_load_go_together(cast: Cast) -> None:
    hub, bus = Hub(ids.new()), Counting()
    conversations = [ids.new() for _ in range(40)]
    async with running(hub.carry(bus)):
        for conversation_id in conversations:
            hub.publish([Event(cast.acme.id, conversation_id, 1, "delta", False, {})])
            await asyncio.sleep(0)
        async with asyncio.timeout(60):
            while len(bus.told) < len(conversations):
                await asyncio.sleep(0.002)
    assert bus.sends <= 3


# ------------------------------------------------------------------------------------------ between processes


async def test_another_process_hears_of_events_and_of_what_passes(bus: Bus, cast: Cast) -> None:
    here, there, conversation_id = Hub(ids.new()), Hub(ids.new()), ids.new()
    typing = Passing(cast.acme.id, conversation_id, "typing", {"role": "agent"})
    with (
        here.listen(conversation_id) as own,
        there.listen(conversation_id) as customer,
        there.listen_tenant(cast.acme.id) as staff,
    ):
        async with running(here.carry(bus), there.hear(bus), here.hear(bus)):
            for listener in (own, customer, staff):
                assert isinstance(await heard(listener), Stale), "the bus is heard from now on"
            here.publish([Event(cast.acme.id, conversation_id, 1, "done", False, {})])
            assert isinstance(await heard(own), Event)
            assert isinstance(await heard(customer), Stale)
            assert isinstance(await heard(staff), Stale)
            here.pass_on(typing)
            for listener in (own, customer, staff):
                assert await heard(listener) == typing
            with pytest.raises(TimeoutError):  # one's own notices do not come back
                await heard(own, 0.1)


async def test_news_that_no_notice_told_of_is_found_within_two_seconds(db: Database, cast: Cast) -> None:
    here, there, conversation_id = Hub(ids.new()), Hub(ids.new()), await opened(db, cast.cy)
    bus = Lossy()
    async with running(here.carry(bus), there.hear(bus), there.backstop(Backstop(db).look)):
        with there.listen(conversation_id) as customer, there.listen_tenant(cast.acme.id) as staff:
            while True:  # what being there at the start brings
                with contextlib.suppress(TimeoutError):
                    await heard(customer, 0.3)
                    continue
                break
            await append(db, here, cast.cy, conversation_id, some(1))
            assert isinstance(await heard(customer), Stale)
            assert isinstance(await heard(staff), Stale)
    assert events.BACKSTOP_S < 2.0, "and the look itself"


async def test_news_from_before_the_backstops_first_look_is_not_lost(db: Database, cast: Cast) -> None:
    here, there, conversation_id = Hub(ids.new()), Hub(ids.new()), await opened(db, cast.cy)
    backstop = Backstop(db)
    with there.listen(conversation_id) as customer:
        await append(db, here, cast.cy, conversation_id, some(1))
        async with running(there.backstop(backstop.look)):
            assert isinstance(await heard(customer), Stale)


async def test_a_bus_that_cannot_send_stops_nothing(cast: Cast) -> None:
    hub, conversation_id, bus = Hub(ids.new()), ids.new(), Broken()
    with hub.listen(conversation_id) as listener:
        async with running(hub.carry(bus)):
            for seq in (1, 2):
                hub.publish([Event(cast.acme.id, conversation_id, seq, "delta", False, {})])
                assert isinstance(await heard(listener), Event)
                async with asyncio.timeout(60):
                    while bus.tries < seq:
                        await asyncio.sleep(0.02)


async def test_what_is_no_notice_is_passed_over() -> None:
    hub = Hub(ids.new())
    with hub.listen(CONVERSATION) as listener:
        async with running(hub.hear(Garbage())):
            assert isinstance(await heard(listener), Stale)


# ------------------------------------------------------------------------------------------ following

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 5), st.booleans()),
        st.tuples(st.just("append elsewhere"), st.integers(1, 5), st.booleans()),
        st.tuples(st.just("staff"), st.integers(1, 3), st.booleans()),
        st.tuples(st.just("cut"), st.just(0), st.just(False)),
        st.tuples(st.just("overflow"), st.just(BUFFER + 2), st.just(False)),
        st.tuples(st.just("wake"), st.just(0), st.just(False)),
        st.tuples(st.just("pause"), st.just(0), st.just(False)),
    ),
    max_size=14,
)


class Reader:
    """A stream that is cut and taken up again where it was."""

    def __init__(self, start: Callable[[int], AsyncIterator[Event | Passing]]) -> None:
        self.seqs: list[int] = []
        self._start = start
        self._task: asyncio.Task[None] | None = None

    async def _read(self) -> None:
        async for item in self._start(self.seqs[-1] if self.seqs else 0):
            if isinstance(item, Event):
                assert item.data == {"text": str(item.seq)}
                self.seqs.append(item.seq)

    def begin(self) -> None:
        self._task = asyncio.create_task(self._read())

    async def cut(self) -> None:
        assert self._task
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def until(self, wanted: list[int]) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(60):
                while len(self.seqs) < len(wanted) and not (self._task and self._task.done()):
                    await asyncio.sleep(0.002)
        assert self.seqs == wanted


@settings(max_examples=30)
@given(steps=STEPS, staff=st.booleans(), heard_before=st.integers(0, 3))
async def test_following_has_no_gap_and_no_double_however_it_is_cut(
    db: Database, cast: Cast, steps: list[tuple[str, int, bool]], staff: bool, heard_before: int
) -> None:
    here, elsewhere, conversation_id = Hub(ids.new()), Hub(ids.new()), await opened(db, cast.cy)
    ears = [Listener()] if heard_before else []  # of somebody who listened before anything was said
    for listener in ears:
        here.attach(listener, conversation_id)

    def follow(after: int) -> AsyncIterator[Event | Passing]:
        attached = ears.pop() if ears else None
        return log.follow(db, here, cast.acme.id, conversation_id, after, staff=staff, attached=attached)

    reader = Reader(follow)
    for number in range(1, heard_before):
        await append(db, here, cast.cy, conversation_id, some(number))
    reader.begin()
    wanted = list(range(1, heard_before))
    last = len(wanted)
    for what, count, settle in steps:
        if what == "cut":
            await reader.cut()
            reader.begin()
        elif what == "wake":
            here.wake_everyone()
        elif what == "pause":
            await asyncio.sleep(0.002)
        else:
            hub = elsewhere if what == "append elsewhere" else here
            for_staff = what == "staff"
            news = [some(last + n, for_staff=for_staff) for n in range(1, count + 1)]
            await append(db, hub, cast.cy, conversation_id, *news)
            wanted += range(last + 1, last + count + 1) if staff or not for_staff else []
            last += count
        if settle and what != "append elsewhere":
            here.wake_everyone()
            await reader.until(wanted)
    here.wake_everyone()  # what the bus or the backstop would do for news from elsewhere
    await reader.until(wanted)
    await reader.cut()


async def test_a_long_absence_is_made_up_for_at_once(db: Database, cast: Cast) -> None:
    hub, conversation_id = Hub(ids.new()), await opened(db, cast.cy)
    for first in range(1, 1300, 100):
        await append(db, hub, cast.cy, conversation_id, *(some(n) for n in range(first, first + 100)))
    reader = Reader(lambda after: log.follow(db, hub, cast.acme.id, conversation_id, after))
    reader.begin()
    await reader.until(list(range(1, 1301)))
    await reader.cut()


class TenantReader:
    """The staff's stream, cut and taken up again at its cursor."""

    def __init__(self, db: Database, hub: Hub, cast: Cast, cursor: str) -> None:
        self.got: list[tuple[Any, int]] = []
        self._follow: Callable[[str], Any] = lambda cursor: log.follow_tenant(db, hub, cast.acme.id, cursor)
        self._cursor = cursor
        self._task: asyncio.Task[None] | None = None

    async def _read(self) -> None:
        async for item in self._follow(self._cursor):
            assert log.is_cursor(item[0])
            self._cursor = item[0]
            self.got.append((item[1].conversation_id, item[1].seq))

    def begin(self) -> None:
        self._task = asyncio.create_task(self._read())

    async def cut(self) -> None:
        assert self._task
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


async def test_the_staffs_stream_is_exact_though_transactions_end_out_of_order(db: Database, cast: Cast) -> None:
    hub = Hub(ids.new())
    chance = random.Random(7)
    conversations = [await opened(db, cast.cy) for _ in range(6)]
    foreign = await opened(db, cast.quinn)
    reader = TenantReader(db, hub, cast, await log.frontier(db))
    reader.begin()

    async def write(conversation_id: ConversationId, customer: Client) -> None:
        for _ in range(15):
            async with db.tenant(customer.tenant_id) as tx:
                await log.append(tx, hub, conversation_id, [some(0), some(0)][: chance.randint(1, 2)])
                await asyncio.sleep(chance.random() * 0.01)  # others begin later and end sooner

    async def disturb() -> None:
        for _ in range(12):
            await asyncio.sleep(0.01)
            await reader.cut()
            reader.begin()

    async with running(hub.backstop(Backstop(db).look)):
        await asyncio.gather(*(write(c, cast.cy) for c in conversations), write(foreign, cast.quinn), disturb())
        async with db.tenant(cast.acme.id) as tx:
            lasts = {c: (await threads.get(tx, c)).last_seq for c in conversations}
        wanted = {(c, seq) for c, last in lasts.items() for seq in range(1, last + 1)}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(60):
                while len(reader.got) < len(wanted):
                    await asyncio.sleep(0.01)
    await reader.cut()
    assert len(reader.got) == len(set(reader.got)), "nothing twice"
    assert set(reader.got) == wanted, "nothing missing, nothing of another tenant"
    for conversation_id, last in lasts.items():
        assert [seq for c, seq in reader.got if c == conversation_id] == list(range(1, last + 1)), "in order"


async def test_a_transaction_of_very_many_events_is_shown_whole(db: Database, cast: Cast) -> None:
    hub, conversation_id = Hub(ids.new()), await opened(db, cast.cy)
    reader = TenantReader(db, hub, cast, await log.frontier(db))
    await append(db, hub, cast.cy, conversation_id, *(some(n) for n in range(1, 1201)))
    reader.begin()
    async with running(hub.backstop(Backstop(db).look)):  # an older transaction, of anybody's, holds them back
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(60):
                while len(reader.got) < 1200:
                    await asyncio.sleep(0.01)
    await reader.cut()
    assert [seq for _, seq in reader.got] == list(range(1, 1201))
