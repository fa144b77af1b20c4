"""How sure the assistant may be: labels of its answers, how far its confidence can be believed, and thresholds that keep a limit."""

import asyncio
from functools import partial
from typing import Annotated, Literal

import pydantic
from fastapi import APIRouter, Query
from starlette.responses import Response

from tandem import ids
from tandem.ids import TurnId
from tandem.learning import deciding, outcomes, scorings
from tandem.web.doors import Admin, Agent
from tandem.web.json import JSON, Input, Nothing
from tandem.web.once import OnceRoute
from tandem.web.parts import P

router = APIRouter(prefix="/v1", route_class=OnceRoute)

Hour = Annotated[float, pydantic.Field(ge=0, le=100_000, allow_inf_nan=False)]


class Judged(Input):
    """A person's word on an answer; `right` null: it cannot be told."""

    turn_id: str = pydantic.Field(max_length=40)
    right: bool | None


class Wanted(Input):
    """How many answers are drawn by lot."""

    count: int = pydantic.Field(default=25, ge=1, le=outcomes.MOST_DRAWN)


class Limit(Input):
    """At most so large a share wrong among what the assistant handles, so sure. `otherwise`: what becomes of a group that has
    no such threshold: what holds now, or everything to people. `agent_hour`: what an hour of an agent's costs."""

    limit: float = pydantic.Field(gt=0, lt=1, allow_inf_nan=False)
    confidence: float = pydantic.Field(default=0.95, ge=0.5, lt=1, allow_inf_nan=False)
    otherwise: Literal["keep", "people"] = "keep"
    agent_hour: Hour = deciding.HOUR


@router.get("/confidence")
async def confidence(caller: Admin, parts: P) -> Response:
    """Reliability overall and by category, drift, labels, and the weights with their versions."""
    async with parts.db.reading(caller.tenant_id) as tx:
        now = await deciding.standing(tx)
    return JSON(await asyncio.to_thread(deciding.confidence, now))


@router.post("/confidence/rollback", status_code=204)
async def roll_back(caller: Admin, parts: P, body: Nothing | None = None) -> Response:
    """The weights before those in force hold again."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        await scorings.roll_back(tx)
    return Response(status_code=204)


@router.get("/outcomes/queue")
async def queue(caller: Agent, parts: P) -> Response:
    """Answers that were drawn by lot and wait for a person's word."""
    async with parts.db.reading(caller.tenant_id) as tx:
        found, waiting = await outcomes.queue(tx), await outcomes.waiting(tx)
    return JSON({"items": [each.as_json() for each in found], "waiting": waiting})


@router.post("/outcomes/draw", status_code=201)
async def draw(caller: Agent, parts: P, body: Wanted | None = None) -> Response:
    """Draw more by lot, every answer of the last days with the same chance; how many there were."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        drawn = await outcomes.draw(tx, (body or Wanted()).count, caller.name)
        waiting = await outcomes.waiting(tx)
    return JSON({"drawn": drawn, "waiting": waiting}, 201)


@router.post("/outcomes", status_code=201)
async def judge(caller: Agent, body: Judged, parts: P) -> Response:
    """Say whether an answer was right; the last word counts."""
    turn_id = TurnId(ids.read("trn", body.turn_id, "turn_id"))
    async with parts.db.tenant(caller.tenant_id) as tx:
        await outcomes.judge(tx, turn_id, body.right, caller.name)
        waiting = await outcomes.waiting(tx)
    return JSON({"turn_id": body.turn_id, "right": body.right, "waiting": waiting}, 201)


@router.get("/thresholds/tradeoff")
async def tradeoff(
    caller: Admin,
    parts: P,
    category: Annotated[str | None, Query(max_length=200)] = None,
    agent_hour: Annotated[float, Query(ge=0, le=100_000, allow_inf_nan=False)] = deciding.HOUR,
) -> Response:
    """What each threshold would have meant for recorded traffic, with intervals."""
    async with parts.db.reading(caller.tenant_id) as tx:
        now = await deciding.standing(tx)
    return JSON(await asyncio.to_thread(deciding.shown_tradeoff, now, category, agent_hour))


@router.post("/thresholds/choose")
async def choose(caller: Admin, body: Limit, parts: P) -> Response:
    """The most permissive thresholds that the labels support; `changes` goes to PATCH /v1/policy to hold."""
    async with parts.db.reading(caller.tenant_id) as tx:
        now = await deciding.standing(tx)
    propose = partial(deciding.proposed, otherwise_people=body.otherwise == "people", hour=body.agent_hour)
    return JSON(await asyncio.to_thread(propose, now, body.limit, body.confidence))
