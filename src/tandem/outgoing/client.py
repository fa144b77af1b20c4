"""The one guarded client: resolve, check every address, connect to the checked one, check each redirect like the first.

No proxy, no cookies, no log-ins in addresses; bytes, seconds and redirects have a cap, and so has what a compressed answer
unfolds to.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from yarl import URL

from tandem.outgoing import urls
from tandem.outgoing.addresses import Address, Allowed
from tandem.outgoing.failures import AnswerTooLarge, OddAnswer, Unconnected, Unreachable
from tandem.outgoing.guard import Guard, Lookup, system_lookup
from tandem.outgoing.urls import Target

AGENT = "Tandem/0.1 (help centre sync)"
REDIRECTS = frozenset((301, 302, 303, 307, 308))
Part = bytes  # inside Caps the name `bytes` is that of a field
CONNECT_S = 10.0
CHUNK = 65_536
UNFOLD = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


@dataclass(frozen=True, slots=True)
class Caps:
    """What one request may cost, redirects and all. `bytes` bounds the answer before and after it is unfolded. `enough` is shown
    each part of the answer in turn and says whether the rest need not be waited for."""

    bytes: int = 10 * 1024 * 1024
    seconds: float = 30.0
    redirects: int = 5
    enough: Callable[[Part], bool] | None = None


CAPS = Caps()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said. `url` is where it was said, after redirects; names of headers are in lower case."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The answer as JSON. Raises OddAnswer."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise OddAnswer(f"{urls.read(self.url).host} does not answer in JSON.") from None


class Client:
    """Open for the length of an `async with` block."""

    def __init__(self, allowed: Allowed, *, lookup: Lookup = system_lookup, caps: Caps = CAPS) -> None:
        self._guard = Guard(allowed, lookup)
        self._caps = caps

    async def __aenter__(self) -> "Client":
        connector = aiohttp.TCPConnector(
            resolver=self._guard, use_dns_cache=False, socket_factory=self._guard.open_socket, limit_per_host=8
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
            headers={"user-agent": AGENT, "accept-encoding": "gzip"},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def ask(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        authorization: str | None = None,
        json: object = None,
        content: bytes | None = None,
        caps: Caps | None = None,
    ) -> Answer:
        """The answer, whatever its status. `authorization` goes to the origin of `url` alone, not where it redirects to.
        `content` is JSON already, byte for byte, for who signs it.

        Raises NotAnAddress, ForbiddenAddress, Unreachable (Unconnected where nothing was sent), AnswerTooLarge or OddAnswer.
        """
        caps = caps or self._caps
        target = urls.read(url)
        if authorization:
            self._guard.check_secret(target)
        body = content if json is None else orjson.dumps(json)
        sent = dict(headers or {}) | ({"content-type": "application/json"} if body is not None else {})
        try:
            async with asyncio.timeout(caps.seconds):
                return await self._follow(method, target, sent, authorization, body, caps)
        except TimeoutError:
            raise Unreachable(f"{target.host} has not answered within {caps.seconds:g} seconds.") from None

    async def addresses(self, url: str, *, secret: bool = False) -> tuple[Target, list[Address]]:
        """Where another program may connect to for this address, and may take a secret. Raises as `ask` does."""
        target = urls.read(url)
        if secret:
            self._guard.check_secret(target)
        self._guard.check_literal(target)
        if target.literal is not None:
            return target, [target.literal]
        return target, await self._guard.addresses(target.host, target.port)

    async def _follow(
        self,
        method: str,
        target: Target,
        headers: dict[str, str],
        authorization: str | None,
        body: bytes | None,
        caps: Caps,
    ) -> Answer:
        for _ in range(caps.redirects + 1):
            own = headers | ({"authorization": authorization} if authorization else {})
            answer = await self._once(method, target, own, body, caps)
            where = answer.headers.get("location")
            if answer.status not in REDIRECTS or not where:
                return answer
            if method != "GET":
                raise OddAnswer(f"{target.host} redirects a request that is not to be repeated elsewhere.")
            onward = urls.join(target, where)
            if onward.origin != target.origin:
                authorization = None
            target = onward
        raise Unreachable(f"{target.host} redirects more than {caps.redirects} times.")

    async def _once(
        self, method: str, target: Target, headers: dict[str, str], body: bytes | None, caps: Caps
    ) -> Answer:
        self._guard.check_literal(target)
        try:
            async with self._session.request(
                method, URL(target.text, encoded=True), headers=headers, data=body, allow_redirects=False
            ) as response:
                told = {name.lower(): value for name, value in response.headers.items()}
                if response.status in REDIRECTS:
                    return Answer(response.status, target.text, told, b"")
                content = await _content(response, told.get("content-encoding", ""), target.host, caps)
                return Answer(response.status, target.text, told, content)
        except aiohttp.ClientSSLError:
            raise Unreachable(f"{target.host} has no valid certificate.") from None
        except aiohttp.ClientConnectorError:
            raise Unconnected(f"{target.host} cannot be connected to.") from None
        except aiohttp.ClientConnectionError:
            raise Unreachable(f"{target.host} cannot be connected to.") from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise Unreachable(f"{target.host} broke off in the middle, or does not speak HTTP.") from None


async def _content(response: aiohttp.ClientResponse, encoding: str, host: str, caps: Caps) -> bytes:
    """The whole body, unfolded; broken off as soon as it goes over its cap, or is enough."""
    most, declared = caps.bytes, response.content_length
    content = bytearray()
    too_large = AnswerTooLarge(f"{host} answers with more than {most / 1048576:g} MB.")
    if declared is not None and declared > most:
        raise too_large
    async for part in _unfolded(response.content.iter_chunked(CHUNK), encoding.strip().lower(), host, most):
        content += part
        if len(content) > most:
            raise too_large
        if caps.enough is not None and caps.enough(part):
            break
    return bytes(content)


async def _unfolded(parts: AsyncIterator[bytes], encoding: str, host: str, most: int) -> AsyncIterator[bytes]:
    """The parts as they were before they were compressed, at most one byte more than `most` at a time."""
    if encoding in ("", "identity"):
        async for part in parts:
            yield part
        return
    if encoding not in UNFOLD:
        raise OddAnswer(f"{host} compresses its answer in a way that it was not asked for.")
    unfolding = zlib.decompressobj(UNFOLD[encoding])
    begun = False
    try:
        async for part in parts:
            begun = True
            yield unfolding.decompress(part, most + 1)
    except zlib.error:
        raise OddAnswer(f"{host} sends a damaged compressed answer.") from None
    if begun and not unfolding.eof:
        raise OddAnswer(f"{host} sends half of a compressed answer.")
