"""A Zendesk help centre: the published articles of one language, by the Help Center API with cursors.

What only some signed-in people may read there (it has a user segment) is for the staff alone here.
"""

import base64
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import quote

import pydantic

from tandem.errors import Problem
from tandem.knowledge.documents import STAFF, Written
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
    WebAddress,
    shaped,
)
from tandem.outgoing import urls

WHO = "Zendesk"


class Settings(listing.Settings):
    """`url`: https://COMPANY.zendesk.com; `locale`: such as en-us; `email`: whose API token the secret is. Without a secret
    only what anybody may read is found."""

    url: WebAddress
    locale: str = pydantic.Field(default="en-us", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")
    email: str = pydantic.Field(default="", max_length=200)


class Meta(Shape):
    """Where the listing goes on."""

    has_more: bool
    after_cursor: str | None = None


class Answer(Shape):
    """A page of articles; the sections that they are in come beside them."""

    articles: list[Any]
    meta: Meta
    sections: list[Any] = pydantic.Field(default=[])


class Article(Shape):
    """An article."""

    id: int
    title: str
    body: str | None
    html_url: str
    updated_at: str
    edited_at: str | None = None
    draft: bool = False
    section_id: int | None = None
    user_segment_id: int | None = None


class Section(Shape):
    """What articles are sorted by."""

    id: int
    name: str


class Zendesk:
    """The listing brings the articles themselves, a hundred at a time."""

    def __init__(self, settings: Settings, reach: Reach) -> None:
        self._patient = reach.patient
        locale = settings.locale.lower()
        self._first = urls.join(
            urls.read(settings.url), f"/api/v2/help_center/{locale}/articles.json?page[size]=100&include=sections"
        ).text
        self._after: str | None = None
        self._authorization = _authorization(settings.email, reach.secret)

    async def pages(self, position: Position | None) -> AsyncGenerator[Page, None]:
        """See `Connector`."""
        self._after = position["after"] if position else None
        while True:
            url = self._first + (f"&page[after]={quote(self._after, safe='')}" if self._after else "")
            said = await self._patient.need(url, authorization=self._authorization, caps=LISTING)
            answer = shaped(Answer, said.json(), WHO)
            onward = answer.meta.after_cursor if answer.meta.has_more else None
            again = onward is not None and onward == self._after
            self._after = onward
            yield _page(answer, complete=not again)
            if onward is None or again:  # a cursor that leads back to itself would never end
                return

    def position(self) -> Position:
        """See `Connector`."""
        return {"after": self._after}

    async def content(self, item: Item) -> Content:
        """See `Connector`; the listing has brought it."""
        assert item.content is not None
        return item.content


def _page(answer: Answer, *, complete: bool) -> Page:
    names = {section.id: section.name for said in answer.sections if (section := _read(Section, said))}
    items, failed = list[Item](), list[Failed]()
    for said in answer.articles:
        try:
            article = shaped(Article, said, WHO)
        except Problem as problem:
            key = said.get("id") if isinstance(said, dict) else None
            complete = complete and key is not None
            failed.append(Failed(str(key or "an article without an id"), problem.detail))
            continue
        if not article.draft and article.body and article.body.strip():
            items.append(_item(article, names.get(article.section_id or 0)))
    return Page(tuple(items), tuple(failed), complete)


def _item(article: Article, section: str | None) -> Item:
    content = Content(
        article.title,
        Written(Format.HTML, article.body),
        article.html_url,
        section,
        STAFF if article.user_segment_id is not None else None,
    )
    segment = article.user_segment_id or ""
    mark = f"{article.updated_at} {article.edited_at} {segment} {section}"
    return Item(str(article.id), article.html_url, mark, content)


def _read(model: type[Section], said: Any) -> Section | None:
    try:
        return shaped(model, said, WHO)
    except Problem:
        return None


def _authorization(email: str, token: str) -> str | None:
    """An API token goes with the e-mail address of its owner; without one it is an OAuth token."""
    if not token:
        return None
    return "Basic " + base64.b64encode(f"{email}/token:{token}".encode()).decode() if email else f"Bearer {token}"
