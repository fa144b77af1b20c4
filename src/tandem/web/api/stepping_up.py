"""Stepping up: a one-time code by mail, by which a conversation's customer proves once more who they are."""

import logging

import pydantic
from fastapi import APIRouter, Request
from starlette.responses import Response

from tandem import ids
from tandem.conversations import log as events
from tandem.conversations import threads
from tandem.conversations.log import News
from tandem.db import Tx
from tandem.errors import Unavailable
from tandem.hot import Limit
from tandem.ids import ConversationId
from tandem.outgoing.mail import MailFailed
from tandem.tenants import companies, stepping_up
from tandem.tenants.callers import CustomerCaller, ServerCaller
from tandem.tenants.stepping_up import State
from tandem.web import limits
from tandem.web.doors import Chatter, customer_or_404
from tandem.web.json import JSON, Input, Nothing
from tandem.web.once import OnceRoute
from tandem.web.parts import P, Parts

router = APIRouter(prefix="/v1/conversations", route_class=OnceRoute)
log = logging.getLogger(__name__)


class TypedCode(Input):
    """A code as somebody typed it; spaces and dashes among the digits are overlooked."""

    code: str = pydantic.Field(min_length=1, max_length=40)


@router.post("/{id}/step-up", status_code=202)
async def step_up(caller: Chatter, request: Request, id: str, parts: P, body: Nothing | None = None) -> Response:
    """Send a code to the address on the customer's record; an older one counts no longer."""
    await _count(request, caller, "step up", limits.STEP_UPS)
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await threads.get(tx, _id(id), owner=customer_or_404(caller), lock=True)
        code = await stepping_up.begin(tx, parts.sealer, found.customer_id, found.id)
        company = await companies.get(tx)
    try:
        await parts.mailer.send(stepping_up.letter(code, company.name))
    except MailFailed as problem:
        log.error("a code was not sent: %s", problem.detail)
        raise Unavailable("The code could not be sent just now. Try again in a moment.") from problem
    async with parts.db.tenant(caller.tenant_id) as tx:
        await _tell(tx, parts, found.id, State.CODE_SENT, code.sent_to)
    return JSON({"sent_to": code.sent_to, "expires_at": code.expires_at}, 202)


@router.post("/{id}/step-up/check")
async def check(caller: Chatter, request: Request, id: str, body: TypedCode, parts: P) -> Response:
    """Whether this is the code; if so, the conversation is lifted until `ends_at`. A wrong one costs a try."""
    await _count(request, caller, "step up check", limits.STEP_UP_CHECKS)
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await threads.get(tx, _id(id), owner=customer_or_404(caller), lock=True)
        whose = found.id, found.customer_id
        before = await stepping_up.newest(tx, *whose)
        is_right = await stepping_up.check(tx, parts.sealer, *whose, body.code)
        after = await stepping_up.newest(tx, *whose)
        ends_at = await stepping_up.lifted_until(tx, *whose) if is_right else None
        if before and after and (is_right or after.tries > before.tries):
            state = State.STEPPED_UP if is_right else State.WRONG_CODE
            await _tell(tx, parts, found.id, state, before.sent_to)
    left = after.tries_left if after else 0
    return JSON({"stepped_up": is_right, "ends_at": ends_at, "tries_left": left})


async def _tell(tx: Tx, parts: Parts, conversation_id: ConversationId, state: State, sent_to: str) -> None:
    """For the widget and the staff: what happened, and nothing of the code."""
    news = News(
        stepping_up.EVENT, {"conversation_id": ids.show("cnv", conversation_id), "state": state, "sent_to": sent_to}
    )
    await events.append(tx, parts.hub, conversation_id, [news])


async def _count(request: Request, caller: CustomerCaller | ServerCaller, what: str, limit: Limit) -> None:
    if isinstance(caller, CustomerCaller):
        await limits.count(request, what, str(caller.customer_id), limit)


def _id(text: str) -> ConversationId:
    return ConversationId(ids.read("cnv", text))
