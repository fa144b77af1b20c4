"""Cy moves: before an order goes elsewhere, a code that was mailed is typed in, and only then the address changes in the shop."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.stories import shopping
from tests.stories.looking import look
from tests.stories.people import Customer
from tests.stories.shopping import Town, card, state
from tests.stories.stage import Stage


@pytest.fixture
def town(stage: Stage, browser: Browser, tmp_path: Path) -> Iterator[Town]:
    with shopping.opened(stage, browser, tmp_path) as found:
        yield found


def field(cy: Customer) -> Locator:
    """Where the code is typed."""
    return cy.log.get_by_role("textbox", name="Code from the e-mail")


def types_code(cy: Customer, code: str) -> None:
    """Typed into the field, and sent."""
    field(cy).fill(code)
    field(cy).press("Enter")


def asks(cy: Customer) -> None:
    """Asked for, up to the field for the code."""
    answer = cy.ask("Please change the delivery address of order 1045")
    expect(answer).to_contain_text("I have sent a code of six digits to c…@customer.example.")
    expect(field(cy)).to_be_visible()


def address(town: Town) -> str:
    """Where the shop sends the order."""
    found = json.loads(town.shop.rows("select address from orders where order_id = '1045'")[0][0])
    return f"{found['street']}, {found['postcode']} {found['city']}, {found['country']}"


OLD, NEW = "14 Lindengracht, 1015 KD Amsterdam, NL", "Keizersgracht 5, 1015 CJ Amsterdam, NL"


def test_a_mailed_code_and_a_click_change_the_address(town: Town) -> None:
    cy = town.cy()
    asks(cy)
    code = town.mailed_code()
    expect(field(cy)).to_have_attribute("autocomplete", "one-time-code")
    expect(field(cy)).to_have_attribute("inputmode", "numeric")
    types_code(cy, f"{code[:3]} {code[3:]}")
    expect(cy.replies.last).to_contain_text("What is the new street and house number?")
    expect(field(cy)).to_have_count(0)
    expect(cy.bubble(code)).to_be_visible()
    cy.ask("Keizersgracht 5")
    cy.ask("1015 CJ")
    cy.ask("Amsterdam")
    cy.say("the Netherlands")
    expect(card(cy)).to_contain_text(f"Send order 1045 to {NEW}")
    assert address(town) == OLD
    card(cy).get_by_role("button", name="Confirm").click()
    state(cy, "Done")
    assert address(town) == NEW
    expect(town.order_book().get_by_text(f"To Cy, {NEW}")).to_be_visible()


def test_a_wrong_code_is_said_and_the_field_is_there_again(town: Town) -> None:
    cy = town.cy()
    asks(cy)
    code = town.mailed_code()
    types_code(cy, "12345")
    expect(cy.log.get_by_text("A code has six digits.")).to_be_visible()
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    types_code(cy, wrong)
    expect(cy.replies.last).to_contain_text("That is not the code.")
    expect(field(cy)).to_have_count(1)
    expect(field(cy)).to_have_value("")
    types_code(cy, code)
    expect(cy.replies.last).to_contain_text("What is the new street and house number?")
    assert address(town) == OLD


def test_another_code_is_sent_on_a_real_click_and_the_first_counts_no_more(town: Town) -> None:
    cy = town.cy()
    asks(cy)
    first = town.mailed_code()
    another = cy.log.get_by_role("button", name="Send another code")
    another.evaluate("(button) => button.click()")
    another.click()
    cy.is_told("A code was sent to c…@customer.example.")
    assert len(list(town.people.site.outbox.glob("*.eml"))) == 2
    second = town.mailed_code()
    if first != second:
        types_code(cy, first)
        expect(cy.replies.last).to_contain_text("That is not the code.")
    types_code(cy, second)
    expect(cy.replies.last).to_contain_text("What is the new street and house number?")


def test_without_the_field_the_code_is_typed_as_a_message(town: Town) -> None:
    cy = town.cy(without="**/widget/later-*")
    cy.ask("Please change the delivery address of order 1045")
    expect(field(cy)).to_have_count(0)
    answer = cy.ask(town.mailed_code())
    expect(answer).to_contain_text("What is the new street and house number?")


def test_the_field_for_the_code_is_accessible(town: Town) -> None:
    cy = town.cy()
    asks(cy)
    look(cy.page, "code")
    types_code(cy, "12345")
    expect(cy.log.get_by_text("A code has six digits.")).to_be_visible()
    cy.log.get_by_role("button", name="Send another code").click()
    cy.is_told("A code was sent to c…@customer.example.")
    look(cy.page, "code-wrong")
