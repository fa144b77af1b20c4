"""Server-sent events: in order and whole, together where they are there together, with a sign of life where nothing is."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tandem.web import sse

RETRY = b"retry: 1000\n\n"


async def pieces(frames: AsyncIterator[bytes]) -> list[bytes]:
    """What a client is sent, write by write."""
    return [bytes(piece) async for piece in sse.respond(frames).body_iterator if isinstance(piece, bytes)]


async def test_what_is_there_at_once_is_one_write_and_what_comes_later_another() -> None:
    async def frames() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"
        await asyncio.sleep(0.01)
        yield b"c"
        yield b"d"

    assert await pieces(frames()) == [RETRY + b"ab", b"cd"]


async def test_a_stream_without_news_opens_at_once_and_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "HEARTBEAT_S", 0.01)
    news = asyncio.Event()

    async def frames() -> AsyncIterator[bytes]:
        await news.wait()
        yield b"news"

    sent = sse.respond(frames()).body_iterator
    assert await anext(aiter(sent)) == RETRY
    assert await anext(aiter(sent)) == sse.BEAT
    news.set()
    rest = b"".join([bytes(piece) async for piece in sent if isinstance(piece, bytes)])
    assert rest.replace(sse.BEAT, b"") == b"news"


async def test_a_long_absence_is_made_up_for_in_many_writes() -> None:
    async def frames() -> AsyncIterator[bytes]:
        for number in range(1000):
            yield b"%d\n" % number

    sent = await pieces(frames())
    assert b"".join(sent) == RETRY + b"".join(b"%d\n" % number for number in range(1000))
    assert len(sent) >= 1000 / sse.TOGETHER


async def test_what_came_before_trouble_is_sent_before_it() -> None:
    async def frames() -> AsyncIterator[bytes]:
        yield b"a"
        raise LookupError

    sent = aiter(sse.respond(frames()).body_iterator)
    assert await anext(sent) == RETRY + b"a"
    with pytest.raises(LookupError):
        await anext(sent)


async def test_nothing_is_left_of_a_stream_that_is_cut() -> None:
    closed = asyncio.Event()

    async def frames() -> AsyncIterator[bytes]:
        try:
            yield b"a"
            await asyncio.Event().wait()
        finally:
            closed.set()

    sent = sse.respond(frames()).body_iterator
    assert await anext(aiter(sent)) == RETRY + b"a"
    await sent.aclose()  # type: ignore[attr-defined]
    assert closed.is_set()
