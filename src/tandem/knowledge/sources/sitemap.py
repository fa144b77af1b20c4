"""A sitemap (sitemaps.org): the pages that a site itself names, with the day of their last change.

Its XML is looked through by one expression, so that nothing in it is followed, expanded or loaded.
"""

import asyncio
import html
import re
import zlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pydantic

from tandem.errors import Problem
from tandem.knowledge.sources import listing, robots, webpages
from tandem.knowledge.sources.listing import Content, Gone, Item, Page, Position, Reach, SourceMisset, WebAddress
from tandem.outgoing import Answer, AnswerTooLarge, Caps, OddAnswer, Patient, Unreachable, urls
from tandem.outgoing.urls import Target

BYTES = 50 * 1024 * 1024
"""The largest sitemap there may be."""

MOST_MAPS, MOST_PAGES = 200, 50_000
BATCH = 50
ENTRY = re.compile(r"<(url|sitemap)[\s>]", re.I)
MOST_CHARS = 10_000
"""Of one entry; those of pictures and languages are long."""

LOC = re.compile(r"<loc\b[^>]{0,200}>\s*(?:<!\[CDATA\[)?\s*([^<\]\s]{1,4000})\s*(?:\]\]>)?\s*</", re.I)
CHANGED = re.compile(r"<lastmod\b[^>]{0,200}>\s*([0-9TZ:.+\- ]{4,40})\s*</", re.I)
IS_MAP = re.compile(r"<(?:urlset|sitemapindex)\b", re.I)


class Settings(listing.Settings):
    """`url`: the sitemap, or an index of sitemaps. Pages of its own host are taken."""

    url: WebAddress
    pages: int = pydantic.Field(default=5_000, ge=1, le=MOST_PAGES)


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that a sitemap names, and when it says that it changed."""

    target: Target
    changed: str | None


async def entries(patient: Patient, url: str, *, strict: bool = False) -> AsyncGenerator[Entry, None]:
    """What the sitemap names, and those that it names in turn. Not `strict`: one that cannot be read is passed over."""
    waiting, seen = [url], {url}
    while waiting:
        here = waiting.pop()
        try:
            answer = await patient.need(here, caps=Caps(bytes=BYTES, seconds=60))
            found = await asyncio.to_thread(_read, answer)
        except Problem:
            if strict:
                raise
            continue
        for kind, target, changed in found:
            if kind == "url":
                yield Entry(target, changed)
            elif target.text not in seen and len(seen) < MOST_MAPS:
                seen.add(target.text)
                waiting.append(target.text)


class Sitemap:
    """The pages of a sitemap; one whose day of change is the same is not fetched."""

    def __init__(self, settings: Settings, reach: Reach) -> None:
        self._start = urls.read(settings.url)
        self._most = settings.pages
        self._patient = reach.patient
        self._after = ""
        self._delay_s = 0.0

    async def pages(self, position: Position | None) -> AsyncGenerator[Page, None]:
        """See `Connector`."""
        self._after = position["after"] if position else ""
        rules = await robots.fetch(self._patient, urls.join(self._start, "/").text.rstrip("/"))
        self._delay_s = rules.delay_s
        found: dict[str, Entry] = {}
        foreign = 0
        async for entry in entries(self._patient, self._start.text, strict=True):
            if entry.target.host != self._start.host:
                foreign += 1
            elif rules.allow(entry.target.path) and len(found) < MOST_PAGES:
                found.setdefault(webpages.canonical(entry.target).text, entry)
        if foreign and not found:
            raise SourceMisset(f"The sitemap names pages of other hosts than {self._start.host} alone.")
        named = sorted(found)
        rest = [url for url in named[: self._most] if url > self._after]
        for begin in range(0, len(rest), BATCH):
            batch = rest[begin : begin + BATCH]
            self._after = batch[-1]
            yield Page(tuple(Item(url, url, found[url].changed) for url in batch))
        if len(named) > self._most:
            yield Page(complete=False)

    def position(self) -> Position:
        """See `Connector`."""
        return {"after": self._after}

    async def content(self, item: Item) -> Content:
        """See `Connector`."""
        if self._delay_s:
            await asyncio.sleep(self._delay_s)
        found = await webpages.visit(self._patient, urls.read(item.key))
        if found.failed:
            raise Unreachable(found.failed.error)
        if found.item is None:
            raise Gone
        return await webpages.content(found.item)


def _read(answer: Answer) -> list[tuple[str, Target, str | None]]:
    """Kind, address and change of each entry. Raises OddAnswer when this is no sitemap."""
    host = urls.read(answer.url)
    text = _text(answer.body)
    if not IS_MAP.search(text[:10_000]):
        raise OddAnswer(f"{host.text} is not a sitemap.")
    found: list[tuple[str, Target, str | None]] = []
    heads = list(ENTRY.finditer(text))
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        end = following.start() if following else len(text)
        kind, inside = head[1], text[head.end() : min(end, head.end() + MOST_CHARS)]
        if (loc := LOC.search(inside)) is None:
            continue
        changed = CHANGED.search(inside)
        try:
            target = urls.join(host, html.unescape(loc[1]))
        except Problem:
            continue
        found.append((kind.lower(), target, changed[1].strip() if changed else None))
    return found


def _text(body: bytes) -> str:
    if body.startswith(b"\x1f\x8b"):
        unfolding = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            body = unfolding.decompress(body, BYTES + 1)
        except zlib.error:
            raise OddAnswer("The sitemap is damaged.") from None
        if len(body) > BYTES:
            raise AnswerTooLarge(f"The sitemap has more than {BYTES // 1048576} MB.")
    for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if body.startswith(mark):
            return body[2:].decode(name, "replace")
    return body.decode("utf-8", "replace")
