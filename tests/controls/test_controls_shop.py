"""The demo's shop with a well-known mistake in it: the tests of its wire must notice each."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tandem.demo.shop import books, rules, wire
from tandem.demo.shop.books import Books
from tests.demo import test_shop
from tests.demo.shopping import Shop, opened

NOTICED = (AssertionError, httpx.HTTPError)
"""A test fails by its assertion, or because the shop broke down and closed the line."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path / "shop.sqlite3") as running:
        yield running


def test_a_signature_that_nobody_checks_is_noticed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def believe(secret: str, headers: Mapping[str, str], body: bytes) -> None:
        return

    monkeypatch.setattr(wire, "verify", believe)
    with pytest.raises(NOTICED):
        test_shop.test_it_refuses_what_is_not_signed(shop)


def test_a_key_that_is_not_honoured_is_noticed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgotten(*_: Any) -> None:
        return

    monkeypatch.setattr(wire, "_known", forgotten)
    with pytest.raises(NOTICED):
        test_shop.test_twenty_equal_requests_at_once_are_one_refund(shop)


def test_a_change_that_reads_before_it_has_the_books_to_itself_is_noticed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def late(path: Path) -> Iterator[Books]:
        with books._connection(path) as connection, books._transaction(connection, "begin"):
            connection.execute("select 1 from orders").fetchone()
            time.sleep(0.3)  # the others look at the same state meanwhile
            yield Books(connection)

    monkeypatch.setattr(books, "writing", late)
    with pytest.raises(NOTICED):
        test_shop.test_twenty_different_requests_at_once_never_refund_more_than_was_paid(shop)


def test_a_refund_that_forgets_the_ones_before_is_noticed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    decide = rules.refund

    def forgetful(bought: rules.Bought, *rest: Any) -> rules.RefundQuote:
        fields = {name: getattr(bought, name) for name in rules.Bought.__slots__}
        return decide(rules.Bought(**{**fields, "refunded_minor": 0}), *rest)

    monkeypatch.setattr(rules, "refund", forgetful)
    with pytest.raises(NOTICED):
        test_shop.test_a_refund_may_be_a_part_and_never_more_than_the_rest(shop)
