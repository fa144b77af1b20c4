"""A reader of server-sent events that knows exactly what it has seen: which event number came after which.

Knows nothing about what the events mean.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

CUT = (aiohttp.ClientError, asyncio.TimeoutError, ConnectionError)
"""What a client sees when the other side dies."""


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status}: {body[:300]}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Frame:
    """One event of a stream. `seq` is None for what only passes."""

    seq: int | None
    kind: str
    data: dict[str, Any]


@dataclass(slots=True)
class Heard:
    """What one connection brought: everything after `after`, in order."""

    conversation_id: str | None
    after: int | None
    frames: list[Frame] = field(default_factory=list)


@asynccontextmanager
async def stream(
    http: aiohttp.ClientSession, method: str, url: str, headers: Mapping[str, str], body: Any = None
) -> AsyncIterator[AsyncIterator[Frame]]:
    """An open stream's frames. Raises Refused, or one of CUT when the connection breaks."""
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=3, sock_read=25)
    async with http.request(method, url, headers=headers, json=body, timeout=timeout) as answer:
        if answer.status != 200:
            raise Refused(answer.status, await answer.text())
        yield _frames(answer)


async def _frames(answer: aiohttp.ClientResponse) -> AsyncIterator[Frame]:
    held = b""
    async for chunk in answer.content.iter_any():
        *whole, held = (held + chunk).split(b"\n\n")
        for block in whole:
            if frame := _frame(block):
                yield frame


def _frame(block: bytes) -> Frame | None:
    said = dict(line.split(b": ", 1) for line in block.split(b"\n") if b": " in line)
    if b"data" not in said:
        return None
    seq = int(said[b"id"]) if b"id" in said else None
    return Frame(seq, said[b"event"].decode(), orjson.loads(said[b"data"]))
