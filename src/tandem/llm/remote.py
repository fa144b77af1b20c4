"""A model behind HTTP: asks over a pooled connection, listens within limits, and names every failure.

Knows aiohttp and nothing of any provider: the wire does. Sends a prompt at most twice, and only when the
connection failed before a byte of the answer came. Never logs, and never lets text into an error.
"""

import asyncio
import copy
import ipaddress
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Self, TypeVar
from urllib.parse import urlsplit

import aiohttp
import orjson
from yarl import URL

from tandem.llm import refusals
from tandem.llm.calls import TooMuch
from tandem.llm.failures import Failure, ModelFailed, RealModelForbidden, by_status, failed
from tandem.llm.model import Completion, Finish, Prompt, ToolCall, Usage
from tandem.llm.pool import Pool
from tandem.llm.sigv4 import Signer
from tandem.llm.sse import NotEvents
from tandem.llm.wire import SHAPE_ERRORS, ErrorEvent, Framing, Heard, Wire

CHARS_A_TOKEN = 8  # English has 4, long words in other languages reach 6: more is not max_tokens any more
LARGEST_BODY = 4_000_000  # bytes of an answer that is not streamed
LARGEST_ERROR = 64_000
T = TypeVar("T")

_SIGNED = {"Content-Type": "application/json"}
LAST_BYTES_S = 0.05  # what follows the end of an answer comes in the same packet or is not worth waiting for


class RemoteModel:
    """A provider's model at a base URL. One connection pool for its lifetime; see `Model` for the promises."""

    def __init__(self, name: str, wire: Wire, base_url: str, api_key: str | None, signer: Signer | None = None) -> None:
        self._name = name
        self._wire = wire
        base = str(URL(base_url)).rstrip("/")
        self._urls = {stream: URL(base + wire.path(stream=stream), encoded=True) for stream in (False, True)}
        self._host = urlsplit(base_url).hostname or base_url
        self._signer = signer
        self._headers = {**_SIGNED, "Accept-Encoding": "identity", **wire.headers(api_key)}
        self._pool = Pool(name)

    def with_key(self, api_key: str) -> "RemoteModel":
        """The same model asked with another key, over the same connections."""
        other = copy.copy(self)
        other._headers = self._headers | self._wire.headers(api_key)
        other._signer = None
        return other

    @property
    def name(self) -> str:
        """Provider and model."""
        return self._name

    def stream(self, prompt: Prompt) -> "RemoteStream":
        """The answer as it is written; nothing is sent before the first step."""
        return RemoteStream(self, prompt)

    async def complete(self, prompt: Prompt) -> Completion:
        """The answer in one piece within `timeout_s`. Raises ModelFailed."""
        heard = Heard()
        try:
            async with asyncio.timeout(prompt.timeout_s), self.asked(prompt, stream=False) as response:
                data = await self._body(response, LARGEST_BODY)
        except TimeoutError:
            raise self.failed(Failure.TIMED_OUT, advice="no whole answer in time") from None
        text = self.understood(self._wire.whole, data, heard)
        self.check_length(len(text), prompt)
        if heard.finish is None:
            raise self.failed(Failure.CUT_OFF)
        calls = heard.called()
        return Completion(text, heard.usage, heard.finish, self._name, calls)

    async def aclose(self) -> None:
        """Closes the pooled connections."""
        await self._pool.aclose()

    # --- for RemoteStream ---

    @asynccontextmanager
    async def asked(self, prompt: Prompt, *, stream: bool) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer's head has come and says 200; closes the connection unless the answer was read to its end."""
        response = await self._sent(self._urls[stream], orjson.dumps(self._wire.body(prompt, stream=stream)))
        try:
            if response.status != 200:
                raise await self._refusal(response)
            yield response
        finally:
            response.close()

    async def chunk(self, response: aiohttp.ClientResponse) -> bytes:
        """The next bytes of an answer, b"" at its end."""
        try:
            return await response.content.readany()
        except (aiohttp.ClientError, OSError):
            raise self.failed(Failure.CUT_OFF) from None

    def understood(self, read: Callable[[bytes, Heard], str], data: bytes, heard: Heard) -> str:
        """What the wire makes of these bytes, its complaints turned into ModelFailed."""
        try:
            text = read(data, heard)
        except (ErrorEvent, TooMuch) as reported:
            kind = reported.kind
        except SHAPE_ERRORS:
            kind = Failure.BROKEN
        else:
            return text
        raise self.failed(kind, status="it said so in the answer")  # outside `except`: JSON errors carry the text

    def check_length(self, chars: int, prompt: Prompt) -> None:
        """Stops an answer that goes far beyond what was asked for."""
        if chars > prompt.max_tokens * CHARS_A_TOKEN:
            raise self.failed(Failure.TOO_LONG)

    def failed(self, kind: Failure, **more: str) -> ModelFailed:
        """A failure of this model, with its sentence."""
        return failed(kind, self._name, self._host, **more)

    @property
    def wire(self) -> Wire:
        """The format it speaks."""
        return self._wire

    # --- asking ---

    async def _sent(self, url: URL, body: bytes) -> aiohttp.ClientResponse:
        """Posts once, and once more when the connection failed: a pooled one may have died of old age."""
        self._guard()
        return await self._posted(url, body) or await self._posted(url, body) or self._unreachable()

    async def _posted(self, url: URL, body: bytes) -> aiohttp.ClientResponse | None:
        """The answer's head, or None when there was no connection or it closed in silence."""
        headers, more = self._headers, dict[str, str]()
        if self._signer is not None:
            headers = headers | self._signer.sign("POST", str(url), _SIGNED, body, datetime.now(UTC))
        try:
            return await self._pool.session().post(url, data=body, headers=headers, allow_redirects=False)
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientSSLError, aiohttp.InvalidURL):
            kind = Failure.UNREACHABLE
        except (aiohttp.ClientConnectionError, OSError):
            return None
        except aiohttp.ClientError:
            kind = Failure.BROKEN
        except ValueError:  # a key with letters that no header may have
            kind, more = Failure.REFUSED, {"status": "it cannot be sent", "advice": "Check its key."}
        raise self.failed(kind, **more)  # outside `except`: the client's errors carry the headers, and so the key

    def _unreachable(self) -> aiohttp.ClientResponse:
        raise self.failed(Failure.UNREACHABLE)

    def _guard(self) -> None:
        if os.environ.get("TANDEM_FORBID_REAL_MODELS") == "1" and not _is_loopback(self._host):
            raise RealModelForbidden(f"{self._host} is not this machine; tests use tandem.llm.stub.")

    async def _body(self, response: aiohttp.ClientResponse, most: int) -> bytes:
        parts, size = [], 0
        while part := await self.chunk(response):
            parts.append(part)
            size += len(part)
            if size > most:
                raise self.failed(Failure.TOO_LONG)
        return b"".join(parts)

    async def _refusal(self, response: aiohttp.ClientResponse) -> ModelFailed:
        try:
            said = await self._body(response, LARGEST_ERROR)
        except ModelFailed:
            said = b""
        code, wait = refusals.read(response.headers, said)
        return by_status(response.status, self._name, self._host, retry_after=wait, code=code)


