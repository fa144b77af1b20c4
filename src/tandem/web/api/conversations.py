"""A conversation as its customer sees it: the thread, its live events, a person, a thumb, an address to answer to."""

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal
from uuid import UUID

import pydantic
from email_validator import EmailNotValidError, validate_email
from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from tandem import ids
from tandem.answering import briefing, tools
from tandem.conversations import log, messages, threads, turns
from tandem.conversations.messages import Message, Role
from tandem.conversations.threads import Channel, Conversation, Status
from tandem.conversations.turns import TurnStatus
from tandem.db import Tx
from tandem.errors import Malformed, NotFound
from tandem.events import Passing
from tandem.hot import online
from tandem.ids import ConversationId, DocumentId, MessageId, TicketId
from tandem.knowledge import documents
from tandem.tenants import customers
from tandem.tenants.callers import CustomerCaller, MemberCaller, ServerCaller
from tandem.tickets import handoffs, queue, tickets, working
from tandem.web import limits, sse, staffing
from tandem.web.doors import Chatter, Customer, Reader, customer_or_404
from tandem.web.json import JSON, Input, Nothing
from tandem.web.once import OnceRoute
from tandem.web.parts import P, Parts

router = APIRouter(prefix="/v1", route_class=OnceRoute)

AROUND = 1500
"""Characters of the document shown around a quotation when its section is longer."""


class Escalation(Input):
    """A wish for a person. `conv_id` or `ticket_id` says in which conversation; neither opens one."""

    conv_id: str | None = None
    ticket_id: str | None = None
    reason: str = pydantic.Field(default="customer_requested_human", max_length=500)
    priority: Literal["low", "medium", "high", "urgent"] | None = None
    conversation_summary: str | None = pydantic.Field(default=None, max_length=4000)
    escalation_signals: dict[str, Any] | None = None


class Feedback(Input):
    """1 to 5 for the conversation, `up` or `down` for one answer."""

    conversation_id: str
    message_id: str | None = None
    rating: Annotated[int, pydantic.Field(ge=1, le=5, strict=True)] | Literal["up", "down"]
    free_text: str | None = pydantic.Field(default=None, max_length=4000)


class Contact(Input):
    """Where an answer can go."""

    email: str = pydantic.Field(max_length=320)


@router.get("/conversations")
async def own_conversations(caller: Customer, parts: P) -> Response:
    """The customer's own conversations, newest first."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await threads.of(tx, caller.customer_id)
    items = [
        {"id": ids.show("cnv", c.id), "status": c.status, "preview": c.preview, "updated_at": c.updated_at}
        for c in found
    ]
    return JSON({"items": items})


@router.get("/conversations/{id}")
async def conversation(caller: Reader, id: str, parts: P) -> Response:
    """The thread as it stands, with the number of its last event: follow from there and nothing is missed or doubled."""
    present = online(await parts.hot.presence.states(caller.tenant_id))
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await threads.get(tx, _id(id), owner=customer_or_404(caller), lock=True)
        shown = await _shown(tx, found, present, internal=isinstance(caller, MemberCaller))
        standing = await tools.standing(tx)
    stands = await parts.acting.of_conversation(caller.tenant_id, found.id)
    acted = [
        each.state() | (each.card() if each.token and not isinstance(caller, MemberCaller) else {}) for each in stands
    ]
    toolbox = parts.desk.tools
    mode = toolbox.accounts.seen(toolbox.open(caller.tenant_id, standing))
    return JSON({**shown, "actions": acted, "people_online": bool(present), "mode": mode.mode, "note": mode.note})


@router.get("/conversations/{id}/events")
async def conversation_events(
    caller: Reader, id: str, parts: P, last_event_id: Annotated[str | None, Header()] = None
) -> Response:
    """Everything after Last-Event-ID, then live."""
    after = _event_id(last_event_id)
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await threads.get(tx, _id(id), owner=customer_or_404(caller))
    after = min(after, found.last_seq)  # a number from the future would hear nothing for ever

    async def frames() -> AsyncIterator[bytes]:
        async for item in log.follow(parts.db, parts.hub, caller.tenant_id, found.id, after):
            yield sse.of(item)

    return sse.respond(frames())


@router.post("/conversations/{id}/typing", status_code=204)
async def typing(caller: Customer, request: Request, id: str, parts: P, body: Nothing | None = None) -> Response:
    """The customer is writing; the staff sees it for a few seconds."""
    await limits.count(request, "sign", str(caller.customer_id), limits.SIGNS)
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await threads.get(tx, _id(id), owner=caller.customer_id)
        name = (await customers.get(tx, caller.customer_id)).name
    data = {"conversation_id": id, "role": "customer", "name": name or "Customer"}
    parts.hub.pass_on(Passing(caller.tenant_id, found.id, "typing", data, for_staff=True))
    return Response(status_code=204)


@router.post("/conversations/{id}/stop", status_code=204)
async def stop(caller: Customer, id: str, parts: P, body: Nothing | None = None) -> Response:
    """Stop the answer that is being written; what was released stays."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await threads.get(tx, _id(id), owner=caller.customer_id, lock=True)
        await turns.interrupt(tx, parts.hub, found, TurnStatus.STOPPED)
    return Response(status_code=204)


