"""The tenant's rules: what they are, what a change of them would do, and every version there has been."""

from typing import Annotated, Any

import pydantic
from fastapi import APIRouter, Header, Query
from starlette.responses import Response

from tandem.answering.turn import Said
from tandem.db import Tx
from tandem.errors import Malformed
from tandem.evals import sandbox
from tandem.evals.sandbox import Pasted
from tandem.tenants import policy, policy_versions
from tandem.tenants.policy import Policy
from tandem.tenants.policy_versions import Version
from tandem.web.doors import Admin
from tandem.web.json import JSON, Input, Nothing, plain
from tandem.web.once import OnceRoute
from tandem.web.parts import P

router = APIRouter(prefix="/v1", route_class=OnceRoute)

DEEPEST = 20
PAGE = 30
NEWEST = 2**31 - 1
"""The largest number that a version can have."""


@router.get("/policy")
async def get_policy(caller: Admin, parts: P) -> Response:
    """The rules in force and their version."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        return JSON(_shown(await policy.get(tx)))


@router.patch("/policy")
async def change_policy(
    caller: Admin, body: dict[str, Any], parts: P, if_match: Annotated[str | None, Header()] = None
) -> Response:
    """A new version with the named rules changed. `If-Match: "3"` refuses it with 409 where version 3 is not in force any more."""
    try:
        _plain(body)
    except ValueError as problem:
        raise Malformed(f"The policy {problem}", errors=[{"field": "body", "message": str(problem)}]) from problem
    async with parts.db.tenant(caller.tenant_id) as tx:
        return JSON(_shown(await policy.change(tx, body, caller.name, _expected(if_match))))


@router.get("/policy/versions")
async def list_versions(
    caller: Admin,
    parts: P,
    before: Annotated[int | None, Query(ge=1, le=NEWEST)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = PAGE,
) -> Response:
    """Every version, newest first, with who saved it, when, and what it changed."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await policy_versions.page(tx, before, limit + 1)
        current = (await policy.get(tx)).version
    older = {each.version: each for each in found}
    items = [_listed(each, older.get(each.version - 1), current) for each in found[:limit]]
    return JSON({"items": items, "next_before": found[limit - 1].version if len(found) > limit else None})


@router.get("/policy/versions/{version}")
async def one_version(
    caller: Admin,
    parts: P,
    version: Annotated[int, pydantic.Field(ge=1, le=NEWEST)],
    against: Annotated[int | None, Query(ge=1, le=NEWEST)] = None,
) -> Response:
    """The rules of a version, and how they differ from those of another: `against`, or the version before."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await policy_versions.get(tx, version)
        other = await _other(tx, found, against)
        current = (await policy.get(tx)).version
    return JSON(
        _listed(found, other, current)
        | {"against": other.version if other else None, "rules": found.rules.model_dump(mode="json")}
    )


@router.post("/policy/versions/{version}/restore")
async def restore_version(
    caller: Admin, parts: P, version: Annotated[int, pydantic.Field(ge=1, le=NEWEST)], body: Nothing
) -> Response:
    """The rules of an old version, in force again as a new one."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        return JSON(_shown(await policy_versions.restore(tx, version, caller.name)))


class Line(Input):
    """A message before the one that is tried."""

    role: str = pydantic.Field(pattern="^(user|assistant|agent)$")
    text: str = pydantic.Field(max_length=4000)


class Message(Input):
    """A message to try: who writes it, and after what."""

    text: str = pydantic.Field(min_length=1, max_length=4000)
    tier: str = pydantic.Field(default="free", min_length=1, max_length=100)
    history: list[Line] = pydantic.Field(default_factory=list, max_length=20)


class Proposal(Input):
    """A change of the rules to try: on these messages, or on the recorded ones of so many days."""

    changes: dict[str, Any] = pydantic.Field(default_factory=dict)
    days: int = pydantic.Field(default=30, ge=1, le=365)
    messages: list[Message] | None = pydantic.Field(default=None, max_length=100)


@router.post("/policy/sandbox")
async def try_policy(caller: Admin, body: Proposal, parts: P) -> Response:
    """Who would handle messages under the proposed rules and who does under the live ones. Nothing is saved or answered."""
    tools = parts.desk.tools
    if body.messages is None:
        return JSON(await sandbox.over_days(tools, caller.tenant_id, body.changes, body.days))
    pasted = [Pasted(m.text, m.tier, tuple(Said(line.role, line.text) for line in m.history)) for m in body.messages]
    return JSON(await sandbox.of_pasted(tools, caller.tenant_id, body.changes, pasted))


async def _other(tx: Tx, found: Version, against: int | None) -> Version | None:
    wanted = against if against is not None else found.version - 1
    return await policy_versions.get(tx, wanted) if wanted >= 1 else None


def _listed(found: Version, other: Version | None, current: int) -> dict[str, Any]:
    changes = policy_versions.diff(other.rules, found.rules) if other else []
    return {
        "version": found.version,
        "author": found.author,
        "created_at": found.created_at,
        "is_current": found.version == current,
        "changes": [change.as_json() for change in changes],
    }


def _expected(if_match: str | None) -> int | None:
    if if_match is None:
        return None
    try:
        return int(if_match.strip().removeprefix("W/").strip('"'))
    except ValueError as problem:
        raise Malformed(
            "If-Match names no version.", errors=[{"field": "If-Match", "message": 'must be a version, as in "3"'}]
        ) from problem


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
