"""What people answered: proposed as knowledge, approved or rejected."""

from typing import Annotated

import pydantic
from fastapi import APIRouter, Query
from starlette.responses import Response

from tandem import ids
from tandem.knowledge.documents import AUDIENCE, PUBLIC
from tandem.learning import resolutions
from tandem.learning.proposing import ANSWER_CHARS, QUESTION_CHARS
from tandem.learning.resolutions import Approval, Status
from tandem.web.cursors import pack, unpack
from tandem.web.doors import KbReader, KbWriter
from tandem.web.json import JSON, Input, Nothing, Text
from tandem.web.once import OnceRoute
from tandem.web.parts import P

router = APIRouter(prefix="/v1/kb/resolutions", route_class=OnceRoute)


class Approved(Input):
    """The texts as they are to be known; what is not named stays as proposed."""

    question: str | None = pydantic.Field(default=None, max_length=QUESTION_CHARS)
    answer: str | None = pydantic.Field(default=None, max_length=ANSWER_CHARS)
    category: str | None = pydantic.Field(default=None, max_length=100)
    audience: str = pydantic.Field(default=PUBLIC, pattern=AUDIENCE)

    @pydantic.field_validator("question", "answer")
    @classmethod
    def _says_something(cls, value: str | None) -> str | None:
        if value is not None and not value.strip():
            raise ValueError("must not be empty")
        return value.strip() if value is not None else None


@router.get("")
async def list_resolutions(
    caller: KbReader,
    parts: P,
    status: Status | None = None,
    cursor: Text | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """A page of them, newest first."""
    before = unpack(cursor) if cursor else None
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await resolutions.page(tx, status, before=before, most=limit + 1)
    more = found[limit - 1] if len(found) > limit else None
    cut = pack(more.created_at, more.id) if more else None
    return JSON({"items": [resolution.as_json() for resolution in found[:limit]], "next_cursor": cut})


@router.post("/{id}/approve")
async def approve(caller: KbWriter, id: str, parts: P, body: Approved | None = None) -> Response:
    """It becomes knowledge, ranked below articles. 409 `already_decided` when somebody was faster."""
    wanted = body or Approved()
    approval = Approval(wanted.question, wanted.answer, wanted.category, wanted.audience)
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await resolutions.approve(tx, parts.queue, ids.read("rsn", id), approval, caller.name)
    return JSON(found.as_json())


@router.post("/{id}/reject")
async def reject(caller: KbWriter, id: str, parts: P, body: Nothing | None = None) -> Response:
    """It never answers anybody."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await resolutions.reject(tx, ids.read("rsn", id), caller.name)
    return JSON(found.as_json())
