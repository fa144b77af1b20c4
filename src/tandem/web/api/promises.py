"""What is promised to customers, and how well the triggers of a handoff judge."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import pydantic
from fastapi import APIRouter, Query
from starlette.responses import Response

from tandem import clock
from tandem.errors import Malformed
from tandem.tickets import labels, sla
from tandem.tickets.labels import Label
from tandem.web.doors import Admin, Viewer
from tandem.web.json import JSON, Input, Text
from tandem.web.parts import P

router = APIRouter(prefix="/v1")

DAYS = 30
"""What is looked at when no time is named."""

Minutes = Annotated[int, pydantic.Field(ge=1, le=60 * 24 * 365)]
Name = Annotated[str, pydantic.Field(min_length=1, max_length=60)]


class Promise(Input):
    """A promise in minutes of business time; null: nothing. It holds for these priorities and tiers; none named: for all."""

    name: Name
    priorities: Annotated[tuple[Literal["low", "medium", "high", "urgent"], ...], pydantic.Field(max_length=4)] = ()
    tiers: Annotated[tuple[Name, ...], pydantic.Field(max_length=50)] = ()
    first_reply: Minutes | None = None
    next_reply: Minutes | None = None
    resolution: Minutes | None = None
    remind: int = pydantic.Field(default=15, ge=0, le=60 * 24 * 7)


class Promises(Input):
    """What is promised, in the order in which it is looked at: the first that fits a ticket holds."""

    items: Annotated[tuple[Promise, ...], pydantic.Field(max_length=50)]


@router.get("/sla")
async def get_promises(caller: Viewer, parts: P) -> Response:
    """What is promised, in the order in which it is looked at."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        return JSON({"items": [policy.as_json() for policy in await sla.policies(tx)]})


@router.put("/sla")
async def set_promises(caller: Admin, body: Promises, parts: P) -> Response:
    """Promise this from now on; clocks that run keep what was promised."""
    promised = [
        {**each.model_dump(), "priorities": list(each.priorities), "tiers": list(each.tiers)} for each in body.items
    ]
    async with parts.db.tenant(caller.tenant_id) as tx:
        await sla.set_policies(tx, promised)
        return JSON({"items": [policy.as_json() for policy in await sla.policies(tx)]})


@router.get("/escalations/quality")
async def quality(
    caller: Viewer,
    parts: P,
    since: Annotated[datetime | None, Query(alias="from")] = None,
    to: datetime | None = None,
    trigger: Text | None = None,
    label: Label | None = None,
    unlabelled: bool = False,
) -> Response:
    """Precision and recall of each trigger by what agents said of its handoffs, with 95 % intervals, and the rows behind."""
    end = _utc(to) if to else clock.now()
    begin = _utc(since) if since else end - timedelta(days=DAYS)
    if begin >= end:
        raise Malformed("from is not before to.", errors=[{"field": "from", "message": "must be before to"}])
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await labels.tallies(tx, begin, end)
        rows = await labels.rows(tx, begin, end, trigger, label, unlabelled=unlabelled)
    shown: dict[str, Any] = {
        "from": begin,
        "to": end,
        "overall": labels.whole(found).as_json(),
        "triggers": [tally.as_json() for tally in found],
        "rows": [row.as_json() for row in rows],
    }
    return JSON(shown)


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError as problem:
        raise Malformed("That time cannot be.", errors=[{"field": "from", "message": "is out of range"}]) from problem
