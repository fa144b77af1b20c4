"""Tandem as an MCP server: for whom which tools exist, what they show, and everything that a client can send wrongly."""

import asyncio
from typing import Any

import httpx
import orjson
import pytest

from tandem import ids
from tandem.actions.handlers import mcp as client_mcp
from tandem.actions.handlers.outcome import Order
from tandem.outgoing import Client as Guarded
from tandem.tenants import keys
from tandem.tenants.callers import Scope
from tests.cast import Cast
from tests.outgoing.loopback import LOOPBACK
from tests.web.site import Caller, Site

RATE_LIMITS = False

HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}


def ask(site: Site, who: Caller, method: str, params: Any = None, **more: Any) -> httpx.Response:
    body = {"jsonrpc": "2.0", "id": 1, "method": method} | ({} if params is None else {"params": params})
    return site.post(who, "/v1/mcp", body, **more)


def call(site: Site, who: Caller, tool: str, **arguments: Any) -> dict[str, Any]:
    answer = ask(site, who, "tools/call", {"name": tool, "arguments": arguments})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def key(site: Site, cast: Cast, scope: Scope) -> str:
    async def add() -> str:
        async with site.parts.db.tenant(cast.acme.id) as tx:
            return await keys.add(tx, cast.acme.id, scope, [scope])

    return site.run(add())


def names(site: Site, who: Caller) -> list[str]:
    return [tool["name"] for tool in ask(site, who, "tools/list").json()["result"]["tools"]]


def escalated(site: Site, cast: Cast, company: Any = None) -> str:
    """A ticket of the company's that waits for a person."""
    who = site.newcomer(company, sub=f"sub-{ids.new()}", name="Waldo")
    said = site.chat(who, "My parcel arrived with a purple dent.")
    assert site.post(who, "/v1/escalate", {"conv_id": said.id}).status_code < 300
    return said.ticket_id


def test_it_works(site: Site, cast: Cast) -> None:
    answer = ask(site, cast.acme, "initialize", HELLO)
    assert answer.headers["content-type"] == "application/json"
    assert "mcp-session-id" not in answer.headers
    said = answer.json()
    assert (said["jsonrpc"], said["id"], said["result"]["protocolVersion"]) == ("2.0", 1, "2025-06-18")
    assert said["result"]["capabilities"] == {"tools": {"listChanged": False}}
    assert site.post(cast.acme, "/v1/mcp", {"jsonrpc": "2.0", "method": "notifications/initialized"}).status_code == 202
    assert ask(site, cast.acme, "ping").json()["result"] == {}
    assert names(site, cast.acme) == ["search_knowledge", "read_ticket", "list_waiting"]


def test_our_own_client_speaks_with_it(site: Site, cast: Cast) -> None:
    site.learn("Umbrellas", "An umbrella may be returned within thirty days.")

    async def spoken() -> tuple[list[str], Any]:
        async with Guarded(LOOPBACK) as guarded:
            headers = {"authorization": f"Bearer {cast.acme.api_key}"}
            plain = guarded.ask

            async def with_key(url: str, **how: Any) -> Any:
                return await plain(url, **how | {"headers": {**how.get("headers", {}), **headers}})

            guarded.ask = with_key  # type: ignore[method-assign]
            url = site.url + "/v1/mcp"
            listed = await client_mcp.tools(guarded, url)
            order = Order(url, {"query": "return an umbrella", "k": 1}, "msg_1", False, None, 30.0)
            return [tool.name for tool in listed if tool.reads], await client_mcp.call(
                guarded, url, "search_knowledge", order
            )

    listed, outcome = asyncio.run(spoken())
    assert listed == ["search_knowledge", "read_ticket", "list_waiting"]
    assert outcome.kind == "done"
    assert "thirty days" in outcome.result["passages"][0]["text"]


def test_tools_exist_for_whom_the_api_lets_read_the_same(site: Site, cast: Cast) -> None:
    kb, tickets, admin = (key(site, cast, scope) for scope in (Scope.KB, Scope.TICKETS, Scope.ADMIN))
    assert names(site, kb) == ["search_knowledge"]
    assert names(site, tickets) == ["read_ticket", "list_waiting"]
    assert len(names(site, admin)) == len(names(site, cast.bo)) == len(names(site, cast.ann)) == 3
    ticket_id = escalated(site, cast)
    for who, tool, arguments in (
        (kb, "read_ticket", {"ticket_id": ticket_id}),
        (kb, "list_waiting", {}),
        (tickets, "search_knowledge", {"query": "x"}),
        (cast.acme, "drop_tables", {}),
        (cast.acme, None, {}),
    ):
        answer = ask(site, who, "tools/call", {"name": tool, "arguments": arguments})
        assert answer.json()["error"]["code"] == -32602, answer.text
        assert "Waldo" not in answer.text
    outside: list[tuple[Caller, int]] = [(None, 401), (cast.cy, 403), (cast.vi, 403), ("tk_x", 401)]
    for caller, status in [*outside, (key(site, cast, Scope.CHAT), 403)]:
        assert ask(site, caller, "tools/list").status_code == status


