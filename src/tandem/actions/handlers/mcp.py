"""A tool of an MCP server, over streamable HTTP (modelcontextprotocol.io, versions 2024-11-05 to 2025-11-25).

A client of our own, since only the guarded client may reach an address that a tenant names. What the server asks of us on its
stream, and what it tells, is passed over: a tool gets its arguments and gives its result, nothing more.
"""

import asyncio
import hashlib
import itertools
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from tandem import ids
from tandem.actions import signing
from tandem.actions.handlers import jsonrpc
from tandem.actions.handlers.http import LARGEST
from tandem.actions.handlers.jsonrpc import Listening, Lost, Trouble
from tandem.actions.handlers.outcome import Order, Outcome
from tandem.errors import Problem
from tandem.outgoing import Answer, AnswerTooLarge, Caps, Client, OddAnswer, RefusedByServer, Unconnected, Unreachable
from tandem.outgoing.failures import ForbiddenAddress, NotAnAddress

VERSION = "2025-06-18"
VERSIONS = frozenset((VERSION, "2025-11-25", "2025-03-26", "2024-11-05"))
"""What servers may negotiate: calling a tool is the same in all of them."""

US = {"name": "Tandem", "version": "0.1"}
MOST_SESSIONS = 1_000
"""Kept open: the one that was used longest ago goes first, and is opened anew when it is needed."""

LONGEST_SESSION_ID = 1_000
MOST_TOOLS = 500
"""Of one server: more than a registry takes (registry.MOST)."""

MOST_PAGES = 50
LARGEST_LIST = 5_000_000
LIST_S = 30.0


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as its server describes it. `reads`: the server says that it changes nothing (`readOnlyHint`)."""

    name: str
    description: str
    input_schema: dict[str, Any]
    reads: bool


@dataclass(frozen=True, slots=True)
class _Session:
    """What was negotiated. `id` is None with a server that keeps no sessions."""

    id: str | None
    version: str
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))


@dataclass(slots=True)
class _Slot:
    """A place for one session; whoever opens it holds the lock, so that many tasks open one."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    session: _Session | None = None


_Key = tuple[str, bytes, str | None]
_Slots = OrderedDict[_Key, _Slot]
_MEMORY: WeakKeyDictionary[Client, _Slots] = WeakKeyDictionary()


async def call(client: Client, url: str, tool: str, order: Order) -> Outcome:
    """Call the tool and read what became of it."""
    line = _Line(client, url, order.secrets, time.monotonic() + order.timeout_s)
    params: dict[str, Any] = {"name": tool, "arguments": order.body}
    if order.changes:
        params["_meta"] = {"idempotencyKey": order.message_id}
    try:
        return _outcome(await _called(line, order, params))
    except Trouble as trouble:
        if trouble.kind == "unreached":
            return Outcome("unreached", None, trouble.sentence)
        return Outcome.unknown(trouble.sentence) if trouble.kind == "unknown" else Outcome.failed(trouble.sentence)


async def tools(client: Client, url: str, secrets: Sequence[bytes] = ()) -> list[Tool]:
    """The tools of a server, at most MOST_TOOLS, in a session of its own.

    Raises what `Client.ask` raises, RefusedByServer, and OddAnswer where the server does not speak the protocol.
    """
    line = _Line(client, url, secrets, time.monotonic() + LIST_S, LARGEST_LIST)
    found: list[Tool] = []
    cursor: dict[str, Any] = {}
    try:
        session = await line.open()
        for _ in range(MOST_PAGES):
            page = await line.ask("tools/list", cursor, session)
            listed = page.get("tools")
            if not isinstance(listed, list):
                raise Trouble("unknown", "It lists no tools.")
            found += [_tool(said) for said in listed]
            following = page.get("nextCursor")
            if not isinstance(following, str) or len(found) >= MOST_TOOLS:
                break
            cursor = {"cursor": following}
        await line.close(session)
    except Trouble as trouble:
        if isinstance(trouble.__cause__, Problem):
            raise trouble.__cause__ from None
        kind = RefusedByServer if trouble.kind == "failed" else OddAnswer
        raise kind(f"The server's tools cannot be read: {trouble.sentence[:300]}") from None
    return found[:MOST_TOOLS]


async def _called(line: "_Line", order: Order, params: dict[str, Any]) -> dict[str, Any]:
    """The tool's answer. A session that the server has forgotten is opened anew, once."""
    slots = _MEMORY.setdefault(line.client, OrderedDict())
    session, is_fresh = await _session(line, slots, order)
    try:
        return await line.ask("tools/call", params, session, order)
    except Lost:
        if is_fresh:
            raise
    for slot in slots.values():
        if slot.session is session:
            slot.session = None
    session, _ = await _session(line, slots, order)
    return await line.ask("tools/call", params, session, order)


async def _session(line: "_Line", slots: _Slots, order: Order) -> tuple[_Session, bool]:
    """A session, and whether it was opened just now. Each customer has one of their own, unless the server keeps none."""
    plain = _slot(slots, (*line.name, None))
    own = _slot(slots, (*line.name, order.customer or ""))
    try:
        async with asyncio.timeout(line.left), own.lock:
            if (held := plain.session or own.session) is not None:
                return held, False
            opened = await line.open()
            (plain if opened.id is None else own).session = opened
            return opened, True
    except TimeoutError:
        raise Trouble("unreached", "It was not ready in time.") from None
    except Trouble as trouble:  # whatever became of the greeting, the tool was not called
        trouble.kind = "unreached" if trouble.kind == "unknown" else trouble.kind
        raise


