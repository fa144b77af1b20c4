"""A customer's message in, the answer out: as a stream, or as one JSON answer."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pydantic
from fastapi import APIRouter, Request
from starlette.responses import Response

from tandem import ids
from tandem.answering.receiving import Incoming, Received
from tandem.conversations import log, threads
from tandem.conversations.threads import Channel
from tandem.errors import Malformed
from tandem.events import Event, Passing
from tandem.ids import ConversationId, CustomerId, TicketId
from tandem.tenants import customers
from tandem.tenants.callers import CustomerCaller, ServerCaller
from tandem.tickets import tickets
from tandem.web import limits, sse
from tandem.web.doors import Chatter, acting_scopes, customer_or_404
from tandem.web.json import JSON, Input
from tandem.web.once import OnceRoute
from tandem.web.parts import P, Parts

router = APIRouter(prefix="/v1")
once = APIRouter(prefix="/v1", route_class=OnceRoute)

LONGEST = 100_000
"""Characters that are looked at at all; the tenant's rules say how many are taken."""


METADATA_BYTES = 4000
"""What the page may say beside a message: `page_url` and a few words more."""


class ChatMessage(Input):
    """A message as the widget sends it."""

    message: str = pydantic.Field(max_length=LONGEST)
    conversation_id: str | None = None
    client_message_id: str | None = pydantic.Field(default=None, min_length=1, max_length=100)
    customer_id: str | None = pydantic.Field(default=None, min_length=1, max_length=200)
    channel: Channel = Channel.WEB_CHAT
    metadata: dict[str, Any] = pydantic.Field(default_factory=dict)


class SupportMessage(Input):
    """A message as a tenant's server sends it (S1)."""

    message: str = pydantic.Field(max_length=LONGEST)
    ticket_id: str | None = None
    customer_id: str | None = pydantic.Field(default=None, min_length=1, max_length=200)
    channel: Channel = Channel.API
    client_message_id: str | None = pydantic.Field(default=None, min_length=1, max_length=100)
    metadata: dict[str, Any] = pydantic.Field(default_factory=dict)


@router.post("/chat")
async def chat(caller: Chatter, request: Request, body: ChatMessage, parts: P) -> Response:
    """The turn as server-sent events: `accepted`, what is released as it is released, `done`."""
    await _count(request, caller)
    conversation_id = (
        ConversationId(ids.read("cnv", body.conversation_id, "conversation_id")) if body.conversation_id else None
    )
    client_id = body.client_message_id or request.headers.get("idempotency-key")
    incoming = await _incoming(
        parts, caller, body.message, body.customer_id, conversation_id, client_id, body.channel, body.metadata
    )
    received = await parts.desk.receive(incoming)
    return sse.respond(_frames(parts, caller, received))


@once.post("/support/message")
async def support_message(caller: Chatter, request: Request, body: SupportMessage, parts: P) -> Response:
    """The same turn as one answer."""
    await _count(request, caller)
    conversation_id = None
    if body.ticket_id:
        async with parts.db.tenant(caller.tenant_id) as tx:
            ticket = await tickets.get(tx, TicketId(ids.read("tkt", body.ticket_id, "ticket_id")))
            conversation_id = (
                await threads.get(tx, ticket.conversation_id, owner=customer_or_404(caller), asked="ticket")
            ).id
    incoming = await _incoming(
        parts,
        caller,
        body.message,
        body.customer_id,
        conversation_id,
        body.client_message_id,
        body.channel,
        body.metadata,
    )
    received = await parts.desk.receive(incoming)
    async for item in _until_done(parts, caller, received):
        if isinstance(item, Event) and item.kind == "done":
            return JSON({key: value for key, value in item.data.items() if key not in ("message", "answers")})
    raise AssertionError("a stream ends with done")


async def _frames(parts: Parts, caller: CustomerCaller | ServerCaller, received: Received) -> AsyncIterator[bytes]:
    async for item in _until_done(parts, caller, received):
        yield sse.of(item)


async def _until_done(
    parts: Parts, caller: CustomerCaller | ServerCaller, received: Received
) -> AsyncIterator[Event | Passing]:
    """The conversation's events from the message on, up to the `done` that answers it; a superseding turn's counts."""
    mine = ids.show("msg", received.message_id)
    waiting = {mine}
    where = (caller.tenant_id, received.conversation_id, received.after)
    stream = log.follow(parts.db, parts.hub, *where, to_the_end=True, attached=received.ears)
    try:
        async for item in stream:
            yield item
            if isinstance(item, Event) and item.kind == "accepted":
                waiting.add(item.data["message_id"])  # a later message's answer covers this one too
            if isinstance(item, Event) and item.kind == "done" and waiting & set(item.data["answers"]):
                return
    finally:
        await stream.aclose()  # type: ignore[attr-defined]


async def _incoming(
    parts: Parts,
    caller: CustomerCaller | ServerCaller,
    text: str,
    customer_id: str | None,
    conversation_id: ConversationId | None,
    client_message_id: str | None,
    channel: Channel,
    metadata: dict[str, Any],
) -> Incoming:
    if len(orjson.dumps(metadata)) > METADATA_BYTES:
        raise Malformed(
            "The metadata is too long.", errors=[{"field": "metadata", "message": f"at most {METADATA_BYTES} bytes"}]
        )
    if isinstance(caller, CustomerCaller):
        return Incoming(
            caller.tenant_id,
            caller.customer_id,
            caller.verified,
            text,
            conversation_id,
            client_message_id,
            channel,
            caller.scopes,
            metadata,
        )
    if not customer_id:
        raise Malformed(
            "Say which customer writes.", errors=[{"field": "customer_id", "message": "is needed with an API key"}]
        )
    return Incoming(
        caller.tenant_id,
        await _named(parts, caller, customer_id),
        True,
        text,
        conversation_id,
        client_message_id,
        channel,
        acting_scopes(caller),
        metadata,
    )


async def _named(parts: Parts, caller: ServerCaller, customer_id: str) -> CustomerId:
    """The customer that a tenant's server names: by our id, or by its own."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        if customer_id.startswith("cus_"):
            return (await customers.get(tx, CustomerId(ids.read("cus", customer_id, "customer_id")))).id
        return (await customers.meet(tx, customer_id)).id


async def _count(request: Request, caller: CustomerCaller | ServerCaller) -> None:
    if isinstance(caller, CustomerCaller):
        who = str(caller.customer_id)
        await limits.count(request, "message", who, limits.VERIFIED_MESSAGES if caller.verified else limits.MESSAGES)
        if not caller.verified:
            await limits.count(request, "message a day", who, limits.MESSAGES_A_DAY)
