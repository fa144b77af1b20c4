"""Teams, hours and promises: set on their pages, seen in the inbox and by the customer, and judged in the end with one key."""

from pathlib import Path

import psycopg
from playwright.sync_api import Page, ViewportSize, expect

from tandem.tickets import sla
from tests.stories import axe
from tests.stories.people import Member, People

WIDE: ViewportSize = {"width": 1200, "height": 800}
NARROW: ViewportSize = {"width": 320, "height": 640}
DISPUTE = "You charged me twice and I dispute this charge!"


def looked_at(page: Page, folder: Path, name: str) -> None:
    """In light, dark and narrow: it fits, and axe has nothing against it."""
    for how in ("light", "dark", "narrow"):
        page.emulate_media(color_scheme="dark" if how == "dark" else "light", reduced_motion="reduce")
        page.set_viewport_size(NARROW if how == "narrow" else WIDE)
        page.screenshot(path=folder / f"{name}-{how}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide, {how}"
        assert axe.violations(page) == [], f"{name}, {how}"
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size(WIDE)


def saves(ann: Member) -> None:
    ann.page.get_by_role("button", name="Save").last.click()
    expect(ann.page.get_by_text("Saved.").first).to_be_visible()


def test_a_dispute_reaches_the_right_team_in_time_and_is_judged_with_one_key(people: People, tmp_path: Path) -> None:
    ann = people.member(people.site.cast.ann)
    _makes_a_team(ann, tmp_path)
    _promises(ann, tmp_path)
    ada = people.known(people.site.cast.acme, "ada-1", name="Ada", tier="enterprise").open()
    ada.ask(DISPUTE)
    expect(ada.panel.locator(".mode")).to_have_text("Waiting for a person")

    ann.sees("waiting")
    ann.page.get_by_role("combobox", name="Team").select_option(label="Money (1)")
    row = ann.row("Ada")
    expect(row.get_by_text("No. 1")).to_be_visible()
    expect(row.get_by_text("due in")).to_be_visible()
    expect(row.get_by_text("Money")).to_be_visible()
    looked_at(ann.page, tmp_path, "inbox")
    ann.open("Ada")
    expect(ann.page.get_by_text("First reply: due in").first).to_be_visible()
    looked_at(ann.page, tmp_path, "ticket")
    _misses_the_promise(people, ann, tmp_path)
    ann.page.keyboard.press("c")
    expect(ada.panel.locator(".mode")).to_have_text("You are talking to Ann")
    ann.page.get_by_role("button", name="Resolve").focus()
    ann.page.keyboard.press("e")
    expect(ann.page.get_by_text("Was a person needed?")).to_be_visible()
    looked_at(ann.page, tmp_path, "resolve")
    ann.page.keyboard.press("1")
    ada.is_told("This was marked as resolved")
    expect(ada.log.get_by_text("How did we do").first).to_be_visible()

    ann.page.goto("/app/people/quality")
    expect(ann.page.get_by_role("listitem").filter(has_text="charged me twice").get_by_text("Needed")).to_be_visible()
    expect(ann.page.get_by_role("row", name="All together").get_by_text("100%").first).to_be_visible()
    looked_at(ann.page, tmp_path, "quality")


def test_outside_hours_the_customer_is_told_when_people_are_back(people: People, tmp_path: Path) -> None:
    ann = people.member(people.site.cast.ann)
    ann.page.goto("/app/people/hours")
    expect(ann.page.get_by_text("People are there now.")).to_be_visible()
    ann.page.get_by_role("switch", name="Somebody is always there").click()
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"):
        ann.page.get_by_role("switch", name=f"Somebody is there on {day}").click()
    ann.page.get_by_role("textbox", name="Holidays").fill("2026-12-25 Christmas Day")
    ann.page.get_by_role("textbox", name="What customers are told").fill("We are out in the woods and back {back}.")
    looked_at(ann.page, tmp_path, "hours")
    saves(ann)
    expect(ann.page.get_by_text("Nobody is there now.")).to_be_visible()

    cy = people.customer().open()
    cy.wants_a_person_and_is_heard()
    cy.is_told("We are out in the woods and back later.")
    looked_at(cy.page, tmp_path, "widget-outside")

    ann.page.get_by_role("combobox", name="Outside these hours").select_option(
        label="The assistant goes on until somebody comes"
    )
    saves(ann)
    dee = people.customer().open()
    dee.want_a_person()
    dee.is_told("We are out in the woods and back later.")
    expect(dee.panel.locator(".mode")).not_to_have_text("Waiting for a person")
    assert "60 days" in dee.ask("How long do I have to return something?").inner_text()


def _makes_a_team(ann: Member, tmp_path: Path) -> None:
    page = ann.page
    page.get_by_role("link", name="People").click()
    expect(page.get_by_text("Every agent and admin")).to_be_visible()
    looked_at(page, tmp_path, "teams")
    page.get_by_role("button", name="New team").click()
    page.get_by_role("textbox", name="Name").fill("Money")
    page.get_by_role("textbox", name="Intents").fill("billing_dispute, billing_question")
    page.get_by_role("combobox", name="Who is given a ticket").select_option(label="Whoever takes it")
    page.get_by_role("checkbox", name="Ann", exact=True).check()
    page.get_by_role("checkbox", name="Ann leads the team").check()
    looked_at(page, tmp_path, "team-form")
    saves(ann)
    expect(page.get_by_text("Takes Billing dispute, Billing question")).to_be_visible()


def _promises(ann: Member, tmp_path: Path) -> None:
    page = ann.page
    page.get_by_role("link", name="Promises").click()
    expect(page.get_by_text("Nothing is promised yet")).to_be_visible()
    page.get_by_role("button", name="Add a promise").click()
    page.get_by_role("textbox", name="First reply").fill("60")
    looked_at(page, tmp_path, "promises")
    saves(ann)


def _misses_the_promise(people: People, ann: Member, tmp_path: Path) -> None:
    """An hour goes by unanswered: the worker tells Ann, who leads the team, and the time turns red."""
    site = people.site
    with psycopg.connect(site.place.superuser) as connection:
        connection.execute("update sla_clocks set due_at = due_at - interval '2 hours', remind_at = now()")
    site.run(sla.look_at_the_clock(site.parts.db, site.parts.hub))
    expect(ann.page.get_by_text("is overdue.").first).to_be_visible()
    expect(ann.page.get_by_text("late").first).to_be_visible()
    looked_at(ann.page, tmp_path, "breached")
