"""Who handles what: an admin changes the rules with open eyes, and the rules bring each customer where they belong."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.stories import axe
from tests.stories.people import Member, People

ANGRY = "This is the THIRD time I write!! You charged me twice for the same invoice and I want my money back today."
KNOWN = "How many days do I have to return something I bought?"
VAGUE = "how long does it take?"


def test_each_reaches_whom_they_should(people: People) -> None:
    site, cast = people.site, people.site.cast
    site.post(cast.ann, "/v1/teams", {"name": "Billing", "categories": ["billing_dispute"]})
    bo = people.member(cast.bo)

    vee = people.known(cast.acme, "vee-1", name="Vee Ohm", email="vee@customers.example", tier="enterprise").open()
    vee.say(ANGRY)
    expect(vee.panel.locator(".mode")).to_have_text("Waiting for a person")
    bo.open("Vee Ohm")
    (ticket,) = site.get(cast.bo, "/v1/tickets?status=escalated").json()["items"]
    assert (ticket["team"]["name"], ticket["priority"], ticket["category"]) == ("Billing", "high", "billing_dispute")
    for part in ("You charged me twice", "“billing_dispute” always goes to people.", "Look at the charge in question"):
        expect(bo.briefing).to_contain_text(part)
    expect(bo.briefing).to_contain_text("tier Enterprise")
    expect(bo.briefing).to_contain_text(re.compile("High|Medium"))
    expect(bo.briefing).to_contain_text("frustrated")

    dee = people.customer().open()
    asked = dee.ask(VAGUE)
    expect(asked).to_contain_text("Which of these do you mean?")
    choices = dee.log.locator(".starters").last.get_by_role("button")
    expect(choices.nth(1)).to_be_visible()
    assert 2 <= choices.count() <= 4
    dee.page.reload()
    dee.page.get_by_role("button", name=re.compile("Open chat|Close chat")).first.wait_for()
    if not dee.draft.is_visible():
        dee.open()
    before = dee.replies.count()
    label = choices.first.inner_text()
    choices.first.click()
    expect(dee.log.locator(".own").last).to_contain_text(label)
    expect(dee.replies).to_have_count(before + 1)
    expect(dee.log.locator(".starters button")).to_have_count(0)

    cy = people.customer().open()
    cy.ask(KNOWN)
    expect(cy.answers).to_have_count(1)


def test_an_admin_sees_what_would_change_before_it_is_saved(people: People) -> None:
    dee = people.customer().open()
    dee.ask(KNOWN)
    ann = people.member(people.site.cast.ann)
    page = ann.page
    page.get_by_role("link", name="Rules").click()
    expect(page.get_by_role("heading", name="Rules", level=1)).to_be_visible()
    expect(page.get_by_text("Version 1 is in force")).to_be_visible()

    always = page.get_by_role("region", name="Always to people")
    always.get_by_role("checkbox", name="Return or exchange").check()
    bar = page.get_by_role("region", name="What would change")
    expect(bar).to_contain_text("1 rule changed")
    save = bar.get_by_role("button", name="Save as version 2")
    expect(save).to_be_disabled()
    bar.get_by_role("button", name="See what would change").click()
    expect(bar).to_contain_text("1 message would go another way")
    row = bar.get_by_role("listitem").filter(has_text=KNOWN)
    expect(row).to_contain_text("“return_request” always goes to people.")
    assert axe.violations(page) == []
    save.click()
    expect(page.get_by_text("Version 2 is in force", exact=True)).to_be_visible()

    fresh = people.customer().open()
    fresh.say(KNOWN)
    expect(fresh.panel.locator(".mode")).to_have_text("Waiting for a person")

    page.get_by_role("button", name="History").click()
    shown = page.get_by_role("region", name="Version 2")
    expect(shown.locator("ins")).to_have_text("Return or exchange")
    versions = page.get_by_role("list", name="History")
    versions.get_by_role("button", name="Version 1").click()
    page.get_by_role("button", name="Put in force again").click()
    page.get_by_role("dialog").get_by_role("button", name="Put in force again").click()
    expect(page.get_by_text("Version 3 is in force", exact=True)).to_be_visible()
    versions.get_by_role("button", name="Version 3").click()
    expect(page.get_by_role("region", name="Version 3").locator("del")).to_have_text("Return or exchange")


def test_messages_are_tried_and_two_admins_do_not_overwrite_each_other(people: People) -> None:
    site, cast = people.site, people.site.cast
    ann = people.member(cast.ann)
    page = _at_the_rules(ann)
    page.get_by_role("textbox", name="Words and phrases").fill("giraffe\nlawyer")
    page.get_by_role("button", name="Add a limit").click()
    page.get_by_role("button", name="Try messages").click()
    page.get_by_role("textbox", name="Messages").fill(f"I will tell the giraffe\n{KNOWN}\nwhere are my 600 EUR")
    page.get_by_role("button", name="Try them").click()
    table = page.get_by_role("table", name="Where these messages go")
    expect(table.get_by_role("row").filter(has_text="giraffe")).to_contain_text("The message contains “giraffe”")
    expect(table.get_by_role("row").filter(has_text="600 EUR")).to_contain_text("more than your limit of 500.00 EUR")
    expect(table.get_by_role("row").filter(has_text=KNOWN).get_by_text("Assistant")).to_have_count(2)
    assert axe.violations(page) == []

    site.call(cast.ann, "PATCH", "/v1/policy", {"max_unresolved": 5})
    bar = page.get_by_role("region", name="What would change")
    bar.get_by_role("button", name="See what would change").click()
    bar.get_by_role("button", name=re.compile("^Save as")).click()
    expect(bar).to_contain_text("Somebody else saved a version meanwhile.")
    bar.get_by_role("button", name="Go on from theirs").click()
    bar.get_by_role("button", name="See what would change").click()
    bar.get_by_role("button", name="Save as version 3").click()
    expect(page.get_by_text("Version 3 is in force", exact=True)).to_be_visible()
    rules = site.get(cast.ann, "/v1/policy").json()
    assert (rules["max_unresolved"], rules["escalate_words"]) == (5, ["giraffe", "lawyer"])
    assert rules["amount_limits"] == {"EUR": 50_000}


def test_the_rules_are_readable_on_a_phone_in_the_dark_and_for_admins_only(people: People) -> None:
    ann = people.member(people.site.cast.ann, viewport={"width": 320, "height": 640}, color_scheme="dark")
    page = _at_the_rules(ann)
    for name in ("Rules", "Try messages", "History"):
        page.get_by_role("main").get_by_role("button", name=name, exact=True).click()
        assert axe.violations(page) == []
        assert _width(page.locator("html")) <= 320, name
    bo = people.member(people.site.cast.bo)
    expect(bo.page.get_by_role("link", name="Rules")).to_have_count(0)
    bo.page.goto("/app/rules")
    expect(bo.page.get_by_text("Only admins see and change the rules.")).to_be_visible()


def _at_the_rules(ann: Member) -> Page:
    ann.page.goto("/app/rules")
    expect(ann.page.get_by_role("heading", name="Rules", level=1)).to_be_visible()
    expect(ann.page.get_by_role("region", name="Always to people")).to_be_visible()
    return ann.page


def _width(element: Locator) -> int:
    found: int = element.evaluate("(element) => element.scrollWidth")
    return found
