"""Doors: every route declares who may call it, and a door turns a credential into a Caller or refuses.

A route without a door stops the start (`check_doors`). Public routes are named as such, and a test freezes their list.
"""

import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from tandem.actions.session import ALL
from tandem.errors import Forbidden, Problem, SignedOut
from tandem.ids import CustomerId
from tandem.tenants import customers, keys, members
from tandem.tenants.callers import Caller, CustomerCaller, MemberCaller, Role, Scope, ServerCaller
from tandem.web import parts

COOKIE = "__Host-tandem"

REMEMBERED_S = 0.9
"""How long a credential's caller is remembered. With the second between two looks of an open stream, a log-out reaches
every process within 2 s (security.md T7)."""

REMEMBERED = 10_000

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class CrossOrigin(Forbidden):
    """A change with a member's cookie must come from Tandem's own pages. Send the Origin header of this site."""

    code, title = "cross_origin", "This request did not come from Tandem's own pages"


class NoDoor(Problem):
    """A route does not say who may call it. Give it a door."""

    status, code, title = 500, "no_door", "A route has no door"


class Door:
    """Lets in: an API key with `scope`, or `also` with another, a member of at least `role`, a customer; or, `public`, everyone."""

    def __init__(
        self,
        *,
        scope: Scope | None = None,
        also: Scope | None = None,
        role: Role | None = None,
        customer: bool = False,
        public: bool = False,
    ) -> None:
        self.scope, self.also, self.role, self.customer, self.public = scope, also, role, customer, public

    async def __call__(self, request: Request) -> Caller | None:
        """Who is asking. Raises SignedOut or Forbidden."""
        if self.public:
            return None
        caller = await identify(request)
        if caller is None:
            raise SignedOut
        if isinstance(caller, MemberCaller) and request.method not in SAFE_METHODS:
            _require_same_origin(request)
        if not self._admits(caller):
            raise Forbidden(self._refusal(caller))
        return caller

    def describe(self) -> str:
        """For the table of routes."""
        names = [
            f"key:{self.scope}" if self.scope else "",
            f"key:{self.also}" if self.also else "",
            f"member:{self.role}" if self.role else "",
            "customer" if self.customer else "",
        ]
        return "public" if self.public else " ".join(name for name in names if name)

    def _admits(self, caller: Caller) -> bool:
        if isinstance(caller, ServerCaller):
            return self.scope is not None and bool({self.scope, self.also, Scope.ADMIN} & caller.scopes)
        if isinstance(caller, MemberCaller):
            return self.role is not None and caller.role.covers(self.role)
        return self.customer

    def _refusal(self, caller: Caller) -> str:
        if isinstance(caller, MemberCaller) and self.role:
            return f"This takes the role {self.role}; yours is {caller.role}."
        if isinstance(caller, ServerCaller) and self.scope:
            either = f"{self.scope} or {self.also}" if self.also else self.scope
            return f"This takes an API key with the scope {either}."
        return "This is not open to you."


async def identify(request: Request) -> Caller | None:
    """The caller behind the request's credential, or None. A bearer token wins over a cookie, and neither passes for the other."""
    header = request.headers.get("authorization")
    kinds: tuple[str, ...]
    if header is None:
        text, kinds = request.cookies.get(COOKIE, ""), ("ts_",)
    else:
        text, kinds = header[7:].strip() if header[:7].lower() == "bearer " else "", ("tk_", "ws_")
    if not text.startswith(kinds):
        return None
    memory: OrderedDict[str, tuple[float, Caller]] = request.app.state.callers
    held = memory.get(text)
    if held and held[0] > time.monotonic():
        return held[1]
    caller = await _look_up(request, text)
    if caller is not None:
        memory[text] = (time.monotonic() + REMEMBERED_S, caller)
        while len(memory) > REMEMBERED:
            memory.popitem(last=False)
    return caller


def acting_scopes(caller: ServerCaller) -> frozenset[str]:
    """What a server's session may: the scopes of its key, and everything where that is an admin's."""
    return frozenset({ALL}) if Scope.ADMIN in caller.scopes else frozenset(map(str, caller.scopes))


def forget(request: Request) -> None:
    """After a log-out this process knows at once."""
    request.app.state.callers.clear()


async def _look_up(request: Request, text: str) -> Caller | None:
    db = parts.of(request).db
    if text.startswith("tk_"):
        return await keys.caller(db, text)
    if text.startswith("ws_"):
        return await customers.caller(db, text)
    return await members.caller(db, text)


