"""Who may call what: every route and every caller, against a table that is committed and read by people.

After a route is added on purpose: `TANDEM_WRITE_ROUTES=1 pytest tests/web/test_doors.py`, and read the difference.
"""

import functools
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Route

from tandem import app as app_room
from tandem import ids
from tandem.db.place import Place
from tandem.knowledge import replays
from tandem.settings import Settings
from tandem.tenants import keys, members
from tandem.tenants.callers import Scope
from tandem.web import doors
from tandem.web.api import ROUTERS
from tests.cast import Cast, Client, Colleague
from tests.web import learnt
from tests.web.site import PATIENCE_S, Caller, Conversation, Site, credentials

RATE_LIMITS = False
JOBS: frozenset[str] = frozenset()
T = TypeVar("T")

TABLE = Path(__file__).with_name("routes.txt")

PUBLIC = [
    "GET /",
    "GET /app",
    "GET /app/{path:path}",
    "GET /chat/{key}",
    "GET /demo",
    "GET /demo/{path:path}",
    "GET /healthz",
    "GET /openapi.json",
    "GET /readyz",
    "GET /widget.js",
    "GET /widget/{path:path}",
    "POST /v1/auth/login",
    "POST /v1/widget/session",
]


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """An app that is never started."""
    return app_room.create(Settings(), Place("", False))


def test_the_public_routes_are_these_and_no_others(app: FastAPI) -> None:
    public = [named for named, route in routes(app).items() if door_of(route).public]
    assert sorted(public) == PUBLIC


def test_the_contract_names_every_route_that_is_not_a_page(app: FastAPI) -> None:
    described = {f"{method.upper()} {path}" for path, methods in app.openapi()["paths"].items() for method in methods}
    shown = {named.replace(":path}", "}") for named, route in routes(app).items() if route.include_in_schema}
    assert described == shown
    assert len(described) > 40


