"""The tenant's rules."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from tandem.errors import Malformed
from tandem.tenants import policy
from tandem.tenants.callers import MemberCaller, ServerCaller
from tandem.tenants.policy import Policy
from tandem.web.doors import Admin
from tandem.web.json import JSON, plain
from tandem.web.parts import P

router = APIRouter(prefix="/v1")

DEEPEST = 20


@router.get("/policy")
async def get_policy(caller: Admin, parts: P) -> Response:
    """The rules in force and their version."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        return JSON(_shown(await policy.get(tx)))


@router.patch("/policy")
async def change_policy(caller: Admin, body: dict[str, Any], parts: P) -> Response:
    """A new version with the named rules changed."""
    try:
        _plain(body)
    except ValueError as problem:
        raise Malformed(f"The policy {problem}", errors=[{"field": "body", "message": str(problem)}]) from problem
    async with parts.db.tenant(caller.tenant_id) as tx:
        return JSON(_shown(await policy.change(tx, body, _author(caller))))


def _plain(value: Any, depth: int = 0) -> None:
    if depth > DEEPEST:
        raise ValueError("is nested too deeply")
    if isinstance(value, str):
        plain(value)
    for inner in (
        [*value.keys(), *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        _plain(inner, depth + 1)


def _shown(found: Policy) -> dict[str, Any]:
    return {"version": found.version, **found.rules.model_dump(mode="json")}


def _author(caller: MemberCaller | ServerCaller) -> str:
    return caller.name
