"""The stub provider: a real HTTP/1.1 server on loopback, like OpenAI's, Anthropic's, Google's or Bedrock's, that misbehaves on command.

Plain asyncio and nothing else, so that one process can play the provider for 2,000 streams. Knows nothing about
Tandem's pipeline. Four control routes of its own: `GET /_requests` (the last requests as they came),
`POST /_behave {"behaviour": NAME, "count": N}` (the next N requests, or all until told otherwise),
`POST /_script {"marker": TEXT, "steps": […]}` (see `scripts`), `GET /healthz`.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Self, TypeVar

import orjson

from tandem.llm.stub.asked import Asked
from tandem.llm.stub.bedrock import BEDROCK
from tandem.llm.stub.behaviours import Behaviour, asked_for
from tandem.llm.stub.google import GOOGLE
from tandem.llm.stub.line import ClientGone, Head, Line, chunk, read_head
from tandem.llm.stub.replies import is_errand, reply
from tandem.llm.stub.said import Reply
from tandem.llm.stub.scripts import Script, scripted
from tandem.llm.stub.wire import Wire, ending, tokens
from tandem.llm.stub.wires import ANTHROPIC, OPENAI

T = TypeVar("T")
REMEMBERED = 500  # requests kept for /_requests
LARGEST_REQUEST = 4_000_000  # bytes; real providers take more, no prompt of ours comes near
WRITE_AHEAD = 64  # tokens written at once when no pace is set
RETRY_AFTER_S = 7


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the stub writes; `tokens_per_s` 0 means at once. The slow behaviours use the two last."""

    first_token_ms: int = 0
    tokens_per_s: float = 0
    tokens_per_piece: int = 1
    slow_first_token_ms: int = 10_000
    slow_gap_ms: int = 3_000


@dataclass(slots=True)
class Request:
    """A model request as it came over the wire, and what became of it."""

    wire: str
    path: str
    body: dict[str, Any]
    key: str  # the last four characters of the key that came
    version: str  # anthropic-version
    behaviour: str  # one of Behaviour, or "scripted"
    outcome: str = "running"  # then finished | broken_off | refused | closed_by_client
    pieces: int = 0


