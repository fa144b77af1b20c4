"""The tenant probe (security.md T1): every route of the contract, as every caller of acme's, with the ids of others.

It reads the OpenAPI document, so that a route that is added tomorrow is probed too. Others are the tenant rival, whose
every table holds a canary, and, for customers, acme's other customers. Whatever is sent, no canary may come back,
nothing of rival's may change, and what is not yours must look like what is not there.
"""

import asyncio
import itertools
import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import orjson
from fastapi import FastAPI

from tandem import ids
from tandem.tenants import keys
from tandem.tenants.callers import Scope
from tandem.web import doors
from tests.cast import Cast, Client, Colleague, Company
from tests.web import canaries
from tests.web.site import Caller, Site, credentials

AT_ONCE = 12
PREFIXES = ("cnv", "tkt", "msg", "trn", "doc", "psg", "job", "mbr", "cus", "hnd", "tnt")
STREAM_S = 0.25
"""How long an open stream is listened to."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One request. `foreign` is what it carries of others, `slot` where."""

    caller: str
    who: Caller
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    slot: str
    foreign: str
    opens_stream: bool
    fits: bool

    @property
    def name(self) -> str:
        """As a person would say it."""
        return f"{self.method} {self.path} as {self.caller}, {self.foreign} in {self.slot}"


@dataclass(slots=True)
class Outcome:
    """What came of it; `leaks` has a sentence for each thing that went wrong."""

    probes: int = 0
    refused: int = 0
    admitted: int = 0
    leaks: list[str] = field(default_factory=list)
    there_ms: list[float] = field(default_factory=list)
    absent_ms: list[float] = field(default_factory=list)

    @property
    def split_ms(self) -> float:
        """How much longer a foreign thing takes than an absent one, at the median."""
        return statistics.median(self.there_ms) - statistics.median(self.absent_ms) if self.there_ms else 0.0


@dataclass(frozen=True, slots=True)
class Belongings:
    """Everything by which somebody's things can be named, and the words that only they may read."""

    canary: str
    named: dict[str, str]


@dataclass(slots=True)
class Ground:
    """A site with things of acme's, of a neighbour among its customers, and of rival's."""

    site: Site
    callers: dict[str, Caller]
    own: dict[str, dict[str, str]]
    rival: Belongings
    neighbour: Belongings


def prepare(site: Site, cast: Cast) -> Ground:
    """Everybody has conversations, tickets with notes, documents; rival a canary in every table beside."""
    rival, neighbour = canaries.word(), canaries.word()
    nan = site.newcomer(sub="nan-1", name=neighbour)
    theirs = belongings(site, cast.rival, cast.quinn, cast.rob, rival)
    canaries.plant(site.place, cast.rival, rival)
    acme = belongings(site, cast.acme, cast.cy, cast.bo, "acme")
    own = {"cy": acme, "dee": belongings(site, cast.acme, cast.dee, cast.bo, "acmedee")}
    nans = belongings(site, cast.acme, nan, cast.bo, neighbour, title="acme")
    nans = {kind: value for kind, value in nans.items() if kind not in ("doc", "psg", "tnt", "external id", "mbr")}

    async def scoped() -> dict[str, Caller]:
        async with site.parts.db.tenant(cast.acme.id) as tx:
            return {f"key:{s}": await keys.add(tx, cast.acme.id, s, [s]) for s in Scope}

    callers: dict[str, Caller] = {"nobody": None, "dee": cast.dee, "cy": cast.cy}
    callers |= site.run(scoped()) | {"key": cast.acme, "viewer": cast.vi, "agent": cast.bo, "admin": cast.ann}
    return Ground(site, callers, own, Belongings(rival, theirs), Belongings(neighbour, nans))


