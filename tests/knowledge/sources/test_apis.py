"""Zendesk, Confluence and Notion, against servers that speak their interfaces: pages, secrets, limits, changed shapes, ends."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tandem.knowledge.reading import webpage
from tandem.knowledge.sources import Kind, Source
from tests.knowledge.sources.bench import Bench
from tests.outgoing.loopback import Loopback, serving

ZENDESK_LOGIN = "Basic " + base64.b64encode(b"ann@acme.example/token:z-secret-0123456789").decode()


def article(id: int, title: str, body: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "url": f"https://acme.zendesk.com/api/v2/help_center/en-us/articles/{id}.json",
        "name": title,
        "title": title,
        "html_url": f"https://acme.zendesk.com/hc/en-us/articles/{id}-{title.replace(' ', '-')}",
        "author_id": 1,
        "draft": False,
        "promoted": False,
        "position": 0,
        "section_id": 7,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "edited_at": "2026-01-01T00:00:00Z",
        "source_locale": "en-us",
        "locale": "en-us",
        "outdated": False,
        "user_segment_id": None,
        "permission_group_id": 1,
        "label_names": [],
        "body": body,
    } | more


@dataclass(slots=True)
class Zendesk:
    """A help centre: `trouble` answers instead, as long as it has something to say."""

    articles: list[Any]
    size: int = 2
    trouble: Callable[[web.BaseRequest], web.StreamResponse | None] = lambda _: None
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        if request.path != "/api/v2/help_center/en-us/articles.json":
            return web.Response(status=404)
        if request.headers.get("authorization") != ZENDESK_LOGIN:
            return web.json_response({"error": "Couldn't authenticate you"}, status=401)
        if answer := self.trouble(request):
            return answer
        begin = int(request.query.get("page[after]", "0"))
        end = begin + self.size
        more = end < len(self.articles)
        return web.json_response(
            {
                "articles": self.articles[begin:end],
                "sections": [{"id": 7, "name": "Shipping"}, {"broken": True}],
                "meta": {"has_more": more, "after_cursor": str(end) if more else None, "before_cursor": "x"},
                "links": {"next": "https://169.254.169.254/", "prev": None},
            }
        )


async def zendesk_source(bench: Bench, server: Loopback, **wish: Any) -> Source:
    settings = {"url": server.url, "email": "ann@acme.example"}
    return await bench.add(Kind.ZENDESK, settings, "z-secret-0123456789", **wish)


FIVE = [article(n, f"Article {n}", f"<p>Text {n}</p>") for n in range(1, 6)]


async def test_zendesk_works(bench: Bench) -> None:
    table = "<table><tr><td>Size</td><td>Price</td></tr><tr><td>S</td><td>9</td></tr></table>"
    odd = [
        article(6, "Draft", "<p>Not yet</p>", draft=True),
        article(7, "Inside", "<p>For agents</p>", user_segment_id=42),
        article(8, "Empty", None),  # type: ignore[arg-type]
        article(9, "سياسة الإرجاع", f"<p dir=rtl>٣٠ يومًا</p>{table}"),
    ]
    help_centre = Zendesk([*FIVE, *odd])
    async with serving(help_centre) as server:
        source = await bench.run(await zendesk_source(bench, server))
        assert (source.status, source.error, source.report["added"]) == ("ok", None, 7)
        found = await bench.documents()
        assert "Draft" not in found
        assert "Empty" not in found
        assert found["Article 1"].category == "Shipping"
        assert found["Article 1"].source_url == "https://acme.zendesk.com/hc/en-us/articles/1-Article-1"
        assert (found["Article 1"].audience, found["Inside"].audience) == ("public", "staff")
        assert len(help_centre.asked) == 5
        help_centre.articles[0] = article(1, "Article 1", "<p>Text 1, corrected</p>", updated_at="2026-02-02T00:00:00Z")
        help_centre.articles[1] = article(2, "Article 2", "<p>Text 2</p>", updated_at="2026-02-02T00:00:00Z")
        del help_centre.articles[2]
        source = await bench.run(source)
        assert source.report == {
            "seen": 6,
            "added": 0,
            "changed": 1,
            "unchanged": 5,
            "removed": 1,
            "failed": 0,
            "waiting": 0,
        }
        assert (await bench.documents())["Article 1"].version == 2


async def test_zendesk_refuses_a_wrong_secret_in_words(bench: Bench) -> None:
    async with serving(Zendesk(FIVE)) as server:
        source = await bench.run(await bench.add(Kind.ZENDESK, {"url": server.url, "email": "x@y.example"}, "wrong"))
        assert (source.status, source.failures) == ("failed", 1)
        assert "does not accept the secret" in (source.error or "")


def failing(after: str, *answers: int | dict[str, str]) -> Callable[[web.BaseRequest], web.StreamResponse | None]:
    """These answers one after another, on the page after this cursor."""
    waiting: Iterator[int | dict[str, str]] = iter(answers)

    def trouble(request: web.BaseRequest) -> web.StreamResponse | None:
        if request.query.get("page[after]", "0") != after:
            return None
        match next(waiting, None):
            case int(status):
                return web.Response(status=status)
            case dict(headers):
                return web.Response(status=429, headers=headers)
        return None

    return trouble


async def test_a_429_and_a_500_half_way_are_waited_out(bench: Bench) -> None:
    help_centre = Zendesk(FIVE, trouble=failing("2", {"Retry-After": "3"}, 500, 503))
    async with serving(help_centre) as server:
        source = await bench.run(await zendesk_source(bench, server))
        assert (source.status, source.report["added"]) == ("ok", 5)
        assert bench.waited[0] == 3
        assert len(bench.waited) == 3


async def test_a_long_429_half_way_postpones_the_rest(bench: Bench) -> None:
    help_centre = Zendesk(FIVE, trouble=failing("2", {"Retry-After": "600"}))
    async with serving(help_centre) as server:
        source = await bench.run(await zendesk_source(bench, server))
        assert (source.status, source.report["added"]) == ("running", 2)
        assert 500 < (source.next_at - source.started_at).total_seconds() < 700 if source.started_at else False
        assert "too many requests" in (source.error or "")
        help_centre.asked.clear()
        source = await bench.run(source)
        assert (source.status, source.error, source.report["added"], source.report["removed"]) == ("ok", None, 5, 0)
        assert len(help_centre.asked) == 2, "it goes on where it was"


async def test_a_500_that_stays_fails_the_run_and_removes_nothing(bench: Bench) -> None:
    help_centre = Zendesk(list(FIVE))
    async with serving(help_centre) as server:
        source = await bench.run(await zendesk_source(bench, server))
        help_centre.articles.append(article(6, "Article 6", "<p>Text 6</p>"))
        del help_centre.articles[0]
        help_centre.trouble = failing("4", *[500] * 4)
        source = await bench.run(source)
        assert (source.status, source.failures) == ("failed", 1)
        assert "status 500" in (source.error or "")
        assert set(await bench.documents()) == {f"Article {n}" for n in range(1, 6)}
        source = await bench.run(source)
        assert (source.status, source.failures, source.report["removed"]) == ("ok", 0, 1)
        assert set(await bench.documents()) == {f"Article {n}" for n in range(2, 7)}


OTHER_SHAPES = [
    b"<html>We are down for maintenance</html>",
    b"[]",
    b"{}",
    b'{"articles": {}, "meta": {"has_more": false}}',
    b'{"articles": [], "meta": 7}',
    b'{"articles": []',
    b'"\xff"',
    b'{"results": [], "meta": {"has_more": false}}',
]


async def test_a_listing_that_changed_its_shape_fails_the_run_and_removes_nothing(bench: Bench) -> None:
    help_centre = Zendesk(list(FIVE))
    async with serving(help_centre) as server:
        source = await bench.run(await zendesk_source(bench, server))
        for n, answer in enumerate(OTHER_SHAPES, 1):
            help_centre.trouble = lambda _, answer=answer: web.Response(body=answer)  # type: ignore[misc]
            source = await bench.run(source)
            assert (source.status, source.failures) == ("failed", n)
            assert "shape" in (source.error or "") or "JSON" in (source.error or "")
        assert len(await bench.documents()) == 5


async def test_an_article_that_changed_its_shape_fails_alone(bench: Bench) -> None:
    odd = [{"id": 2, "title": None}, {"id": "x"}, article(3, "Article 3", "<p>x</p>") | {"body": ["x"]}, 7, None]
    help_centre = Zendesk(list(FIVE), size=100)
    async with serving(help_centre) as server:
        source = await bench.run(await zendesk_source(bench, server))
        help_centre.articles = [FIVE[0], *odd, FIVE[3]]
        source = await bench.run(source)
        assert (source.status, source.report["failed"], source.report["removed"]) == ("partly", 5, 0)
        assert len(await bench.documents()) == 5
        failed = await bench.items(source, failed=True)
        assert {"2", "x", "3"} < set(failed)
        assert "title" in (failed["2"].error or "")


async def test_a_cursor_that_leads_back_to_itself_comes_to_an_end(bench: Bench) -> None:
    def again(_: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"articles": FIVE[:2], "meta": {"has_more": True, "after_cursor": "same"}})

    async with serving(Zendesk(FIVE, trouble=again)) as server:
        source = await bench.run(await zendesk_source(bench, server))
        assert (source.status, len(await bench.documents())) == ("partly", 2)


async def test_strange_letters_do_not_stop_a_run(bench: Bench) -> None:
    odd = article(1, "A\x00\ud800 title\n\u202e in two lines", "<p>nul \x00 and more</p>")
    odd["html_url"] = "javascript:alert(1)"
    body = {"articles": [odd, *FIVE[1:]], "meta": {"has_more": False}}
    said = json.dumps(body).replace("\\ud800", "").encode()
    async with serving(Zendesk([], trouble=lambda _: web.Response(body=said))) as server:
        source = await bench.run(await zendesk_source(bench, server))
        assert (source.status, source.report["added"]) == ("ok", 5)
        found = (await bench.documents())["A title in two lines"]
        assert found.source_url is None


def wiki_page(id: int, title: str, storage: str, version: int = 1, space: str = "11") -> dict[str, Any]:
    return {
        "id": str(id),
        "status": "current",
        "title": title,
        "spaceId": space,
        "parentId": None,
        "authorId": "a",
        "createdAt": "2026-01-01T00:00:00Z",
        "version": {
            "number": version,
            "createdAt": "2026-01-01T00:00:00Z",
            "message": "",
            "minorEdit": False,
            "authorId": "a",
        },
        "body": {"storage": {"value": storage, "representation": "storage"}},
        "_links": {"webui": f"/spaces/HELP/pages/{id}", "tinyui": "/x/1"},
    }


STORAGE = (
    '<h2>Returns</h2><ac:structured-macro ac:name="info" ac:schema-version="1"><ac:parameter ac:name="title">Do not show</ac:parameter>'
    "<ac:rich-text-body><p>You have 30 days.</p></ac:rich-text-body></ac:structured-macro>"
    '<ac:structured-macro ac:name="code"><ac:parameter ac:name="language">sh</ac:parameter>'
    "<ac:plain-text-body><![CDATA[if a < b && c]]></ac:plain-text-body></ac:structured-macro>"
    '<p>See <ac:link><ri:page ri:content-title="Refund times" ri:version-at-save="3" /></ac:link> &auml;</p>'
    "<table><tbody><tr><th>Size</th><th>Price</th></tr><tr><td>S</td><td>9</td></tr></tbody></table>"
)


@dataclass(slots=True)
class Wiki:
    """A Confluence site."""

    pages: list[dict[str, Any]]
    next_host: str = ""

    def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("authorization") != "Basic " + base64.b64encode(b"ann@acme.example:c-secret").decode():
            return web.json_response({"code": 401}, status=401)
        if request.path == "/wiki/api/v2/spaces":
            spaces = [{"id": "11", "key": "HELP", "name": "Help"}, {"id": "12", "key": "INT", "name": "Internal"}]
            wanted = request.query.getall("keys", [])
            return web.json_response({"results": [s for s in spaces if not wanted or s["key"] in wanted], "_links": {}})
        assert request.path == "/wiki/api/v2/pages"
        assert (request.query["body-format"], request.query["status"]) == ("storage", "current")
        chosen = [p for p in self.pages if not (ids := request.query.getall("space-id", [])) or p["spaceId"] in ids]
        begin = int(request.query.get("cursor", "0"))
        links = {"base": "https://acme.atlassian.net/wiki"}
        if begin + 2 < len(chosen):
            kept = "&".join(f"{k}={v}" for k, v in request.query.items() if k != "cursor")
            links["next"] = f"{self.next_host}/wiki/api/v2/pages?{kept}&cursor={begin + 2}"
        return web.json_response({"results": chosen[begin : begin + 2], "_links": links})


async def test_confluence_works(bench: Bench) -> None:
    wiki = Wiki(
        [wiki_page(n, f"Page {n}", f"<p>Text {n}</p>") for n in range(5)]
        + [wiki_page(9, "Secret", "<p>x</p>", space="12")]
    )
    wiki.pages += [wiki_page(7, "Returns", STORAGE), wiki_page(8, "Only a parent", " ")]
    async with serving(wiki) as server:
        settings = {"url": f"{server.url}/wiki/", "email": "ann@acme.example", "spaces": ["HELP"]}
        source = await bench.run(await bench.add(Kind.CONFLUENCE, settings, "c-secret"))
        assert (source.status, source.error, source.report["added"]) == ("ok", None, 6)
        found = await bench.documents()
        assert "Secret" not in found
        assert (found["Returns"].category, found["Returns"].source_url) == (
            "Help",
            f"{server.url}/wiki/spaces/HELP/pages/7",
        )
        _, text = webpage.read((await bench.text("Returns")).written or "")
        assert "You have 30 days." in text
        assert "```\nif a < b && c\n```" in text
        assert "See Refund times ä" in text
        assert "| S | 9 |" in text
        assert "Do not show" not in text
        wiki.pages[0] = wiki_page(0, "Page 0", "<p>New</p>", version=2)
        del wiki.pages[1]
        report = (await bench.run(source)).report
        assert (report["changed"], report["removed"], report["unchanged"]) == (1, 1, 4)


async def test_confluence_names_a_space_that_is_not_there(bench: Bench) -> None:
    async with serving(Wiki([])) as server:
        settings = {"url": f"{server.url}/wiki", "email": "ann@acme.example", "spaces": ["HELP", "NOPE"]}
        source = await bench.run(await bench.add(Kind.CONFLUENCE, settings, "c-secret"))
        assert "NOPE" in (source.error or "")


async def test_confluence_sends_its_secret_nowhere_else(bench: Bench) -> None:
    async with serving(lambda _: web.json_response({"results": []})) as other:
        wiki = Wiki([wiki_page(n, f"Page {n}", "<p>x</p>") for n in range(5)], next_host=other.url)
        async with serving(wiki) as server:
            settings = {"url": f"{server.url}/wiki", "email": "ann@acme.example"}
            source = await bench.run(await bench.add(Kind.CONFLUENCE, settings, "c-secret"))
            assert (source.status, other.asked) == ("failed", [])
            assert "another host" in (source.error or "")


def text(words: str, href: str | None = None) -> dict[str, Any]:
    return {"type": "text", "text": {"content": words}, "annotations": {}, "plain_text": words, "href": href}


def block(kind: str, *words: Any, children: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    inside = {"rich_text": [text(w) if isinstance(w, str) else w for w in words]} | more
    return {"object": "block", "type": kind, kind: inside, "has_children": bool(children), "_children": children or []}


@dataclass(slots=True)
class Workspace:
    """A Notion workspace: pages with their blocks, numbered as they are first seen."""

    pages: dict[str, tuple[str, str, list[dict[str, Any]]]]
    blocks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        if (
            request.headers.get("authorization") != "Bearer n-secret"
            or request.headers.get("notion-version") != "2022-06-28"
        ):
            return web.json_response({"object": "error", "status": 401}, status=401)
        if request.path == "/v1/search":
            said = await request.json()
            assert said["filter"] == {"property": "object", "value": "page"}
            names = list(self.pages)
            return web.json_response(listed([self.page(name) for name in names], int(said.get("start_cursor", "0"))))
        id = request.path.split("/")[3]
        children = self.pages[id][2] if id in self.pages else self.blocks.get(id)
        if children is None:
            return web.json_response({"object": "error", "code": "object_not_found"}, status=404)
        for number, child in enumerate(children):
            child["id"] = f"{id}-{number}"
            self.blocks[child["id"]] = child["_children"]
        return web.json_response(listed(children, int(request.query.get("start_cursor", "0"))))

    def page(self, id: str) -> dict[str, Any]:
        title, edited, _ = self.pages[id]
        return {
            "object": "page",
            "id": id,
            "url": f"https://www.notion.so/{id}",
            "last_edited_time": edited,
            "archived": False,
            "in_trash": False,
            "properties": {
                "Tags": {"type": "multi_select", "multi_select": []},
                "Name": {"id": "title", "type": "title", "title": [text(title)]},
            },
        }


def listed(results: list[Any], begin: int) -> dict[str, Any]:
    more = begin + 2 < len(results)
    return {
        "object": "list",
        "results": results[begin : begin + 2],
        "has_more": more,
        "next_cursor": str(begin + 2) if more else None,
    }


async def test_notion_works(bench: Bench) -> None:
    returns = [
        block("heading_2", "How long"),
        block("paragraph", "You have ", text("30 days", "https://acme.example/returns"), " in all."),
        block("bulleted_list_item", "Jackets", children=[block("bulleted_list_item", "Worn ones too")]),
        block("numbered_list_item", "Print the label"),
        block("numbered_list_item", "Send it"),
        block("code", "a < b"),
        block("divider"),
        block("child_page", title="Another"),
        block("something_new", "?"),
        block(
            "table",
            table_width=2,
            children=[
                {
                    "object": "block",
                    "type": "table_row",
                    "table_row": {"cells": [[text("Size")], [text("Price")]]},
                    "has_children": False,
                    "_children": [],
                },
                {
                    "object": "block",
                    "type": "table_row",
                    "table_row": {"cells": [[text("S")], [text("9 | 10")]]},
                    "has_children": False,
                    "_children": [],
                },
            ],
        ),
        block("to_do", "Pack it"),
        block("quote", "As new"),
        block("callout", "Keep the receipt"),
    ]
    space = Workspace({"p1": ("Returns", "2026-01-01T00:00:00.000Z", returns)})
    space.pages |= {
        f"p{n}": (f"Page {n}", "2026-01-01T00:00:00.000Z", [block("paragraph", f"Text {n}")]) for n in range(2, 6)
    }
    space.pages["p6"] = ("Empty", "2026-01-01T00:00:00.000Z", [])
    async with serving(space) as server:
        source = await bench.run(await bench.add(Kind.NOTION, {"url": server.url}, "n-secret"))
        assert (source.status, source.error, source.report["added"]) == ("ok", None, 5)
        written = (await bench.text("Returns")).written or ""
        for piece in (
            "## How long",
            "You have [30 days](https://acme.example/returns) in all.",
            "- Jackets\n    - Worn ones too",
            "1. Print the label\n2. Send it",
            "```\na < b\n```",
            "| Size | Price |\n| --- | --- |\n| S | 9 \\| 10 |",
            "- Pack it",
            "> As new",
            "Keep the receipt",
        ):
            assert piece in written, piece
        assert (await bench.documents())["Returns"].source_url == "https://www.notion.so/p1"
        space.asked.clear()
        space.pages["p2"] = ("Page 2", "2026-02-02T00:00:00.000Z", [block("paragraph", "New text 2")])
        del space.pages["p3"]
        report = (await bench.run(source)).report
        assert (report["changed"], report["removed"]) == (1, 1)
        assert [asked for asked in space.asked if "blocks" in asked] == [
            "GET /v1/blocks/p2/children",
            "GET /v1/blocks/p6/children",
        ]


async def test_notion_refuses_a_wrong_secret_in_words(bench: Bench) -> None:
    async with serving(Workspace({})) as server:
        source = await bench.run(await bench.add(Kind.NOTION, {"url": server.url}, "wrong"))
        assert "does not accept the secret" in (source.error or "")
