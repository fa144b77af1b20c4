"""Would the tests of modes and budgets notice? Each mistake is planted in the running code, and does what must not be done."""

import pytest

from tandem.actions import rules
from tests.actions.conftest import acting_site, backend, shop
from tests.actions.shop import Shop
from tests.actions.switched import confirmed_after_the_switch

__all__ = ["acting_site", "backend", "shop"]


def test_a_card_that_is_confirmed_in_no_actions_is_noticed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, effects = confirmed_after_the_switch(shop, "no-actions")
    assert (answer.status_code, effects) == (403, [])
    monkeypatch.setattr(rules, "in_mode", lambda mode: None)
    answer, effects = confirmed_after_the_switch(shop, "no-actions")
    assert (answer.status_code, effects) == (200, [{"order_id": "1044"}])
