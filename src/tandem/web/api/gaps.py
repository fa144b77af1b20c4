"""What the knowledge lacks, the costliest first, and what people do about it."""

import pydantic
from fastapi import APIRouter
from starlette.responses import Response

from tandem import ids
from tandem.errors import Malformed
from tandem.learning import drafting, gaps
from tandem.learning.gaps import Status
from tandem.web.doors import KbReader, KbWriter
from tandem.web.json import JSON, Input, Nothing
from tandem.web.once import OnceRoute
from tandem.web.parts import P

router = APIRouter(prefix="/v1/kb/gaps", route_class=OnceRoute)


class Wanted(Input):
    """Where the draft goes, into a new release if nothing is said, and what it is called."""

    release_id: str | None = pydantic.Field(default=None, max_length=40)
    title: str | None = pydantic.Field(default=None, min_length=1, max_length=200)


@router.get("")
async def list_gaps(caller: KbReader, parts: P, status: Status | None = None) -> Response:
    """The 200 that cost most."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await gaps.page(tx, status)
    return JSON({"items": [gap.as_json() for gap in found]})


@router.get("/{id}")
async def gap(caller: KbReader, id: str, parts: P) -> Response:
    """One gap with its newest questions."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await gaps.get(tx, ids.read("gap", id))
        asked = await gaps.asked(tx, found.id)
    return JSON({**found.as_json(), "asked": [question.as_json() for question in asked]})


@router.post("/{id}/draft", status_code=201)
async def draft(caller: KbWriter, id: str, parts: P, body: Wanted | None = None) -> Response:
    """An article to be edited, in a draft release: what was asked, what people answered, what stands nearby."""
    wanted = body or Wanted()
    title = wanted.title.strip() if wanted.title is not None else None
    if title == "":
        raise Malformed("The title is empty.", errors=[{"field": "title", "message": "must not be empty"}])
    release_id = ids.read("rel", wanted.release_id, "release_id") if wanted.release_id else None
    async with parts.db.tenant(caller.tenant_id) as tx:
        made = await drafting.draft(
            tx, parts.queue, ids.read("gap", id), caller.name, release_id=release_id, title=title
        )
    shown = {"document_id": ids.show("doc", made.document_id), "release_id": ids.show("rel", made.release_id)}
    return JSON(shown, 201)


@router.post("/{id}/dismiss", status_code=204)
async def dismiss(caller: KbWriter, id: str, parts: P, body: Nothing | None = None) -> Response:
    """No article is wanted."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        await gaps.dismiss(tx, ids.read("gap", id))
    return Response(status_code=204)


@router.post("/{id}/reopen", status_code=204)
async def reopen(caller: KbWriter, id: str, parts: P, body: Nothing | None = None) -> Response:
    """It is a gap after all."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        await gaps.reopen(tx, ids.read("gap", id))
    return Response(status_code=204)