def belongings(site: Site, company: Company, who: Client, agent: Any, word: str, title: str = "") -> dict[str, str]:
    """A conversation that has been through everything, and the names of all that came of it."""
    title = title or word
    tag = title[::-1]  # an id may be given back to whoever sends it, so that it must not hold the canary
    body = f"# Parcels of {title}\n\nA parcel of {title} is delivered within 4 working days after dispatch."
    made = site.post(
        company, "/v1/kb/documents", {"title": f"Parcels of {title}", "body": body, "external_id": f"x-{tag}"}
    )
    site.ready(made.json()["id"], company)
    said = site.chat(
        who, f"When is my parcel of {word} delivered after dispatch?", client_message_id=f"first-{word[::-1]}"
    )
    assert said.done["citations"], said.done
    site.post(who, "/v1/escalate", {"conv_id": said.id, "reason": f"because {word}"})
    site.post(who, f"/v1/conversations/{said.id}/contact", {"email": f"{word}@customers.example"})
    site.post(agent, f"/v1/tickets/{said.ticket_id}/claim")
    note = site.post(
        agent,
        f"/v1/tickets/{said.ticket_id}/note",
        {"text": f"note {word}", "client_message_id": f"n-{tag}-{word[::-1]}"},
    )
    reply = site.post(
        agent,
        f"/v1/tickets/{said.ticket_id}/reply",
        {"text": f"reply {word}", "client_message_id": f"r-{tag}-{word[::-1]}"},
    )
    shown = site.get(agent, f"/v1/tickets/{said.ticket_id}").json()
    named = {
        "cnv": said.id,
        "tkt": said.ticket_id,
        "msg": said.done["message_id"],
        "msg of a person": reply.json()["id"],
        "msg that is a note": note.json()["id"],
        "trn": said.done["turn_id"],
        "doc": made.json()["id"],
        "job": made.json()["job_id"],
        "psg": said.done["citations"][0]["passage_id"],
        "mbr": ids.show("mbr", agent.id),
        "cus": ids.show("cus", who.id),
        "hnd": shown["handoffs"][0]["id"],
        "tnt": ids.show("tnt", company.id),
        "uuid": str(ids.read("cnv", said.id)),
        "external id": f"x-{tag}",
        "customer's external id": who.external_id or "nobody-1",
        "client id": f"first-{word[::-1]}",
        "cursor": site.get(company, "/v1/tickets?limit=1").json()["next_cursor"] or "",
        "event id": "1",
        "place in the tenant's events": _place(site, agent),
    }
    return {kind: value for kind, value in named.items() if value}  # a document that is there already makes no job


def _place(site: Site, agent: Any) -> str:
    with site.stream(agent, "GET", "/v1/events") as events:
        return next(events).id or ""


# --- the probes ---


def probes(ground: Ground, seed: int, most: int) -> list[Probe]:
    """Every pair of a caller and a route with the foreign ids that fit, then as many others as `most` allows."""
    fitting: list[Probe] = []
    others: list[Probe] = []
    for probe in _all(ground):
        (fitting if probe.fits else others).append(probe)
    chance = random.Random(seed)
    chance.shuffle(others)
    return fitting + others[: max(0, most - len(fitting))]


def _all(ground: Ground) -> Iterator[Probe]:
    document = ground.site.app.openapi()
    for (path, methods), (caller, who) in itertools.product(document["paths"].items(), ground.callers.items()):
        if path.startswith("/v1/auth/log"):
            continue  # log-ins belong to no tenant, and a log-out would end the probe
        for method, operation in methods.items():
            yield from _of_route(ground, document, path, method.upper(), operation, caller, who)


def _of_route(
    ground: Ground,
    document: dict[str, Any],
    path: str,
    method: str,
    operation: dict[str, Any],
    caller: str,
    who: Caller,
) -> Iterator[Probe]:
    slots = [(p["in"], p["name"]) for p in operation.get("parameters", [])]
    slots += [("body", name) for name in _properties(document, operation)]
    if method == "POST":
        slots.append(("header", "idempotency-key"))
    others = [("rival", ground.rival)] + ([("neighbour", ground.neighbour)] if isinstance(who, Client) else [])
    named = f"{method} {path}"
    lets_in = admits(ground.site.app, named, who)
    for (where, name), (whose, things) in itertools.product(slots or [("nothing", "")], others):
        for kind, value in things.named.items():
            if (where == "nothing" or not lets_in) and kind != "cnv":
                continue  # whom the door refuses is asked once for each slot
            yield _one(ground, document, path, method, operation, caller, who, where, name, value, whose, kind)


def admits(app: FastAPI, named: str, who: Caller) -> bool:
    """Whether the route's door lets this kind of caller in at all; API keys are always worth a try."""
    door = next(
        doors.door_of(route)
        for route in doors.routes(app)
        for method in route.methods or ()
        if f"{method} {route.path}".replace(":path}", "}") == named
    )
    assert door is not None
    match who:
        case None:
            return door.public
        case Colleague():
            return door.public or (door.role is not None and who.role.covers(door.role))
        case Client():
            return door.public or door.customer
    return door.public or door.scope is not None


