"""The inbox: tickets, and what agents do with them."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal
from uuid import UUID

import pydantic
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tandem import ids
from tandem.conversations import messages, threads
from tandem.db import Tx
from tandem.errors import Malformed, NotFound
from tandem.events import Passing
from tandem.hot import online
from tandem.ids import ConversationId, MemberId, TicketId
from tandem.tenants import members, teams
from tandem.tenants.callers import MemberCaller, ServerCaller
from tandem.tickets import handoffs, queue, tickets, working
from tandem.tickets.labels import Label
from tandem.tickets.tickets import TicketStatus, Wanted
from tandem.web import limits, staffing
from tandem.web.cursors import pack, unpack
from tandem.web.doors import StaffAgent, Viewer
from tandem.web.json import JSON, Input, Nothing, Text
from tandem.web.once import OnceRoute
from tandem.web.parts import P, Parts

router = APIRouter(prefix="/v1", route_class=OnceRoute)

TEXT_CHARS = 20_000


class Written(Input):
    """What an agent writes. `seen_event_id`: the last event on their screen."""

    text: str = pydantic.Field(min_length=1, max_length=TEXT_CHARS)
    client_message_id: str = pydantic.Field(min_length=1, max_length=100)
    seen_event_id: str | int | None = None


class Resolution(Input):
    """The end of a ticket, with a last word if there is one, and whether the handoff was needed."""

    message: str | None = pydantic.Field(default=None, max_length=TEXT_CHARS)
    handoff_label: Label | None = None


class Changes(Input):
    """Properties of a ticket; what is not named stays."""

    priority: Literal["low", "medium", "high", "urgent"] | None = None
    category: str | None = pydantic.Field(default=None, max_length=100)
    assignee_id: str | None = None
    team_id: str | None = None


@router.get("/tickets")
async def list_tickets(
    caller: Viewer,
    parts: P,
    status: Annotated[list[TicketStatus] | None, Query()] = None,
    assignee: Text | None = None,
    team: Text | None = None,
    conversation_id: Text | None = None,
    q: Annotated[Text | None, Query(max_length=200)] = None,
    cursor: Text | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """A page of the list, with the counts of every view."""
    me = caller.member_id if isinstance(caller, MemberCaller) else None
    wanted = Wanted(
        statuses=tuple(status or ()),
        assignee=_assignee(assignee, me),
        unassigned=assignee == "none",
        team=ids.read("tem", team, "team") if team else None,
        conversation_id=ConversationId(ids.read("cnv", conversation_id, "conversation_id"))
        if conversation_id
        else None,
        words=q or None,
        before=unpack(cursor) if cursor else None,
        most=limit + 1,
    )
    async with parts.db.tenant(caller.tenant_id) as tx:
        rows = await tickets.page(tx, wanted)
        counts = await tickets.counts(tx, me)
    more = rows[limit - 1] if len(rows) > limit else None
    shown = {
        "items": [row.as_json() for row in rows[:limit]],
        "next_cursor": pack(more.updated_at, more.id) if more else None,
        "counts": {name: getattr(counts, name) for name in ("unassigned", "mine", "escalated", "ai", "resolved")},
    }
    return JSON(shown)


@router.get("/tickets/{id}")
async def ticket(caller: Viewer, id: str, parts: P) -> Response:
    """One ticket with its thread, briefings and the customer's earlier ones."""
    return await _detail(parts, caller, _id(id))


@router.patch("/tickets/{id}")
async def change_ticket(caller: StaffAgent, id: str, body: Changes, parts: P) -> Response:
    """Priority, category, team, assignee; an assignee of null puts it back into the queue."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if changes.get("assignee_id") is not None:
        changes["assignee_id"] = MemberId(ids.read("mbr", changes["assignee_id"], "assignee_id"))
    if changes.get("team_id") is not None:
        changes["team_id"] = ids.read("tem", changes["team_id"], "team_id")
    async with parts.db.tenant(caller.tenant_id) as tx:
        if changes.get("team_id"):
            await teams.get(tx, changes["team_id"])
        if changes.get("assignee_id") and await members.get(tx, changes["assignee_id"]) is None:
            raise NotFound("There is no such member.")
        await working.change(tx, parts.hub, _id(id), changes, caller)
    await staffing.give_out(parts, caller.tenant_id)
    return await _detail(parts, caller, _id(id))


@router.post("/tickets/{id}/claim")
async def claim(caller: StaffAgent, id: str, parts: P, body: Nothing | None = None) -> Response:
    """I take it. 409 `already_claimed` when somebody was faster."""
    return await _do(parts, caller, id, lambda tx: working.claim(tx, parts.hub, caller, _id(id)))


@router.post("/tickets/{id}/reply", status_code=201)
async def reply(caller: StaffAgent, id: str, body: Written, parts: P) -> Response:
    """Write to the customer. 409 `new_reply_since` when somebody wrote after `seen_event_id`."""
    seen = _seen(body.seen_event_id)
    async with parts.db.tenant(caller.tenant_id) as tx:
        message = await working.reply(tx, parts.hub, caller, _id(id), _text(body.text), body.client_message_id, seen)
    return JSON(message.as_json(), 201)


@router.post("/tickets/{id}/note", status_code=201)
async def note(caller: StaffAgent, id: str, body: Written, parts: P) -> Response:
    """A note that the customer never sees."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        message = await working.note(tx, parts.hub, caller, _id(id), _text(body.text), body.client_message_id)
    return JSON(message.as_json(), 201)


