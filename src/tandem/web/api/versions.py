"""What documents said before: versions, what changed between them, bringing one back, and deciding about what a source brought."""

import difflib
from typing import Annotated, Any

import pydantic
from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from tandem import ids
from tandem.knowledge import approvals, changes, documents, publishing
from tandem.knowledge.approvals import Held
from tandem.knowledge.documents import Origin, Version
from tandem.web.api.knowledge import find, saved_json
from tandem.web.doors import KbReader, KbWriter
from tandem.web.json import JSON, Input, Nothing
from tandem.web.once import OnceRoute
from tandem.web.parts import P

router = APIRouter(prefix="/v1/kb", route_class=OnceRoute)

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Which = Annotated[int, Query(ge=1, le=2**31 - 1)]


@router.get("/documents/{id}/versions")
async def list_versions(caller: KbReader, id: str, parts: P) -> Response:
    """Every version, newest first."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await documents.versions(tx, (await find(tx, id)).id)
    return JSON({"items": [_version(v) for v in found]})


@router.get("/documents/{id}/diff")
async def compare_versions(
    caller: KbReader,
    id: str,
    parts: P,
    before: Annotated[Which, Query(alias="from")],
    after: Annotated[Which, Query(alias="to")],
) -> Response:
    """What changed from one version to another, line by line, and in what is said about the document."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        document = await find(tx, id)
        old = await documents.version(tx, document.id, before)
        new = await documents.version(tx, document.id, after)
    names = ("title", "category", "audience", "source_url")
    labels = [
        {"name": name, "from": getattr(old, name), "to": getattr(new, name)}
        for name in names
        if getattr(old, name) != getattr(new, name)
    ]
    return JSON({"from": before, "to": after, "labels": labels, "lines": _lines(_text(old), _text(new))})


class Restored(Input):
    """Which version to bring back, and whether into a draft release."""

    version: int = pydantic.Field(ge=1)
    release_id: str | None = pydantic.Field(default=None, max_length=40)


@router.post("/documents/{id}/restore", status_code=202)
async def restore_version(caller: KbWriter, id: str, body: Restored, parts: P) -> Response:
    """What an earlier version said, said again as a new version."""
    within = ids.read("rel", body.release_id, "release_id") if body.release_id else None
    origin = Origin("page", caller.name, release_id=within)
    async with parts.db.tenant(caller.tenant_id) as tx:
        if within:
            await changes.lock(tx, within)
        found = await documents.get(tx, (await find(tx, id)).id, lock=True)
        return JSON(saved_json(await documents.restore(tx, parts.queue, found, body.version, origin)), 202)


@router.get("/approvals")
async def list_approvals(caller: KbReader, parts: P) -> Response:
    """What sources brought and a person has to approve, oldest first, beside what answers now."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await approvals.held(tx)
    return JSON({"items": [_held(h) for h in found]})


@router.post("/documents/{id}/versions/{number}/approve", status_code=204)
async def approve_version(caller: KbWriter, id: str, number: Number, parts: P, body: Nothing | None = None) -> Response:
    """It answers from now on."""
    await _decide(caller, id, number, parts, approve=True)
    return Response(status_code=204)


@router.post("/documents/{id}/versions/{number}/reject", status_code=204)
async def reject_version(caller: KbWriter, id: str, number: Number, parts: P, body: Nothing | None = None) -> Response:
    """It never answers; what did goes on."""
    await _decide(caller, id, number, parts, approve=False)
    return Response(status_code=204)


async def _decide(caller: KbWriter, id: str, number: int, parts: P, *, approve: bool) -> None:
    async with parts.db.tenant(caller.tenant_id) as tx:
        await publishing.lock(tx)
        found = await documents.get(tx, (await find(tx, id)).id, lock=True)
        await approvals.decide(tx, found, number, approve=approve)


def _text(version: Version) -> str:
    return version.written if version.written is not None else version.body or ""


def _lines(old: str, new: str) -> list[dict[str, str]]:
    """The lines of both, the removed ones before those that took their place."""
    before, after = old.splitlines(), new.splitlines()
    lines: list[dict[str, str]] = []
    for kind, i, j, m, n in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            lines += [{"kind": "same", "text": text} for text in before[i:j]]
            continue
        lines += [{"kind": "removed", "text": text} for text in before[i:j]]
        lines += [{"kind": "added", "text": text} for text in after[m:n]]
    return lines


def _version(v: Version) -> dict[str, Any]:
    return {
        "version": v.version,
        "title": v.title,
        "category": v.category,
        "audience": v.audience,
        "author": v.author,
        "created_at": v.created_at,
        "current": bool(v.live),
        "state": _state(v),
        "error": v.error,
        "release_id": ids.show("rel", v.release_id) if v.release_id else None,
        "format": v.format,
        "body": _text(v),
        "file": {"name": v.file_name, "size": v.file_size} if v.file_name else None,
    }


def _state(v: Version) -> str:
    """Where it is in its life."""
    if v.live:
        return "live"
    if v.error:
        return "error"
    if v.approval in ("waiting", "rejected"):
        return v.approval
    if not v.ready:
        return "processing"
    return "draft" if v.release_id else "retired"


def _held(h: Held) -> dict[str, Any]:
    return {
        "document_id": ids.show("doc", h.document_id),
        "version": h.version,
        "title": h.title,
        "source": h.source,
        "source_id": ids.show("src", h.source_id) if h.source_id else None,
        "source_url": h.source_url,
        "ready": h.ready,
        "error": h.error,
        "body": h.body,
        "live_version": h.live_version,
        "live_title": h.live_title,
        "live_body": h.live_body,
        "created_at": h.created_at,
    }
