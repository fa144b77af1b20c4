"""A web site: every page that its start page leads to, within its host and folder, as robots.txt allows."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence

import pydantic

from tandem.knowledge.sources import listing, robots, sitemap, webpages
from tandem.knowledge.sources.listing import Content, Item, Page, Position, Reach, SourceMisset, WebAddress
from tandem.knowledge.sources.webpages import Visit
from tandem.outgoing import urls
from tandem.outgoing.urls import Target

TOGETHER = 4
"""Pages that are asked for at a time where robots.txt names no delay."""

LONGEST = 500
MOST_PARAMETERS = 3
"""What is longer, or has more parameters, is a trap of calendars and filters rather than a page."""

FILES = frozenset(
    "png jpg jpeg gif svg webp ico avif css js mjs map json xml rss atom zip gz tgz rar 7z exe dmg apk mp3 mp4 webm mov avi "
    "woff woff2 ttf eot ics xlsx xls pptx ppt".split()
)
"""Endings of what is no document that Tandem reads."""


class Settings(listing.Settings):
    """`url`: where the crawl begins; it stays on that host and below that folder. `pages`: how many at most."""

    url: WebAddress
    pages: int = pydantic.Field(default=2_000, ge=1, le=20_000)


class Site:
    """The crawl: breadth first, each address once."""

    def __init__(self, settings: Settings, reach: Reach) -> None:
        self._start = webpages.canonical(urls.read(settings.url))
        self._most = settings.pages
        self._patient = reach.patient
        self._rules = robots.EVERYTHING
        self._queue = deque[str]()
        self._seen = set[str]()
        self._given = set[str]()
        self._root = self._start

    async def pages(self, position: Position | None) -> AsyncGenerator[Page, None]:
        """See `Connector`."""
        self._rules = await robots.fetch(self._patient, _root(self._start))
        if position is None:
            yield self._page([await self._begin()])
        else:
            self._take_up(position)
        together = 1 if self._rules.delay_s else TOGETHER
        while self._queue and len(self._given) < self._most:
            if self._rules.delay_s:
                await asyncio.sleep(self._rules.delay_s)
            batch = [self._queue.popleft() for _ in range(min(together, len(self._queue)))]
            visits = await asyncio.gather(*(webpages.visit(self._patient, urls.read(url)) for url in batch))
            yield self._page(visits)
        if self._queue:
            yield Page(complete=False)

    def position(self) -> Position:
        """See `Connector`."""
        return {
            "root": self._root.text,
            "queue": list(self._queue),
            "seen": list(self._seen),
            "given": list(self._given),
        }

    async def content(self, item: Item) -> Content:
        """See `Connector`."""
        return await webpages.content(item)

    def _page(self, visits: Sequence[Visit]) -> Page:
        """What these visits brought; where they lead is waiting from now on."""
        for visit in visits:
            self._follow(visit)
        return Page(
            tuple(item for visit in visits if (item := self._item(visit)) is not None),
            tuple(visit.failed for visit in visits if visit.failed),
            all(visit.certain for visit in visits),
        )

    async def _begin(self) -> Visit:
        """The start page, wherever it redirects to within the site, and what the sitemaps name."""
        if not self._rules.allow(_path(self._start)):
            raise SourceMisset(f"robots.txt of {self._start.host} does not allow {self._start.path} to be crawled.")
        found = await webpages.visit(self._patient, self._start)
        if found.failed:
            raise SourceMisset(f"The start page cannot be read: {found.failed.error}")
        if _name(found.target.host) != _name(self._start.host):
            raise SourceMisset(
                f"The start page leads to {found.target.host}, which is another site. If it is meant, begin there."
            )
        self._root = found.target
        if self._root.origin != self._start.origin:
            self._rules = await robots.fetch(self._patient, _root(self._root))
        self._seen.update((found.target.text, self._start.text))
        for url in self._rules.sitemaps:
            async for entry in sitemap.entries(self._patient, url):
                self._add(entry.target)
        return found

    def _take_up(self, position: Position) -> None:
        self._root = urls.read(position["root"])
        self._queue.extend(position["queue"])
        self._seen.update(position["seen"])
        self._given.update(position["given"])

    def _item(self, visit: Visit) -> Item | None:
        """The page, unless it has come already under another address, or is not the site's."""
        if visit.item is None or visit.item.key in self._given or not self._holds(visit.target):
            return None
        self._given.add(visit.item.key)
        self._seen.add(visit.item.key)
        return visit.item

    def _follow(self, visit: Visit) -> None:
        if self._holds(visit.target):
            for link in visit.links:
                self._add(link)

    def _add(self, target: Target) -> None:
        url = target.text
        if url not in self._seen and self._holds(target) and len(self._seen) < 10 * self._most + 1000:
            self._seen.add(url)
            self._queue.append(url)

    def _holds(self, target: Target) -> bool:
        """Whether this is a page of the site that may be asked for."""
        ending = target.path.rpartition("/")[2].rpartition(".")[2].lower()
        return (
            target.host == self._root.host
            and target.port == self._root.port
            and target.path.startswith(_folder(self._start))
            and ending not in FILES
            and len(target.text) <= LONGEST
            and target.query.count("&") < MOST_PARAMETERS
            and self._rules.allow(_path(target))
        )


def _root(target: Target) -> str:
    return urls.join(target, "/").text.rstrip("/")


def _folder(target: Target) -> str:
    """What the paths of the site begin with: the folder of the start page."""
    return target.path.rpartition("/")[0] + "/"


def _path(target: Target) -> str:
    return target.path + (f"?{target.query}" if target.query else "")


def _name(host: str) -> str:
    return host.removeprefix("www.")
