"""Would the tests of modes and budgets notice? Each mistake is planted in the running code, and does what must not be done."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tandem.actions import rules
from tandem.answering.caching import Cache
from tandem.tenants import spending
from tandem.tenants.spending import Level
from tests.actions.conftest import acting_site, backend, shop
from tests.actions.shop import Shop
from tests.actions.switched import confirmed_after_the_switch
from tests.cast import Cast
from tests.conversations import moded
from tests.ground import Ground
from tests.web.site import Site

__all__ = ["acting_site", "backend", "shop"]


def test_a_card_that_is_confirmed_in_no_actions_is_noticed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, effects = confirmed_after_the_switch(shop, "no-actions")
    assert (answer.status_code, effects) == (403, [])
    monkeypatch.setattr(rules, "in_mode", lambda mode: None)
    answer, effects = confirmed_after_the_switch(shop, "no-actions")
    assert (answer.status_code, effects) == (200, [{"order_id": "1044"}])


@pytest.fixture(scope="module")
def talking(ground: Ground, cast: Cast) -> Iterator[Site]:
    """A site whose model has a price."""
    with moded.talking(ground, cast) as running:
        yield running


def test_a_hard_stop_that_does_not_stop_is_noticed(talking: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    moded.fresh(talking)
    assert moded.asked_after_the_budget_was_spent(talking) == 0
    moded.fresh(talking)
    monkeypatch.setattr(spending, "level", lambda budget, today: Level.SOFT)
    assert moded.asked_after_the_budget_was_spent(talking) > 0


def test_spending_that_is_not_counted_is_noticed(talking: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls stand in the ledger, and the day's sums forget them: the budget is never used up."""
    moded.fresh(talking)
    talking.chat(talking.newcomer(), moded.QUESTIONS[0])
    query = spending.Q.add_model_calls
    right = b"calls = d.calls + excluded.calls, tokens = d.tokens + excluded.tokens"
    assert right in query.sql, "the query does not read like that any more"
    before = moded.today(talking)["tokens"]
    talking.parts.desk.tools.answers = Cache()
    talking.chat(talking.newcomer(), moded.QUESTIONS[0])
    assert moded.today(talking)["tokens"] > before
    wrong = query.sql.replace(right, b"calls = d.calls, tokens = d.tokens")
    monkeypatch.setitem(spending.Q._found, query.name, replace(query, sql=wrong))
    monkeypatch.setattr(spending, "SLOTS", 1)
    talking.parts.desk.tools.answers = Cache()
    talking.chat(talking.newcomer(), moded.QUESTIONS[0])  # there may be no row in that slot yet
    before = moded.today(talking)["tokens"]
    talking.parts.desk.tools.answers = Cache()
    talking.chat(talking.newcomer(), moded.QUESTIONS[0])
    assert moded.today(talking)["tokens"] == before
