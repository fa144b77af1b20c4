"""Teams of the staff: which tickets each takes, who is in it, and how much work of which kind each member is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.db import Queries, Tx
from tandem.errors import Conflict, NotFound
from tandem.ids import MemberId

Q = Queries("tandem.tenants")

FIRST_TEAM = "Support"
"""What a new tenant's one team is called; it takes everything."""

CAPACITY = 5
"""Tickets a member is given at once until somebody says otherwise; chat teams commonly run three to six a person."""


class Assignment(StrEnum):
    """Who is given a ticket: whoever takes it, whose turn it is, or who has most room."""

    MANUAL = "manual"
    ROUND_ROBIN = "round_robin"
    BALANCED = "balanced"


@dataclass(frozen=True, slots=True)
class Team:
    """A team. What it takes: an empty list takes everything. `grace_s`: how long a ticket waits for a member who went away."""

    id: UUID
    name: str
    place: int
    is_default: bool
    categories: list[str]
    tiers: list[str]
    languages: list[str]
    skills: list[str]
    assignment: Assignment
    grace_s: int

    def takes(self, category: str | None, tier: str, language: str | None) -> bool:
        """Whether this kind of ticket is for this team."""
        return (
            (not self.categories or category in self.categories)
            and (not self.tiers or tier in self.tiers)
            and (not self.languages or language in self.languages)
        )

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "id": ids.show("tem", self.id),
            "name": self.name,
            "default": self.is_default,
            "categories": self.categories,
            "tiers": self.tiers,
            "languages": self.languages,
            "skills": self.skills,
            "assignment": self.assignment,
            "grace_s": self.grace_s,
        }


@dataclass(frozen=True, slots=True)
class TeamMember:
    """Somebody in a team."""

    team_id: UUID
    member_id: MemberId
    name: str
    is_lead: bool


@dataclass(frozen=True, slots=True)
class Workload:
    """What a member is given. No skills or languages named: any."""

    member_id: MemberId
    skills: list[str]
    languages: list[str]
    capacity: int


@dataclass(frozen=True, slots=True)
class Found:
    """A member's id."""

    id: MemberId


class DefaultTeam(Conflict):
    """The default team gets what no other takes, and so cannot be removed. Make another one the default first."""

    code, title = "default_team", "The default team cannot be removed"


async def start(tx: Tx) -> UUID:
    """A new tenant's first team."""
    team_id = ids.new()
    await tx.run(Q.add_team, id=team_id, name=FIRST_TEAM, is_default=True)
    return team_id


async def every(tx: Tx) -> list[Team]:
    """The teams, in the order in which they are asked; the default one last."""
    return await tx.all(Q.teams, Team)


async def get(tx: Tx, team_id: UUID) -> Team:
    """One team. Raises NotFound."""
    found = next((team for team in await every(tx) if team.id == team_id), None)
    if found is None:
        raise NotFound("There is no such team.")
    return found


async def pick(tx: Tx, category: str | None, tier: str, language: str | None) -> Team:
    """The first team that takes this kind of ticket, else the default one."""
    return first_that_takes(await every(tx), category, tier, language)


def first_that_takes(teams: Sequence[Team], category: str | None, tier: str, language: str | None) -> Team:
    """The same, of these teams, whose last is the default one."""
    fitting = (team for team in teams if not team.is_default and team.takes(category, tier, language))
    return next(fitting, teams[-1])


async def add(tx: Tx, name: str) -> UUID:
    """Another team, asked after all others, which takes everything until it is told what to take."""
    team_id = ids.new()
    await tx.run(Q.add_team, id=team_id, name=name, is_default=False)
    return team_id


async def change(tx: Tx, team_id: UUID, changes: dict[str, Any]) -> None:
    """Name, what it takes, how it is given work; what is not named stays. Raises NotFound."""
    named = ("name", "categories", "tiers", "languages", "skills", "assignment", "grace_s", "place")
    await get(tx, team_id)
    if changes.get("default"):
        await tx.run(Q.no_default_team)
        await tx.run(Q.make_default_team, id=team_id)
    await tx.run(Q.change_team, id=team_id, **{name: changes.get(name) for name in named})


async def set_members(tx: Tx, team_id: UUID, leads: dict[MemberId, bool]) -> None:
    """Who is in it, and which of them lead it."""
    await tx.run(Q.empty_team, team_id=team_id)
    await tx.run(Q.fill_team, team_id=team_id, members=list(leads), leads=list(leads.values()))


async def archive(tx: Tx, team_id: UUID) -> None:
    """It takes nothing any more; whoever moves its tickets has done so. Raises NotFound or DefaultTeam."""
    if (await get(tx, team_id)).is_default:
        raise DefaultTeam
    await tx.run(Q.archive_team, id=team_id)


async def members_of(tx: Tx) -> list[TeamMember]:
    """Who is in which team, by name."""
    return await tx.all(Q.team_members, TeamMember)


async def workloads(tx: Tx) -> dict[MemberId, Workload]:
    """What each member is given; a member without a row is given any kind, CAPACITY at once."""
    return {row.member_id: row for row in await tx.all(Q.workloads, Workload)}


async def set_workload(tx: Tx, work: Workload) -> None:
    """Change what a member is given."""
    await tx.run(
        Q.set_workload,
        member_id=work.member_id,
        skills=work.skills,
        languages=work.languages,
        capacity=work.capacity,
    )


async def given(tx: Tx, member_id: MemberId) -> None:
    """A member has just been given a ticket: it is the others' turn."""
    await tx.run(Q.note_given, member_id=member_id, capacity=CAPACITY)


async def leads(tx: Tx, team_id: UUID) -> list[MemberId]:
    """Who hears of broken promises: the team's leads, or every admin where it has none."""
    return [found.id for found in await tx.all(Q.leads, Found, team_id=team_id)]
