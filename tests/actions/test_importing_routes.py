"""Importing over HTTP: what comes back can be put as it is, nothing is saved by asking, and nobody but admins may ask."""

from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any

import pytest
from aiohttp import web

from tests.actions.documents import SHOP
from tests.actions.mcp_server import McpServer, standing
from tests.outgoing.loopback import Loopback, serving
from tests.web.site import Site

OPENAPI, MCP = "/v1/actions/import/openapi", "/v1/actions/import/mcp"
TINY = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /orders/{order_id}:
    get:
      operationId: getOrder
      parameters: [{name: order_id, in: path, required: true, schema: {type: string}}]
"""


@contextmanager
def on_loop(site: Site, context: Any) -> Iterator[Any]:
    """An async context on the site's own loop."""
    stack = AsyncExitStack()
    yield site.run(stack.enter_async_context(context))
    site.run(stack.aclose())


@pytest.fixture
def documents(acting_site: Site) -> Iterator[Loopback]:
    """Where the shop's document lies."""

    def reply(request: web.BaseRequest) -> web.Response:
        if request.path == "/shop.yaml":
            return web.Response(text=SHOP, content_type="application/yaml")
        return web.Response(status=200 if request.path == "/empty" else 404)

    with on_loop(acting_site, serving(reply)) as server:
        yield server


@pytest.fixture
def tools(acting_site: Site) -> Iterator[McpServer]:
    with on_loop(acting_site, standing()) as server:
        yield server


def test_what_is_proposed_can_be_put_as_it_came_and_is_off(acting_site: Site) -> None:
    ann = acting_site.cast.ann
    before = acting_site.get(ann, "/v1/actions").json()["items"]
    found = acting_site.post(ann, OPENAPI, {"document": SHOP})
    assert found.status_code == 200, found.text
    body = found.json()
    assert "get_order" in [each["name"] for each in body["items"]]
    assert all(each["enabled"] is False for each in body["items"])
    assert body["passed_over"]
    assert all(set(each) == {"name", "reason"} and each["reason"] for each in body["passed_over"])
    assert any("owner rule" in hint for hint in body["hints"])
    assert acting_site.get(ann, "/v1/actions").json()["items"] == before, "asking saves nothing"
    for each in body["items"]:
        put = acting_site.call(ann, "PUT", f"/v1/actions/{each['name']}", each)
        assert put.status_code == 200, put.text
        assert acting_site.call(ann, "DELETE", f"/v1/actions/{each['name']}").status_code == 204


def test_the_same_by_address_as_text_and_as_an_object(acting_site: Site, documents: Loopback) -> None:
    ann = acting_site.cast.ann
    by_address = acting_site.post(ann, OPENAPI, {"url": f"{documents.url}/shop.yaml"})
    assert by_address.json() == acting_site.post(ann, OPENAPI, {"document": SHOP}).json()
    body = {"openapi": "3.1.0", "servers": [{"url": "https://a.example"}], "paths": {"/ping": {"get": {}}}}
    found = acting_site.post(ann, OPENAPI, {"document": body}).json()
    assert [each["handler"]["url"] for each in found["items"]] == ["https://a.example/ping"]


def test_a_document_without_a_server_needs_its_address(acting_site: Site) -> None:
    ann = acting_site.cast.ann
    assert acting_site.post(ann, OPENAPI, {"document": TINY}).status_code == 422
    found = acting_site.post(ann, OPENAPI, {"document": TINY, "base_url": "https://shop.example/v1"}).json()
    assert [each["handler"]["url"] for each in found["items"]] == ["https://shop.example/v1/orders/{order_id}"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (OPENAPI, {}, 422),
        (OPENAPI, {"document": SHOP, "url": "https://a.example"}, 422),
        (OPENAPI, {"document": "not: [a, document"}, 422),
        (OPENAPI, {"document": "a\x00b"}, 422),
        (OPENAPI, {"document": SHOP, "base_url": "ftp://a.example"}, 422),
        (OPENAPI, {"url": "http://10.0.0.1/shop.yaml"}, 422),
        (OPENAPI, {"url": "file:///etc/passwd"}, 422),
        (OPENAPI, {"document": "x" * 2_000_000}, 413),
        (MCP, {}, 422),
        (MCP, {"url": "http://169.254.169.254/mcp"}, 422),
        (MCP, {"url": "http://127.0.0.1:9/mcp"}, 502),
        (MCP, {"url": "https://a.example", "secret": "x"}, 422),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(
    acting_site: Site, path: str, body: dict[str, Any], status: int
) -> None:
    answer = acting_site.post(acting_site.cast.ann, path, body)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 502), ("/empty", 422)])
def test_an_address_without_a_document(acting_site: Site, documents: Loopback, path: str, status: int) -> None:
    answer = acting_site.post(acting_site.cast.ann, OPENAPI, {"url": documents.url + path})
    assert answer.status_code == status, answer.text


def test_the_tools_of_a_server(acting_site: Site, tools: McpServer) -> None:
    assert tools.loopback is not None
    found = acting_site.post(acting_site.cast.ann, MCP, {"url": tools.loopback.url}).json()
    assert [(each["name"], each["kind"], each["enabled"]) for each in found["items"]] == [
        ("get_order", "look_up", False),
        ("cancel_order", "change", False),
    ]
    assert found["items"][1]["handler"]["tool"] == "cancel-order"


@pytest.mark.parametrize("path", [OPENAPI, MCP])
def test_only_admins_ask_and_nothing_is_fetched_for_others(acting_site: Site, documents: Loopback, path: str) -> None:
    cast = acting_site.cast
    for who, status in ((None, 401), (cast.bo, 403), (cast.vi, 403), (cast.cy, 403)):
        answer = acting_site.post(who, path, {"url": f"{documents.url}/shop.yaml"})
        assert answer.status_code == status, answer.text
    assert documents.asked == []
