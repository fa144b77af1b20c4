"""The demo shop in a story: open on books of its own, and a site whose assistant may look things up and change them there."""

import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from tandem.demo import seed
from tandem.demo.shop import place
from tests.demo import shopping
from tests.demo.shopping import Shop
from tests.stories.conftest import watched
from tests.stories.people import Customer, People
from tests.stories.stage import Stage

CODE = re.compile(r"^\s*(\d{6})\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Town:
    """The people of a story and the shop that they are talking about."""

    people: People
    shop: Shop
    books: list[Page] = field(default_factory=list)

    def cy(self, *, without: str = "", **how: Any) -> Customer:
        """Cy, signed in at the demo shop, with the chat open; `without` what cannot be fetched."""
        page = self.people.window(**how)
        if without:
            page.route(without, lambda route: route.abort())
        page.goto("/demo?as=cy")
        return Customer(page).open()

    def order_book(self) -> Page:
        """The shop's own page of what Cy has, opened or looked at anew."""
        if not self.books:
            self.books.append(self.people.browser.new_page())
        self.books[0].goto(f"{self.shop.url}/?customer=cy")
        return self.books[0]

    def mailed_code(self) -> str:
        """The code in the newest mail that was sent."""
        mails = sorted(self.people.site.outbox.glob("*.eml"), key=lambda mail: mail.stat().st_mtime_ns)
        assert mails, "no mail was sent"
        found = CODE.search(mails[-1].read_text("utf-8"))
        assert found, mails[-1].read_text("utf-8")
        return found[1]


@contextmanager
def opened(stage: Stage, browser: Browser, folder: Path, *, talking: bool = False, **more: Any) -> Iterator[Town]:
    """A site on the demo's actions and workflows with the shop beside it; `talking`: with the stub for a model."""
    data_dir = folder / "data"
    drafts = shutil.ignore_patterns("*.tmp")
    shutil.copytree(stage.data_dir, data_dir, ignore=drafts)
    with shopping.opened(place.database(data_dir)) as shop:
        port = int(shop.url.rpartition(":")[2])
        place.file(data_dir).write_text(json.dumps({"port": port, "secret": shopping.SECRET}))
        mine = replace(stage, data_dir=data_dir)
        with (mine.talking_site if talking else mine.site)(**more) as site:
            site.run(seed.add_actions(site.parts.db, site.cast.acme.id))
            for people in watched(browser, site):
                town = Town(people, shop)
                yield town
                for page in town.books:
                    page.close()


@contextmanager
def website(html: str, policy: str) -> Iterator[str]:
    """A page on a server of its own, and so of another origin than the chat; its address."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-security-policy", policy)
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def card(cy: Customer) -> Locator:
    """The newest card in the log."""
    return cy.log.locator(".act").last


def state(cy: Customer, text: str) -> None:
    """The card says how it stands."""
    expect(card(cy).locator(".state")).to_have_text(text)
