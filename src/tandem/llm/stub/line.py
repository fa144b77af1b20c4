"""One HTTP/1.1 connection as the stub serves it: requests read, answers written whole or in chunks, ends noticed.

Knows nothing about models.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """The first lines of a request; names of headers in small letters, no query in the path."""

    method: str
    path: str
    headers: dict[str, str]


class ClientGone(Exception):
    """The client closed the connection; stop writing."""


@dataclass(frozen=True, slots=True)
class Line:
    """The connection of one request: writes answers, notices a client that left."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def respond(
        self,
        status: int,
        data: bytes,
        *,
        kind: str = "application/json",
        length: int | None = None,
        retry_after: int | None = None,
        more: dict[str, str] | None = None,
    ) -> None:
        """A whole answer; a `length` beyond the data's is a promise the stub is about to break."""
        headers = {"Content-Type": kind, "Content-Length": str(len(data) if length is None else length)}
        headers |= more or {}
        if retry_after is not None:
            headers["Retry-After"] = str(retry_after)
        self.write(_response_head(status, headers) + data)

    def begin_stream(self, events: list[bytes], kind: str) -> None:
        """The head of a streamed answer and its first events."""
        self.write(_response_head(200, {"Content-Type": kind, "Transfer-Encoding": "chunked"}))
        self.write_events(events)

    def write_events(self, events: list[bytes]) -> None:
        """These events at once, each as one chunk."""
        self.write(b"".join(chunk(event) for event in events))

    def end_stream(self) -> None:
        """The chunk that ends a streamed answer."""
        self.write(b"0\r\n\r\n")

    def write(self, data: bytes) -> None:
        """These bytes. Raises ClientGone."""
        if self.reader.at_eof() or self.writer.transport.is_closing():
            raise ClientGone
        if data:
            self.writer.write(data)

    async def room(self) -> None:
        """Waits while the client reads more slowly than the stub writes."""
        with suppress(ConnectionError):
            await self.writer.drain()

    async def silent(self, seconds: float) -> None:
        """Says nothing for so long; a client that leaves meanwhile ends the answer."""
        now = asyncio.get_running_loop().time
        until = now() + seconds
        while (left := until - now()) > 0:
            await asyncio.sleep(min(left, 0.5))
            if self.reader.at_eof():
                raise ClientGone


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """The next request's head, or None when the client has closed."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = raw.decode("latin-1").strip().split("\r\n")
    method, path, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    return Head(method, path.partition("?")[0], {name.strip().lower(): value.strip() for name, _, value in pairs})


def _response_head(status: int, headers: dict[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Stub\r\n{lines}\r\n".encode("latin-1")


def chunk(data: bytes) -> bytes:
    """The data framed as one chunk of a streamed body."""
    return b"%x\r\n%s\r\n" % (len(data), data)
