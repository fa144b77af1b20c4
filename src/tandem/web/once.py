"""Idempotency-Key on every POST: the same key and body gives the first answer again, another body 422."""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from tandem.db import Database
from tandem.errors import Malformed
from tandem.tenants import idempotency
from tandem.tenants.callers import Caller, CustomerCaller, MemberCaller
from tandem.web import doors, parts
from tandem.web.json import JSON

HEADER = "idempotency-key"
LONGEST = 200
PATIENCE_S = 10.0
"""Whoever repeats a request that is still being worked on hears its answer, if it comes within so long."""
LOOK_S = 0.1


class OnceRoute(APIRoute):
    """A route whose POSTs are done once for each key."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with the memory around it."""
        handle = super().get_route_handler()

        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            caller = await doors.identify(request) if key and request.method == "POST" else None
            if key is None or caller is None:
                return await handle(request)
            if not 0 < len(key) <= LONGEST:
                raise Malformed(
                    "The Idempotency-Key must have 1 to 200 characters.",
                    errors=[{"field": HEADER, "message": "1 to 200 characters"}],
                )
            return await _remembered(request, caller, key, handle)

        return once


async def _remembered(
    request: Request, caller: Caller, key: str, handle: Callable[[Request], Coroutine[Any, Any, Response]]
) -> Response:
    db, who = parts.of(request).db, _name(caller)
    fingerprint = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body()).digest()
    first = await _claimed(db, caller, who, key, fingerprint)
    if first is not None and first.status is not None:
        return (
            JSON(first.answer, first.status, headers={"idempotent-replay": "true"})
            if first.answer is not None
            else Response(status_code=first.status)
        )
    try:
        response = await handle(request)
    except BaseException:
        await idempotency.free(db, caller.tenant_id, who, key)
        raise
    body = getattr(response, "body", b"")
    if response.status_code >= 500 or not isinstance(body, bytes):
        await idempotency.free(db, caller.tenant_id, who, key)
    else:
        await idempotency.keep(
            db, caller.tenant_id, who, key, response.status_code, orjson.loads(body) if body else None
        )
    return response


async def _claimed(
    db: Database, caller: Caller, who: str, key: str, fingerprint: bytes
) -> idempotency.FirstAnswer | None:
    """As idempotency.claim; who comes while the first one is at work waits a while for its answer."""
    until = asyncio.get_running_loop().time() + PATIENCE_S
    while True:
        try:
            return await idempotency.claim(db, caller.tenant_id, who, key, fingerprint)
        except idempotency.StillRunning:
            if asyncio.get_running_loop().time() > until:
                raise
        await asyncio.sleep(LOOK_S)


def _name(caller: Caller) -> str:
    if isinstance(caller, CustomerCaller):
        return f"customer {caller.customer_id}"
    return f"member {caller.member_id}" if isinstance(caller, MemberCaller) else f"key {caller.key_id}"