def test_the_search_is_the_api_s(site: Site, cast: Cast) -> None:
    site.learn("Kites", "A kite flies for seven years.")
    found = call(site, cast.acme, "search_knowledge", query="How long does a kite fly?", k=3)["result"]
    shown = site.get(cast.acme, "/v1/kb/search?q=How long does a kite fly?&k=3").json()
    assert [p["passage_id"] for p in found["structuredContent"]["passages"]] == [p["passage_id"] for p in shown]
    assert "seven years" in found["structuredContent"]["passages"][0]["text"]
    assert orjson.loads(found["content"][0]["text"]) == found["structuredContent"]


def test_a_ticket_is_read_as_the_api_shows_it(site: Site, cast: Cast) -> None:
    ticket_id = escalated(site, cast)
    note = {"text": "Careful: \U0001f600 x" * 600, "client_message_id": "n1"}
    assert site.post(cast.bo, f"/v1/tickets/{ticket_id}/note", note).status_code == 201
    read = call(site, cast.acme, "read_ticket", ticket_id=ticket_id)["result"]["structuredContent"]
    shown = site.get(cast.acme, f"/v1/tickets/{ticket_id}").json()
    assert read["ticket"]["id"] == shown["ticket"]["id"] == ticket_id
    assert read["briefing"]["summary"] == shown["handoffs"][0]["summary"]
    assert read["messages"][0]["text"] == "My parcel arrived with a purple dent."
    assert read["messages"][-1]["visibility"] == "internal"
    assert len(read["messages"][-1]["text"]) == 4_002
    assert read["messages"][-1]["author"] == "Bo"


def test_who_waits_is_listed_until_somebody_answers(site: Site, cast: Cast) -> None:
    ticket_id = escalated(site, cast)

    def waiting() -> list[str]:
        found = call(site, cast.bo, "list_waiting")["result"]["structuredContent"]
        assert found["waiting"] >= len(found["tickets"])
        return [ticket["id"] for ticket in found["tickets"]]

    assert ticket_id in waiting()
    assert site.post(cast.bo, f"/v1/tickets/{ticket_id}/claim").status_code == 200
    reply = {"text": "I am on it.", "client_message_id": "r1"}
    assert site.post(cast.bo, f"/v1/tickets/{ticket_id}/reply", reply).status_code == 201
    assert ticket_id not in waiting()


def test_nothing_of_another_tenant_is_read(site: Site, cast: Cast) -> None:
    site.learn("Rival's secret", "The rival's zeppelin password is xyzzy-42.", cast.rival)
    ticket_id = escalated(site, cast, cast.rival)
    inside = call(site, cast.rival, "read_ticket", ticket_id=ticket_id)
    assert "purple dent" in str(inside)
    assert "xyzzy-42" in str(call(site, cast.rival, "search_knowledge", query="zeppelin password"))
    assert ticket_id in str(call(site, cast.rival, "list_waiting"))
    for who in (cast.acme, cast.bo):
        absent = call(site, who, "read_ticket", ticket_id=ids.show("tkt", ids.new()))
        assert call(site, who, "read_ticket", ticket_id=ticket_id) == absent
        assert absent["result"]["isError"] is True
        assert "xyzzy-42" not in str(call(site, who, "search_knowledge", query="zeppelin password"))
        assert ticket_id not in str(call(site, who, "list_waiting"))


@pytest.mark.parametrize(
    ("tool", "arguments", "word"),
    [
        ("search_knowledge", {}, "query"),
        ("search_knowledge", {"query": ""}, "query"),
        ("search_knowledge", {"query": "x" * 2001}, "query"),
        ("search_knowledge", {"query": "a\0b"}, "control characters"),
        ("search_knowledge", {"query": 7}, "query"),
        ("search_knowledge", {"query": "x", "k": 0}, "k"),
        ("search_knowledge", {"query": "x", "k": 10**9}, "k"),
        ("search_knowledge", {"query": "x", "tenant_id": "x"}, "tenant_id"),
        ("read_ticket", {"ticket_id": "1042"}, "ticket_id"),
        ("read_ticket", {"ticket_id": "cnv_01h455vb4pex5vsknk084sn02q"}, "ticket_id"),
        ("list_waiting", {"status": "open"}, "status"),
        ("list_waiting", [], "arguments"),
        ("list_waiting", "x", "arguments"),
    ],
)
def test_wrong_arguments_are_told_to_the_model(site: Site, cast: Cast, tool: str, arguments: Any, word: str) -> None:
    answer = ask(site, cast.acme, "tools/call", {"name": tool, "arguments": arguments})
    assert answer.status_code == 200
    assert answer.json()["result"]["isError"] is True
    assert word in answer.json()["result"]["content"][0]["text"]


