"""Workflows in a conversation, against the demo's own shop; no model anywhere."""

from typing import Any

import pytest

from tests.cast import Cast, Client
from tests.demo.shopping import Shop
from tests.web.site import Conversation, Site
from tests.workflows.shop import SHIPPED
from tests.workflows.test_api import cy, put, shop, site

__all__ = ["cy", "shop", "site"]


@pytest.fixture(scope="module")
def flows(site: Site, cast: Cast, shop: Shop) -> None:
    """The shipped workflows are acme's."""
    for path in sorted(SHIPPED.glob("*.yaml")):
        assert put(site, cast.ann, path.read_text("utf-8"), path.stem).status_code == 200


def said(heard: Conversation) -> str:
    """What the assistant wrote."""
    return "".join(str(part["text"]) for part in heard.of("delta"))


def asked(heard: Conversation) -> list[Any]:
    """The buttons."""
    return [part.get("choices") for part in heard.of("done")]


def test_an_order_s_status(site: Site, flows: None, cy: Client) -> None:
    heard = site.chat(cy, "where is my order 1042?")
    assert "Your order 1042 (Squall jacket, size M) is on its way with Parcelwind" in said(heard), heard


def test_who_is_not_known_is_asked_to_sign_in_for_an_order_they_name_whatever_was_answered_before(
    site: Site, flows: None
) -> None:
    body = "You can return a tent within 60 days of delivery. Orders can be returned by post or in our stores."
    site.learn("Returning a tent or another order", body)
    dee = site.newcomer()
    heard = site.chat(dee, "How long do I have to return a tent?")
    assert "60 days" in said(heard), heard
    heard = site.chat(dee, "Where is my order 1042?", heard.id)
    assert "sign in" in said(heard), heard
    assert "60 days" not in said(heard), heard


def test_a_question_its_button_and_the_end(site: Site, flows: None, cy: Client) -> None:
    heard = site.chat(cy, "where is my order?")
    assert "Which order do you mean?" in said(heard), heard
    heard = site.chat(cy, "1044: Wool blanket", heard.id)
    assert "Your order 1044 (Wool blanket) is being packed" in said(heard), heard


def test_who_speaks_of_something_else_leaves(site: Site, flows: None, cy: Client) -> None:
    heard = site.chat(cy, "please cancel my order")
    heard = site.chat(cy, "never mind", heard.id)
    assert "proposal" not in said(heard)
    heard = site.chat(cy, "where is my order 1042?", heard.id)
    assert "Your order 1042" in said(heard), heard


def test_where_changes_are_switched_off_a_person_takes_over_and_look_ups_go_on(
    site: Site, flows: None, cast: Cast, cy: Client, shop: Shop
) -> None:
    assert site.call(cast.ann, "PATCH", "/v1/policy", {"mode": "no-actions"}).status_code == 200
    try:
        heard = site.chat(cy, "I want a refund for order 1039, it arrived damaged")
        assert "I cannot change anything here right now" in said(heard), heard
        assert heard.done["escalated"]
        assert heard.of("action_proposed") == []
        other = site.newcomer(sub="cy", name="Cy")
        assert "Your order 1042" in said(site.chat(other, "where is my order 1042?"))
    finally:
        site.call(cast.ann, "PATCH", "/v1/policy", {"mode": "full"})
    assert shop.refunds("1039") == []


def test_a_refund_waits_for_the_customer_s_word(site: Site, flows: None, cy: Client, shop: Shop) -> None:
    heard = site.chat(cy, "I want a refund for order 1039, it arrived damaged")
    assert "Refund 39" in said(heard), heard
    assert shop.refunds("1039") == []
    heard = site.chat(cy, "yes", heard.id)
    assert shop.refunds("1039") == [3900 + 0], said(heard)