@pytest.mark.parametrize("kind", ["a route", "a route of a router", "a plain route", "a folder"])
def test_a_route_without_a_door_stops_the_start(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    async def secret() -> str:
        return "everything"

    router = APIRouter(prefix="/v1")
    router.add_api_route("/secret", secret)
    plain = APIRouter(routes=[Route("/secret", secret)])
    inner = APIRouter()
    inner.include_router(router)
    folder = APIRouter()
    folder.mount("/secret", FastAPI())
    planted = {"a route": router, "a route of a router": inner, "a plain route": plain, "a folder": folder}[kind]
    monkeypatch.setattr(app_room, "ROUTERS", (*ROUTERS, planted))
    with pytest.raises(doors.NoDoor, match=r"No door on: .*/secret"):
        app_room.create(Settings(), Place("", False))


def test_every_route_lets_in_whom_the_table_says(site: Site, cast: Cast) -> None:
    callers = everyone(site, cast)
    found = [row(site, cast, callers, named, route) for named, route in sorted(routes(site.app).items())]
    head = f"{'':46}" + " ".join(f"{name:13}" for name in callers).rstrip()
    text = "\n".join(["# Who may call what: in, or refused with that status. See test_doors.py.", head, *found]) + "\n"
    if os.environ.get("TANDEM_WRITE_ROUTES"):
        TABLE.write_text(text)
    assert text == TABLE.read_text()


def everyone(site: Site, cast: Cast) -> dict[str, Caller]:
    """Every kind of caller; each knows the ids of acme."""

    async def scoped() -> dict[str, Caller]:
        async with site.parts.db.tenant(cast.acme.id) as tx:
            return {f"key:{scope}": await keys.add(tx, cast.acme.id, scope, [scope]) for scope in Scope}

    members_of_acme: dict[str, Caller] = {"viewer": cast.vi, "agent": cast.bo, "admin": cast.ann}
    outside: dict[str, Caller] = {
        "rival": cast.ruth,
        "its agent": cast.rob,
        "its key": cast.rival,
        "its customer": cast.quinn,
    }
    customers: dict[str, Caller] = {"nobody": None, "anonymous": cast.dee, "verified": cast.cy}
    return customers | site.run(scoped()) | members_of_acme | outside


def row(site: Site, cast: Cast, callers: dict[str, Caller], named: str, route: APIRoute) -> str:
    cells = [cell(site, cast, who, named, route) for who in callers.values()]
    return f"{named:46}" + " ".join(f"{status:13}" for status in cells).rstrip()


def cell(site: Site, cast: Cast, who: Caller, named: str, route: APIRoute) -> str:
    method, path = named.split()
    if named == "POST /v1/auth/logout" and isinstance(who, Colleague):
        who = again(site, who)
    with site.http.stream(
        method,
        address(site, cast, who, method, path),
        headers=headers(who),
        content=b"{}" if method != "GET" else None,
        timeout=PATIENCE_S,
    ) as response:
        status = response.status_code
        if "/events" not in path:
            response.read()  # so that the connection can be used again
    assert status < 500 or status == 503, f"{named}: {status}"
    if not route.include_in_schema:
        return "in" if status not in (401, 403) else str(status)  # which pages are built is another matter
    return str(status) if status in (401, 403, 404) else "in"


def address(site: Site, cast: Cast, who: Caller, method: str, path: str) -> str:
    """The path with acme's ids in it; a customer of acme's gets their own."""
    plain = path.replace(":path}", "}")
    owner = who if who in (cast.cy, cast.dee) else cast.cy
    if plain.startswith(tuple(f"/v1/kb/{kind}/" for kind in learnt.PREFIXES)):
        plain = learnt.address(site, plain, conversation_of(site, owner))
    if plain.startswith("/v1/kb/releases/"):
        release, document = once(release_of, site) if method == "GET" else release_of(site)
        plain = plain.replace("{id}", release).replace("{document_id}", document)
    if plain.startswith("/v1/kb/sources/"):
        plain = plain.replace("{id}", once(source_of, site) if method == "GET" else source_of(site))
    if "{id}" in plain:
        kind = plain.removeprefix("/v1/").removeprefix("kb/").partition("/")[0]
        plain = plain.replace("{id}", id_of(site, kind, owner, method))
    question = {"/v1/kb/search": "?q=returns", "/v1/escalations": f"?conversation_id={ids.show('cnv', ids.new())}"}
    plain = plain.replace("{index}", "1").replace("{key}", cast.acme.widget_key).replace("{path}", "x")
    return plain + question.get(path, "")


@functools.cache
def conversation_of(site: Site, owner: Client) -> Conversation:
    return site.chat(owner, "Hello!")


def release_of(site: Site) -> tuple[str, str]:
    """A new draft release that has been replayed, and a document in it."""
    release = str(site.post(site.cast.acme, "/v1/kb/releases", {"title": "R"}).json()["id"])
    article = {"title": "A", "body": "B.", "release_id": release}
    document = str(site.post(site.cast.acme, "/v1/kb/documents", article).json()["id"])

    async def replay() -> None:
        async with site.parts.db.tenant(site.cast.acme.id) as tx:
            await replays.promise(tx, site.parts.queue, ids.read("rel", release), [], 1)

    site.run(replay())
    return release, document


def source_of(site: Site) -> str:
    """A new source: somebody may have removed the last."""
    body = {"kind": "notion", "name": f"Wiki {ids.new()}", "settings": {}}
    return str(site.post(site.cast.acme, "/v1/kb/sources", body).json()["id"])


@functools.cache
def once(make: Callable[[Site], T], site: Site) -> T:
    """One for all who only look at it."""
    return make(site)


def document_of(site: Site) -> tuple[str, str]:
    """A new document and the job that reads it."""
    made = site.post(site.cast.acme, "/v1/kb/documents", {"title": "A", "body": "B."}).json()
    return str(made["id"]), str(made["job_id"])


def id_of(site: Site, kind: str, owner: Client, method: str) -> str:
    """An id of each kind. A document that may be changed is always a new one: somebody may have removed the last."""
    said = conversation_of(site, owner)
    if kind not in ("documents", "jobs"):
        ids_of = {"conversations": said.id, "tickets": said.ticket_id}
        return ids_of.get(kind, said.message_id)
    document, job = once(document_of, site) if method == "GET" else document_of(site)
    return document if kind == "documents" else job


def headers(who: Caller) -> dict[str, str]:
    return credentials(who) | {"content-type": "application/json"}


def again(site: Site, who: Colleague) -> Colleague:
    """The same person in another browser, so that logging out leaves the cast alone."""
    cookie, _ = site.run(members.log_in(site.parts.db, who.email, who.password))
    return replace(who, cookie=cookie)


def routes(app: FastAPI) -> dict[str, APIRoute]:
    """Every route by method and path."""
    return {f"{method} {route.path}": route for route in doors.routes(app) for method in sorted(route.methods or ())}


def door_of(route: APIRoute) -> doors.Door:
    door = doors.door_of(route)
    assert door is not None
    return door
