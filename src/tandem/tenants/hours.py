"""When people are there: weekly hours in an IANA time zone, with holidays, and what is done outside of them.

Business time runs only while they are there. All arithmetic is on instants in UTC: on the day the clocks change, an
office that is open "from 9 to 17" is open for the seven or nine hours that really pass.
Knows nothing about what is promised to whom.
"""

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pydantic

from tandem import ids
from tandem.db import Jsonb, Later, Queries, Tx
from tandem.ids import TicketId

Q = Queries("tandem.tenants")

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

LOOK_AHEAD_DAYS = 400
"""How far the next opening is looked for: beyond a year of holidays nobody is coming back."""

Outside = Literal["queue", "collect", "assist_only"]
"""Outside hours a ticket waits as ever; or its message is taken and the customer is told when people are back; or the
assistant goes on answering until a person comes for it."""

CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"


class Span(pydantic.BaseModel):
    """A stretch of a day on the wall clock; `to` may be 24:00."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    from_: Annotated[str, pydantic.Field(alias="from", pattern=CLOCK)]
    to: Annotated[str, pydantic.Field(pattern=CLOCK[:-1] + "$|^24:00$")]

    @pydantic.model_validator(mode="after")
    def _forwards(self) -> "Span":
        if self.from_ >= self.to:
            raise ValueError("must end after it begins")
        return self


class Holiday(pydantic.BaseModel):
    """A day on which nobody is there."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    date: dt.date
    name: str = pydantic.Field(default="", max_length=100)


