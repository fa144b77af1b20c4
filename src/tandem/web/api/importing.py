"""Actions proposed from an OpenAPI document or an MCP server. Nothing is saved: the admin puts those that are wanted."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import pydantic
from fastapi import APIRouter, Request
from starlette.responses import Response

from tandem.actions.importing import Imported, mcp, openapi
from tandem.errors import Malformed
from tandem.outgoing import ForbiddenAddress, NotAnAddress, RefusedByServer
from tandem.web import limits
from tandem.web.doors import ActionAdmin
from tandem.web.json import JSON, Input
from tandem.web.once import OnceRoute
from tandem.web.parts import P, Parts

router = APIRouter(prefix="/v1/actions/import", route_class=OnceRoute)

ACCEPT = {"accept": "application/json, application/yaml;q=0.9, */*;q=0.8"}


class OpenapiSource(Input):
    """An OpenAPI document: its text, itself, or where it is. `base_url` replaces the address that it gives for its server."""

    document: str | dict[str, Any] | None = None
    url: str | None = pydantic.Field(default=None, min_length=1, max_length=2000)
    base_url: str | None = pydantic.Field(default=None, max_length=2000)

    @pydantic.model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.document is None) == (self.url is None):
            raise ValueError("needs either `document` or `url`")
        return self


class McpSource(Input):
    """Where an MCP server is, over streamable HTTP."""

    url: str = pydantic.Field(min_length=1, max_length=2000)


@router.post("/openapi")
async def import_openapi(caller: ActionAdmin, request: Request, body: OpenapiSource, parts: P) -> Response:
    """What the document's operations would be as actions, all of them off; what was passed over and why; what to decide first."""
    await limits.count(request, "import", str(caller.tenant_id), limits.IMPORTS)
    with _naming_the_address():
        source = body.document if body.document is not None else await _fetched(parts, body.url or "")
    return JSON(_shown(await asyncio.to_thread(openapi.read, source, body.base_url or None)))


@router.post("/mcp")
async def import_mcp(caller: ActionAdmin, request: Request, body: McpSource, parts: P) -> Response:
    """What the server's tools would be as actions, all of them off."""
    await limits.count(request, "import", str(caller.tenant_id), limits.IMPORTS)
    with _naming_the_address():
        return JSON(_shown(await mcp.bring(await parts.acting.handlers.client(), body.url)))


@contextmanager
def _naming_the_address() -> Iterator[None]:
    """An address that is none, or leads where it may not, is a fault of the field that holds it."""
    try:
        yield
    except (NotAnAddress, ForbiddenAddress) as problem:
        raise Malformed(problem.detail, errors=[{"field": "url", "message": problem.detail}]) from problem


async def _fetched(parts: Parts, url: str) -> bytes:
    """The document at an address. Raises as the guarded client does, RefusedByServer and Malformed."""
    client = await parts.acting.handlers.client()
    answer = await client.ask(url, headers=ACCEPT)
    if not 200 <= answer.status < 300:
        raise RefusedByServer(f"The server answers with status {answer.status}.", answered=answer.status)
    if not answer.body.strip():
        raise Malformed(
            "The address answers with nothing.", errors=[{"field": "url", "message": "answers with nothing"}]
        )
    return answer.body


def _shown(imported: Imported) -> dict[str, Any]:
    return {
        "items": [each.model_dump(mode="json", by_alias=True) for each in imported.definitions],
        "passed_over": [{"name": name, "reason": reason} for name, reason in imported.passed_over],
        "hints": imported.hints,
    }
