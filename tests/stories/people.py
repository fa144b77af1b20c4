"""The people of a story: each in a browser window of their own, watched for what no page may do.

Every window reports violations of the content policy, requests to foreign hosts, dialogs and errors of scripts.
A customer knows the widget's controls by the names a screen reader says, a member those of the staff app.
"""

import contextlib
import re
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect

from tests.cast import Colleague, Company
from tests.web.site import Site

WAIT_MS = 30_000
"""How long anything a person waits for may take on two busy cores."""
expect.set_options(timeout=WAIT_MS)

LISTENER = """
document.addEventListener("securitypolicyviolation", (event) =>
  globalThis.tandemViolation(`${event.effectiveDirective} ${event.blockedURI} ${event.sample} ${event.sourceFile}`));
new MutationObserver((changes) => {
  const places = changes.map(({ target }) => (target.closest ? target : target.parentElement)?.closest("[role=status]"));
  for (const place of new Set(places)) if (place?.textContent) globalThis.tandemStatus(place.textContent);
}).observe(document, { subtree: true, childList: true, characterData: true });
"""

PAUSE_MS = 50
"""Between two looks at what a page has said."""
TYPED_MS = 1_000
"""Between two letters of somebody who waits to be noticed; pages tell of typing at most every three seconds."""

HOST_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A shop</title><h1>A shop</h1>
<script src="/widget.js" data-key="{key}" data-identity="{identity}" defer></script></html>"""
HOST_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


@dataclass
class People:
    """Everybody in one story, at one address."""

    browser: Browser
    site: Site
    url: str = ""
    seen: list[str] = field(default_factory=list)
    """What no page may do and one did."""
    windows: list[BrowserContext] = field(default_factory=list)
    said: dict[BrowserContext, list[str]] = field(default_factory=dict)
    """What the pages of a window have said in passing; some of it is gone after seconds."""

    def __post_init__(self) -> None:
        self.url = self.url or self.site.url

    def window(self, **how: Any) -> Page:
        """A page in a browser of its own: nothing shared with anybody."""
        context = self.browser.new_context(
            base_url=self.url,
            viewport=how.pop("viewport", {"width": 1200, "height": 800}),
            reduced_motion="reduce",
            **how,
        )
        context.set_default_timeout(WAIT_MS)
        context.expose_function("tandemViolation", lambda what: self.seen.append(f"content policy: {what}"))
        said = self.said[context] = []
        context.expose_function("tandemStatus", lambda what: said.append(what))
        context.add_init_script(LISTENER)
        self.windows.append(context)
        page = context.new_page()
        self._watch(page)
        return page

    def tab(self, page: Page) -> Page:
        """Another tab of the same browser."""
        second = page.context.new_page()
        self._watch(second)
        return second

    def customer(self, **how: Any) -> "Customer":
        """Somebody who has just come to the demo shop, with the chat still closed."""
        page = self.window(**how)
        page.goto("/demo")
        return Customer(page)

    def chatter(self, company: Company, **how: Any) -> "Customer":
        """Somebody on the full-page chat of a company."""
        page = self.window(**how)
        page.goto(f"/chat/{company.widget_key}")
        return Customer(page)

    def known(self, company: Company, sub: str, **claims: str) -> "Customer":
        """A customer whom the company's own site vouches for, on a page of that site with a policy of its own."""
        page = self.window()
        html = HOST_PAGE.format(key=company.widget_key, identity=company.identity(sub, **claims))
        headers = {"content-type": "text/html", "content-security-policy": HOST_POLICY}
        page.route("**/shop", lambda route: route.fulfill(status=200, headers=headers, body=html))
        page.goto("/shop")
        return Customer(page)

    def member(self, who: Colleague, **how: Any) -> "Member":
        """One of the staff, signed in at the inbox."""
        page = self.window(**how)
        return Member(page, who, self.said[page.context]).sign_in()

    def leave(self) -> None:
        """Close every window."""
        for window in self.windows:
            window.close()

    def _watch(self, page: Page) -> None:
        page.on("request", self._ask_where)
        page.on("pageerror", lambda error: self.seen.append(f"error: {error}"))

        def refuse(dialog: Any) -> None:
            self.seen.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        page.on("dialog", refuse)

    def _ask_where(self, request: Request) -> None:
        found = urlsplit(request.url)
        if found.scheme in ("http", "https", "ws", "wss") and found.netloc != urlsplit(self.url).netloc:
            self.seen.append(f"foreign request: {request.url}")


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody with the widget before them."""

    page: Page

    @property
    def panel(self) -> Locator:
        """The open chat."""
        return self.page.locator("tandem-chat dialog").first

    @property
    def log(self) -> Locator:
        """The messages."""
        return self.page.get_by_role("log", name="Messages")

    @property
    def draft(self) -> Locator:
        """Where one writes."""
        return self.page.get_by_role("textbox", name="Write a message")

    @property
    def replies(self) -> Locator:
        """What the assistant and people wrote; the first is the greeting."""
        return self.log.locator(".reply")

    @property
    def answers(self) -> Locator:
        """The assistant's finished and cited answers, which can be voted on."""
        return self.replies.filter(has=self.page.get_by_role("button", name="This helped"))

    def open(self) -> Self:
        """Open the chat by keyboard; the focus lands where one writes."""
        launcher = self.page.get_by_role("button", name=re.compile("^Open chat"))
        launcher.focus()
        self.page.keyboard.press("Enter")
        expect(self.draft).to_be_focused()
        return self

    def say(self, text: str) -> Self:
        """Write and send, by keyboard: the last letters one by one."""
        self.draft.fill(text[:-2])
        self.draft.press_sequentially(text[-2:])
        self.draft.press("Enter")
        return self

    def ask(self, text: str) -> Locator:
        """Write, send, and wait for the assistant's whole reply, which is returned."""
        expect(self.replies.first).to_be_visible()  # the greeting
        before = self.replies.count()
        self.say(text)
        expect(self.replies).to_have_count(before + 1)
        expect(self.log).to_have_attribute("aria-busy", "false")
        return self.replies.last

    def want_a_person(self) -> Self:
        """Press the button that stands in every state."""
        self.panel.locator(".pill").click()
        return self

    def wants_a_person_and_is_heard(self) -> Self:
        """The same, until the server has confirmed it."""
        self.want_a_person()
        expect(self.panel.locator(".mode")).to_have_text("Waiting for a person")
        return self

    def is_told(self, text: str | re.Pattern[str]) -> None:
        """The text stands in the log."""
        expect(self.log.get_by_text(text).first).to_be_visible()

    def bubble(self, text: str) -> Locator:
        """A message with this text in it."""
        return self.log.locator(".bubble").filter(has_text=text)


