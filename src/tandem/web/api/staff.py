"""What every page of the staff app needs: the tenant's live events, who is there, who works here."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import pydantic
from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from tandem import ids
from tandem.conversations import log
from tandem.errors import Malformed, NotFound
from tandem.events import Passing
from tandem.ids import MemberId
from tandem.tenants import members, teams
from tandem.tenants.teams import Workload
from tandem.tickets import notices
from tandem.web import doors, limits, sse, staffing
from tandem.web.doors import Admin, Staff, StaffAgent
from tandem.web.json import JSON, Input
from tandem.web.parts import P

router = APIRouter(prefix="/v1")

CHECKED_S = 1.0
"""How often an open stream looks whether its session still lives: a log-out ends it within 2 s (security.md T7)."""


class State(Input):
    """Whether I can be given work."""

    state: Literal["online", "away"]


Names = Annotated[
    tuple[Annotated[str, pydantic.Field(min_length=1, max_length=60)], ...], pydantic.Field(max_length=50)
]


class Work(Input):
    """What a member is given: all of the skills and languages named, or any."""

    skills: Names = ()
    languages: Names = ()
    capacity: int = pydantic.Field(default=teams.CAPACITY, ge=0, le=100)


class Read(Input):
    """Which notice; none: all."""

    id: str | None = None


@router.get("/events")
async def events(
    caller: Staff, request: Request, parts: P, last_event_id: Annotated[str | None, Header()] = None
) -> Response:
    """Every event of the tenant after Last-Event-ID, or from now on; then live, until the session ends."""
    if last_event_id and not log.is_cursor(last_event_id):
        raise Malformed(
            "Last-Event-ID is not from this stream.",
            errors=[{"field": "Last-Event-ID", "message": "must be an id from this stream"}],
        )
    cursor = last_event_id or await log.frontier(parts.db)

    async def frames() -> AsyncIterator[bytes]:
        yield sse.frame("ready", {"cursor": cursor}, cursor)
        async for item in log.follow_tenant(parts.db, parts.hub, caller.tenant_id, cursor):
            if isinstance(item, Passing):
                yield sse.frame(item.kind, item.data)
            else:
                place, event = item
                data = {
                    "conversation_id": ids.show("cnv", event.conversation_id),
                    **event.data,
                    "event_id": str(event.seq),
                }
                yield sse.frame(event.kind, data, place)

    return sse.respond(_while_signed_in(request, frames()))


@router.post("/presence", status_code=204)
async def presence(caller: StaffAgent, request: Request, body: State, parts: P) -> Response:
    """A heartbeat: I am online, or away."""
    await limits.count(request, "sign", str(caller.member_id), limits.SIGNS)
    if await parts.hot.presence.beat(caller.tenant_id, caller.member_id, body.state):
        data = {"member": {"id": ids.show("mbr", caller.member_id), "name": caller.name}, "state": body.state}
        parts.hub.pass_on(Passing(caller.tenant_id, None, "presence", data, for_staff=True))
        await staffing.give_out(parts, caller.tenant_id)
    return Response(status_code=204)


@router.get("/members")
async def list_members(caller: Staff, parts: P) -> Response:
    """The staff, and who is there."""
    states = await parts.hot.presence.states(caller.tenant_id)
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await members.everyone(tx)
        work = await teams.workloads(tx)
    items = [
        {
            "id": ids.show("mbr", m.id),
            "name": m.name,
            "email": m.email,
            "role": m.role,
            "presence": states.get(m.id, "offline"),
            **_work(work.get(m.id)),
        }
        for m in found
    ]
    return JSON({"items": items})


@router.put("/members/{id}/work")
async def set_work(caller: Admin, id: str, body: Work, parts: P) -> Response:
    """Which tickets a member is given, and how many at once; no skills or languages: any."""
    member_id = MemberId(ids.read("mbr", id))
    async with parts.db.tenant(caller.tenant_id) as tx:
        if await members.get(tx, member_id) is None:
            raise NotFound("There is no such member.")
        work = Workload(member_id, list(body.skills), list(body.languages), body.capacity)
        await teams.set_workload(tx, work)
    await staffing.give_out(parts, caller.tenant_id)
    return JSON({"id": ids.show("mbr", member_id), **_work(work)})


@router.get("/notices")
async def list_notices(caller: Staff, parts: P) -> Response:
    """What I was told and have not put away, newest first."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await notices.of(tx, caller.member_id)
    return JSON({"items": [notice.as_json() for notice in found]})


@router.post("/notices/read", status_code=204)
async def read_notices(caller: Staff, parts: P, body: Read | None = None) -> Response:
    """Put one away, or all."""
    one = ids.read("ntc", body.id, "id") if body and body.id else None
    async with parts.db.tenant(caller.tenant_id) as tx:
        await notices.read(tx, caller.member_id, one)
    return Response(status_code=204)


def _work(work: Workload | None) -> dict[str, Any]:
    return {
        "skills": work.skills if work else [],
        "languages": work.languages if work else [],
        "capacity": work.capacity if work else teams.CAPACITY,
    }


async def _while_signed_in(request: Request, frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The frames, until the session is over; looked at between them and while there are none."""
    upcoming: asyncio.Task[bytes | None] | None = None
    try:
        while True:
            upcoming = upcoming or asyncio.ensure_future(_next(frames))
            await asyncio.wait((upcoming,), timeout=CHECKED_S)
            if await doors.identify(request) is None:
                return
            if upcoming.done():
                found, upcoming = upcoming.result(), None
                if found is None:
                    return
                yield found
    finally:
        if upcoming is not None:
            upcoming.cancel()


async def _next(frames: AsyncIterator[bytes]) -> bytes | None:
    return await anext(frames, None)
