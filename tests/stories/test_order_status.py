"""Cy asks where an order is, and reads it from the shop's own record; nothing of this needs a model."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Request, expect

from tests.stories import shopping
from tests.stories.shopping import Town
from tests.stories.stage import Stage


@pytest.fixture
def town(stage: Stage, browser: Browser, tmp_path: Path) -> Iterator[Town]:
    with shopping.opened(stage, browser, tmp_path) as found:
        yield found


def test_where_is_my_order_1042(town: Town) -> None:
    cy = town.cy()
    answer = cy.ask("where is my order 1042?")
    tracking = town.shop.rows("select tracking_number from shipments where order_id = '1042'")[0][0]
    expect(answer).to_contain_text("Your order 1042 (Squall jacket, size M) is on its way with Parcelwind")
    expect(answer).to_contain_text(tracking)


def test_without_a_number_the_orders_are_buttons_and_one_click_answers(town: Town) -> None:
    cy = town.cy()
    cy.ask("Where is my order?")
    choices = cy.log.locator(".starters").get_by_role("button")
    expect(choices.first).to_be_visible()
    chosen = choices.filter(has_text="1042")
    chosen.click()
    expect(cy.replies.last).to_contain_text("Your order 1042 (Squall jacket, size M) is on its way")
    expect(choices).to_have_count(0)


def test_the_page_says_which_order_is_meant(town: Town) -> None:
    cy = town.cy()
    sent: list[Any] = []

    def note(request: Request) -> None:
        if request.url.endswith("/v1/chat"):
            sent.append(request.post_data_json)

    cy.page.on("request", note)
    cy.page.evaluate("history.replaceState(null, '', '/demo/orders/1044?as=cy#top')")
    answer = cy.ask("Where is my order?")
    expect(answer).to_contain_text("Your order 1044 (Wool blanket) is being packed")
    assert sent[0]["metadata"] == {"page_url": f"{town.people.url}/demo/orders/1044?as=cy"}


def test_another_customers_order_is_not_found(town: Town) -> None:
    answer = town.cy().ask("Where is my order 1041?")
    expect(answer).to_contain_text("I cannot find order 1041 in your account.")
    expect(answer).not_to_contain_text("Parcelwind")


def test_while_the_shop_is_down_there_is_a_sentence_and_a_person(town: Town) -> None:
    town.shop.fault(path="get_order", fault="down", times=100)
    cy = town.cy()
    cy.say("where is my order 1042?")
    cy.is_told("colleague")
    expect(cy.panel.locator(".mode")).to_have_text("Waiting for a person")
