"""A wire between browsers and a site that comes and goes: one address, whichever site is behind it, or none.

Copies bytes and knows nothing about HTTP.
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(slots=True)
class Wire:
    """`lead_to` a site's URL; `cut` refuses everybody and breaks off what is under way."""

    port: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _target: int | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The one address."""
        return f"http://127.0.0.1:{self.port}"

    def lead_to(self, url: str) -> None:
        """From now on, to this site."""
        self._target = urlsplit(url).port

    def cut(self) -> None:
        """Nobody is reached, and who was talking hears no more, from the moment this returns."""
        asyncio.run_coroutine_threadsafe(self._break_off(), self._loop).result(30)

    async def _break_off(self) -> None:
        self._target = None
        for writer in self._writers:
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = self._target
        try:
            if target is None:
                raise ConnectionRefusedError
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.transport.abort()
            return
        if self._target != target:  # cut meanwhile
            writer.transport.abort()
            there_writer.transport.abort()
            return
        ends = {writer, there_writer}
        self._writers |= ends
        await asyncio.gather(_copy(reader, there_writer), _copy(there_reader, writer))
        self._writers -= ends


@contextmanager
def stretch() -> Iterator[Wire]:
    """A wire for the length of the block."""
    wire = Wire()
    thread = threading.Thread(target=wire._loop.run_forever, daemon=True)
    thread.start()
    serving = asyncio.start_server(wire._connected, "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(serving, wire._loop).result(30)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        wire.cut()
        wire._loop.call_soon_threadsafe(server.close)
        wire._loop.call_soon_threadsafe(wire._loop.stop)
        thread.join(5)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    writer.close()
