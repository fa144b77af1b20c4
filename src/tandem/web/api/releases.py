"""Releases: drafts that collect changes, their replays, publishing all at once, and one click back."""

from typing import Annotated, Any, Literal

import pydantic
from fastapi import APIRouter, Query
from starlette.responses import Response

from tandem import ids
from tandem.db import Tx
from tandem.errors import NotFound
from tandem.ids import DocumentId
from tandem.knowledge import changes, releases, replays
from tandem.knowledge.changes import Change
from tandem.knowledge.releases import Release
from tandem.knowledge.replays import Replay, Replayed
from tandem.tenants import policy
from tandem.web.doors import KbReader, KbWriter
from tandem.web.json import JSON, Input, Nothing
from tandem.web.once import OnceRoute
from tandem.web.parts import P

router = APIRouter(prefix="/v1/kb/releases", route_class=OnceRoute)

TITLE_CHARS = 200
NOTE_CHARS = 5000

Standing = Literal["draft", "published", "rolled_back", "discarded"]
Verdict = Literal["newly_unanswered", "worse", "changed_citations", "improved", "same"]


class Begun(Input):
    """A new draft."""

    title: str = pydantic.Field(min_length=1, max_length=TITLE_CHARS, pattern=r"\S")
    note: str = pydantic.Field(default="", max_length=NOTE_CHARS)


class Named(Input):
    """What people call a release."""

    title: str | None = pydantic.Field(default=None, min_length=1, max_length=TITLE_CHARS, pattern=r"\S")
    note: str | None = pydantic.Field(default=None, max_length=NOTE_CHARS)


class Over(Input):
    """The questions of how many days are replayed; without it as many as the policy says."""

    days: int | None = pydantic.Field(default=None, ge=1, le=365)


@router.get("")
async def list_releases(caller: KbReader, parts: P, status: Annotated[Standing | None, Query()] = None) -> Response:
    """The releases, newest first."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await releases.page(tx, status)
    return JSON({"items": [_release(r) for r in found]})


@router.post("", status_code=201)
async def begin_release(caller: KbWriter, body: Begun, parts: P) -> Response:
    """A draft that collects changes: send documents with its id as `release_id`."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        made = await releases.create(tx, body.title.strip(), caller.name, body.note)
    return JSON(_release(made), 201)


@router.get("/{id}")
async def release(caller: KbReader, id: str, parts: P) -> Response:
    """One release with what it changes and how its last replay came out."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        return JSON(await _whole(tx, await releases.get(tx, ids.read("rel", id))))


@router.patch("/{id}")
async def name_release(caller: KbWriter, id: str, body: Named, parts: P) -> Response:
    """Another title or note; what is not named stays."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        named = await releases.edit(tx, ids.read("rel", id), body.title and body.title.strip(), body.note)
    return JSON(_release(named))


@router.delete("/{id}", status_code=204)
async def discard_release(caller: KbWriter, id: str, parts: P) -> Response:
    """The draft is thrown away; documents that existed in it alone are gone from the list."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        await releases.discard(tx, ids.read("rel", id), caller.name)
    return Response(status_code=204)


@router.delete("/{id}/changes/{document_id}", status_code=204)
async def leave_out_change(caller: KbWriter, id: str, document_id: str, parts: P) -> Response:
    """The draft leaves this document alone."""
    left_out = DocumentId(ids.read("doc", document_id, "document_id"))
    async with parts.db.tenant(caller.tenant_id) as tx:
        await releases.leave_out(tx, ids.read("rel", id), left_out)
    return Response(status_code=204)


@router.post("/{id}/replay", status_code=202)
async def replay_release(caller: KbWriter, id: str, parts: P, body: Over | None = None) -> Response:
    """The questions of the last days run against the draft and against what answers now; the job says how far it is."""
    release_id = ids.read("rel", id)
    async with parts.db.tenant(caller.tenant_id) as tx:
        await changes.lock(tx, release_id)
        found = await changes.of(tx, release_id)
        releases.refuse_unready(found)
        days = (body and body.days) or (await policy.get(tx)).rules.releases.replay_days
        replay = await replays.promise(tx, parts.queue, release_id, found, days)
    job_id = ids.show("job", replay.job_id) if replay.job_id else None
    return JSON({"replay_id": ids.show("rpl", replay.id), "job_id": job_id}, 202)


@router.get("/{id}/replay")
async def release_replay(
    caller: KbReader, id: str, parts: P, verdict: Annotated[Verdict | None, Query()] = None
) -> Response:
    """The last replay with its questions, the worst first, as they are answered now and as they would be."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await releases.get(tx, ids.read("rel", id))
        replay = await replays.latest(tx, found.id)
        if replay is None:
            raise NotFound("This release has not been replayed.")
        rows = await replays.rows(tx, replay.id, verdict and [verdict])
        shown = await _replay(tx, replay, await changes.of(tx, found.id))
    return JSON({**shown, "rows": [_row(row) for row in rows]})


@router.post("/{id}/publish")
async def publish_release(caller: KbWriter, id: str, parts: P, body: Nothing | None = None) -> Response:
    """From now on all of it answers; 409 says what stands in the way."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        published = await releases.publish(tx, ids.read("rel", id), caller.name)
        return JSON(await _whole(tx, published))


@router.post("/{id}/rollback")
async def roll_back_release(caller: KbWriter, id: str, parts: P, body: Nothing | None = None) -> Response:
    """From now on what answered before answers again; `left` are documents that somebody has changed since."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        back, left = await releases.roll_back(tx, ids.read("rel", id), caller.name)
        return JSON({**await _whole(tx, back), "left": [_change(change, is_draft=False) for change in left]})


async def _whole(tx: Tx, found: Release) -> dict[str, Any]:
    """A release with what it changes and its last replay."""
    changed = await changes.of(tx, found.id)
    replay = await replays.latest(tx, found.id)
    return {
        **_release(found),
        "changes": [_change(change, is_draft=found.status == "draft") for change in changed],
        "replay": await _replay(tx, replay, changed) if replay else None,
    }


def _release(r: Release) -> dict[str, Any]:
    return {
        "id": ids.show("rel", r.id),
        "title": r.title,
        "note": r.note,
        "status": r.status,
        "number": r.number,
        "created_by": r.created_by,
        "created_at": r.created_at,
        "updated_at": r.updated_at,
        "published_by": r.published_by,
        "published_at": r.published_at,
        "ended_by": r.ended_by,
        "ended_at": r.ended_at,
        "changes": r.changes,
    }


def _change(c: Change, *, is_draft: bool) -> dict[str, Any]:
    return {
        "document_id": ids.show("doc", c.document_id),
        "title": c.title,
        "kind": c.kind,
        "from_version": c.from_version,
        "to_version": c.to_version,
        "live_version": c.live_version,
        "ready": c.ready,
        "error": c.error,
        "conflict": is_draft and c.conflicts,
    }


async def _replay(tx: Tx, r: Replay, changed: list[Change]) -> dict[str, Any]:
    return {
        "id": ids.show("rpl", r.id),
        "status": r.status,
        "job_id": ids.show("job", r.job_id) if r.job_id else None,
        "current": await replays.is_current(tx, r, changed),
        "days": r.days,
        "blocked": r.blocked,
        "report": r.report,
        "created_at": r.created_at,
        "finished_at": r.finished_at,
    }


def _row(row: Replayed) -> dict[str, Any]:
    return {
        "question": row.question,
        "turn_id": ids.show("trn", row.turn_id) if row.turn_id else None,
        "verdict": row.verdict,
        "live": row.live,
        "draft": row.draft,
    }