def _fits(path: str, where: str, name: str, kind: str) -> bool:
    """Whether this is a thing that the slot is made for."""
    wanted = {
        "conversations": "cnv", "tickets": "tkt", "turns": "trn", "messages": "msg", "documents": "doc", "jobs": "job",
    }  # fmt: skip
    by_name = {
        "conversation_id": "cnv", "conv_id": "cnv", "ticket_id": "tkt", "message_id": "msg", "customer_id": "cus",
        "assignee_id": "mbr", "assignee": "mbr", "cursor": "cursor", "last-event-id": "place in the tenant's events",
        "external_id": "external id", "client_message_id": "client id", "q": "external id",
    }  # fmt: skip
    if where == "path" and name == "id":
        return kind.startswith(next((w for part, w in wanted.items() if f"/{part}/" in path), "?"))
    return by_name.get(name) == kind or where == "nothing"


def _one(
    ground: Ground,
    document: dict[str, Any],
    path: str,
    method: str,
    operation: dict[str, Any],
    caller: str,
    who: Caller,
    where: str,
    name: str,
    value: str,
    whose: str,
    kind: str,
) -> Probe:
    """A request that is in order but for the one slot that carries something foreign."""
    own = ground.own["dee" if caller == "dee" else "cy"]
    mine = own[next((k for part, k in _KINDS.items() if f"/{part}/" in path), "cnv")]
    fill = {
        "id": mine,
        "index": "1",
        "number": "1",
        "name": "parcel",
        "version": "1",
        "document_id": own["doc"],
        "message_id": own["msg"],
        "provider": "openai",
    }
    if where == "path":
        fill[name] = value
    query = {p["name"]: "parcel" for p in operation.get("parameters", []) if p["in"] == "query" and p.get("required")}
    if path == "/v1/escalations":
        query = {"conversation_id": own["cnv"]}
    body = _body(document, operation, own) if method not in ("GET", "DELETE") else None
    headers: dict[str, str] = {}
    if where == "query":
        query |= {name: value}
    elif where == "header":
        headers |= {name: value}
    elif where == "body" and isinstance(body, dict):
        body |= {name: value}
    opens = path.endswith("/events")
    slot, foreign = f"{where} {name}".strip(), f"{whose}'s {kind}"
    fits = _fits(path, where, name, kind)
    return Probe(caller, who, method, path.format(**fill), query, headers, body, slot, foreign, opens, fits)


_KINDS = {"tickets": "tkt", "turns": "trn", "messages": "msg", "documents": "doc", "jobs": "job"}


