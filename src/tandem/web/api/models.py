"""Language models: how they do, in which mode the assistant works, what it costs, and the tenant's own keys."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import pydantic
from fastapi import APIRouter, Query
from starlette.responses import Response

from tandem import clock, ids
from tandem.answering import tools
from tandem.answering.accounts import Opened
from tandem.conversations import threads
from tandem.errors import Malformed
from tandem.ids import ConversationId
from tandem.llm import Role
from tandem.tenants import model_keys, spending
from tandem.tenants.modes import Effective
from tandem.tenants.spending import By, Line
from tandem.web.doors import Admin, Viewer
from tandem.web.json import JSON, Input
from tandem.web.once import OnceRoute
from tandem.web.parts import P

router = APIRouter(prefix="/v1", route_class=OnceRoute)

Provider = Literal["openai", "anthropic", "google", "bedrock"]

DAYS = 30
LONGEST = timedelta(days=366)


class NewKey(Input):
    """A key of the tenant's own."""

    key: str = pydantic.Field(max_length=model_keys.LONGEST + 10)


@router.get("/mode")
async def get_mode(caller: Viewer, parts: P) -> Response:
    """How far the assistant goes just now, why, and what an admin has chosen; and how far the day's budget is used up."""
    toolbox = parts.desk.tools
    async with parts.db.reading(caller.tenant_id) as tx:
        standing = await tools.standing(tx)
    opened = toolbox.open(caller.tenant_id, standing)
    return JSON(_mode(toolbox.accounts.seen(opened), opened))


@router.get("/models")
async def list_models(caller: Admin, parts: P) -> Response:
    """The models of each role in the order in which they are asked, how each does, what was spent today, and the tenant's own keys."""
    toolbox, asked = parts.desk.tools, parts.asked
    async with parts.db.reading(caller.tenant_id) as tx:
        standing = await tools.standing(tx)
        keys = await model_keys.every(tx)
    opened = toolbox.open(caller.tenant_id, standing)
    spent, rules = standing.spent, standing.rules.rules
    shown = {
        "roles": [
            {"role": role, "models": asked.names(role), "closed": role in opened.account.closed} for role in Role
        ],
        "models": [
            {
                "name": each.name,
                "roles": each.roles,
                "state": each.state,
                "since": each.since,
                "last_failure": each.last_failure,
            }
            for each in asked.states()
        ],
        "mode": _mode(toolbox.accounts.seen(opened), opened),
        "today": {"calls": spent.calls, "tokens": spent.tokens, "cost_micros": spent.cost_micros},
        "budget": rules.budget.model_dump(mode="json"),
        "policy_version": standing.policy_version,
        "keys": [key.as_json() for key in keys],
    }
    return JSON(shown)


@router.get("/models/spending")
async def get_spending(
    caller: Admin,
    parts: P,
    since: Annotated[datetime | None, Query(alias="from")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
    by: By = "day",
) -> Response:
    """What calls to models took, from and up to but without `to`: the last 30 days unless it says otherwise. Costs are in millionths
    of a US dollar; calls without a known price are counted in `unpriced`."""
    end = _utc(until) if until else clock.now() + timedelta(seconds=1)
    begin = _utc(since) if since else end - timedelta(days=DAYS)
    if not begin < end <= begin + LONGEST:
        sentence = "`from` must be before `to`, by a year at most."
        raise Malformed(sentence, errors=[{"field": "from", "message": sentence}])
    async with parts.db.reading(caller.tenant_id) as tx:
        lines = await spending.lines(tx, begin, end, by)
        resolved = await spending.resolutions(tx, begin, end)
    count = resolved.by_assistant + resolved.by_people
    shown = {
        "from": begin,
        "to": end,
        "by": by,
        "items": [{by: _named(by, line.what), **line.as_json()} for line in lines],
        "total": _sum(lines),
        "resolutions": {
            "by_assistant": resolved.by_assistant,
            "by_people": resolved.by_people,
            "cost_micros": resolved.cost_micros,
            "cost_micros_each": round(resolved.cost_micros / count) if count else None,
        },
    }
    return JSON(shown)


@router.get("/models/keys")
async def list_keys(caller: Admin, parts: P) -> Response:
    """Which providers the tenant has keys of its own for, with their last four characters."""
    async with parts.db.reading(caller.tenant_id) as tx:
        found = await model_keys.every(tx)
    return JSON({"items": [key.as_json() for key in found]})


@router.put("/models/keys/{provider}")
async def put_key(caller: Admin, provider: Provider, body: NewKey, parts: P) -> Response:
    """This key instead of the operator's, from the next turn on. It is kept sealed and never shown again."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        saved = await model_keys.put(tx, parts.sealer, provider, body.key, caller.name)
    return JSON(saved.as_json())


@router.delete("/models/keys/{provider}", status_code=204)
async def remove_key(caller: Admin, provider: Provider, parts: P) -> Response:
    """The operator's key again."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        await model_keys.remove(tx, provider)
    return Response(status_code=204)


@router.get("/conversations/{id}/spending")
async def conversation_spending(caller: Viewer, id: str, parts: P) -> Response:
    """What models took for a conversation, in all and for each of its tickets."""
    conversation_id = ConversationId(ids.read("cnv", id))
    async with parts.db.reading(caller.tenant_id) as tx:
        await threads.get(tx, conversation_id)
        lines = await spending.of_conversation(tx, conversation_id)
    tickets = [{"ticket_id": _named("ticket", line.what), **line.as_json()} for line in lines]
    return JSON({"conversation_id": id, **_sum(lines), "tickets": tickets})


def _mode(seen: Effective, opened: Opened) -> dict[str, Any]:
    return {"mode": seen.mode, "why": seen.why, "chosen": seen.chosen, "note": seen.note, "budget": opened.level}


def _sum(lines: list[Line]) -> dict[str, int]:
    names = ("calls", "failed", "input_tokens", "output_tokens", "cost_micros", "unpriced")
    return {name: sum(getattr(line, name) for line in lines) for name in names}


def _named(by: str, what: str) -> str | None:
    """What lines have in common as the API names it."""
    prefix = {"conversation": "cnv", "ticket": "tkt"}.get(by)
    if prefix is None:
        return what
    return ids.show(prefix, UUID(what)) if what else None


def _utc(at: datetime) -> datetime:
    """A moment without a zone is one of UTC."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)
