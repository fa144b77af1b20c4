"""Would these tests notice? Each well-known mistake, put into the running site, makes the test that is there for it fail."""

from collections.abc import Iterator
from typing import Any

import pytest

from tandem.actions import confirming, rules
from tandem.actions.checking import Checks
from tandem.actions.definition import Definition
from tests.actions.backend import serving
from tests.actions.tau2 import small
from tests.actions.tau2 import test_small_merchant as tests
from tests.actions.tau2.merchant import Merchant
from tests.actions.tau2.playing import Store
from tests.web.site import Site

pytestmark = pytest.mark.parametrize("calling_site", ["openai"], indirect=True, scope="module")


@pytest.fixture(scope="module")
def registered(calling_site: Site) -> Iterator[Store]:
    shop = Merchant(data=small.data())
    with serving(shop):
        store = Store(calling_site, shop)
        for name in small.TOOLS:
            store.put(name, tests.tool(shop, name))
        yield store


@pytest.fixture
def store(registered: Store) -> Store:
    registered.merchant.restore()
    return registered


def test_an_ownership_check_that_is_skipped(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def skipped(*_: Any) -> None: ...

    monkeypatch.setattr(Checks, "own", skipped)
    with pytest.raises(AssertionError):
        tests.test_a_call_that_is_wrong_is_refused_by_its_rule(
            store, "cancel_pending_order", tests.CANCEL | {"order_id": "#2001"}, "owner"
        )


def test_arguments_that_are_taken_as_they_come(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def lax(_: Definition, arguments: Any) -> Any:
        return arguments

    monkeypatch.setattr(rules, "fit", lax)
    with pytest.raises(AssertionError):
        tests.test_a_call_that_is_wrong_is_refused_by_its_rule(
            store, "cancel_pending_order", tests.CANCEL | {"confirmed": True}, "schema"
        )


def test_a_confirmation_that_is_bound_to_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def any_token(expected: str, shown: str) -> bool:
        return bool(expected and shown)

    monkeypatch.setattr(confirming, "matches", any_token)
    with pytest.raises(AssertionError):
        tests.test_a_confirmation_is_good_for_its_own_arguments_alone(store)


def test_changes_that_wait_for_nobody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> bool:
        return False

    monkeypatch.setattr(Definition, "must_confirm", never)
    with pytest.raises(AssertionError):
        tests.test_what_nobody_confirms_is_not_done_however_often_the_model_says_so(store)


def test_limits_that_are_not_looked_at(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def boundless(*_: Any) -> None: ...

    monkeypatch.setattr(rules, "within", boundless)
    with pytest.raises(AssertionError):
        tests.test_no_more_is_paid_back_than_the_limit_lets_through(store)
