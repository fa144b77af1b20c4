"""The shop's web server: the wire for Tandem, and a page for people. It listens on loopback alone."""

import json
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tandem.demo.shop import books as bookkeeping
from tandem.demo.shop import calendar, faults, goods, page, place, wire
from tandem.demo.shop.changes import CHANGES, LOOK_UPS, Asked
from tandem.demo.shop.faults import Fault, Faults
from tandem.demo.shop.rules import Refused

MOST_BYTES = 64 * 1024
"""The largest request of this shop is an address."""

LONGEST_ID = 256
"""Of an idempotency key, a webhook-id and a customer's id."""


def serve(data_dir: Path, where: place.Place, *, with_faults: bool) -> None:
    """Fills a new shop, and serves until it is told to stop. Raises place.AlreadyOpen."""
    with place.hold(data_dir):
        app = create(place.database(data_dir), where.secret, with_faults=with_faults)
        uvicorn.run(
            app,
            host=place.HOST,
            port=where.port,
            http="h11",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
        )


def create(file: Path, secret: str, *, with_faults: bool) -> Starlette:
    """The shop on this database; it is made and filled when it is new."""
    bookkeeping.prepare(file)
    with bookkeeping.writing(file) as books:
        goods.fill(books, calendar.now())
    shop = Shop(file, secret)
    routes = [
        Route("/", shop.page),
        Route("/status", shop.status, methods=["POST"]),
        *([Route("/faults", shop.plan_fault, methods=["POST"])] if with_faults else []),
        *(Route(f"/{name}", shop.look_up, name=name, methods=["POST"]) for name in LOOK_UPS),
        *(Route(f"/{name}", shop.change, name=name, methods=["POST"]) for name in CHANGES),
    ]
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=[place.HOST, "localhost"])  # no page by another name
    return Starlette(routes=routes, middleware=[hosts], exception_handlers={Refused: _refused})


class Shop:
    """The doors of the shop."""

    def __init__(self, file: Path, secret: str) -> None:
        self._file = file
        self._secret = secret
        self._faults = Faults()
        self._running = set[str]()

    async def page(self, request: Request) -> Response:
        """Orders, refunds, e-mails, and what arrived."""
        text = await run_in_threadpool(page.show, self._file, request.query_params.get("customer", "")[:LONGEST_ID])
        return HTMLResponse(text, headers={"content-security-policy": page.POLICY, "cache-control": "no-store"})

    async def look_up(self, request: Request) -> Response:
        """A look-up, or the quote for a change."""
        _, arguments = await self._signed(request)
        name = request.url.path[1:]
        planned = self._faults.take(name)
        if broken := await faults.before(planned):
            return broken
        answer = await run_in_threadpool(wire.look_up, self._file, name, _customer(request), arguments)
        return await faults.after(planned, *answer)

    async def change(self, request: Request) -> Response:
        """A change, or the undoing of one."""
        body, arguments = await self._signed(request)
        key = request.headers.get("idempotency-key", "")
        if not 0 < len(key) <= LONGEST_ID:
            raise Refused("A change needs an Idempotency-Key.", 400)
        name, asked = request.url.path[1:], Asked(_customer(request), arguments, key)
        planned = self._faults.take(name)
        self._running.add(key)
        try:
            if broken := await faults.before(planned):
                return broken
            lie = planned is not None and planned.fault is Fault.LIE
            webhook_id = request.headers["webhook-id"]
            answer = await run_in_threadpool(wire.change, self._file, name, asked, webhook_id, body, pretend=lie)
        finally:
            self._running.discard(key)
        return await faults.after(planned, *answer)

    async def status(self, request: Request) -> Response:
        """What became of an idempotency key."""
        _, arguments = await self._signed(request)
        planned = self._faults.take("status")
        if broken := await faults.before(planned):
            return broken
        answer = await run_in_threadpool(wire.state, self._file, arguments, frozenset(self._running))
        return await faults.after(planned, *answer)

    async def plan_fault(self, request: Request) -> Response:
        """Plans what goes wrong next. JSON only, so that no page of a browser can send it."""
        if request.headers.get("content-type") != "application/json":
            raise Refused("The body is application/json.", 415)
        planned = self._faults.plan(_object(await faults.body_of(request, MOST_BYTES)))
        return JSONResponse([{"fault": one.fault.value, "times": one.times, "path": one.path} for one in planned])

    async def _signed(self, request: Request) -> tuple[bytes, dict[str, Any]]:
        body = await faults.body_of(request, MOST_BYTES)
        if len(request.headers.get("webhook-id", "")) > LONGEST_ID:
            raise Refused("The webhook-id is too long.", 400)
        wire.verify(self._secret, request.headers, body)
        return body, _object(body)


def _customer(request: Request) -> str:
    return request.headers.get("tandem-customer", "")[:LONGEST_ID]


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("The body is not JSON.", 400) from None
    if not isinstance(found, dict):
        raise Refused("The body is not a JSON object.", 400)
    return found


async def _refused(request: Request, refused: Exception) -> Response:
    return JSONResponse({"error": str(refused)}, refused.status if isinstance(refused, Refused) else 500)
