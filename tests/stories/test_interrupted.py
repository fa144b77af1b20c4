"""A page is reloaded, a browser closed, a connection lost, a server restarted: nothing is lost and nothing comes twice."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tandem.llm.stub import Pace
from tests.stories import wire as wires
from tests.stories.conftest import watched
from tests.stories.people import WAIT_MS, Customer, People
from tests.stories.stage import Stage

QUESTION = "How long do I have to return something, and how long do refunds take?"
DRIPS = [Pace(first_token_ms=50, tokens_per_s=speed) for speed in (40, 20, 15, 12, 12)]
"""Slow enough to be interrupted between two sentences, fast enough for a test; slower where the machine was too busy."""
RETRIES_MS = 30_000 + WAIT_MS
"""The widget's longest pause between two tries to reach the server, and what a person waits for anything."""


@pytest.fixture
def slow_people(browser: Browser, stage: Stage) -> Iterator[People]:
    """The people at a site whose model takes its time."""
    with stage.talking_site() as site:
        yield from watched(browser, site)


def test_an_answer_goes_on_after_a_reload(slow_people: People) -> None:
    cy, begun = _in_the_middle(slow_people)
    cy.page.reload()
    cy.open()
    expect(cy.log.get_by_text(QUESTION)).to_have_count(1)
    expect(cy.replies.last).to_contain_text(begun)
    expect(cy.answers).to_have_count(1)
    expect(cy.answers.last).to_contain_text(begun)
    whole = cy.answers.last.locator(".text").inner_text()
    assert len(_words(whole)) > len(_words(begun))
    cy.page.reload()
    cy.open()
    expect(cy.answers.last.locator(".text")).to_have_text(re.compile(re.escape(_words(whole)[:20])))
    assert cy.answers.last.locator(".text").inner_text() == whole


def test_an_answer_is_there_when_the_browser_opens_again(slow_people: People) -> None:
    cy, begun = _in_the_middle(slow_people)
    kept = cy.page.context.storage_state()
    cy.page.context.close()
    later = slow_people.customer(storage_state=kept).open()
    expect(later.answers).to_have_count(1)
    expect(later.answers.last).to_contain_text(begun)
    expect(later.log.get_by_text(QUESTION)).to_have_count(1)


def _in_the_middle(people: People) -> tuple[Customer, str]:
    """Somebody whose answer is under way and not yet complete, and what was released of it."""
    assert people.site.stub
    for drip in DRIPS:
        people.site.stub.pace = drip
        cy = people.customer().open()
        cy.say(QUESTION)
        writing = cy.replies.nth(1).locator(".text")
        expect(writing).to_contain_text(".")
        begun = writing.inner_text()
        if cy.answers.count() == 0:
            return cy, begun.split("\n")[0]
    raise AssertionError("every answer was complete before it could be interrupted")


def _words(text: str) -> str:
    return " ".join(text.split())


def test_what_is_written_offline_arrives_once_though_the_server_restarts(browser: Browser, stage: Stage) -> None:
    with wires.stretch() as wire, stage.database() as place:
        with stage.serve(place) as site:
            wire.lead_to(site.url)
            people = People(browser, site, wire.url)
            cy = people.customer().open()
            cy.ask("Do you have gift cards?")
            wire.cut()
            cy.say(QUESTION)
            expect(cy.log.get_by_text("Kept on this device;")).to_be_visible()
            expect(cy.panel.get_by_text("No connection.")).to_be_visible()
        with stage.serve(place) as site:
            wire.lead_to(site.url)
            expect(cy.answers).to_have_count(2, timeout=RETRIES_MS)
            expect(cy.panel.get_by_text("No connection.")).to_be_hidden()
            expect(cy.log.get_by_text(QUESTION)).to_have_count(1)
            cy.page.reload()
            cy.open()
            expect(cy.answers).to_have_count(2)
            expect(cy.log.get_by_text(QUESTION)).to_have_count(1)
            people.leave()
    assert people.seen == []


def test_a_wish_for_a_person_made_offline_is_kept(people: People) -> None:
    cy = people.customer().open()
    cy.ask("Do you have gift cards?")
    cy.page.context.set_offline(True)
    cy.want_a_person()
    cy.is_told("We will call a person as soon as the connection is back.")
    cy.page.context.set_offline(False)
    expect(cy.panel.locator(".mode")).to_have_text("Waiting for a person")