@dataclass(slots=True)
class Stub:
    """A stub provider. `async with Stub(behaviour=…) as stub:` listens on `stub.url` until the block ends."""

    behaviour: Behaviour = Behaviour.GOOD
    pace: Pace = Pace()
    port: int = 0
    requests: deque[Request] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    scripts: dict[str, Script] = field(default_factory=dict)
    connections_made: int = 0
    _next: deque[Behaviour] = field(default_factory=deque)
    _server: asyncio.Server | None = None
    _connections: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The base URL for any wire."""
        return f"http://127.0.0.1:{self.port}"

    def behave(self, behaviour: Behaviour, count: int | None = None) -> None:
        """From now on (or for the next `count` requests) answers so."""
        if count is None:
            self.behaviour = behaviour
            self._next.clear()
        else:
            self._next.extend(itertools.repeat(behaviour, min(count, 100_000)))

    def script(self, told: dict[str, Any]) -> Script:
        """Follows this script from now on, in the place of the one with the same marker. Raises ValueError."""
        script = Script.model_validate(told)
        self.scripts[script.marker] = script
        return script

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._accepted, "127.0.0.1", self.port, backlog=2048, limit=LARGEST_REQUEST
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server:
            self._server.close()
        for connection in tuple(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections_made += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await read_head(reader):
                body = await reader.readexactly(int(head.headers.get("content-length", 0)))
                await self._answer(Line(reader, writer), head, body)
        except (OSError, EOFError, ValueError, ClientGone, _BrokenOff, asyncio.LimitOverrunError):
            pass  # the client went away or does not speak HTTP: nothing to tell it
        finally:
            writer.close()

    async def _answer(self, line: Line, head: Head, body: bytes) -> None:
        wire = _wire(head)
        if wire is not None:
            await self._model(line, wire, head, body)
        elif (head.method, head.path) == ("POST", "/_behave"):
            self._behave_as_told(line, body)
        elif (head.method, head.path) == ("POST", "/_script"):
            self._script_as_told(line, body)
        elif (head.method, head.path) == ("GET", "/_requests"):
            line.respond(200, orjson.dumps([asdict(each) for each in self.requests]))
        elif (head.method, head.path) == ("GET", "/healthz"):
            line.respond(200, b'{"status":"ok"}')
        else:
            line.respond(404, b'{"error":{"message":"no such route","type":"not_found"}}')

    def _behave_as_told(self, line: Line, body: bytes) -> None:
        try:
            told = orjson.loads(body)
            self.behave(Behaviour(told["behaviour"]), told.get("count"))
        except (ValueError, TypeError, KeyError):
            line.respond(400, b'{"error":{"message":"behaviour and perhaps count","type":"invalid"}}')
        else:
            line.respond(200, orjson.dumps({"behaviour": self.behaviour, "waiting": len(self._next)}))

    def _script_as_told(self, line: Line, body: bytes) -> None:
        try:
            script = self.script(orjson.loads(body))
        except ValueError as wrong:
            line.respond(400, orjson.dumps({"error": {"message": str(wrong), "type": "invalid"}}))
        else:
            line.respond(200, orjson.dumps({"marker": script.marker, "steps": len(script.steps)}))

    async def _model(self, line: Line, wire: Wire, head: Head, body: bytes) -> None:
        try:
            asked = wire.read(orjson.loads(body), head.path)
        except (ValueError, AttributeError, TypeError, LookupError) as malformed:
            kind = "invalid_request_error"
            line.respond(400, wire.error(kind, str(malformed)), more=wire.error_headers(kind))
            return
        behaviour, said = self._decided(asked)
        request = self._noted(wire, head, body, "scripted" if said else behaviour)
        try:
            await _Answer(line, wire, asked, said or reply(asked, behaviour), request, self.pace).give()
        except ClientGone:
            request.outcome = "closed_by_client"
            raise
        if request.outcome == "running":
            request.outcome = "finished"

    def _decided(self, asked: Asked) -> tuple[Behaviour, Reply | None]:
        """What was told for this very request or the next ones, else the next step of a script, else as always."""
        told = asked_for(asked.last) or (self._next.popleft() if self._next else None)
        if told is not None or is_errand(asked):
            return told or self.behaviour, None
        step = scripted(self.scripts, asked)
        if isinstance(step, Reply):
            return Behaviour.GOOD, step
        return step or self.behaviour, None

    def _noted(self, wire: Wire, head: Head, body: bytes, behaviour: str) -> Request:
        key = next((head.headers[name] for name in _KEYS if name in head.headers), "").removeprefix("Bearer ")
        version = head.headers.get("anthropic-version", "")
        request = Request(wire.name, head.path, orjson.loads(body), key[-4:], version, behaviour)
        self.requests.append(request)
        return request


@asynccontextmanager
async def serve(
    behaviour: Behaviour | str = Behaviour.GOOD, *, pace: Pace | None = None, port: int = 0
) -> AsyncIterator[str]:
    """Runs a stub in this process for the length of the block; yields its base URL."""
    async with Stub(Behaviour(behaviour), pace or Pace(), port) as stub:
        yield stub.url


def _wire(head: Head) -> Wire | None:
    if head.method != "POST":
        return None
    return next((wire for ending, wire in _ROUTES.items() if head.path.endswith(ending)), None)


_ROUTES = {
    "/chat/completions": OPENAI,
    "/messages": ANTHROPIC,
    ":generateContent": GOOGLE,
    ":streamGenerateContent": GOOGLE,
    "/converse": BEDROCK,
    "/converse-stream": BEDROCK,
}
_KEYS = ("x-api-key", "x-goog-api-key", "authorization")


class _BrokenOff(Exception):
    """The stub itself breaks the connection."""


# --- one answer ---


@dataclass(slots=True)
class _Answer:
    """One request being answered in the way its behaviour says."""

    line: Line
    wire: Wire
    asked: Asked
    said: Reply
    request: Request
    pace: Pace

    async def give(self) -> None:
        behaviour = self.request.behaviour
        if behaviour == Behaviour.HANG:
            await self.line.silent(3600)
        elif behaviour == Behaviour.RESET:
            self.line.writer.transport.abort()
            self._break_off()
        elif behaviour in _ERRORS:
            self._refuse(Behaviour(behaviour))
        elif behaviour == Behaviour.GARBAGE:
            self.line.respond(200, b"<html><body>Welcome to your new proxy</body></html>", kind="text/html")
        elif self.asked.stream:
            await self._stream()
        else:
            await self._whole()

    def _refuse(self, behaviour: Behaviour) -> None:
        status, kind, message = _ERRORS[behaviour]
        status = self.wire.statuses.get(kind, status)
        wait = RETRY_AFTER_S if behaviour == Behaviour.RATE_LIMITED else None
        self.request.outcome = "refused"
        more = self.wire.error_headers(kind)
        self.line.respond(status, self.wire.error(kind, message), retry_after=wait, more=more)

    async def _whole(self) -> None:
        said = self.said
        given, cut = self._given()
        behaviour = self.request.behaviour
        if many := 20_000 if said.forever else said.tokens:
            given = list(itertools.islice(itertools.cycle(given), many))
        if filtered := behaviour == Behaviour.FILTERED:
            given = _most_of(given)
        await self.line.silent(self._first_wait() + len(given) * self._gap())
        end = ending(self.asked, said, len(given), cut=cut, filtered=filtered)
        data = self.wire.whole(self.asked, "".join(given), end)
        if behaviour == Behaviour.HANGS_MIDWAY:
            self.line.respond(200, data[: len(data) // 2], length=len(data))
            await self.line.silent(3600)
        elif behaviour in (Behaviour.CUT_OFF, Behaviour.DROPPED):
            self.line.respond(200, data[: len(data) // 2], length=len(data))
            self._break_off()
        elif behaviour == Behaviour.FAILS_MIDWAY:
            self.line.respond(500, self.wire.error("server_error", "The server failed while answering."))
        else:
            self.line.respond(200, data[: len(data) // 2] if behaviour == Behaviour.INVALID_JSON else data)

    async def _stream(self) -> None:
        said = self.said
        given, cut = self._given()
        await self.line.silent(self._first_wait())
        self.line.begin_stream(self.wire.opening(self.asked), self.wire.kind)
        pieces = self._pieces(given)
        if said.forever or said.tokens:
            pieces_due = None if said.tokens is None else said.tokens // self.pace.tokens_per_piece
            await self._write(itertools.islice(itertools.cycle(pieces), pieces_due))
            self._end(said.tokens or 0)
        elif self.request.behaviour in _BROKEN_MIDWAY:
            await self._write(iter(_most_of(pieces)))
            await self._end_badly(len(_most_of(given)))
        else:
            await self._write(iter(pieces))
            self._end(len(given), cut=cut)

    def _end(self, sent: int, **how: bool) -> None:
        self.line.write_events(self.wire.closing(self.asked, ending(self.asked, self.said, sent, **how)))
        self.line.end_stream()

    async def _end_badly(self, sent: int) -> None:
        match self.request.behaviour:
            case Behaviour.FILTERED:
                self._end(sent, filtered=True)
                return
            case Behaviour.HANGS_MIDWAY:
                await self.line.silent(3600)
            case Behaviour.INVALID_JSON:
                self.line.write_events([self.wire.broken])
                self.line.end_stream()
            case Behaviour.FAILS_MIDWAY:
                self.line.write_events([self.wire.failing("overloaded_error", "The provider is overloaded.")])
                self.line.end_stream()
            case Behaviour.CUT_OFF:
                self.line.end_stream()
            case _:
                self._break_off()
        self.request.outcome = "broken_off"

    def _break_off(self) -> None:
        """Closes the connection in the middle of an answer."""
        self.request.outcome = "broken_off"
        raise _BrokenOff

    def _given(self) -> tuple[list[str], bool]:
        """The reply's tokens up to max_tokens, and whether that limit cut it."""
        given = tokens(self.said.text)
        most = self.asked.max_tokens
        cut = most is not None and len(given) > most and not self.said.forever and self.said.tokens is None
        return given[:most] if cut else given, cut

    def _pieces(self, given: list[str]) -> list[bytes]:
        size = self.pace.tokens_per_piece
        joined = ("".join(given[at : at + size]) for at in range(0, len(given), size))
        return [chunk(self.wire.piece(text)) for text in joined]

    def _first_wait(self) -> float:
        slow = self.request.behaviour == Behaviour.SLOW_FIRST_TOKEN
        return (self.pace.slow_first_token_ms if slow else self.pace.first_token_ms) / 1000

    def _gap(self) -> float:
        """Seconds between two tokens."""
        if self.request.behaviour == Behaviour.SLOW_DRIP:
            return self.pace.slow_gap_ms / 1000
        return 1 / self.pace.tokens_per_s if self.pace.tokens_per_s else 0.0

    async def _write(self, pieces: Iterator[bytes]) -> None:
        """Writes each piece when it is due; what became due while the loop was busy goes out in one write."""
        gap = self._gap() * self.pace.tokens_per_piece
        now = asyncio.get_running_loop().time
        begun, sent = now(), 0
        while True:
            due = int((now() - begun) / gap) + 1 - sent if gap else WRITE_AHEAD
            batch = list(itertools.islice(pieces, due))
            self.line.write(b"".join(batch))
            sent += len(batch)
            self.request.pieces = sent
            if len(batch) < due:
                return
            await self.line.room()
            await asyncio.sleep(0)
            await self.line.silent(begun + sent * gap - now())


def _most_of(parts: list[T]) -> list[T]:
    """As far as an answer comes that breaks off."""
    return parts[: max(1, len(parts) * 2 // 3)]


_BROKEN_MIDWAY = {
    Behaviour.CUT_OFF,
    Behaviour.DROPPED,
    Behaviour.INVALID_JSON,
    Behaviour.FAILS_MIDWAY,
    Behaviour.HANGS_MIDWAY,
    Behaviour.FILTERED,
}
_ERRORS = {
    Behaviour.RATE_LIMITED: (429, "rate_limit_error", "Too many requests, slow down."),
    Behaviour.SERVER_ERROR: (500, "server_error", "The server had an error."),
    Behaviour.OVERLOADED: (503, "overloaded_error", "Overloaded."),
    Behaviour.REFUSED: (401, "authentication_error", "Incorrect API key provided."),
}
