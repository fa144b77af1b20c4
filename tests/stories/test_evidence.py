"""From an answer to the very sentence that proves it: for the customer, and for the staff who ask why."""

import re

from playwright.sync_api import Page, expect

from tests.stories.people import People

QUESTION = "How long do I have to return a pair of boots?"
MARKED = "() => [...CSS.highlights.get('cited') ?? []].map(String).join('|')"


def test_a_customer_opens_the_sentence_that_an_answer_rests_on(people: People) -> None:
    dee = people.customer().open()
    dee.ask(QUESTION)
    dee.panel.get_by_role("button", name=re.compile("^Source 1")).first.click()
    source = dee.panel.get_by_role("dialog")
    expect(source.locator("mark")).to_contain_text("60 days")
    expect(source).to_contain_text(re.compile("version 1", re.I))


def test_whoever_asks_why_sees_each_sentence_beside_its_source(people: People) -> None:
    dee = people.customer().open()
    dee.ask(QUESTION)
    dee.say("I want to talk to a person about these boots please")
    bo = people.member(people.site.cast.bo).open("return a pair of boots")
    bo.thread.get_by_role("button", name="Why this answer").first.click()
    why = bo.page.get_by_role("dialog", name="Why this answer")
    sentence = why.get_by_role("listitem").filter(has_text="60 days").first
    expect(sentence).to_contain_text("Released")
    sentence.get_by_role("link", name=re.compile("See it in")).first.click()
    expect(bo.page.get_by_role("heading", level=1)).to_be_visible()
    bo.page.wait_for_function(f"({MARKED})() !== ''")
    assert "60 days" in _marked(bo.page)
    bo.page.goto(bo.page.url.replace("60+days", "99+days").replace("60%20days", "99%20days"))
    expect(bo.page.get_by_text("The cited sentence stands in version 1")).to_be_visible()
    assert _marked(bo.page) == ""


def _marked(page: Page) -> str:
    return str(page.evaluate(MARKED))