@router.post("/conversations/{id}/contact", status_code=204)
async def contact(caller: Customer, id: str, body: Contact, parts: P) -> Response:
    """An address to answer to, for when nobody is online."""
    try:
        address = validate_email(body.email, check_deliverability=False).normalized
    except EmailNotValidError as problem:
        raise Malformed(
            f"That is not an e-mail address: {problem}", errors=[{"field": "email", "message": str(problem)}]
        ) from problem
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await threads.get(tx, _id(id), owner=caller.customer_id, lock=True)
        await threads.set_contact(tx, found.id, address)
        ticket = await tickets.current(tx, found.id)
        await log.append(tx, parts.hub, found.id, [await tickets.news(tx, ticket.id)])
    return Response(status_code=204)


@router.post("/escalate")
async def escalate(caller: Chatter, request: Request, body: Escalation, parts: P) -> Response:
    """A person, please: at once, in every state."""
    return await _escalate(caller, request, body, parts)


@router.post("/support/escalate")
async def support_escalate(caller: Chatter, request: Request, body: Escalation, parts: P) -> Response:
    """The same under S1's name."""
    return await _escalate(caller, request, body, parts)


@router.post("/feedback", status_code=201)
async def feedback(caller: Chatter, body: Feedback, parts: P) -> Response:
    """A rating of the conversation, or a thumb for one answer."""
    message_id = MessageId(ids.read("msg", body.message_id, "message_id")) if body.message_id else None
    if isinstance(body.rating, str) and message_id is None:
        raise Malformed(
            "A thumb is for one message.", errors=[{"field": "message_id", "message": "is needed for up and down"}]
        )
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await threads.get(
            tx, _id(body.conversation_id, "conversation_id"), owner=customer_or_404(caller), lock=True
        )
        if message_id is not None and (await messages.get(tx, message_id)).conversation_id != found.id:
            raise NotFound("There is no such message.")
        await working.rate(tx, parts.hub, found, body.rating, message_id, body.free_text)
    return JSON({"status": "thank you"}, 201)


