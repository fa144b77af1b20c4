"""A person is one click away, whatever the chat is doing: before a word, in the list, while it thinks, has asked, is over.

Offline, refused and without a server: `test_interrupted` and `test_states`.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tandem.llm.stub import Pace
from tests.stories.conftest import watched
from tests.stories.people import Customer, People
from tests.stories.stage import Stage

QUESTION = "How many days do I have to return something I bought?"
SLOW = Pace(first_token_ms=4000)


@pytest.fixture
def slow_people(browser: Browser, stage: Stage) -> Iterator[People]:
    """The people at a site whose model takes its time."""
    with stage.talking_site(SLOW) as running:
        yield from watched(browser, running)


def test_while_it_thinks(slow_people: People) -> None:
    thinking = slow_people.customer().open().say(QUESTION)
    expect(thinking.log).to_have_attribute("aria-busy", "true")
    _is_called(thinking)


def test_before_a_word_in_the_list_after_a_question_and_when_it_is_over(people: People) -> None:
    silent = people.customer().open()
    _is_called(silent)

    listing = people.customer().open()
    listing.page.get_by_role("button", name="Your conversations").click()
    _is_called(listing)

    asked = people.customer().open()
    asked.ask("how long does it take?")
    expect(asked.log.locator(".starters button").first).to_be_visible()
    _is_called(asked)
    expect(asked.log.locator(".starters button")).to_have_count(0)

    over = people.customer().open()
    over.ask(QUESTION)
    over.wants_a_person_and_is_heard()
    _is_settled(people, QUESTION)
    expect(over.panel.locator(".mode")).to_have_text("Resolved")
    _is_called(over)


def _is_called(customer: Customer) -> None:
    """The button stands there, does what it says, and the assistant is silent from then on."""
    expect(customer.panel.locator(".pill")).to_have_text("Talk to a person")
    customer.wants_a_person_and_is_heard()
    expect(customer.log).to_have_attribute("aria-busy", "false")


def _is_settled(people: People, subject: str) -> None:
    site, bo = people.site, people.site.cast.bo
    tickets = site.get(bo, "/v1/tickets?status=escalated").json()["items"]
    (ticket,) = [each["id"] for each in tickets if each["subject"] == subject]
    for step in ("claim", "resolve"):
        assert site.post(bo, f"/v1/tickets/{ticket}/{step}").status_code == 200
