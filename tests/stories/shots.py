"""`python -m tests.stories.shots`: takes the pictures of docs/images anew, from the real site with the stub for a model."""

import asyncio
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tandem.db import Database
from tests import cast as casting
from tests import ground as grounds
from tests.ground import Place
from tests.stories import shopping
from tests.stories import stage as stages
from tests.stories.conftest import launch
from tests.stories.people import Member, People
from tests.stories.stage import Stage
from tests.web.site import Site

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LARGEST = 150_000
"""Bytes of a picture: a README opens at once on a phone."""
SIZE = {"width": 1200, "height": 750}


def main() -> None:
    """All pictures, into docs/images."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with _stage() as stage, _browser() as browser:
        _refund(stage, browser)
        with stage.talking_site() as site:
            _talks(People(browser, site), site)
    for picture in IMAGES.glob("*.png"):
        assert picture.stat().st_size <= LARGEST, f"{picture.name} has {picture.stat().st_size} bytes"


def _talks(people: People, site: Site) -> None:
    """Everything that one site shows."""
    _answer(people)
    _inbox(people)
    ann = people.member(site.cast.ann, viewport=SIZE)
    _knowledge(ann)
    _release(people, ann)
    people.leave()


def _refund(stage: Stage, browser: Browser) -> None:
    """A refund that waits for the customer's word."""
    with tempfile.TemporaryDirectory() as folder, shopping.opened(stage, browser, Path(folder)) as town:
        cy = town.cy(viewport=SIZE)
        cy.ask("Where is my order 1042?")
        cy.ask("I would like a refund for order 1039, it does not work")
        expect(shopping.card(cy)).to_be_visible()
        cy.page.screenshot(path=IMAGES / "refund.png")


def _answer(people: People) -> None:
    """The demo shop with a cited answer, and beside it the passage it stands on."""
    cy = people.customer(viewport=SIZE)
    cy.open()
    answer = cy.ask("How long do I have to return something?")
    cy.page.screenshot(path=IMAGES / "answer.png")
    answer.get_by_role("button", name="Source 1").first.click()
    expect(cy.page.locator("dialog.source mark")).to_be_visible()
    cy.page.screenshot(path=IMAGES / "passage.png")


def _inbox(people: People) -> None:
    """A ticket that has just been claimed: briefing, thread, and a reply begun."""
    cast = people.site.cast
    bo = people.member(cast.bo, viewport={"width": 1280, "height": 780})
    for name, words in (
        ("Noor", "My parcel is a week late, where is it?"),
        ("Ada", "I was charged twice for my order!"),
    ):
        other = people.known(cast.acme, name, name=name, email=f"{name.lower()}@customers.example", tier="paid").open()
        other.say(words)
        other.wants_a_person_and_is_heard()
    cy = people.known(cast.acme, "cy-1", name="Cy Young", email="cy@customers.example", tier="paid").open()
    cy.ask("How long does a repair take?")
    cy.wants_a_person_and_is_heard()
    bo.open("Cy Young").claim()
    cy.say("I leave on the 12th. Can it be ready by then?")
    expect(bo.thread.get_by_text("I leave on the 12th.")).to_be_visible()
    bo.page.get_by_role("status").get_by_role("button", name="Close").last.click()
    bo.draft.fill("Hello Cy, Bo here. If you drop it off in a store this week, it is")
    bo.page.screenshot(path=IMAGES / "inbox.png")


def _knowledge(ann: Member) -> None:
    """The list of articles."""
    ann.page.goto("/app/knowledge")
    expect(ann.page.get_by_role("row").nth(5)).to_be_visible()
    ann.page.screenshot(path=IMAGES / "knowledge.png")


def _release(people: People, ann: Member) -> None:
    """A draft release after its replay, which stops it."""
    site, cast = people.site, people.site.cast
    release = site.post(cast.ann, "/v1/kb/releases", {"title": "Shorter returns", "note": "For the summer sale"}).json()
    returns = site.get(cast.ann, "/v1/kb/documents?q=How+long+you+have").json()["items"][0]
    whole = site.get(cast.ann, f"/v1/kb/documents/{returns['id']}").json()
    body = re.sub("You can return unused items within.*", "Returns are agreed upon in our stores.", whole["body"])
    change = {"title": whole["title"], "category": whole["category"], "body": body, "release_id": release["id"]}
    site.call(cast.ann, "PUT", f"/v1/kb/documents/{returns['id']}", change)
    ann.page.goto(f"/app/knowledge/releases/{release['id']}")
    ann.page.get_by_role("button", name="Run the replay").click()
    expect(ann.page.get_by_text("Replayed now")).to_be_visible()
    ann.page.get_by_role("button", name="Show the difference").click()
    expect(ann.page.get_by_text("Returns are agreed upon")).to_be_visible()
    ann.page.screenshot(path=IMAGES / "release.png")


@contextmanager
def _stage() -> Iterator[Stage]:
    def fill(place: Place) -> str:
        async def play() -> casting.Cast:
            db = Database(place.app)
            await db.open()
            try:
                return await casting.assemble(db)
            finally:
                await db.close()

        return casting.PAPERS.dump_json(asyncio.run(play())).decode()

    with tempfile.TemporaryDirectory() as folder, grounds.stand(Path(folder), "shots", 18, None) as ground:
        cast = casting.PAPERS.validate_json(ground.prepare_template(fill))
        yield stages.build(ground, cast)


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield launch(playwright)


if __name__ == "__main__":
    main()