@router.get("/messages/{id}/citations/{index}")
async def citation(caller: Reader, id: str, index: int, parts: P) -> Response:
    """The passage behind a citation of a message that the caller may read: its section, and where the quotation stands in it."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        message = await messages.get(tx, MessageId(ids.read("msg", id)))
        await threads.get(tx, message.conversation_id, owner=customer_or_404(caller), asked="message")
        cited = next((c for c in message.citations if c["index"] == index), None)
        if cited is None or (message.internal and not isinstance(caller, MemberCaller)):
            raise NotFound("There is no such citation.")
        version = await documents.version(tx, DocumentId(ids.read("doc", cited["document_id"])), cited["version"])
    heading, begin, end = _section(version.body or "", cited["start"], cited["end"])
    shown = {
        "title": version.title,
        "url": version.source_url,
        "version": version.version,
        "current": bool(version.live),
        "heading": heading,
        "text": (version.body or "")[begin:end],
        "start": cited["start"] - begin,
        "end": cited["end"] - begin,
    }
    return JSON(shown)


async def _escalate(
    caller: CustomerCaller | ServerCaller, request: Request, body: Escalation, parts: Parts
) -> Response:
    if isinstance(caller, CustomerCaller):
        await limits.count(request, "escalate", str(caller.customer_id), limits.ESCALATIONS)
    present = online(await parts.hot.presence.states(caller.tenant_id))
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await _conversation_to_escalate(tx, caller, body)
        done = await handoffs.requested(
            tx,
            parts.hub,
            found,
            body.reason,
            body.conversation_summary,
            present=present,
            brief=briefing.on_request,
        )
        if done.news and body.priority and isinstance(caller, ServerCaller):
            await working.change(tx, parts.hub, done.ticket_id, {"priority": body.priority})
    if done.news and body.conversation_summary is None:
        parts.desk.sum_up(caller.tenant_id, found.id, done.ticket_id, done.handoff_id)
    await staffing.give_out(parts, caller.tenant_id)
    async with parts.db.tenant(caller.tenant_id) as tx:
        row = await tickets.row(tx, done.ticket_id)
    place = done.place
    shown = {
        "escalation_id": ids.show("hnd", done.handoff_id),
        "conversation_id": ids.show("cnv", found.id),
        "ticket_id": ids.show("tkt", done.ticket_id),
        "team": row.team_name,
        "assigned_agent": row.assignee_name,
        "estimated_wait_minutes": place.estimated_wait_minutes,
        "queue_position": place.position,
        "handoff_context_included": True,
        "people_online": bool(present),
        "hours": place.now.as_json(),
    }
    return JSON(shown)


async def _conversation_to_escalate(tx: Tx, caller: CustomerCaller | ServerCaller, body: Escalation) -> Conversation:
    owner = customer_or_404(caller)
    if body.conv_id:
        return await threads.get(tx, _id(body.conv_id, "conv_id"), owner=owner, lock=True)
    if body.ticket_id:
        ticket = await tickets.get(tx, TicketId(ids.read("tkt", body.ticket_id, "ticket_id")))
        return await threads.get(tx, ticket.conversation_id, owner=owner, lock=True, asked="ticket")
    if owner is None:
        raise Malformed(
            "Say which conversation.", errors=[{"field": "conv_id", "message": "is needed with an API key"}]
        )
    conversation_id = await threads.begin(tx, owner, Channel.WEB_CHAT)
    await tickets.open_for(tx, conversation_id, "Asked for a person before writing anything")
    return await threads.get(tx, conversation_id, owner=owner, lock=True)


async def _shown(tx: Tx, found: Conversation, present: set[UUID], *, internal: bool) -> dict[str, Any]:
    said = await messages.last(tx, found.id, internal=internal)
    ticket = await tickets.current(tx, found.id)
    row = await tickets.row(tx, ticket.id)
    place = await queue.place(tx, ticket.id, present)
    partial = None
    if found.turn_id is not None and found.turn_spoke:
        turn = await turns.get(tx, found.turn_id)
        released = await turns.released(tx, found.id, turn.id)
        partial = {
            "turn_id": ids.show("trn", turn.id),
            "message_id": ids.show("msg", turn.reply_id),
            "text": released.text,
            "citations": released.citations,
        }
    return {
        "id": ids.show("cnv", found.id),
        "status": found.status,
        "channel": found.channel,
        "created_at": found.created_at,
        "last_event_id": str(found.last_seq),
        "messages": [*(message.as_json() for message in said[:-1]), *await _last(tx, said[-1:])],
        "ticket": {"id": ids.show("tkt", ticket.id), "status": ticket.status, "csat_score": ticket.csat_score},
        "queue": {
            "position": place.position,
            "estimated_wait_minutes": place.estimated_wait_minutes,
            "hours": place.now.as_json(),
        }
        if place.position
        else None,
        "agent": tickets.person(row.assignee_id, row.assignee_name) if found.status is Status.ESCALATED else None,
        "partial": partial,
        "thinking": found.turn_id is not None,
        "contact_email": found.contact_email,
    }


async def _last(tx: Tx, said: list[Message]) -> list[dict[str, Any]]:
    """The last message, with the buttons below it while nobody has written after it."""
    shown = [message.as_json() for message in said]
    for message in said:
        if message.role is Role.ASSISTANT and message.turn_id is not None:
            decided = ((await turns.get(tx, message.turn_id)).record or {}).get("decision", {})
            shown[-1]["choices"] = decided.get("choices", [])
    return shown


def _section(body: str, start: int, end: int) -> tuple[str, int, int]:
    """The section around a quotation: from its heading to the next one, cut at paragraphs when it is long."""
    begin = body.rfind("\n#", 0, start + 1) + 1
    heading = ""
    if body.startswith("#", begin):
        line_end = body.find("\n", begin)
        heading, begin = body[begin:line_end].lstrip("# "), line_end + 1
    finish = body.find("\n#", end)
    finish = len(body) if finish == -1 else finish
    if start - begin > AROUND:
        begin = body.find("\n\n", start - AROUND, start) + 2 or start
    if finish - end > AROUND:
        cut = body.rfind("\n\n", end, end + AROUND)
        finish = cut if cut != -1 else finish
    while begin < start and body[begin] == "\n":
        begin += 1
    return heading, begin, finish


def _event_id(text: str | None) -> int:
    if text is None or text == "":
        return 0
    if re.fullmatch("[0-9]{1,18}", text) is None:
        raise Malformed(
            "Last-Event-ID is not a number.",
            errors=[{"field": "Last-Event-ID", "message": "must be an id from this stream"}],
        )
    return int(text)


def _id(text: str, field: str = "id") -> ConversationId:
    return ConversationId(ids.read("cnv", text, field))
