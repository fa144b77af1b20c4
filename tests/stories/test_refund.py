"""Cy wants money back: a real click confirms it and nothing else does; above the limit a person has to agree."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.stories import shopping
from tests.stories.looking import look
from tests.stories.people import Customer
from tests.stories.shopping import Town, card, state
from tests.stories.stage import Stage

SCRIPTED_CLICKS = """
(button) => {
  button.click();
  button.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, composed: true }));
  for (const type of ["keydown", "keypress", "keyup"])
    for (const key of ["Enter", " "])
      button.dispatchEvent(new KeyboardEvent(type, { key, bubbles: true, cancelable: true, composed: true }));
}
"""

SCRIPTED_YES = """
async (draft) => {
  draft.value = "yes";
  draft.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true }));
  await new Promise((drawn) => setTimeout(drawn, 50));
  draft.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, composed: true }));
  draft.closest("dialog").querySelector(".round").click();
  draft.closest("form")?.requestSubmit();
}
"""


@pytest.fixture
def town(stage: Stage, browser: Browser, tmp_path: Path) -> Iterator[Town]:
    with shopping.opened(stage, browser, tmp_path) as found:
        yield found


@pytest.fixture
def talking_town(stage: Stage, browser: Browser, tmp_path: Path) -> Iterator[Town]:
    with shopping.opened(stage, browser, tmp_path, talking=True) as found:
        yield found


def asks(cy: Customer, order_id: str) -> None:
    """Asked for, with a reason, up to the card."""
    cy.ask(f"Please refund order {order_id}, it is faulty")
    expect(card(cy)).to_be_visible()


def test_a_click_confirms_a_refund_and_the_shop_has_it(town: Town) -> None:
    cy = town.cy()
    asks(cy, "1039")
    expect(card(cy)).to_contain_text("Refund 39.00 EUR for order 1039 to the payment method of the order")
    expect(card(cy).locator(".amount")).to_have_text("39.00 EUR")
    expect(cy.log.get_by_role("region", name="Please confirm").locator("dl")).to_contain_text("1039")
    expect(card(cy)).to_contain_text("Open for another 9 minutes.")
    assert town.shop.refunds("1039") == []
    card(cy).get_by_role("button", name="Confirm").click()
    state(cy, "Done")
    cy.is_told("Your refund of 39.00 EUR for order 1039 is booked")
    expect(cy.draft).to_be_focused()
    assert town.shop.refunds("1039") == [3900]
    refunds = town.order_book().locator("section").filter(has_text="Refunds").first
    expect(refunds).to_contain_text("for order 1039, Cy")


def test_by_keyboard_too(town: Town) -> None:
    cy = town.cy()
    asks(cy, "1039")
    card(cy).get_by_role("button", name="Confirm").focus()
    cy.page.keyboard.press("Enter")
    state(cy, "Done")
    assert town.shop.refunds("1039") == [3900]


def test_what_a_script_of_the_page_does_is_no_confirmation(town: Town) -> None:
    cy = town.cy()
    asks(cy, "1039")
    sent: list[str] = []
    cy.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    for name in ("Confirm", "No, leave it"):
        card(cy).get_by_role("button", name=name).evaluate(SCRIPTED_CLICKS)
    cy.draft.evaluate(SCRIPTED_YES)
    cy.page.wait_for_timeout(500)
    assert sent == []
    assert town.shop.refunds("1039") == []
    expect(card(cy).get_by_role("button", name="Confirm")).to_be_enabled()
    cy.draft.press("Enter")  # what a script wrote, a person may still send
    state(cy, "Done")
    assert town.shop.refunds("1039") == [3900]


def test_no_leaves_everything_as_it_is(town: Town) -> None:
    cy = town.cy()
    asks(cy, "1039")
    card(cy).get_by_role("button", name="No, leave it").click()
    state(cy, "Not wanted, nothing was changed")
    expect(card(cy).get_by_role("button")).to_have_count(0)
    cy.page.reload()
    cy.open()
    expect(cy.bubble("Please confirm")).to_be_visible()
    expect(card(cy)).to_have_count(0)
    assert town.shop.refunds("1039") == []


def test_the_card_is_there_after_a_reload_and_twice_confirmed_is_once(town: Town) -> None:
    cy = town.cy()
    asks(cy, "1039")
    cy.page.reload()
    cy.open()
    expect(card(cy).get_by_role("button", name="Confirm")).to_be_visible()
    second = Customer(town.people.tab(cy.page))
    second.page.goto("/demo?as=cy")
    second.open()
    expect(card(second).get_by_role("button", name="Confirm")).to_be_visible()
    second.page.route("**/events", lambda route: route.abort())
    card(cy).get_by_role("button", name="Confirm").click()
    state(cy, "Done")
    state(second, "Done")
    answer = card_again(town, cy)
    assert answer == "executed"
    assert town.shop.refunds("1039") == [3900]


def card_again(town: Town, cy: Customer) -> str:
    """The same confirmation once more, as a tab would send it that has heard of nothing."""
    found = cy.page.evaluate("Object.entries(localStorage)")
    kept = {name.rpartition(":")[2]: json.loads(value) for name, value in found if name.startswith("tandem:")}
    token, site = kept["session"]["token"], town.people.site
    shown = site.get(token, f"/v1/conversations/{kept['conversation']}").json()
    run = shown["actions"][0]
    events = site.events(token, kept["conversation"]).of("action_proposed")[0]
    body = {"ticket_id": events["ticket_id"], "action_id": run["action_id"], "confirmed_by_customer": True}
    return str(
        site.post(token, "/v1/support/action", body | {"confirm_token": events["confirm_token"]}).json()["status"]
    )


def test_a_typed_yes_confirms_and_the_card_shows_it(town: Town) -> None:
    cy = town.cy()
    asks(cy, "1039")
    cy.ask("yes")
    state(cy, "Done")
    assert town.shop.refunds("1039") == [3900]


def test_without_the_second_file_the_sentence_stands_and_yes_counts(town: Town) -> None:
    cy = town.cy(without="**/widget/later-*")
    cy.ask("Please refund order 1039, it is faulty")
    expect(cy.replies.last).to_contain_text("Please confirm: Refund 39.00 EUR for order 1039")
    expect(card(cy)).to_have_count(0)
    answer = cy.ask("yes")
    expect(answer).to_contain_text("is booked")
    assert town.shop.refunds("1039") == [3900]


def test_a_changed_amount_makes_a_new_card(town: Town) -> None:
    cy = town.cy()
    asks(cy, "1039")
    town.shop.rows("update items set price_minor = 3500 where order_id = '1039'")
    card(cy).get_by_role("button", name="Confirm").click()
    expect(card(cy).locator(".amount")).to_have_text("35.00 EUR")
    expect(card(cy)).to_contain_text("The amount has changed. Please look at it again.")
    assert town.shop.refunds("1039") == []
    card(cy).get_by_role("button", name="Confirm").click()
    state(cy, "Done")
    assert town.shop.refunds("1039") == [3500]


def test_above_the_limit_a_colleague_approves_and_the_card_shows_it_live(town: Town) -> None:
    cy = town.cy()
    asks(cy, "1037")
    expect(card(cy).locator(".amount")).to_have_text("289.00 EUR")
    card(cy).get_by_role("button", name="Confirm").click()
    state(cy, "Confirmed, a person has to approve it")
    cy.is_told("A colleague has to approve the refund of 289.00 EUR for order 1037.")
    assert town.shop.refunds("1037") == []
    site, bo = town.people.site, town.people.site.cast.bo
    waiting = site.get(bo, "/v1/actions/runs?status=pending_approval").json()["items"]
    assert [run["amount_minor"] for run in waiting] == [28900]
    approved = site.post(bo, f"/v1/actions/runs/{waiting[0]['action_id']}/approve", {"reason": "Photos show it."})
    assert approved.json()["status"] == "executed"
    state(cy, "Done")
    cy.is_told("Your refund of 289.00 EUR for order 1037 is booked")
    assert town.shop.refunds("1037") == [28900]


def test_not_approved_is_not_done(town: Town) -> None:
    cy = town.cy()
    asks(cy, "1037")
    card(cy).get_by_role("button", name="Confirm").click()
    state(cy, "Confirmed, a person has to approve it")
    site, bo = town.people.site, town.people.site.cast.bo
    run = site.get(bo, "/v1/actions/runs?status=pending_approval").json()["items"][0]
    assert site.post(bo, f"/v1/actions/runs/{run['action_id']}/reject", {"reason": "No"}).json()["status"] == "rejected"
    state(cy, "Not approved")
    cy.is_told("Our team has not approved this, and nothing has changed.")
    assert town.shop.refunds("1037") == []


def test_while_the_shop_is_down_nothing_is_done_and_the_card_says_so(town: Town) -> None:
    cy = town.cy()
    asks(cy, "1039")
    town.shop.fault(fault="down", times=100)
    card(cy).get_by_role("button", name="Confirm").click()
    expect(card(cy).locator(".bad")).to_be_visible()
    expect(card(cy).get_by_role("button", name="Confirm")).to_be_enabled()
    expect(cy.page.get_by_role("button", name="Talk to a person").first).to_be_visible()
    assert town.shop.refunds("1039") == []
    town.shop.fault(fault=None)
    card(cy).get_by_role("button", name="Confirm").click()
    state(cy, "Done")
    assert town.shop.refunds("1039") == [3900]


def test_with_a_model_that_proposes_it_the_same_click_is_needed(talking_town: Town) -> None:
    town = talking_town
    stub = town.people.site.stub
    assert stub is not None
    arguments = {"order_id": "1039", "reason": "changed_mind"}
    script = {
        "marker": "kettle",
        "steps": [
            {"calls": [{"name": "get_order", "arguments": {"order_id": "1039"}}]},
            {"calls": [{"name": "refund_order", "arguments": arguments}]},
            {"text": "Your refund is done!"},
        ],
    }
    assert town.shop.client.post(f"{stub.url}/_script", json=script).status_code == 200
    cy = town.cy()
    answer = cy.ask("I have second thoughts about the kettle that came on order 1039")
    expect(answer).to_contain_text("Please confirm: Refund 39.00 EUR for order 1039")
    expect(answer).not_to_contain_text("done!")
    assert town.shop.refunds("1039") == []
    card(cy).get_by_role("button", name="Confirm").click()
    state(cy, "Done")
    assert town.shop.refunds("1039") == [3900]


def test_a_website_with_a_strict_policy_shows_the_card_too(town: Town) -> None:
    acme = town.people.site.cast.acme
    cy = town.people.known(acme, "cy", name="Cy", email="cy@customer.example", tier="paid").open()
    asks(cy, "1039")
    card(cy).get_by_role("button", name="Confirm").click()
    state(cy, "Done")
    assert town.shop.refunds("1039") == [3900]


def test_so_does_a_website_of_another_origin_in_german(town: Town) -> None:
    site = town.people.site
    tag = f'src="{site.url}/widget.js" data-key="{site.cast.acme.widget_key}" data-lang="de" defer'
    identity = site.cast.acme.identity("cy", name="Cy", email="cy@customer.example")
    html = (
        f'<!doctype html><html lang="de"><title>Laden</title><script {tag} data-identity="{identity}"></script></html>'
    )
    policy = f"default-src 'none'; script-src {site.url}; connect-src {site.url}; require-trusted-types-for 'script'"
    with shopping.website(html, policy) as url:
        page = town.people.browser.new_page()
        page.goto(url)
        with page.expect_response(re.compile("/widget/later-")) as fetched:
            asks_in_german(page)
        assert "immutable" in fetched.value.headers["cache-control"]
        confirms_in_german(page)
        page.context.close()
    assert town.shop.refunds("1039") == [3900]


def asks_in_german(page: Page) -> None:
    """Up to the card."""
    page.get_by_role("button", name="Chat öffnen").click()
    page.get_by_role("textbox", name="Nachricht schreiben").fill("Please refund order 1039, it is faulty")
    page.keyboard.press("Enter")


def confirms_in_german(page: Page) -> None:
    """And on from there."""
    page.get_by_role("region", name="Bitte bestätigen").get_by_role("button", name="Bestätigen").click()
    expect(page.locator(".state")).to_have_text("Erledigt")


def test_every_state_of_a_card_is_accessible(town: Town) -> None:
    cy = town.cy()
    asks(cy, "1039")
    look(cy.page, "card-open")
    cy.page.route("**/v1/support/action", lambda route: route.abort())
    card(cy).get_by_role("button", name="Confirm").click()
    expect(card(cy)).to_contain_text("That did not get through. Please try again.")
    look(cy.page, "card-lost")
    cy.page.unroute_all()
    card(cy).get_by_role("button", name="Confirm").click()
    state(cy, "Done")
    look(cy.page, "card-done")
    asks(cy, "1037")
    card(cy).get_by_role("button", name="Confirm").click()
    state(cy, "Confirmed, a person has to approve it")
    look(cy.page, "card-waiting")


def test_a_card_that_nobody_answers_says_that_it_was_open_too_long(town: Town) -> None:
    cy = town.cy()
    cy.page.clock.install()
    asks(cy, "1039")
    cy.page.clock.fast_forward("09:30")
    expect(card(cy)).to_contain_text("Open for less than a minute.")
    cy.page.clock.fast_forward("00:40")
    state(cy, "This was open for too long, and nothing was changed. Ask again if you still want it.")
    expect(card(cy).get_by_role("button")).to_have_count(0)
    look(cy.page, "card-late")
    assert town.shop.refunds("1039") == []
