"""Never going dark: an admin's switch, a provider that fails and comes back, messages that are taken, and the page that shows it."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tandem.llm.breaker import REST_S
from tandem.llm.stub import Behaviour
from tests.stories import conftest
from tests.stories.looking import look
from tests.stories.people import Member, People
from tests.stories.stage import Stage

KNOWN = "How many days do I have to return something I bought?"
ASKED = [
    KNOWN,
    "How long is the warranty of a tent?",
    "Do you have gift cards?",
    "How long does standard delivery take?",
]
PRICED = "openai:tiny-1?input=1&output=2"


@pytest.fixture
def priced_people(browser: Browser, stage: Stage) -> Iterator[People]:
    """People at a site whose model has a price."""
    with stage.talking_site(model=PRICED) as site:
        yield from conftest.watched(browser, site)


def test_an_admin_switches_to_people_only_and_the_customer_gets_a_person(talking_people: People) -> None:
    people = talking_people
    cy = people.customer().open()
    cy.ask(KNOWN)
    expect(cy.panel.locator(".banner")).to_be_empty()
    ann = people.member(people.site.cast.ann)
    page = _at_the_models(ann)
    expect(_panel(page, "Mode")).to_contain_text("Full")
    page.get_by_role("radio", name=re.compile("^People only")).check()
    page.get_by_role("button", name="Switch").click()
    ann.is_told("People only: An admin has chosen it in the rules.")

    dee = people.customer().open()
    expect(dee.panel.locator(".banner")).to_have_text("People from our team answer here just now.")
    dee.say(KNOWN)
    expect(dee.panel.locator(".mode")).to_have_text("Waiting for a person")
    bo = people.member(people.site.cast.bo)
    expect(bo.page.get_by_text("People only: An admin has chosen it in the rules.")).to_be_visible()
    bo.sees("waiting").open("How many days")
    expect(bo.briefing).to_contain_text("The mode is people-only: every message goes to people.")
    bo.claim().reply("Sixty days, Dee.")
    dee.is_told("Sixty days, Dee.")

    page.get_by_role("radio", name=re.compile("^Full")).check()
    page.get_by_role("button", name="Switch").click()
    ann.is_told("Switched to “Full”.")
    eve = people.customer().open()
    eve.ask(KNOWN)
    expect(eve.answers).to_have_count(1)
    expect(eve.panel.locator(".banner")).to_be_empty()
    page.goto("/app/rules?tab=history")
    expect(page.get_by_role("region", name="Version 3").locator("ins")).to_have_text("Full")


def test_a_provider_that_fails_leaves_quotations_and_comes_back_after_a_probe(talking_people: People) -> None:
    people = talking_people
    site = people.site
    assert site.stub
    bo, cy = people.member(site.cast.bo), people.customer().open()
    expect(bo.page.get_by_text("Quotation only:")).to_have_count(0)
    site.stub.behave(Behaviour.REFUSED)
    expect(cy.ask(ASKED[0])).to_contain_text("60 days")
    expect(cy.ask(ASKED[1])).to_contain_text("years")
    expect(cy.panel.locator(".banner")).to_have_text("Answers here are quoted from our help articles.")
    health = site.get(None, "/healthz").json()
    assert (health["mode"], [each["state"] for each in health["models"]]) == ("quotation-only", ["open"])
    bo.page.reload()
    expect(bo.page.get_by_text("Quotation only: The language model does not answer just now")).to_be_visible()

    site.stub.behave(Behaviour.GOOD)
    time.sleep(REST_S)
    cy.ask(ASKED[2])  # the probe
    expect(cy.panel.locator(".banner")).to_be_empty()
    assert site.get(None, "/healthz").json()["mode"] == "full"
    bo.page.reload()
    expect(bo.page.get_by_role("region", name="Tickets")).to_be_visible()
    expect(bo.page.get_by_text("Quotation only:")).to_have_count(0)


def test_while_messages_are_taken_an_address_can_be_left(people: People) -> None:
    site = people.site
    site.call(site.cast.ann, "PATCH", "/v1/policy", {"mode": "take-a-message"})
    cy = people.customer().open()
    banner = "Nobody can answer just now. Leave a message and we will come back to you."
    expect(cy.panel.locator(".banner")).to_have_text(banner)
    cy.say(KNOWN)
    cy.is_told("Nobody from our team can answer just now.")
    cy.is_told("Where should we send the answer?")
    look(cy.page, "chat-take-a-message")
    address = cy.panel.get_by_role("textbox", name="Your e-mail address")
    address.fill("cy@customers.example")
    address.press("Enter")
    cy.is_told("A person will write to cy@customers.example.")
    bo = people.member(site.cast.bo)
    bo.sees("waiting").open("How many days")
    expect(bo.page.get_by_text("cy@customers.example").first).to_be_visible()


def test_the_page_of_the_models_shows_states_costs_and_keys(priced_people: People) -> None:
    people = priced_people
    site, ann = people.site, people.member(people.site.cast.ann)
    for question in ASKED:
        site.chat(site.newcomer(), question)
    talk = site.chat(site.newcomer(), "How long do I have to return something?")
    page = _at_the_models(ann)
    states, spent = _panel(page, "Language models"), _panel(page, "What it cost")
    expect(states.get_by_role("row").filter(has_text="openai:tiny-1")).to_contain_text("Answers")
    expect(spent.get_by_role("rowheader").first).to_have_text(re.compile(r"\d{4}-\d\d-\d\d"))
    expect(_panel(page, "Today")).to_contain_text("No budget is set.")
    look(page, "models")
    spent.get_by_role("combobox", name="By").select_option("conversation")
    expect(spent.get_by_role("link", name="Conversation 1")).to_be_visible()
    spent.get_by_role("combobox", name="By").select_option("role")
    expect(spent.get_by_role("rowheader", name="Answers")).to_be_visible()

    keys = _panel(page, "Your own keys")
    keys.get_by_role("combobox", name="Provider").select_option("anthropic")
    keys.get_by_label("Key", exact=True).fill("sk-of-acme-canary-7777")
    keys.get_by_role("button", name="Save the key").click()
    expect(keys.get_by_role("listitem")).to_contain_text("ends in 7777")
    assert "canary" not in page.content()
    keys.get_by_role("button", name="Remove: Anthropic").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(keys.get_by_text("You have no keys of your own here.")).to_be_visible()

    tokens = site.get(site.cast.ann, "/v1/models").json()["today"]["tokens"]
    site.call(site.cast.ann, "PATCH", "/v1/policy", {"budget": {"tokens_per_day": tokens + 1}})
    page.reload()
    expect(_panel(page, "Today")).to_contain_text("Soft limit reached")
    ann.is_told("Most of today's budget for language models is spent")
    site.call(site.cast.ann, "PATCH", "/v1/policy", {"budget": {"tokens_per_day": tokens}})
    page.reload()
    expect(_panel(page, "Today").get_by_text("Spent", exact=True)).to_be_visible()
    expect(_panel(page, "Mode")).to_contain_text("The day's budget for language models is spent.")
    look(page, "models-spent")

    page.goto(f"/app/inbox/{talk.ticket_id}?view=open")
    expect(page.get_by_text("This ticket").first).to_be_visible()
    look(page, "ticket-cost")
    ann.thread.get_by_role("button", name="Why this answer").first.click()
    asked = page.get_by_role("dialog").locator("section").filter(has=page.get_by_role("heading", name="Models asked"))
    expect(asked).to_contain_text("tokens in")
    asked.scroll_into_view_if_needed()
    look(page, "why-models")


def test_the_rules_take_mode_budget_limits_and_personal_data(people: People) -> None:
    site, ann = people.site, people.member(people.site.cast.ann)
    page = ann.page
    page.goto("/app/rules")
    page.get_by_role("radio", name=re.compile("^No actions")).check()
    budget = page.get_by_role("region", name="Budget for language models")
    budget.get_by_label("Tokens a day").fill("2000000")
    budget.get_by_label("US dollars a day").fill("12.5")
    budget.get_by_label("Soft limit").fill("70")
    page.get_by_role("region", name="What it does for customers").get_by_role("textbox").fill("3")
    personal = page.get_by_role("region", name="Personal data")
    personal.get_by_role("checkbox", name="The customer's name").check()
    personal.get_by_role("checkbox", name="IP addresses").uncheck()
    personal.get_by_role("switch", name="Put back into replies").uncheck()
    look(page, "rules-models")
    bar = page.get_by_role("region", name="What would change")
    bar.get_by_role("button", name="See what would change").click()
    bar.get_by_role("button", name="Save as version 2").click()
    expect(page.get_by_text("Version 2 is in force", exact=True)).to_be_visible()
    rules = site.get(site.cast.ann, "/v1/policy").json()
    assert (rules["mode"], rules["limits"], rules["restore_in_replies"]) == ("no-actions", {"calls_per_turn": 3}, False)
    assert rules["budget"] == {"tokens_per_day": 2_000_000, "cost_per_day_micros": 12_500_000, "soft": 0.7}
    assert set(rules["redact_before_provider"]) == {"email", "phone", "card", "iban", "national_id", "name"}
    page.get_by_role("button", name="History").click()
    shown = page.get_by_role("region", name="Version 2")
    for words in ("No actions", "$12.50", "The customer's name"):
        expect(shown.locator("ins").filter(has_text=words)).to_be_visible()
    look(page, "rules-history-models")
    budget_page = page.get_by_role("main").get_by_role("button", name="Rules", exact=True)
    budget_page.click()
    budget.get_by_label("Tokens a day").fill("")
    bar.get_by_role("button", name="See what would change").click()
    bar.get_by_role("button", name="Save as version 3").click()
    expect(page.get_by_text("Version 3 is in force", exact=True)).to_be_visible()
    assert site.get(site.cast.ann, "/v1/policy").json()["budget"]["tokens_per_day"] is None


def test_only_admins_see_the_models(people: People) -> None:
    bo = people.member(people.site.cast.bo)
    expect(bo.page.get_by_role("link", name="Models")).to_have_count(0)
    bo.page.goto("/app/models")
    expect(bo.page.get_by_text("Only admins see the models and what they cost.")).to_be_visible()
    ann = people.member(people.site.cast.ann)
    page = _at_the_models(ann)
    expect(_panel(page, "Language models")).to_contain_text("No language model is set up")
    look(page, "models-none")


def _at_the_models(ann: Member) -> Page:
    ann.page.goto("/app/models")
    expect(ann.page.get_by_role("heading", name="Models", level=1)).to_be_visible()
    expect(_panel(ann.page, "Today")).to_be_visible()
    return ann.page


def _panel(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True).first
