"""Server-sent events over a plain streaming response: small, resumable by id, with a comment as heartbeat."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

from tandem.events import Event, Passing
from tandem.web.json import dumps

HEARTBEAT_S = 15.0
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
    upcoming: asyncio.Task[bytes | None] | None = None
    try:
        yield b"retry: 1000\n\n"
        while True:
            upcoming = upcoming or asyncio.ensure_future(_next(frames))
            await asyncio.wait((upcoming,), timeout=HEARTBEAT_S)
            if not upcoming.done():
                yield BEAT
                continue
            found, upcoming = upcoming.result(), None
            if found is None:
                return
            yield found
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