@router.post("/tickets/{id}/resolve")
async def resolve(caller: StaffAgent, id: str, parts: P, body: Resolution | None = None) -> Response:
    """Settled: the customer reads so and is asked how it was. `handoff_label`: was a person needed, not needed, or too late?"""
    closing = (body.message or "").strip() if body else ""
    label = body.handoff_label if body else None
    return await _do(
        parts, caller, id, lambda tx: working.resolve(tx, parts.hub, caller, _id(id), closing or None, label)
    )


@router.post("/tickets/{id}/reopen")
async def reopen(caller: StaffAgent, id: str, parts: P, body: Nothing | None = None) -> Response:
    """Not settled after all."""
    return await _do(parts, caller, id, lambda tx: working.reopen(tx, parts.hub, caller, _id(id)))


@router.post("/tickets/{id}/handback")
async def handback(caller: StaffAgent, id: str, parts: P, body: Nothing | None = None) -> Response:
    """The assistant answers again."""
    return await _do(parts, caller, id, lambda tx: working.hand_back(tx, parts.hub, caller, _id(id)))


@router.post("/tickets/{id}/typing", status_code=204)
async def typing(caller: StaffAgent, request: Request, id: str, parts: P, body: Nothing | None = None) -> Response:
    """The customer and the other agents see for a few seconds that I am writing."""
    await limits.count(request, "sign", str(caller.member_id), limits.SIGNS)
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await tickets.get(tx, _id(id))
    me = {"id": ids.show("mbr", caller.member_id), "name": caller.name}
    parts.viewers.saw(found.id, me, "replying")
    data = {"conversation_id": ids.show("cnv", found.conversation_id), "role": "agent", "name": caller.name}
    parts.hub.pass_on(Passing(caller.tenant_id, found.conversation_id, "typing", data))
    parts.hub.pass_on(
        Passing(caller.tenant_id, None, "viewing", {"ticket_id": id, "member": me, "state": "replying"}, for_staff=True)
    )
    return Response(status_code=204)


@router.post("/tickets/{id}/viewing", status_code=204)
async def viewing(caller: StaffAgent, request: Request, id: str, parts: P, body: Nothing | None = None) -> Response:
    """I have it open."""
    await limits.count(request, "sign", str(caller.member_id), limits.SIGNS)
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await tickets.get(tx, _id(id))
    me = {"id": ids.show("mbr", caller.member_id), "name": caller.name}
    parts.viewers.saw(found.id, me, "viewing")
    parts.hub.pass_on(
        Passing(caller.tenant_id, None, "viewing", {"ticket_id": id, "member": me, "state": "viewing"}, for_staff=True)
    )
    return Response(status_code=204)


@router.get("/escalations")
async def escalations(caller: Viewer, conversation_id: Text, parts: P) -> Response:
    """The briefings of a conversation, newest first."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await threads.get(tx, ConversationId(ids.read("cnv", conversation_id, "conversation_id")))
        current = await tickets.current(tx, found.id)
        shown = [
            {**handoff.as_json(), "ticket_id": ids.show("tkt", current.id)}
            for handoff in await handoffs.of_ticket(tx, current.id)
        ]
    return JSON({"items": shown})


async def _do(parts: Parts, caller: MemberCaller, id: str, step: Callable[[Tx], Awaitable[None]]) -> Response:
    async with parts.db.tenant(caller.tenant_id) as tx:
        await step(tx)
    await staffing.give_out(parts, caller.tenant_id)
    return await _detail(parts, caller, _id(id))


async def _detail(parts: Parts, caller: MemberCaller | ServerCaller, ticket_id: TicketId) -> Response:
    me = ids.show("mbr", caller.member_id) if isinstance(caller, MemberCaller) else None
    present = online(await parts.hot.presence.states(caller.tenant_id))
    async with parts.db.tenant(caller.tenant_id) as tx:
        row = await tickets.row(tx, ticket_id)
        found = await threads.get(tx, row.conversation_id, lock=True)  # so that messages and last_event_id agree
        said = await messages.last(tx, row.conversation_id, internal=True)
        briefings = await handoffs.of_ticket(tx, ticket_id)
        others = await tickets.page(tx, Wanted(customer_id=row.customer_id, most=11))
        place = await queue.place(tx, ticket_id, present)
    shown = {
        "ticket": row.as_json(),
        "conversation": {
            "id": ids.show("cnv", found.id),
            "status": found.status,
            "channel": found.channel,
            "last_event_id": str(found.last_seq),
            "contact_email": found.contact_email,
        },
        "estimated_wait_minutes": place.estimated_wait_minutes,
        "handoffs": [briefing.as_json() for briefing in briefings],
        "messages": [message.as_json() for message in said],
        "viewers": parts.viewers.of(ticket_id, but=me),
        "other_tickets": [other.as_json() for other in others if other.id != ticket_id][:10],
    }
    return JSON(shown)


def _assignee(text: str | None, me: MemberId | None) -> MemberId | None:
    if text is None or text == "none":
        return None
    if text == "me":
        return me or MemberId(UUID(int=0))
    return MemberId(ids.read("mbr", text, "assignee"))


def _seen(value: str | int | None) -> int | None:
    if value is None or value == "":
        return None
    if re.fullmatch("[0-9]{1,18}", str(value)) is None:
        raise Malformed(
            "seen_event_id is not an event's id.", errors=[{"field": "seen_event_id", "message": "must be a number"}]
        )
    return int(value)


def _text(text: str) -> str:
    if not text.strip():
        raise Malformed("The message is empty.", errors=[{"field": "text", "message": "must not be empty"}])
    return text.strip()


def _id(text: str) -> TicketId:
    return TicketId(ids.read("tkt", text))
