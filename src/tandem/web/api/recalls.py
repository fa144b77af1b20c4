"""Answers to take back: who was told something that rests on a document, and the corrections that agents send them."""

from typing import Annotated, Any
from uuid import UUID

import pydantic
from fastapi import APIRouter, Query
from starlette.responses import Response

from tandem import ids
from tandem.db import Tx
from tandem.errors import Malformed
from tandem.ids import DocumentId, MessageId
from tandem.learning import recalling, recalls, sending
from tandem.learning.recalling import Wanted
from tandem.web.api.knowledge import find
from tandem.web.cursors import pack, unpack
from tandem.web.doors import KbWriter, StaffAgent, Viewer
from tandem.web.json import JSON, Input, Nothing, Text
from tandem.web.once import OnceRoute
from tandem.web.parts import P

router = APIRouter(prefix="/v1/kb", route_class=OnceRoute)

CORRECTION_CHARS = 20_000


class Found(Input):
    """What was found wrong: a document, one version of it, one passage; and why, for colleagues."""

    document_id: str = pydantic.Field(max_length=40)
    version: int | None = pydantic.Field(default=None, ge=1, le=2**31 - 1)
    passage_id: str | None = pydantic.Field(default=None, max_length=40)
    reason: str = pydantic.Field(min_length=1, max_length=2000)


class Worded(Input):
    """An agent's own words."""

    correction: str = pydantic.Field(min_length=1, max_length=CORRECTION_CHARS)


@router.get("/documents/{id}/answers")
async def list_answers(
    caller: Viewer,
    id: str,
    parts: P,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    passage_id: Text | None = None,
    cursor: Text | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Every answer that rests on it, newest first: to whom, when, and what was said. Of a withdrawn document too, by our id."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await recalls.answers(
            tx,
            await _document(tx, id),
            version=version,
            passage_id=ids.read("psg", passage_id, "passage_id") if passage_id else None,
            before=unpack(cursor) if cursor else None,
            most=limit + 1,
        )
    more = found[limit - 1] if len(found) > limit else None
    cut = pack(more.said_at, more.message_id) if more else None
    return JSON({"items": [answer.as_json() for answer in found[:limit]], "next_cursor": cut})


@router.get("/recalls")
async def list_recalls(
    caller: Viewer, parts: P, status: Annotated[str | None, Query(pattern="^(open|closed)$")] = None
) -> Response:
    """The newest 200."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await recalls.page(tx, status)
    return JSON({"items": [recall.as_json() for recall in found]})


@router.post("/recalls", status_code=201)
async def open_recall(caller: KbWriter, body: Found, parts: P) -> Response:
    """Every answer that rests on it, each with a correction drafted; but for those that wait in another recall of the document."""
    if not body.reason.strip():
        raise Malformed("Say what is wrong.", errors=[{"field": "reason", "message": "must not be empty"}])
    passage_id = ids.read("psg", body.passage_id, "passage_id") if body.passage_id else None
    document_id = DocumentId(ids.read("doc", body.document_id, "document_id"))
    wanted = Wanted(document_id, body.version, passage_id)
    recall_id = await recalling.by_person(
        parts.db, parts.models.shipped, caller.tenant_id, wanted, body.reason.strip(), caller.name
    )
    async with parts.db.tenant(caller.tenant_id) as tx:
        return JSON(await _shown(tx, recall_id), 201)


@router.get("/recalls/{id}")
async def recall(
    caller: Viewer,
    id: str,
    parts: P,
    cursor: Text | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> Response:
    """One recall with its answers, oldest first."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        return JSON(await _shown(tx, ids.read("rcl", id), cursor, limit))


@router.patch("/recalls/{id}/items/{message_id}")
async def reword(caller: StaffAgent, id: str, message_id: str, body: Worded, parts: P) -> Response:
    """The correction in an agent's own words. 409 `already_settled` when it is too late."""
    if not body.correction.strip():
        raise Malformed("The correction is empty.", errors=[{"field": "correction", "message": "must not be empty"}])
    async with parts.db.tenant(caller.tenant_id) as tx:
        await sending.reword(tx, *_ids(id, message_id), body.correction.strip())
        return await _item(tx, id, message_id)


@router.post("/recalls/{id}/items/{message_id}/send")
async def send(caller: StaffAgent, id: str, message_id: str, parts: P, body: Nothing | None = None) -> Response:
    """The customer reads it. 409 `correction_outdated` when the article has changed since it was drafted."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        await sending.send(tx, parts.hub, caller, *_ids(id, message_id))
        return await _item(tx, id, message_id)


@router.post("/recalls/{id}/items/{message_id}/dismiss")
async def dismiss(caller: StaffAgent, id: str, message_id: str, parts: P, body: Nothing | None = None) -> Response:
    """It needs no correction."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        await sending.dismiss(tx, caller, *_ids(id, message_id))
        return await _item(tx, id, message_id)


@router.post("/recalls/{id}/close")
async def close(caller: KbWriter, id: str, parts: P, body: Nothing | None = None) -> Response:
    """Nothing more is to be done about it."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        await recalls.close(tx, ids.read("rcl", id), caller.name)
        return JSON(await _shown(tx, ids.read("rcl", id)))


async def _document(tx: Tx, id: str) -> DocumentId:
    return DocumentId(ids.read("doc", id)) if id.startswith("doc_") else (await find(tx, id)).id


async def _shown(tx: Tx, recall_id: UUID, cursor: str | None = None, limit: int = 200) -> dict[str, Any]:
    found = await recalls.get(tx, recall_id)
    items = await recalls.items(tx, recall_id, after=unpack(cursor) if cursor else None, most=limit + 1)
    more = items[limit - 1] if len(items) > limit else None
    shown = [item.as_json() for item in items[:limit]]
    return {**found.as_json(), "items": shown, "next_cursor": pack(more.said_at, more.message_id) if more else None}


async def _item(tx: Tx, id: str, message_id: str) -> Response:
    return JSON((await recalls.item(tx, *_ids(id, message_id))).as_json())


def _ids(id: str, message_id: str) -> tuple[UUID, MessageId]:
    return ids.read("rcl", id), MessageId(ids.read("msg", message_id, "message_id"))
