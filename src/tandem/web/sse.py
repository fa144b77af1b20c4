"""Server-sent events over a plain streaming response: small, resumable by id, with a comment as heartbeat."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

from tandem.events import Event, Passing
from tandem.web.json import dumps

HEARTBEAT_S = 15.0
TOGETHER = 64
"""Frames that go out in one piece at most: a long absence is made up for in many."""

BEAT = b": still here\n\n"
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


def frame(kind: str, data: object, id: str | int | None = None) -> bytes:
    """One event on the wire. JSON has no line ends of its own, so one data line is enough."""
    head = f"id: {id}\nevent: {kind}\ndata: " if id is not None else f"event: {kind}\ndata: "
    return head.encode() + dumps(data) + b"\n\n"


def of(item: Event | Passing) -> bytes:
    """A conversation's event, with its number as id; what only passes has none."""
    return frame(item.kind, item.data, item.seq if isinstance(item, Event) else None)


def respond(frames: AsyncIterator[bytes]) -> StreamingResponse:
    """The stream as a response, with a heartbeat while nothing happens."""
    return StreamingResponse(_beating(frames), media_type="text/event-stream", headers=HEADERS)


async def _beating(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The frames, those that are there at once in one piece."""
    upcoming: asyncio.Task[bytes | None] | None = None
    gathered = [b"retry: 1000\n\n"]
    try:
        while True:
            upcoming = upcoming or asyncio.ensure_future(_next(frames))
            await asyncio.sleep(0)  # what can be had without waiting is there after this
            if upcoming.done() and len(gathered) < TOGETHER and (not gathered or upcoming.exception() is None):
                found, upcoming = upcoming.result(), None
                if found is not None:
                    gathered.append(found)
                    continue
            if gathered:
                yield b"".join(gathered)
            if upcoming is None:
                return
            await asyncio.wait((upcoming,), timeout=HEARTBEAT_S)
            gathered = [] if upcoming.done() else [BEAT]
    finally:
        if upcoming is not None:
            upcoming.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await upcoming
        close = getattr(frames, "aclose", None)
        if close is not None:
            await close()


async def _next(frames: AsyncIterator[bytes]) -> bytes | None:
    """The next frame, or None at the end."""
    return await anext(frames, None)
