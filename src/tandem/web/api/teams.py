"""Teams and business hours: who takes which tickets, and when people are there."""

from typing import Annotated, Any
from uuid import UUID

import pydantic
from fastapi import APIRouter
from starlette.responses import Response

from tandem import clock, ids
from tandem.db import Tx
from tandem.errors import NotFound
from tandem.ids import MemberId
from tandem.tenants import hours, members, teams
from tandem.tenants.hours import Hours
from tandem.tenants.teams import Assignment, Team, TeamMember
from tandem.tickets import queue
from tandem.web import staffing
from tandem.web.doors import Admin, Viewer
from tandem.web.json import JSON, Input
from tandem.web.once import OnceRoute
from tandem.web.parts import P

router = APIRouter(prefix="/v1", route_class=OnceRoute)

Name = Annotated[str, pydantic.Field(min_length=1, max_length=60)]
Names = Annotated[tuple[Name, ...], pydantic.Field(max_length=50)]


class Inside(Input):
    """Somebody in a team. A lead hears of broken promises."""

    id: str
    lead: bool = False


class TeamChanges(Input):
    """A team's properties; what is not named stays. Lists that are empty take everything; no members: every agent and admin."""

    name: Name | None = None
    categories: Names | None = None
    tiers: Names | None = None
    languages: Names | None = None
    skills: Names | None = None
    assignment: Assignment | None = None
    grace_s: int | None = pydantic.Field(default=None, ge=0, le=86400)
    place: int | None = pydantic.Field(default=None, ge=0, le=1000)
    default: bool | None = None
    members: Annotated[tuple[Inside, ...], pydantic.Field(max_length=500)] | None = None


class NewTeam(TeamChanges):
    """A team to be."""

    name: Name


class HoursWanted(Input):
    """When people are there; null: always, or for a team as for the tenant."""

    hours: Hours | None


@router.get("/teams")
async def list_teams(caller: Viewer, parts: P) -> Response:
    """The teams in the order in which they are asked, the default one last; with their hours and how many wait."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        return JSON({"items": await _shown(tx)})


@router.post("/teams", status_code=201)
async def add_team(caller: Admin, body: NewTeam, parts: P) -> Response:
    """Another team, asked after those that are there."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        team_id = await teams.add(tx, body.name)
        await _change(tx, team_id, body)
        shown = await _one(tx, team_id)
    return JSON(shown, 201)


@router.patch("/teams/{id}")
async def change_team(caller: Admin, id: str, body: TeamChanges, parts: P) -> Response:
    """What it takes, who is in it, how it is given work."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        await _change(tx, _id(id), body)
        shown = await _one(tx, _id(id))
    await staffing.give_out(parts, caller.tenant_id)
    return JSON(shown)


@router.delete("/teams/{id}", status_code=204)
async def archive_team(caller: Admin, id: str, parts: P) -> Response:
    """It takes nothing any more; who waits in it goes to the default team. 409 `default_team` for that one."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        await teams.archive(tx, _id(id))
        await queue.move_all(tx, _id(id), (await teams.every(tx))[-1].id)
    return Response(status_code=204)


@router.put("/teams/{id}/hours")
async def set_team_hours(caller: Admin, id: str, body: HoursWanted, parts: P) -> Response:
    """A team's own hours; null: the tenant's hold."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        await teams.get(tx, _id(id))
        await hours.keep(tx, _id(id), body.hours)
        shown = await _one(tx, _id(id))
    return JSON(shown)


@router.get("/hours")
async def get_hours(caller: Viewer, parts: P) -> Response:
    """The tenant's hours (null: always), and how it stands now."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        return JSON(await _hours(tx))


@router.put("/hours")
async def set_hours(caller: Admin, body: HoursWanted, parts: P) -> Response:
    """When the tenant's people are there; null: always."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        await hours.keep(tx, None, body.hours)
        return JSON(await _hours(tx))


async def _hours(tx: Tx) -> dict[str, Any]:
    found = await hours.of_team(tx, None)
    now = hours.at(found, clock.now())
    return {"hours": found.as_json() if found else None, "open": now.is_open, "back": now.back or None}


async def _change(tx: Tx, team_id: UUID, body: TeamChanges) -> None:
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set - {"members"}}
    changes = {name: list(value) if isinstance(value, tuple) else value for name, value in changes.items()}
    await teams.change(tx, team_id, changes)
    if body.members is not None:
        leads = {MemberId(ids.read("mbr", each.id, "members")): each.lead for each in body.members}
        if leads.keys() - {member.id for member in await members.everyone(tx)}:
            raise NotFound("There is no such member.")
        await teams.set_members(tx, team_id, leads)


async def _one(tx: Tx, team_id: UUID) -> dict[str, Any]:
    return next(team for team in await _shown(tx) if team["id"] == ids.show("tem", team_id))


async def _shown(tx: Tx) -> list[dict[str, Any]]:
    inside, kept, waiting = await teams.members_of(tx), await hours.everyones(tx), await queue.waiting(tx)
    return [_team(team, inside, kept, waiting) for team in await teams.every(tx)]


def _team(
    team: Team, inside: list[TeamMember], kept: dict[UUID | None, Hours], waiting: dict[UUID, int]
) -> dict[str, Any]:
    own = kept.get(team.id)
    now = hours.at(own or kept.get(None), clock.now())
    people = [
        {"id": ids.show("mbr", each.member_id), "name": each.name, "lead": each.is_lead}
        for each in inside
        if each.team_id == team.id
    ]
    return {
        **team.as_json(),
        "members": people,
        "hours": own.as_json() if own else None,
        "open": now.is_open,
        "back": now.back or None,
        "waiting": waiting.get(team.id, 0),
    }


def _id(text: str) -> UUID:
    return ids.read("tem", text)