def _schema(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    options = content.get("anyOf", [content])
    reference = next((option["$ref"] for option in options if "$ref" in option), None)
    if reference is None:
        return dict(content)
    found: dict[str, Any] = document["components"]["schemas"][reference.rpartition("/")[2]]
    return found


def _properties(document: dict[str, Any], operation: dict[str, Any]) -> list[str]:
    return list(_schema(document, operation).get("properties", {}))


def _body(document: dict[str, Any], operation: dict[str, Any], own: dict[str, str]) -> dict[str, Any]:
    """What the route needs, of acme's own."""
    samples: dict[str, Any] = {
        "message": "Hello", "text": "Hello", "rating": 5, "email": "a@b.example", "title": "Acme", "body": "Acme.",
        "state": "online", "client_message_id": f"probe-{next(_NUMBERS)}", "conversation_id": own["cnv"],
        "widget_key": "wk_none", "customer_id": own["cus"],
    }  # fmt: skip
    return {name: samples.get(name, "x") for name in _schema(document, operation).get("required", [])}


_NUMBERS = itertools.count()


# --- sending them ---


async def run(ground: Ground, chosen: list[Probe]) -> Outcome:
    """Send them all, listening to acme's own streams meanwhile."""
    outcome = Outcome()
    gate = asyncio.Semaphore(AT_ONCE)
    forbidden = {"rival": [ground.rival.canary], "both": [ground.rival.canary, ground.neighbour.canary]}
    async with httpx.AsyncClient(base_url=ground.site.url, timeout=60, verify=False) as http:
        ears = [asyncio.create_task(_listen(http, who, path)) for who, path in _streams(ground)]

        async def one(probe: Probe) -> None:
            async with gate:
                try:
                    await _send(http, probe, outcome, forbidden["both" if isinstance(probe.who, Client) else "rival"])
                except httpx.TransportError as broken:
                    outcome.leaks.append(f"{probe.name}: no answer, {broken!r}")

        await asyncio.gather(*(one(probe) for probe in chosen))
        for ear in ears:
            ear.cancel()
        heard = await asyncio.gather(*ears, return_exceptions=True)
    for data in heard:
        assert isinstance(data, bytes)
        outcome.leaks += [f"a live stream shows {canary}" for canary in canaries.seen(forbidden["rival"], data)]
    return outcome


async def _send(http: httpx.AsyncClient, probe: Probe, outcome: Outcome, forbidden: list[str]) -> None:
    status, data, took = await _ask(http, probe)
    outcome.probes += 1
    outcome.refused += status in (401, 403)
    outcome.admitted += status < 400
    outcome.leaks += [f"{probe.name}: {status} shows {canary}" for canary in canaries.seen(forbidden, data)]
    if status >= 500:
        outcome.leaks.append(f"{probe.name}: {status} {data[:200]!r}")
    if (absent := _absent(probe)) and status not in (401, 403):
        outcome.probes += 1
        other_status, other, other_took = await _ask(http, absent)
        if (status, _shape(data)) != (other_status, _shape(other)):
            outcome.leaks.append(
                f"{probe.name}: {status} {_shape(data)}, but what is not there: {other_status} {_shape(other)}"
            )
        elif status == 404:
            outcome.there_ms.append(took)
            outcome.absent_ms.append(other_took)


async def _ask(http: httpx.AsyncClient, probe: Probe) -> tuple[int, bytes, float]:
    began = time.perf_counter()
    headers = credentials(probe.who) | probe.headers
    content = orjson.dumps(probe.body) if probe.body is not None else None
    if content is not None:
        headers |= {"content-type": "application/json"}
    data = b""
    async with http.stream(probe.method, probe.path, params=probe.query, headers=headers, content=content) as response:
        try:
            async with asyncio.timeout(STREAM_S if probe.opens_stream and response.status_code == 200 else 60):
                async for part in response.aiter_bytes():
                    data += part
        except TimeoutError:
            assert probe.opens_stream, f"{probe.name} does not end"
        except httpx.TransportError:  # broken off: what came counts
            pass
    return response.status_code, data + repr(response.headers.raw).encode(), (time.perf_counter() - began) * 1000


def _absent(probe: Probe) -> Probe | None:
    """The same request with an id of the same kind that nobody has; only where the id is the thing asked for."""
    prefix = probe.foreign.rpartition("'s ")[2][:3]
    where, _, name = probe.slot.partition(" ")
    if prefix not in PREFIXES or where == "header" or not probe.fits:
        return None
    fresh = ids.show(prefix, ids.new())
    if where == "path":
        parts = probe.path.split("/")
        at = next((n for n, part in enumerate(parts) if part.startswith(f"{prefix}_")), None)
        return _with(probe, path="/".join([*parts[:at], fresh, *parts[at + 1 :]])) if at is not None else None
    if where == "query":
        return _with(probe, query=probe.query | {name: fresh})
    if where == "body" and isinstance(probe.body, dict) and probe.body.get(name, "").__class__ is str:
        return _with(probe, body=probe.body | {name: fresh})
    return None


def _with(probe: Probe, **changed: Any) -> Probe:
    return replace(probe, **changed)


def _shape(data: bytes) -> Any:
    """A problem without its request's id; of anything else only that it is something else."""
    try:
        shown = orjson.loads(data.partition(b"[(b")[0])
    except orjson.JSONDecodeError:
        return "stream"
    if isinstance(shown, dict) and "request_id" in shown:
        return {key: value for key, value in shown.items() if key != "request_id"}
    return type(shown).__name__


def _streams(ground: Ground) -> list[tuple[Caller, str]]:
    cy = ground.own["cy"]["cnv"]
    return [(ground.callers["admin"], "/v1/events"), (ground.callers["cy"], f"/v1/conversations/{cy}/events")]


async def _listen(http: httpx.AsyncClient, who: Caller, path: str) -> bytes:
    data = b""
    try:
        async with http.stream("GET", path, headers=credentials(who), timeout=None) as response:
            async for part in response.aiter_bytes():
                data += part
    except (asyncio.CancelledError, httpx.TransportError):
        pass
    return data
