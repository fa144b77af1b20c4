"""A web server on loopback that answers as a test tells it to and remembers what it was asked."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tandem.outgoing import Allowed, read_allowed

LOOPBACK: Allowed = read_allowed("127.0.0.1/32")
"""What tests allow: one address of the loopback network, so that its others stand for a private network."""

Reply = Callable[[web.BaseRequest], web.StreamResponse | Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Loopback:
    """A running server."""

    url: str
    port: int
    asked: list[str] = field(default_factory=list)
    requests: list[web.BaseRequest] = field(default_factory=list)


@asynccontextmanager
async def serving(reply: Reply, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Loopback]:
    """A server for the length of the block."""
    server = Loopback("", 0)

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        server.asked.append(request.path_qs)
        server.requests.append(request)
        said = reply(request)
        return said if isinstance(said, web.StreamResponse) else await said

    runner = web.ServerRunner(web.Server(handle), shutdown_timeout=0.1)
    await runner.setup()
    listening = socket.create_server((host, port))
    await web.SockSite(runner, listening).start()
    server.port = listening.getsockname()[1]
    server.url = f"http://{host}:{server.port}"
    try:
        yield server
    finally:
        await runner.cleanup()