def _require_same_origin(request: Request) -> None:
    """A browser says where a change comes from; anything but our own pages is refused, and silence too."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        raise CrossOrigin
    origin = request.headers.get("origin")
    if origin is None and site is None:
        raise CrossOrigin
    if origin is not None and urlsplit(origin).netloc not in _own_names(request):
        raise CrossOrigin


def _own_names(request: Request) -> set[str]:
    names = {request.headers.get("host", "")}
    public = parts.of(request).settings.public_url
    if public:
        names.add(urlsplit(public).netloc)
    return names


PUBLIC = Door(public=True)
CUSTOMER = Door(customer=True)
CHAT = Door(scope=Scope.CHAT, customer=True)
VIEWER = Door(scope=Scope.TICKETS, role=Role.VIEWER)
AGENT = Door(scope=Scope.TICKETS, role=Role.AGENT)
STAFF = Door(role=Role.VIEWER)
STAFF_AGENT = Door(role=Role.AGENT)
KB_READ = Door(scope=Scope.KB, role=Role.VIEWER)
KB_WRITE = Door(scope=Scope.KB, role=Role.ADMIN)
ADMIN = Door(scope=Scope.ADMIN, role=Role.ADMIN)
STAFF_TOOLS = Door(scope=Scope.KB, also=Scope.TICKETS, role=Role.AGENT)
READ_CONVERSATION = Door(scope=Scope.CHAT, role=Role.VIEWER, customer=True)

REGISTRY = Door(scope=Scope.ACTIONS, role=Role.VIEWER)
ACTION_ADMIN = Door(scope=Scope.ACTIONS, role=Role.ADMIN)
APPROVER = Door(scope=Scope.ACTIONS, role=Role.AGENT)
ASKER = Door(scope=Scope.ACTIONS, customer=True)

Public = Annotated[None, Depends(PUBLIC)]
Customer = Annotated[CustomerCaller, Depends(CUSTOMER)]
Chatter = Annotated[CustomerCaller | ServerCaller, Depends(CHAT)]
Viewer = Annotated[MemberCaller | ServerCaller, Depends(VIEWER)]
Staff = Annotated[MemberCaller, Depends(STAFF)]
Agent = Annotated[MemberCaller | ServerCaller, Depends(AGENT)]
StaffAgent = Annotated[MemberCaller, Depends(STAFF_AGENT)]
KbReader = Annotated[MemberCaller | ServerCaller, Depends(KB_READ)]
KbWriter = Annotated[MemberCaller | ServerCaller, Depends(KB_WRITE)]
Admin = Annotated[MemberCaller | ServerCaller, Depends(ADMIN)]
RegistryReader = Annotated[MemberCaller | ServerCaller, Depends(REGISTRY)]
ActionAdmin = Annotated[MemberCaller | ServerCaller, Depends(ACTION_ADMIN)]
Approver = Annotated[MemberCaller | ServerCaller, Depends(APPROVER)]
Asker = Annotated[CustomerCaller | ServerCaller, Depends(ASKER)]
StaffTools = Annotated[MemberCaller | ServerCaller, Depends(STAFF_TOOLS)]
Reader = Annotated[Caller, Depends(READ_CONVERSATION)]


def door_of(route: APIRoute) -> Door | None:
    """The door that a route declares."""
    return next((d.call for d in route.dependant.dependencies if isinstance(d.call, Door)), None)


def routes(app: FastAPI) -> list[APIRoute]:
    """Every API route, in order."""
    return [route for route in _all(app.routes) if isinstance(route, APIRoute)]


def _all(found: Iterable[BaseRoute]) -> Iterable[BaseRoute]:
    """Every route, also of included routers, which this framework keeps as they are."""
    for route in found:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _all(inner.routes)
        else:
            yield route


def check_doors(app: FastAPI) -> None:
    """Raises NoDoor when any route does not declare who may call it."""
    missing = [_name(route) for route in _all(app.routes) if not isinstance(route, APIRoute) or door_of(route) is None]
    if missing:
        raise NoDoor("No door on: " + ", ".join(missing))


def _name(route: BaseRoute) -> str:
    return f"{' '.join(sorted(getattr(route, 'methods', None) or ()))} {getattr(route, 'path', route)}"


def customer_or_404(caller: Caller) -> CustomerId | None:
    """Whose conversations a caller may open: a customer's own; for the tenant's own people and servers any (None)."""
    return caller.customer_id if isinstance(caller, CustomerCaller) else None