class RemoteStream:
    """One answer arriving; see `Stream` for the promises."""

    def __init__(self, model: RemoteModel, prompt: Prompt) -> None:
        self._model = model
        self._prompt = prompt
        self._heard = Heard()
        self._chars = 0
        self._calls: tuple[ToolCall, ...] = ()
        self._first_token_ms: float | None = None
        self._pieces = self._listen()

    @property
    def model(self) -> str:
        """The name of the model asked."""
        return self._model.name

    @property
    def usage(self) -> Usage:
        """Complete once the stream is exhausted."""
        return self._heard.usage

    @property
    def finish(self) -> Finish | None:
        """Why the provider stopped."""
        return self._heard.finish

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """Empty until the stream is exhausted: half a call is none."""
        return self._calls

    @property
    def first_token_ms(self) -> float | None:
        """Milliseconds to the first text."""
        return self._first_token_ms

    def __aiter__(self) -> Self:
        return self

    def __anext__(self) -> Awaitable[str]:
        return self._pieces.__anext__()  # not a coroutine of its own: this is done for each token

    async def aclose(self) -> None:
        """Ends the stream and its connection."""
        await self._pieces.aclose()

    async def _listen(self) -> AsyncGenerator[str, None]:
        now = asyncio.get_running_loop().time
        begun = now()
        total = begun + self._prompt.timeout_s
        until = min(total, begun + self._prompt.first_token_s)
        opening = self._model.asked(self._prompt, stream=True)
        response = await self._within(until, opening.__aenter__())
        events, called = self._model.wire.events(), 0
        try:
            while not self._heard.over:
                chunk = await self._within(until, self._model.chunk(response))
                if text := self._text(events, chunk):
                    self._first_token_ms = self._first_token_ms or (now() - begun) * 1000
                    until = min(total, now() + self._prompt.gap_s)
                    yield text
                elif self._heard.calls.chars > called:  # a sign of life as good as text
                    called = self._heard.calls.chars
                    until = min(total, now() + self._prompt.gap_s)
                if not chunk:
                    break
            if self._heard.finish is None:
                raise self._model.failed(Failure.CUT_OFF)
            self._calls = self._heard.called()
            await self._last_bytes(response)
        finally:
            await opening.__aexit__(None, None, None)

    async def _within(self, until: float, step: Awaitable[T]) -> T:
        """The step's result, if it comes by then."""
        try:
            async with asyncio.timeout_at(until):
                return await step
        except TimeoutError:
            silent = self._first_token_ms is None and not self._heard.calls
            what = "no first token" if silent else "a silence, or too long in all"
            raise self._model.failed(Failure.TIMED_OUT, advice=what) from None

    def _text(self, events: Framing, chunk: bytes) -> str:
        """The text that this chunk completes; an empty chunk is the end."""
        try:
            whole = events.feed(chunk)
            if not chunk:
                events.end()
        except NotEvents:
            raise self._model.failed(Failure.BROKEN) from None
        text = "".join([self._model.understood(self._model.wire.piece, data, self._heard) for data in whole])
        self._chars += len(text)
        self._model.check_length(self._chars, self._prompt)
        return text

    async def _last_bytes(self, response: aiohttp.ClientResponse) -> None:
        """Reads to the end of the body, so that the connection can serve again; gives it up rather than wait."""
        try:
            async with asyncio.timeout(LAST_BYTES_S):
                while await response.content.readany():
                    pass
        except (TimeoutError, aiohttp.ClientError, OSError):
            response.close()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
