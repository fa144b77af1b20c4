"""An MCP server on loopback that speaks streamable HTTP, in JSON or in events, and misbehaves as a test tells it to."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from tests.outgoing.loopback import Loopback, serving

ORDER_TOOL = {
    "name": "get_order",
    "description": "An order by its number.",
    "inputSchema": {"type": "object", "properties": {"order_id": {"type": "string"}}, "required": ["order_id"]},
    "annotations": {"readOnlyHint": True},
}
CANCEL_TOOL = {
    "name": "cancel-order",
    "title": "Cancel an order",
    "inputSchema": {"type": "object", "properties": {"order_id": {"type": "string"}, "reason": {"type": "string"}}},
}


def text(said: str) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": said}]}


@dataclass(slots=True)
class McpServer:
    """What it offers, how it speaks, and what it was asked. `odd` answers a method in place of the server."""

    tools: list[dict[str, Any]] = field(default_factory=lambda: [ORDER_TOOL, CANCEL_TOOL])
    result: dict[str, Any] = field(default_factory=lambda: text("done"))
    error: dict[str, Any] | None = None
    events: bool = False
    chatty: bool = False
    stays_open: bool = False
    keeps_sessions: bool = True
    unknown_session: int = 404
    version: str | None = None
    page: int = 100
    odd: dict[str, Callable[[dict[str, Any]], Any]] = field(default_factory=dict)
    sessions: set[str] = field(default_factory=set)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    counter: Any = field(default_factory=itertools.count)
    loopback: Loopback = field(default_factory=lambda: Loopback("", 0))

    @property
    def url(self) -> str:
        return self.loopback.url + "/mcp"

    def methods(self) -> list[str]:
        """What was asked, in order."""
        return [method for method, _ in self.asked]

    async def reply(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        told = {name.lower(): value for name, value in request.headers.items()}
        self.headers.append(told)
        self.bodies.append(body)
        if request.method != "POST":
            self.asked.append((request.method, {}))
            self.sessions.discard(told.get("mcp-session-id", ""))
            return web.Response(status=200 if request.method == "DELETE" else 405)
        message = orjson.loads(body)
        method = message["method"]
        self.asked.append((method, message.get("params", {})))
        assert told["accept"] == "application/json, text/event-stream"
        if method != "initialize" and self.keeps_sessions and told.get("mcp-session-id") not in self.sessions:
            return web.Response(status=self.unknown_session)
        if method in self.odd:
            said = self.odd[method](message)
            return said if isinstance(said, web.StreamResponse) else await said
        if "id" not in message:
            return web.Response(status=202)
        answer = {"jsonrpc": "2.0", "id": message["id"]} | self.answer(method, message.get("params", {}))
        if method == "initialize" and self.keeps_sessions:
            self.sessions.add(own := f"s-{next(self.counter)}")
            return await self.say(request, answer, {"mcp-session-id": own})
        return await self.say(request, answer, {})

    def answer(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        if method == "initialize":
            version = self.version or params["protocolVersion"]
            info = {"name": "shop", "version": "1"}
            return {"result": {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info}}
        if method == "tools/list":
            at = int(params.get("cursor", "0"))
            more = {"nextCursor": str(at + self.page)} if at + self.page < len(self.tools) else {}
            return {"result": {"tools": self.tools[at : at + self.page]} | more}
        if self.error is not None:
            return {"error": self.error}
        return {"result": self.result}

    async def say(
        self, request: web.BaseRequest, answer: dict[str, Any], headers: dict[str, str]
    ) -> web.StreamResponse:
        if not self.events:
            return web.json_response(answer, headers=headers)
        response = web.StreamResponse(headers={"content-type": "text/event-stream; charset=utf-8", **headers})
        await response.prepare(request)
        before: list[dict[str, Any]] = []
        if self.chatty:
            before = [
                {"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progress": 1}},
                {"jsonrpc": "2.0", "id": answer["id"], "method": "elicitation/create", "params": {"result": {}}},
                {"jsonrpc": "2.0", "id": 99_999, "result": {"content": [{"type": "text", "text": "another's"}]}},
            ]
        lines = b": hello\r\nevent: message\r\nid: 1\r\ndata:\r\n\r\n"
        for message in before:
            lines += b"event: message\ndata: " + orjson.dumps(message) + b"\n\n"
        shown = orjson.dumps(answer, option=orjson.OPT_INDENT_2).replace(b"\n", b"\r\ndata: ")
        lines += b"data: " + shown + b"\r\n\r\n"
        for at in range(0, len(lines), 7):  # in pieces, wherever they break
            await response.write(lines[at : at + 7])
        if self.stays_open:
            await asyncio.sleep(3600)
        await response.write_eof()
        return response


@asynccontextmanager
async def standing(**how: Any) -> AsyncIterator[McpServer]:
    """The server for the length of the block."""
    server = McpServer(**how)
    async with serving(server.reply) as server.loopback:
        yield server