class Hours(pydantic.BaseModel):
    """Weekly hours. A day that is not named is closed. `{back}` in the text becomes the time when people are back."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    time_zone: str = "UTC"
    week: dict[Literal[DAYS], tuple[Span, ...]] = {}  # type: ignore[valid-type]  # the names of DAYS
    holidays: tuple[Holiday, ...] = pydantic.Field(default=(), max_length=500)
    outside: Outside = "collect"
    text: str = pydantic.Field(
        default="Our team is not here just now. They are back {back} and will answer you then.", max_length=500
    )

    @pydantic.field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
            raise ValueError("is not an IANA time zone, such as Europe/Berlin") from problem
        return name

    @pydantic.field_validator("week")
    @classmethod
    def _in_order(cls, week: dict[str, tuple[Span, ...]]) -> dict[str, tuple[Span, ...]]:
        for spans in week.values():
            if len(spans) > 10 or any(one.to > two.from_ for one, two in itertools.pairwise(spans)):
                raise ValueError("has stretches that overlap or are out of order")
        return week

    def as_json(self) -> dict[str, Any]:
        """As the API shows it and the table keeps it."""
        return self.model_dump(mode="json", by_alias=True)


ALWAYS: None = None
"""Hours of None: somebody is always there."""


@dataclass(frozen=True, slots=True)
class Now:
    """How it stands at a moment. `back_at`: when people are there again, None while they are or when nobody comes back."""

    is_open: bool
    back_at: datetime | None = None
    back: str = ""
    outside: Outside = "queue"
    text: str = ""

    def as_json(self) -> dict[str, Any] | None:
        """For the customer: nothing while people are there."""
        if self.is_open or self.outside == "queue":
            return None
        return {"outside": self.outside, "back_at": self.back_at, "back": self.back, "text": self.text}


def stretches(hours: Hours, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """When people are there from a moment on: (opens, closes) in UTC, in order; the first may have begun."""
    zone = ZoneInfo(hours.time_zone)
    closed = {holiday.date for holiday in hours.holidays}
    day = since.astimezone(zone).date() - timedelta(days=1)
    for _ in range(LOOK_AHEAD_DAYS + 2):
        if day not in closed:
            for span in hours.week.get(DAYS[day.weekday()], ()):
                opens, closes = _instant(day, span.from_, zone, 0), _instant(day, span.to, zone, 1)
                if closes > max(opens, since):
                    yield max(opens, since), closes
        day += timedelta(days=1)


def after(hours: Hours | None, start: datetime, seconds: float) -> datetime | None:
    """The instant at which so much business time has passed since `start`; None when it never does."""
    if hours is ALWAYS:
        return start + timedelta(seconds=seconds)
    left = timedelta(seconds=seconds)
    for opens, closes in stretches(hours, start):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    return None


def between(hours: Hours | None, start: datetime, end: datetime) -> float:
    """Business seconds from one instant to a later one; 0 when it is not later."""
    if end <= start:
        return 0.0
    if hours is ALWAYS:
        return (end - start).total_seconds()
    total = timedelta()
    for opens, closes in stretches(hours, start):
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total.total_seconds()


def at(hours: Hours | None, moment: datetime) -> Now:
    """How it stands at a moment."""
    if hours is ALWAYS:
        return Now(True)
    opens = next((opens for opens, _ in stretches(hours, moment)), None)
    if opens is not None and opens <= moment:
        return Now(True)
    back = in_words(opens, moment, ZoneInfo(hours.time_zone)) if opens else "later"
    return Now(False, opens, back, hours.outside, hours.text.replace("{back}", back))


def in_words(then: datetime, now: datetime, zone: ZoneInfo) -> str:
    """`today at 14:00`, `tomorrow at 9:00`, `on Monday at 9:00`, `on Monday 4 January at 9:00` when it is a week or more away."""
    there, here = then.astimezone(zone), now.astimezone(zone)
    clock = f"{there.hour}:{there.minute:02}"
    days = (there.date() - here.date()).days
    if days < 2:
        return f"{('today', 'tomorrow')[days]} at {clock}"
    if days < 7:
        return f"on {there:%A} at {clock}"
    return f"on {there:%A} {there.day} {there:%B} at {clock}"


def _instant(day: dt.date, clock: str, zone: ZoneInfo, fold: int) -> datetime:
    """A time of a day on the wall, in UTC. When the wall shows it twice: the first for opening, the second for closing."""
    if clock == "24:00":
        day, clock = day + timedelta(days=1), "00:00"
    wall = datetime.combine(day, dt.time.fromisoformat(clock), zone)
    return wall.replace(fold=fold).astimezone(UTC)


# ---------------------------------------------------------------- kept


@dataclass(frozen=True, slots=True)
class Kept:
    """Hours as stored: the tenant's where `team_id` is None."""

    team_id: UUID | None
    body: dict[str, Any]


async def everyones(tx: Tx) -> dict[UUID | None, Hours]:
    """The tenant's hours (under None), and those of teams that have their own."""
    return {row.team_id: Hours.model_validate(row.body) for row in await tx.all(Q.hours, Kept)}


async def of_team(tx: Tx, team_id: UUID | None) -> Hours | None:
    """The hours that hold for a team: its own, else the tenant's, else ALWAYS."""
    found = of_team_later(tx, team_id)
    await tx.flush()
    return kept(found)


def of_team_later(tx: Tx, team_id: UUID | None) -> Later:
    """The same with the transaction's next round trip; `kept` reads it."""
    return tx.later(Q.hours_of_team, team_id=team_id)


def of_ticket_later(tx: Tx, ticket_id: TicketId) -> Later:
    """The same for the team that a ticket is with now."""
    return tx.later(Q.hours_of_ticket, ticket_id=ticket_id)


def kept(found: Later) -> Hours | None:
    """The hours of an answer that holds none or the one Kept."""
    row = found.maybe(Kept)
    return Hours.model_validate(row.body) if row else ALWAYS


async def keep(tx: Tx, team_id: UUID | None, hours: Hours | None) -> None:
    """Set them; None takes them away."""
    if hours is None:
        await tx.run(Q.drop_hours, team_id=team_id)
    else:
        await tx.run(Q.keep_hours, id=ids.new(), team_id=team_id, body=Jsonb(hours.as_json()))
