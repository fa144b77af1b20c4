"""Tools of an MCP server as handlers: what is sent, what is read, and what is known when nothing comes back."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from tandem.actions import signing
from tandem.actions.handlers import mcp
from tandem.actions.handlers.outcome import Order
from tandem.outgoing import Allowed, Client, OddAnswer, RefusedByServer, Unreachable
from tandem.outgoing.failures import ForbiddenAddress
from tests.actions.mcp_server import McpServer, standing, text
from tests.outgoing.loopback import LOOPBACK

Odd = Callable[[dict[str, Any]], Any]


def order(message_id: str = "act_1", **more: Any) -> Order:
    how: dict[str, Any] = {"changes": True, "customer": "cus-7", "timeout_s": 20.0} | more
    return Order("", {"order_id": "1042"}, message_id, **how)


def hangs(_: dict[str, Any]) -> Any:
    return asyncio.sleep(3600)


@pytest.mark.parametrize("how", [{}, {"events": True}, {"events": True, "chatty": True}, {"keeps_sessions": False}])
async def test_it_works(how: dict[str, Any]) -> None:
    async with (
        standing(**how, result={"structuredContent": {"status": "sent"}, "content": []}) as server,
        Client(LOOPBACK) as client,
    ):
        outcome = await mcp.call(client, server.url, "cancel-order", order())
        assert (outcome.kind, outcome.result) == ("done", {"status": "sent"})
        await mcp.call(client, server.url, "cancel-order", order("act_2"))
    assert server.methods() == ["initialize", "notifications/initialized", "tools/call", "tools/call"]
    assert server.asked[0][1]["protocolVersion"] == "2025-06-18"
    assert server.asked[2][1] == {
        "name": "cancel-order",
        "arguments": {"order_id": "1042"},
        "_meta": {"idempotencyKey": "act_1"},
    }
    assert server.headers[2]["mcp-protocol-version"] == "2025-06-18"
    assert server.headers[2]["tandem-customer"] == "cus-7"
    assert "mcp-protocol-version" not in server.headers[0]
    assert [told.get("mcp-session-id") for told in server.headers] == (
        [None, "s-0", "s-0", "s-0"] if server.keeps_sessions else [None] * 4
    )


async def test_a_look_up_has_no_key() -> None:
    async with standing() as server, Client(LOOPBACK) as client:
        await mcp.call(client, server.url, "get_order", order(changes=False))
        assert "_meta" not in server.asked[-1][1]


async def test_an_answer_on_a_stream_that_stays_open_is_enough() -> None:
    async with standing(events=True, stays_open=True) as server, Client(LOOPBACK) as client:
        outcome = await mcp.call(client, server.url, "cancel-order", order(timeout_s=30))
        assert (outcome.kind, outcome.result) == ("done", {"text": "done"})


@pytest.mark.parametrize(
    ("said", "kind", "result", "error"),
    [
        (text('{"status": "sent"}'), "done", {"status": "sent"}, ""),
        (text("[1, 2]"), "done", {"items": [1, 2]}, ""),
        (text("Sent, 1042."), "done", {"text": "Sent, 1042."}, ""),
        (text("1042"), "done", {"text": "1042"}, ""),
        ({"content": []}, "done", {}, ""),
        ({"content": [{"type": "text", "text": "{}"}, {"type": "text", "text": "[1]"}]}, "done", {"items": [{}, [1]]}, ""),
        ({"content": [{"type": "text", "text": "a"}, {"type": "image", "data": ""}]}, "done", {"text": "a"}, ""),
        ({"content": [{"type": "resource", "resource": {"uri": "x:", "text": "b"}}]}, "done", {"text": "b"}, ""),
        ({"content": [7, None, {"type": "text", "text": 9}]}, "done", {}, ""),
        ({"structuredContent": {"a": 1}, "content": [{"type": "text", "text": "x"}]}, "done", {"a": 1}, ""),
        ({"isError": True, **text("No such order.")}, "failed", None, "No such order."),
        ({"isError": True, "structuredContent": {"a": 1}}, "failed", None, "The tool failed."),
        ({}, "unknown", None, "It says nothing that answers what was asked."),
        ({"content": "done"}, "unknown", None, "It says nothing that answers what was asked."),
    ],
)  # fmt: skip
async def test_results(said: dict[str, Any], kind: str, result: Any, error: str) -> None:
    async with standing(result=said) as server, Client(LOOPBACK) as client:
        outcome = await mcp.call(client, server.url, "cancel-order", order())
        assert (outcome.kind, outcome.result, outcome.error) == (kind, result, error)


@pytest.mark.parametrize(
    ("code", "kind"),
    [(-32700, "failed"), (-32600, "failed"), (-32601, "failed"), (-32602, "failed"), (-32603, "unknown"), (-32000, "unknown"),
     (None, "unknown"), ("-32602", "unknown")],
)  # fmt: skip
async def test_an_error_before_it_began_is_certain_and_any_other_is_not(code: Any, kind: str) -> None:
    async with standing(error={"code": code, "message": "Unknown tool"}) as server, Client(LOOPBACK) as client:
        outcome = await mcp.call(client, server.url, "cancel-order", order())
        assert (outcome.kind, outcome.error) == (kind, "Unknown tool")


ODD: dict[str, tuple[Odd, str]] = {
    "no JSON": (lambda _: web.Response(text="<html>", content_type="application/json"), "unknown"),
    "half of it": (lambda _: web.Response(body=b'{"jsonrpc":"2.0","id":1,', content_type="application/json"), "unknown"),
    "another's answer": (lambda _: web.json_response({"jsonrpc": "2.0", "id": 77, "result": text("x")}), "unknown"),
    "a request": (lambda m: web.json_response({"jsonrpc": "2.0", "id": m["id"], "method": "ping", "result": {}}), "unknown"),
    "its number as text": (lambda m: web.json_response({"jsonrpc": "2.0", "id": str(m["id"]), "result": text("x")}), "unknown"),
    "a list": (lambda m: web.json_response([{"jsonrpc": "2.0", "id": m["id"], "result": text("x")}]), "unknown"),
    "no result": (lambda m: web.json_response({"jsonrpc": "2.0", "id": m["id"], "result": 7}), "unknown"),
    "accepted, no answer": (lambda _: web.Response(status=202), "unknown"),
    "an empty stream": (lambda _: web.Response(text="", content_type="text/event-stream"), "unknown"),
    "a stream that ends early": (lambda _: web.Response(text="data: {}\n\ndata: {", content_type="text/event-stream"), "unknown"),
    "huge": (lambda _: web.Response(body=b" " * 1_200_000, content_type="application/json"), "unknown"),
    "elsewhere": (lambda _: web.Response(status=307, headers={"location": "http://127.0.0.1:1/"}), "unknown"),
    "a failure": (lambda _: web.Response(status=500), "unknown"),
    "busy": (lambda _: web.Response(status=429), "unknown"),
    "forbidden": (lambda _: web.json_response({"error": {"code": 1, "message": "No."}}, status=403), "failed"),
    "malformed": (lambda _: web.Response(status=422), "failed"),
    "an error without a number": (lambda _: web.json_response({"jsonrpc": "2.0", "id": None, "error": {"code": -32700}}), "failed"),
}  # fmt: skip


@pytest.mark.parametrize("what", ODD)
async def test_whatever_is_said_it_is_known_whether_it_may_have_been_done(what: str) -> None:
    odd, kind = ODD[what]
    async with standing(odd={"tools/call": odd}) as server, Client(LOOPBACK) as client:
        outcome = await mcp.call(client, server.url, "cancel-order", order())
        assert outcome.kind == kind, outcome
        assert outcome.error
        assert server.methods().count("tools/call") == 1


async def test_a_call_that_hangs_may_have_been_done_and_a_greeting_that_hangs_was_not() -> None:
    async with standing(odd={"tools/call": hangs}) as server, Client(LOOPBACK) as client:
        assert (await mcp.call(client, server.url, "cancel-order", order(timeout_s=0.5))).kind == "unknown"
    async with standing(odd={"initialize": hangs}) as server, Client(LOOPBACK) as client:
        both = await asyncio.gather(
            *(mcp.call(client, server.url, "cancel-order", order(timeout_s=0.5)) for _ in range(2))
        )
        assert {outcome.kind for outcome in both} == {"unreached"}
        assert "tools/call" not in server.methods()


async def test_nobody_there_and_nowhere_allowed_is_unreached() -> None:
    async with standing() as server, Client(LOOPBACK) as client, Client(Allowed()) as strict:
        assert (await mcp.call(client, "http://127.0.0.1:1/mcp", "x", order())).kind == "unreached"
        assert (await mcp.call(client, "not an address", "x", order())).kind == "unreached"
        assert (await mcp.call(strict, server.url, "cancel-order", order())).kind == "unreached"
        assert server.asked == []


@pytest.mark.parametrize("status", [404, 400])
@pytest.mark.parametrize("events", [False, True])
async def test_a_session_that_expired_is_opened_anew_once(status: int, events: bool) -> None:
    async with standing(unknown_session=status, events=events) as server, Client(LOOPBACK) as client:
        await mcp.call(client, server.url, "cancel-order", order())
        server.sessions.clear()
        assert (await mcp.call(client, server.url, "cancel-order", order("act_2"))).kind == "done"
        assert server.methods()[3:] == ["tools/call", "initialize", "notifications/initialized", "tools/call"]
        assert server.asked[-1][1]["_meta"] == {"idempotencyKey": "act_2"}

        server.odd["initialize"] = lambda m: web.json_response(
            {"jsonrpc": "2.0", "id": m["id"], "result": {"protocolVersion": "2025-06-18"}},
            headers={"mcp-session-id": "never-known"},
        )
        server.sessions.clear()
        assert (await mcp.call(client, server.url, "cancel-order", order("act_3"))).kind == "failed"
        assert server.methods().count("initialize") == 3


async def test_an_address_where_there_is_nothing_fails_for_certain() -> None:
    async with standing(odd={"initialize": lambda _: web.Response(status=404)}) as server, Client(LOOPBACK) as client:
        assert (await mcp.call(client, server.url, "x", order())).kind == "failed"
        assert server.methods() == ["initialize"]


@pytest.mark.parametrize("version", ["2025-11-25", "2025-03-26", "2024-11-05"])
async def test_another_version_that_is_known_is_taken(version: str) -> None:
    async with standing(version=version) as server, Client(LOOPBACK) as client:
        assert (await mcp.call(client, server.url, "cancel-order", order())).kind == "done"
        assert server.headers[-1]["mcp-protocol-version"] == version


@pytest.mark.parametrize("own", ["a b", "ü", "x" * 1001])
async def test_a_session_id_that_is_none_is_refused(own: str) -> None:
    def greets(message: dict[str, Any]) -> web.Response:
        said = {"jsonrpc": "2.0", "id": message["id"], "result": {"protocolVersion": "2025-06-18"}}
        return web.json_response(said, headers={"mcp-session-id": own})

    async with standing(odd={"initialize": greets}) as server, Client(LOOPBACK) as client:
        assert (await mcp.call(client, server.url, "x", order())).kind == "failed"
        assert server.methods() == ["initialize"]


async def test_a_version_that_is_not_known_is_refused() -> None:
    async with standing(version="1999-01-01") as server, Client(LOOPBACK) as client:
        assert (await mcp.call(client, server.url, "x", order())).kind == "failed"
        assert server.methods() == ["initialize"]


async def test_many_at_once_open_one_session_and_each_customer_has_their_own() -> None:
    async with standing() as server, Client(LOOPBACK) as client:
        calls = [
            mcp.call(client, server.url, "cancel-order", order(f"act_{n}", customer=f"cus-{n % 2}")) for n in range(40)
        ]
        assert {outcome.kind for outcome in await asyncio.gather(*calls)} == {"done"}
        assert server.methods().count("initialize") == 2
        by_customer = {
            (told["tandem-customer"], told["mcp-session-id"]) for told in server.headers if "tandem-customer" in told
        }
        assert len(by_customer) == 2
        assert len({session for _, session in by_customer}) == 2


async def test_sessions_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp, "MOST_SESSIONS", 3)
    async with standing() as server, Client(LOOPBACK) as client:
        for n in (1, 2, 3, 1):
            assert (await mcp.call(client, server.url, "cancel-order", order(customer=f"cus-{n}"))).kind == "done"
        assert server.methods().count("initialize") == 4
        assert len(mcp._MEMORY[client]) == 3


async def test_every_request_is_signed_where_there_is_a_secret() -> None:
    secrets = (b"n" * 32, b"o" * 32)
    async with standing() as server, Client(LOOPBACK) as client:
        await mcp.call(client, server.url, "cancel-order", order(secrets=secrets))
        await mcp.tools(client, server.url, secrets)
        for told, body in zip(server.headers, server.bodies, strict=True):
            assert all(signing.is_ours(told, body, [one], float(told["webhook-timestamp"])) for one in secrets)
            assert not signing.is_ours(told, body + b" ", secrets, float(told["webhook-timestamp"]))
        assert server.headers[2]["webhook-id"] == "act_1"
        assert len({told["webhook-id"] for told in server.headers}) == len(server.headers)


async def test_the_tools_are_listed_page_by_page_and_the_session_is_given_back() -> None:
    many = [{"name": f"t{n}", "inputSchema": {"type": "object"}} for n in range(23)]
    async with standing(tools=many, page=10) as server, Client(LOOPBACK) as client:
        found = await mcp.tools(client, server.url)
        assert [tool.name for tool in found] == [f"t{n}" for n in range(23)]
        assert server.methods()[-1] == "DELETE"
        assert server.sessions == set()


async def test_a_list_that_never_ends_has_an_end() -> None:
    def page(message: dict[str, Any]) -> web.Response:
        found = {"tools": [{"name": "again"}], "nextCursor": "0"}
        return web.json_response({"jsonrpc": "2.0", "id": message["id"], "result": found})

    async with standing(odd={"tools/list": page}) as server, Client(LOOPBACK) as client:
        assert len(await mcp.tools(client, server.url)) == mcp.MOST_PAGES


@pytest.mark.parametrize("listed", [None, "x", [7], [{"name": ""}], [{"inputSchema": {}}]])
async def test_a_list_that_is_none_is_refused_with_a_sentence(listed: Any) -> None:
    def page(message: dict[str, Any]) -> web.Response:
        return web.json_response({"jsonrpc": "2.0", "id": message["id"], "result": {"tools": listed}})

    async with standing(odd={"tools/list": page}) as server, Client(LOOPBACK) as client:
        with pytest.raises(OddAnswer, match="cannot be read"):
            await mcp.tools(client, server.url)


async def test_a_list_that_nobody_gives_says_why() -> None:
    server: McpServer
    async with standing(odd={"initialize": lambda _: web.Response(status=401)}) as server, Client(LOOPBACK) as client:
        with pytest.raises(RefusedByServer, match="refused"):
            await mcp.tools(client, server.url)
        with pytest.raises(Unreachable):
            await mcp.tools(client, "http://127.0.0.1:1/")
    async with standing() as server, Client(Allowed()) as strict:
        with pytest.raises(ForbiddenAddress):
            await mcp.tools(strict, server.url)
