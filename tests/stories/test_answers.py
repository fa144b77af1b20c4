"""A customer asks in the demo shop and gets an answer that can be looked up."""

import re

from playwright.sync_api import expect

from tests.stories.people import Customer, People

QUESTION = "How long do I have to return something?"


def test_it_answers_by_exact_quotation_and_shows_the_passage(people: People) -> None:
    _asks_and_opens_the_passage(people.customer().open())


def test_it_answers_with_a_model_and_shows_the_passage(talking_people: People) -> None:
    _asks_and_opens_the_passage(talking_people.customer().open())


def _asks_and_opens_the_passage(cy: Customer) -> None:
    answer = cy.ask(QUESTION)
    expect(answer).to_contain_text("60 days")
    mark = answer.get_by_role("button", name=re.compile("^Source 1: ")).first
    mark.focus()
    cy.page.keyboard.press("Enter")
    passage = cy.page.locator("dialog.source")
    quote = passage.locator("mark")
    expect(quote).to_be_visible()
    expect(quote).to_be_in_viewport()
    said = answer.locator(".text").inner_text()
    assert _words(quote.inner_text()) in _words(said), "the marked text is what the answer quotes"
    assert len(passage.locator(".passage").inner_text()) > len(quote.inner_text()), (
        "the quotation stands in its section"
    )
    cy.page.keyboard.press("Escape")
    expect(passage).to_have_count(0)
    expect(mark).to_be_focused()
    expect(cy.draft).to_be_visible()


def _words(text: str) -> str:
    """Letters and digits alone: marks and white space differ between an article and an answer."""
    return " ".join(re.findall(r"\w+", re.sub(r"\n\d+\n|\[\d+\]", " ", text)))
