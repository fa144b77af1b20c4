"""The staff's log-in."""

from typing import Any

import pydantic
from fastapi import APIRouter, Request
from starlette.responses import Response

from tandem import ids
from tandem.db import Database
from tandem.tenants import companies, members
from tandem.tenants.callers import MemberCaller
from tandem.web import doors, limits
from tandem.web.doors import Public, Staff
from tandem.web.json import JSON, Input, Nothing
from tandem.web.parts import P

router = APIRouter(prefix="/v1/auth")


class Login(Input):
    """Who, and the proof."""

    email: str = pydantic.Field(min_length=3, max_length=320)
    password: str = pydantic.Field(min_length=1, max_length=1000)


@router.post("/login")
async def login(_: Public, request: Request, body: Login, parts: P) -> Response:
    """A session in a cookie that no script can read."""
    await limits.count(request, "login", limits.address(request), limits.LOG_INS)
    await limits.count(request, "login of", body.email.lower(), limits.LOG_INS_OF_ACCOUNT)
    cookie, caller = await members.log_in(parts.db, body.email, body.password)
    response = JSON(await _who(parts.db, caller))
    response.set_cookie(
        doors.COOKIE, cookie, max_age=members.SESSION_S, secure=True, httponly=True, samesite="lax", path="/"
    )
    return response


@router.post("/logout")
async def logout(caller: Staff, request: Request, parts: P, body: Nothing | None = None) -> Response:
    """The session is over, its streams too."""
    await members.log_out(parts.db, caller)
    doors.forget(request)
    response = Response(status_code=204)
    response.delete_cookie(doors.COOKIE, secure=True, httponly=True, samesite="lax", path="/")
    return response


@router.get("/me")
async def me(caller: Staff, parts: P) -> Response:
    """Who is signed in."""
    return JSON(await _who(parts.db, caller))


async def _who(db: Database, caller: MemberCaller) -> dict[str, Any]:
    async with db.tenant(caller.tenant_id) as tx:
        tenant = await companies.get(tx)
        member = await members.get(tx, caller.member_id)
    return {
        "member": {
            "id": ids.show("mbr", caller.member_id),
            "name": caller.name,
            "email": member.email if member else "",
            "role": caller.role,
        },
        "tenant": {"id": ids.show("tnt", tenant.id), "name": tenant.name, "widget_key": tenant.widget_key},
    }
