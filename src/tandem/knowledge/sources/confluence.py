"""Confluence Cloud: the current pages of some spaces, or of all that the token's owner sees, by version 2 of its REST API."""

import base64
import re
from collections.abc import AsyncGenerator
from html import escape
from typing import Any
from urllib.parse import quote

import pydantic

from tandem.errors import Problem
from tandem.knowledge.documents import Written
from tandem.knowledge.reading import Format
from tandem.knowledge.sources import listing
from tandem.knowledge.sources.listing import (
    LISTING,
    Content,
    Failed,
    Item,
    Page,
    Position,
    Reach,
    Shape,
    SourceMisset,
    WebAddress,
    shaped,
)
from tandem.outgoing import OddAnswer, urls
from tandem.outgoing.urls import Target

WHO = "Confluence"
CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.S)
PARAMETER = re.compile(r"<ac:parameter\b[^>]{0,500}>[^<]{0,5000}</ac:parameter>")
CODE = re.compile(r"<(/?)ac:plain-text-body\s*>")
TITLE = re.compile(r"<ri:page\b[^>]{0,500}?ri:content-title=\"([^\"]{0,500})\"[^>]{0,500}/>")


class Settings(listing.Settings):
    """`url`: https://COMPANY.atlassian.net/wiki; `spaces`: their keys, none for all; `email`: whose API token the secret is."""

    url: WebAddress
    spaces: list[str] = pydantic.Field(default=[], max_length=50)
    email: str = pydantic.Field(default="", max_length=200)


class Links(Shape):
    """Where the listing goes on."""

    next: str | None = None


class Answer(Shape):
    """A page of pages, or of spaces."""

    results: list[Any]
    links: Links = pydantic.Field(default=Links(), alias="_links")


class Space(Shape):
    """What pages are sorted by."""

    id: str
    key: str
    name: str


class Storage(Shape):
    """A page's text as it is stored."""

    value: str


class Body(Shape):
    """The forms of a page's text that were asked for."""

    storage: Storage


class Version(Shape):
    """What tells a change."""

    number: int


class PageLinks(Shape):
    """Where people read it, below the wiki's own address."""

    webui: str = ""


class WikiPage(Shape):
    """A page."""

    id: str
    title: str
    space_id: str = pydantic.Field(alias="spaceId")
    version: Version
    body: Body
    links: PageLinks = pydantic.Field(default=PageLinks(), alias="_links")


class Confluence:
    """The listing brings the pages themselves, in storage format."""

    def __init__(self, settings: Settings, reach: Reach) -> None:
        self._patient = reach.patient
        self._wiki = urls.read(settings.url.rstrip("/"))
        self._spaces = settings.spaces
        self._next: str | None = None
        self._authorization = _authorization(settings.email, reach.secret)

    async def pages(self, position: Position | None) -> AsyncGenerator[Page, None]:
        """See `Connector`."""
        names = await self._names()
        first = f"{self._base}/api/v2/pages?limit=100&status=current&body-format=storage"
        first += "".join(f"&space-id={quote(id)}" for id in names if self._spaces)
        self._next = position["next"] if position else first
        seen = set[str]()
        while self._next:
            here = self._next
            seen.add(here)
            answer = shaped(Answer, (await self._ask(here)).json(), WHO)
            self._next = self._onward(answer)
            again = self._next in seen
            yield self._page(answer, names, complete=not again)
            if again:
                return

    def position(self) -> Position:
        """See `Connector`."""
        return {"next": self._next}

    async def content(self, item: Item) -> Content:
        """See `Connector`; the listing has brought it."""
        assert item.content is not None
        return item.content

    @property
    def _base(self) -> str:
        return self._wiki.text.rstrip("/")

    async def _ask(self, url: str) -> Any:
        return await self._patient.need(
            url, authorization=self._authorization, headers={"accept": "application/json"}, caps=LISTING
        )

    async def _names(self) -> dict[str, str]:
        """The names of the chosen spaces by id; of all when none is chosen. Raises SourceMisset for a key that is not there."""
        found: dict[str, Space] = {}
        keys = "".join(f"&keys={quote(key)}" for key in self._spaces)
        url: str | None = f"{self._base}/api/v2/spaces?limit=250{keys}"
        for _ in range(100):
            if url is None:
                break
            answer = shaped(Answer, (await self._ask(url)).json(), WHO)
            spaces = [shaped(Space, said, WHO) for said in answer.results]
            found |= {space.id: space for space in spaces}
            url = self._onward(answer)
        missing = set(self._spaces) - {space.key for space in found.values()}
        if missing:
            raise SourceMisset(f"Confluence shows no space with the key {', '.join(sorted(missing))} to this account.")
        return {space.id: space.name for space in found.values()}

    def _onward(self, answer: Answer) -> str | None:
        """The next page: on the same host, or the secret would go elsewhere."""
        if not answer.links.next:
            return None
        onward = urls.join(self._wiki, answer.links.next)
        if onward.origin != self._wiki.origin:
            raise OddAnswer("Confluence sends the listing on to another host.")
        return onward.text

    def _page(self, answer: Answer, names: dict[str, str], *, complete: bool) -> Page:
        items, failed = list[Item](), list[Failed]()
        for said in answer.results:
            try:
                page = shaped(WikiPage, said, WHO)
            except Problem as problem:
                key = said.get("id") if isinstance(said, dict) else None
                complete = complete and key is not None
                failed.append(Failed(str(key or "a page without an id"), problem.detail))
                continue
            if page.body.storage.value.strip():
                items.append(_item(page, names, self._wiki))
        return Page(tuple(items), tuple(failed), complete)


def _item(page: WikiPage, names: dict[str, str], wiki: Target) -> Item:
    url = wiki.text.rstrip("/") + page.links.webui if page.links.webui else None
    space = names.get(page.space_id)
    text = page.body.storage.value
    content = Content(page.title, Written(Format.HTML, plain_html(text)), url, space)
    return Item(page.id, url, f"{page.version.number} {page.title} {space}", content)


def plain_html(storage: str) -> str:
    """Storage format as HTML: code stands in `pre`, links to pages are their titles, and what only steers a macro is gone."""
    text = PARAMETER.sub("", storage)
    text = TITLE.sub(lambda found: found[1], text)
    text = CODE.sub(lambda found: f"<{found[1]}pre>", text)
    return CDATA.sub(lambda found: escape(found[1]), text)


def _authorization(email: str, token: str) -> str | None:
    """An API token goes with the e-mail address of its owner; without one it is an access token."""
    if not token:
        return None
    return "Basic " + base64.b64encode(f"{email}:{token}".encode()).decode() if email else f"Bearer {token}"
