"""The widget's way in: a session for a browser, anonymous or verified."""

from datetime import timedelta

import pydantic
from fastapi import APIRouter, Request
from starlette.responses import Response

from tandem import clock, ids
from tandem.answering import tools
from tandem.hot import online
from tandem.tenants import customers
from tandem.web import limits
from tandem.web.doors import Public
from tandem.web.json import JSON, Input
from tandem.web.parts import P

router = APIRouter(prefix="/v1/widget")


class SessionWanted(Input):
    """Which widget, and who vouches for the customer."""

    widget_key: str = pydantic.Field(max_length=200)
    identity: str | None = pydantic.Field(default=None, max_length=8000)


@router.post("/session", status_code=201)
async def session(_: Public, request: Request, body: SessionWanted, parts: P) -> Response:
    """A token for this browser, and how the widget looks and speaks."""
    limit = limits.IDENTIFIED_SESSIONS if body.identity else limits.SESSIONS
    await limits.count(request, "session", limits.address(request), limit)
    address = limits.address(request)
    welcome = await customers.open_session(parts.db, parts.sealer, body.widget_key, body.identity, address)
    states = await parts.hot.presence.states(welcome.tenant.id)
    async with parts.db.tenant(welcome.tenant.id) as tx:
        standing = await tools.standing(tx)
    toolbox = parts.desk.tools
    mode = toolbox.accounts.seen(toolbox.open(welcome.tenant.id, standing))
    look = welcome.tenant.look
    shown = {
        "token": welcome.token,
        "expires_at": clock.now() + timedelta(seconds=welcome.lives_s),
        "customer": {
            "id": ids.show("cus", welcome.customer.id),
            "name": welcome.customer.name,
            "verified": welcome.verified,
        },
        "config": {
            "tenant_name": welcome.tenant.name,
            "assistant_name": look.assistant_name,
            "greeting": look.greeting,
            "ai_notice": look.ai_notice,
            "starters": look.starters,
            "brand_color": look.brand_color,
            "people_online": bool(online(states)),
            "message_max_chars": standing.rules.rules.message_max_chars,
            "mode": mode.mode,
            "note": mode.note,
        },
    }
    return JSON(shown, 201)