BODIES: list[tuple[bytes, int, int]] = [
    (b"", 400, -32700), (b"{", 400, -32700), (b"\xff", 400, -32700), (b"[" * 100_000, 400, -32700), (b"null", 400, -32600),
    (b"[]", 400, -32600), (b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]', 400, -32600), (b"{}", 400, -32600),
    (b'{"jsonrpc":"1.0","id":1,"method":"ping"}', 400, -32600), (b'{"jsonrpc":"2.0","id":1,"method":7}', 400, -32600),
    (b'{"jsonrpc":"2.0","id":1}', 400, -32600), (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', 400, -32600),
    (b'{"jsonrpc":"2.0","id":true,"method":"ping"}', 400, -32600), (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', 400, -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":"resources/list"}', 200, -32601), (b'{"jsonrpc":"2.0","id":1,"method":""}', 200, -32601),
    (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', 200, -32602),
    (b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"x"}}', 200, -32602),
    (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":{"a":1}}}', 200, -32602),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status", "code"), BODIES, ids=lambda value: str(value)[:30])
def test_odd_messages_are_answered_in_the_protocol(site: Site, cast: Cast, body: bytes, status: int, code: int) -> None:
    answer = site.call(cast.acme, "POST", "/v1/mcp", content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["jsonrpc"] == "2.0"


def test_an_id_comes_back_as_it_was(site: Site, cast: Cast) -> None:
    for number in ("a-1", 0, -7, ""):
        body = {"jsonrpc": "2.0", "id": number, "method": "ping"}
        assert site.post(cast.acme, "/v1/mcp", body).json() == {"jsonrpc": "2.0", "id": number, "result": {}}


def test_what_wants_no_answer_gets_none(site: Site, cast: Cast) -> None:
    for body in (
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}},
        {"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "list_waiting"}},
        {"jsonrpc": "2.0", "id": 5, "result": {}},
    ):
        answer = site.post(cast.acme, "/v1/mcp", body)
        assert (answer.status_code, answer.content) == (202, b"")


def test_there_is_no_stream_and_no_session(site: Site, cast: Cast) -> None:
    for method in ("GET", "DELETE", "PUT"):
        assert site.call(cast.acme, method, "/v1/mcp").status_code == 405


def test_versions(site: Site, cast: Cast) -> None:
    for wanted, given in (("2025-11-25",) * 2, ("2025-03-26",) * 2, ("1999-01-01", "2025-11-25"), (None, "2025-11-25")):
        said = ask(site, cast.acme, "initialize", {"protocolVersion": wanted}).json()
        assert said["result"]["protocolVersion"] == given
    assert ask(site, cast.acme, "ping", headers={"mcp-protocol-version": "2025-06-18"}).status_code == 200
    answer = ask(site, cast.acme, "server/discover", headers={"mcp-protocol-version": "2026-07-28"})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == -32022
    assert "2025-11-25" in answer.json()["error"]["data"]["supported"]


def test_a_page_elsewhere_gets_nothing(site: Site, cast: Cast) -> None:
    own, host = site.url, site.url.removeprefix("http://")
    port = host.partition(":")[2]
    for who in (cast.acme, cast.bo):
        assert ask(site, who, "tools/list", headers={"origin": own}).status_code == 200
        for origin in (
            "https://evil.example",
            "null",
            "",
            f"http://127.0.0.1:{int(port) + 1}",
            f"{own}.evil.example",
            "file://",
        ):
            answer = ask(site, who, "tools/list", headers={"origin": origin})
            assert (answer.status_code, answer.json().get("code")) == (403, "cross_origin"), origin
    rebound = {"origin": f"http://evil.example:{port}", "host": f"evil.example:{port}"}
    assert ask(site, cast.acme, "tools/list", headers=rebound).status_code == 403
    assert ask(site, cast.acme, "tools/list", headers={"host": f"evil.example:{port}"}).status_code == 200
