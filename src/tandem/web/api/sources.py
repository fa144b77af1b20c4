"""Sources: where documents come from by themselves, how their last run went, and what of it could not be read."""

import re
from enum import StrEnum
from typing import Annotated, Any

import pydantic
from fastapi import APIRouter, Query
from starlette.responses import Response

from tandem import ids
from tandem.errors import Malformed
from tandem.ids import TenantId
from tandem.knowledge.documents import AUDIENCE, PUBLIC
from tandem.knowledge.sources import Kind, Source, connectors, sources
from tandem.knowledge.sources.sources import SourceItem, Wish
from tandem.tenants.sealing import Sealer
from tandem.web.doors import KbReader, KbWriter
from tandem.web.json import JSON, Input
from tandem.web.once import OnceRoute
from tandem.web.parts import P

router = APIRouter(prefix="/v1/kb/sources", route_class=OnceRoute)

Name = Annotated[str, pydantic.StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Secret = Annotated[str, pydantic.StringConstraints(strip_whitespace=True, max_length=4000)]
LEAST_MINUTES, MOST_MINUTES = 5, 43_200


class Documents(StrEnum):
    """What becomes of a source's documents when it is removed."""

    KEEP = "keep"
    REMOVE = "remove"


class NewSource(Input):
    """A source. What `settings` may hold, its kind says; `secret` is never shown again."""

    kind: Kind
    name: Name
    settings: dict[str, Any] = pydantic.Field(max_length=20)
    secret: Secret | None = None
    audience: str = pydantic.Field(default=PUBLIC, pattern=AUDIENCE)
    category: str | None = pydantic.Field(default=None, max_length=100)
    approve: bool = False
    every_minutes: int = pydantic.Field(default=1440, ge=LEAST_MINUTES, le=MOST_MINUTES)


class SourceChange(Input):
    """What is to be different. An empty `secret` takes it away."""

    name: Name | None = None
    settings: dict[str, Any] | None = pydantic.Field(default=None, max_length=20)
    secret: Secret | None = None
    audience: str | None = pydantic.Field(default=None, pattern=AUDIENCE)
    category: str | None = pydantic.Field(default=None, max_length=100)
    approve: bool | None = None
    every_minutes: int | None = pydantic.Field(default=None, ge=LEAST_MINUTES, le=MOST_MINUTES)
    paused: bool | None = None


class SourceRun(Input):
    """A run by hand. `removals`: it may remove more than half of the source's documents."""

    removals: bool = False


@router.get("")
async def list_sources(caller: KbReader, parts: P) -> Response:
    """Every source, in the order of names."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await sources.statuses(tx)
    return JSON({"items": [_source(parts.sealer, caller.tenant_id, source) for source in found]})


@router.post("", status_code=201)
async def add_source(caller: KbWriter, body: NewSource, parts: P) -> Response:
    """A new source; its first run begins within a minute."""
    id = ids.new()
    settings = connectors.check(body.kind, body.settings)
    sealed = sources.seal(parts.sealer, caller.tenant_id, id, body.secret) if body.secret else None
    wish = Wish(body.name, body.audience, body.category, body.approve, body.every_minutes)
    async with parts.db.tenant(caller.tenant_id) as tx:
        made = await sources.add(tx, body.kind, wish, settings, sealed, id)
    return JSON(_source(parts.sealer, caller.tenant_id, made), 201)


@router.get("/{id}")
async def source(caller: KbReader, id: str, parts: P) -> Response:
    """One source."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await sources.get(tx, ids.read("src", id))
    return JSON(_source(parts.sealer, caller.tenant_id, found))


@router.patch("/{id}")
async def change_source(caller: KbWriter, id: str, body: SourceChange, parts: P) -> Response:
    """The source with other settings. Pausing lets a run that is under way come to its end."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        known = await sources.get(tx, ids.read("src", id), lock=True)
        settings = known.settings if body.settings is None else connectors.check(known.kind, body.settings)
        _require_secret_anew(known, settings, body)
        sealed = known.secret
        if body.secret is not None:
            sealed = sources.seal(parts.sealer, caller.tenant_id, known.id, body.secret) if body.secret else None
        changed = await sources.change(tx, known, _wish(known, body), settings, sealed)
    return JSON(_source(parts.sealer, caller.tenant_id, changed))


@router.delete("/{id}", status_code=204)
async def remove_source(caller: KbWriter, id: str, parts: P, documents: Documents = Documents.KEEP) -> Response:
    """The source is gone; its documents stay, or are withdrawn one after another from now on."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        known = await sources.get(tx, ids.read("src", id), lock=True)
        await sources.remove(tx, parts.queue, known, with_documents=documents is Documents.REMOVE)
    return Response(status_code=204)


@router.post("/{id}/sync", status_code=202)
async def sync_source(caller: KbWriter, id: str, parts: P, body: SourceRun | None = None) -> Response:
    """A run as soon as the worker can; also of a source that is paused."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        known = await sources.get(tx, ids.read("src", id), lock=True)
        job_id = await sources.ask(tx, parts.queue, known, removals=body is not None and body.removals)
    return JSON({"job_id": ids.show("job", job_id)}, 202)


@router.get("/{id}/items")
async def list_items(
    caller: KbReader, id: str, parts: P, failed: bool = False, limit: Annotated[int, Query(ge=1, le=500)] = 500
) -> Response:
    """What the source holds, what failed first."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        known = await sources.get(tx, ids.read("src", id))
        found = await sources.items(tx, known.id, failed=failed, most=limit)
    return JSON({"items": [_item(item) for item in found]})


def _require_secret_anew(known: Source, settings: dict[str, Any], body: SourceChange) -> None:
    """A secret goes to the server that it was given for, and to no other by a change of address."""
    if known.secret and body.secret is None and _server(settings) != _server(known.settings):
        raise Malformed(
            "The address is another server's. Give the secret again, or an empty one.",
            errors=[{"field": "secret", "message": "is needed when the address changes"}],
        )


def _server(settings: dict[str, Any]) -> str:
    found = re.match(r"[^/]*//[^/]*", str(settings.get("url", "")))
    return found[0] if found else ""


def _wish(known: Source, body: SourceChange) -> Wish:
    said = body.model_fields_set
    return Wish(
        body.name or known.name,
        body.audience or known.audience,
        body.category if "category" in said else known.category,
        known.approve if body.approve is None else body.approve,
        body.every_minutes or known.every_minutes,
        known.paused if body.paused is None else body.paused,
    )


def _source(sealer: Sealer, tenant_id: TenantId, s: Source) -> dict[str, Any]:
    return {
        "id": ids.show("src", s.id),
        "kind": s.kind,
        "name": s.name,
        "settings": s.settings,
        "has_secret": s.secret is not None,
        "secret_last4": sources.last_letters(sealer, tenant_id, s) if s.secret else None,
        "audience": s.audience,
        "category": s.category,
        "approve": s.approve,
        "every_minutes": s.every_minutes,
        "paused": s.paused,
        "status": s.status,
        "error": s.error,
        "failures": s.failures,
        "report": s.report,
        "documents": s.documents,
        "started_at": s.started_at,
        "finished_at": s.finished_at,
        "next_at": None if s.paused else s.next_at,
    }


def _item(item: SourceItem) -> dict[str, Any]:
    return {
        "key": item.key,
        "url": item.url,
        "document_id": ids.show("doc", item.document_id) if item.document_id else None,
        "error": item.error,
        "changed_at": item.changed_at,
    }
