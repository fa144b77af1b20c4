"""The scene in which changes are switched off while a card is open, for the test and for its control."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.actions.shop import Shop


@contextmanager
def mode(shop: Shop, name: str) -> Iterator[None]:
    """The admin's switch; afterwards it is back at full, for the tests that share the site."""
    switched(shop, name)
    try:
        yield
    finally:
        switched(shop, "full")


def switched(shop: Shop, name: str) -> None:
    """PATCH /v1/policy."""
    answer = shop.site.call(shop.acme, "PATCH", "/v1/policy", {"mode": name})
    assert answer.status_code == 200, answer.text


def confirmed_after_the_switch(shop: Shop, name: str) -> tuple[httpx.Response, list[Any]]:
    """What a click on a card is answered with that was proposed before the switch, and what the backend did."""
    talk = shop.open()
    card = shop.proposal(talk.ticket_id, "refund_order", {"order_id": "1044"})
    with mode(shop, name):
        answer = shop.ask(talk.ticket_id, "refund_order", {"order_id": "1044"}, card["confirm_token"])
    return answer, shop.backend.did("/refund")