@dataclass(frozen=True, slots=True)
class Member:
    """One of the staff at the app."""

    page: Page
    who: Colleague
    said: list[str] = field(default_factory=list)
    """What the page has said in passing so far."""

    @property
    def rows(self) -> Locator:
        """The tickets in the list."""
        return self.page.get_by_role("region", name="Tickets").get_by_role("listitem")

    @property
    def thread(self) -> Locator:
        """The conversation of the open ticket."""
        return self.page.get_by_role("log", name="Conversation")

    @property
    def briefing(self) -> Locator:
        """The briefing above it."""
        return self.page.get_by_role("region", name="Briefing")

    @property
    def draft(self) -> Locator:
        """Where one writes to the customer."""
        return self.page.get_by_role("textbox", name=re.compile("^Reply to"))

    def sign_in(self, at: str = "/app/") -> Self:
        """By keyboard, with what a member knows."""
        self.page.goto(at)
        self.page.get_by_role("textbox", name="E-mail").fill(self.who.email)
        self.page.get_by_role("textbox", name="Password").fill(self.who.password)
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("heading", name="Sign in to Tandem")).to_have_count(0)
        expect(self.page.locator("main :is(h1, h2):visible").first).to_be_visible()  # a phone hides the inbox's h1
        return self

    def sees(self, view: str) -> Self:
        """One of the inbox's views: waiting, mine, open, assistant, resolved."""
        self.page.goto(f"/app/inbox?view={view}")
        return self

    def row(self, text: str) -> Locator:
        """The ticket with this text on it."""
        return self.rows.filter(has_text=text)

    def open(self, text: str) -> Self:
        """Open the ticket with this text on it."""
        self.row(text).get_by_role("link").click()
        expect(self.thread).to_be_visible()
        return self

    def is_told(self, text: str) -> None:
        """The page says so, or has said so: what it says in passing is gone after seconds."""
        for _ in range(WAIT_MS // PAUSE_MS):
            if any(text in said for said in self.said):
                return
            self.page.wait_for_timeout(PAUSE_MS)
        raise AssertionError(f"{text!r} is not among {self.said}")

    def press(self, key: str) -> Self:
        """A single-key shortcut: from the heading, where no field takes it."""
        self.page.get_by_role("heading", level=1).first.focus()
        self.page.keyboard.press(key)
        return self

    def claim(self) -> Self:
        """Take the open ticket, by its key."""
        self.press("c")
        self.is_in_charge()
        return self

    def is_in_charge(self) -> None:
        """The page says so."""
        expect(self.page.get_by_text("You are in charge")).to_be_visible()

    def reply(self, text: str) -> Self:
        """Write to the customer, by keyboard, and see it delivered."""
        self.draft.fill(text)
        self.draft.press("Control+Enter")
        delivered = self.thread.locator("[data-role=agent]:not([data-pending])")
        expect(delivered.filter(has_text=text)).to_be_visible()
        return self


def type_until_noticed(field: Locator, sign: Locator) -> None:
    """Somebody types, letter by letter, until the other side sees it: a sign is sent now and then and fades by itself."""
    for _ in range(WAIT_MS // TYPED_MS):
        field.press_sequentially("a")
        with contextlib.suppress(AssertionError):
            expect(sign).to_be_visible(timeout=TYPED_MS)
            return
    expect(sign).to_be_visible()
