"""Notion: the pages that were shared with an integration, found by its search; their blocks become Markdown."""

from collections.abc import AsyncGenerator
from typing import Any

import pydantic

from tandem.errors import Problem
from tandem.knowledge.documents import Written
from tandem.knowledge.reading import Format
from tandem.knowledge.sources import listing
from tandem.knowledge.sources.listing import (
    Content,
    Failed,
    Gone,
    Item,
    Page,
    Position,
    Reach,
    Shape,
    WebAddress,
    shaped,
)
from tandem.outgoing import OddAnswer, RefusedByServer

WHO = "Notion"
VERSION = "2022-06-28"
"""The version of the interface that these shapes are of."""

DEEPEST = 6
MOST_BLOCKS = 5_000


class Settings(listing.Settings):
    """`url`: only for a proxy of yours. The secret is the integration's."""

    url: WebAddress = "https://api.notion.com/"


class Answer(Shape):
    """A part of a list."""

    results: list[Any]
    has_more: bool
    next_cursor: str | None = None


class Text(Shape):
    """A piece of text."""

    plain_text: str
    href: str | None = None


class Property(Shape):
    """A page's property; one of them is its title."""

    type: str
    title: list[Text] = pydantic.Field(default=[])


class NotionPage(Shape):
    """A page."""

    id: str
    url: str
    last_edited_time: str
    archived: bool = False
    in_trash: bool = False
    properties: dict[str, Any]

    @property
    def title(self) -> str:
        """Its title, in one line."""
        for said in self.properties.values():
            if isinstance(said, dict) and said.get("type") == "title":
                return "".join(text.plain_text for text in shaped(Property, said, WHO).title)
        return ""


class Block(Shape):
    """A block; what is in it stands under the name of its type."""

    model_config = pydantic.ConfigDict(extra="allow", frozen=True)

    id: str
    type: str
    has_children: bool = False


class Notion:
    """The listing names the pages, each with the time of its last change; the blocks are fetched of those that changed."""

    def __init__(self, settings: Settings, reach: Reach) -> None:
        self._patient = reach.patient
        self._base = settings.url.rstrip("/")
        self._authorization = f"Bearer {reach.secret}" if reach.secret else None
        self._after: str | None = None

    async def pages(self, position: Position | None) -> AsyncGenerator[Page, None]:
        """See `Connector`."""
        self._after = position["after"] if position else None
        while True:
            asked: dict[str, Any] = {
                "filter": {"property": "object", "value": "page"},
                "sort": {"timestamp": "last_edited_time", "direction": "ascending"},
                "page_size": 100,
            }
            if self._after:
                asked["start_cursor"] = self._after
            answer = shaped(Answer, (await self._ask("/v1/search", method="POST", json=asked)).json(), WHO)
            onward = answer.next_cursor if answer.has_more else None
            again = onward is not None and onward == self._after
            self._after = onward
            yield _page(answer, complete=not again)
            if onward is None or again:
                return

    def position(self) -> Position:
        """See `Connector`."""
        return {"after": self._after}

    async def content(self, item: Item) -> Content:
        """See `Connector`."""
        page: NotionPage = item.raw
        lines: list[str] = []
        try:
            await self._blocks(page.id, 0, lines)
        except RefusedByServer as problem:
            if problem.extra["answered"] == 404:
                raise Gone from problem
            raise
        return Content(page.title, Written(Format.MARKDOWN, "\n".join(lines)), page.url)

    async def _blocks(self, id: str, depth: int, lines: list[str]) -> None:
        """The lines of what is inside a page or block."""
        after, number, rows = "", 0, 0
        while True:
            path = f"/v1/blocks/{id}/children?page_size=100" + (f"&start_cursor={after}" if after else "")
            answer = shaped(Answer, (await self._ask(path)).json(), WHO)
            for said in answer.results:
                block = shaped(Block, said, WHO)
                number = number + 1 if block.type == "numbered_list_item" else 0
                rows = rows + 1 if block.type == "table_row" else 0
                lines.extend(_lines(block, depth, number))
                if rows == 1:
                    lines.append("|" + " --- |" * max(1, lines[-1].replace("\\|", "").count("|") - 1))
                if len(lines) > MOST_BLOCKS:
                    raise OddAnswer(f"The page has more than {MOST_BLOCKS} lines.")
                if block.has_children and depth < DEEPEST and block.type not in ("child_page", "child_database"):
                    await self._blocks(block.id, depth + (block.type in NESTING), lines)
            if not answer.has_more or not answer.next_cursor or answer.next_cursor == after:
                return
            after = answer.next_cursor

    async def _ask(self, path: str, **how: Any) -> Any:
        return await self._patient.need(
            self._base + path, authorization=self._authorization, headers={"notion-version": VERSION}, **how
        )


NESTING = ("bulleted_list_item", "numbered_list_item", "to_do", "toggle")
LISTS = {"bulleted_list_item": "- ", "to_do": "- ", "toggle": "- "}
HEADINGS = {"heading_1": "# ", "heading_2": "## ", "heading_3": "### "}
PLAIN = ("paragraph", "callout")


def _page(answer: Answer, *, complete: bool) -> Page:
    items, failed = list[Item](), list[Failed]()
    for said in answer.results:
        try:
            page = shaped(NotionPage, said, WHO)
            mark = f"{page.last_edited_time} {page.title}"
        except Problem as problem:
            key = said.get("id") if isinstance(said, dict) else None
            complete = complete and isinstance(key, str)
            failed.append(Failed(str(key or "a page without an id"), problem.detail))
            continue
        if not page.archived and not page.in_trash:
            items.append(Item(page.id, page.url, mark, raw=page))
    return Page(tuple(items), tuple(failed), complete)


def _lines(block: Block, depth: int, number: int) -> list[str]:
    """The block in Markdown, without what is inside it."""
    inside = (block.model_extra or {}).get(block.type) or {}
    if not isinstance(inside, dict):
        return []
    indent = "    " * depth
    text = _text(inside.get("rich_text"))
    match block.type:
        case kind if kind in HEADINGS:
            return ["", HEADINGS[kind] + text, ""]
        case kind if kind in PLAIN:
            return [indent + text.replace("\n", "\n" + indent), ""]
        case "numbered_list_item":
            return [f"{indent}{number}. {text}"]
        case kind if kind in LISTS:
            return [indent + LISTS[kind] + text]
        case "quote":
            return ["> " + text.replace("\n", "\n> "), ""]
        case "code":
            return ["```", _text(inside.get("rich_text"), links=False), "```", ""]
        case "table":
            return [""]
        case "table_row":
            cells = [_text(cell).replace("|", "\\|").replace("\n", " ") for cell in inside.get("cells") or []]
            return ["| " + " | ".join(cells) + " |"]
        case "equation":
            return [str(inside.get("expression", "")), ""]
        case "divider":
            return [""]
    return [_text(inside.get("caption")), ""] if inside.get("caption") else []


def _text(said: Any, *, links: bool = True) -> str:
    """Pieces of text, those with an address as links."""
    pieces = [shaped(Text, piece, WHO) for piece in said] if isinstance(said, list) else []
    return "".join(
        f"[{piece.plain_text}]({piece.href})"
        if links and piece.href and piece.href.startswith(("http://", "https://"))
        else piece.plain_text
        for piece in pieces
    )