def _slot(slots: _Slots, key: _Key) -> _Slot:
    slot = slots.setdefault(key, _Slot())
    slots.move_to_end(key)
    while len(slots) > MOST_SESSIONS:
        slots.popitem(last=False)
    return slot


@dataclass(frozen=True, slots=True)
class _Line:
    """The way to one server until a moment of time.monotonic(); every request on it is signed."""

    client: Client
    url: str
    secrets: Sequence[bytes]
    until: float
    largest: int = LARGEST

    @property
    def name(self) -> tuple[str, bytes]:
        """Which line it is: the same server, known by the same secrets."""
        return self.url, hashlib.sha256(b"\0".join(self.secrets)).digest()

    @property
    def left(self) -> float:
        """Seconds."""
        return max(0.0, self.until - time.monotonic())

    async def open(self) -> _Session:
        """A new session, ready for use. Raises Trouble."""
        told = {"protocolVersion": VERSION, "capabilities": {}, "clientInfo": US}
        answer, listening = await self._post(jsonrpc.request("initialize", told, 0), 0, {}, _fresh_id())
        said = jsonrpc.result(answer, listening, 0)
        version, own = said.get("protocolVersion"), answer.headers.get("mcp-session-id")
        if version not in VERSIONS:
            raise Trouble("failed", "It speaks no version of the protocol that Tandem knows.")
        if own is not None and (len(own) > LONGEST_SESSION_ID or any(not "!" <= letter <= "~" for letter in own)):
            raise Trouble("failed", "It names its session in a way that the protocol does not have.")
        session = _Session(own, version)
        await self._post(jsonrpc.request("notifications/initialized", {}), 0, _known(session), _fresh_id())
        return session

    async def ask(
        self, method: str, params: dict[str, Any], session: _Session, order: Order | None = None
    ) -> dict[str, Any]:
        """The result of a request. Raises Trouble."""
        number = next(session.numbers)
        told = _known(session)
        if order is not None and order.customer is not None:
            told["tandem-customer"] = order.customer.encode("ascii", "backslashreplace").decode()
        message_id = order.message_id if order else _fresh_id()
        answer, listening = await self._post(jsonrpc.request(method, params, number), number, told, message_id)
        return jsonrpc.result(answer, listening, number)

    async def close(self, session: _Session) -> None:
        """The server may forget the session; whether it does is its own affair."""
        if session.id is not None:
            caps = Caps(bytes=self.largest, seconds=max(0.01, self.left), redirects=0)
            signed = signing.headers(_fresh_id(), int(time.time()), b"", self.secrets)
            try:
                await self.client.ask(self.url, method="DELETE", headers=_known(session) | signed, caps=caps)
            except Problem:
                return

    async def _post(
        self, body: bytes, number: int, told: Mapping[str, str], message_id: str
    ) -> tuple[Answer, Listening]:
        if not self.left:
            raise Trouble("unreached", "There was no time left to ask it.")
        listening = Listening(number)
        caps = Caps(bytes=self.largest, seconds=self.left, redirects=0, enough=listening.hear)
        headers = {"accept": "application/json, text/event-stream", **told}
        headers |= signing.headers(message_id, int(time.time()), body, self.secrets)
        try:
            answer = await self.client.ask(self.url, method="POST", headers=headers, content=body, caps=caps)
        except (Unconnected, ForbiddenAddress, NotAnAddress) as problem:
            raise Trouble("unreached", problem.detail) from problem
        except (Unreachable, AnswerTooLarge, OddAnswer) as problem:
            raise Trouble("unknown", problem.detail) from problem
        return answer, listening


def _known(session: _Session) -> dict[str, str]:
    return {"mcp-protocol-version": session.version} | ({"mcp-session-id": session.id} if session.id else {})


def _fresh_id() -> str:
    return f"msg_{ids.new()}"


def _tool(said: object) -> Tool:
    if not isinstance(said, dict) or not isinstance(said.get("name"), str) or not said["name"]:
        raise Trouble("unknown", "It lists something that is no tool.")
    hints, schema = said.get("annotations"), said.get("inputSchema")
    return Tool(
        said["name"],
        next((text for name in ("description", "title") if isinstance(text := said.get(name), str) and text), ""),
        schema if isinstance(schema, dict) else {},
        isinstance(hints, dict) and hints.get("readOnlyHint") is True,
    )


def _outcome(said: dict[str, Any]) -> Outcome:
    """The result as a record: what is structured, else text that is JSON, else the text itself."""
    blocks = said.get("content", [])
    texts = [text for block in blocks if (text := _text(block)) is not None] if isinstance(blocks, list) else []
    if said.get("isError") is True:
        return Outcome.failed("\n".join(texts).strip() or "The tool failed.")
    if isinstance(said.get("structuredContent"), dict):
        return Outcome.done(said["structuredContent"])
    if not isinstance(blocks, list) or "content" not in said:
        return Outcome.unknown("It says nothing that answers what was asked.")
    records = [jsonrpc.parsed(text.encode("utf-8", "replace")) for text in texts]
    if texts and all(isinstance(record, dict | list) for record in records):
        return Outcome.done(records[0] if len(records) == 1 else records)
    return Outcome.done({"text": "\n".join(texts)} if texts else {})


def _text(block: object) -> str | None:
    """A block's text; pictures and sound have none."""
    if not isinstance(block, dict):
        return None
    held = block["resource"] if isinstance(block.get("resource"), dict) else block
    text = held.get("text")
    return text if isinstance(text, str) else None
