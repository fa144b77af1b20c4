"""Planted mistakes in the engine of workflows are noticed by its tests."""

from typing import Any

import pytest

from tandem.workflows import patterns, running, taking
from tests.workflows import test_any_words, test_running, test_shipped


def test_a_value_that_its_pattern_refuses_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "fits", lambda pattern, value: True)
    with pytest.raises(AssertionError):
        test_any_words.test_no_text_and_no_record_gives_a_value_that_the_slot_refuses()


async def test_calls_that_nobody_counts_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running._Run, "_count", lambda self: None)
    with pytest.raises(AssertionError):
        await test_running.test_calls_are_counted()


async def test_a_third_question_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "MOST_TRIES", 3)
    with pytest.raises(AssertionError):
        await test_running.test_no_question_is_asked_a_third_time()


async def test_an_outage_told_as_nothing_found_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "NO_ANSWER", "another rule")
    with pytest.raises(AssertionError):
        await test_shipped.test_a_shop_that_does_not_answer_has_no_status()


async def test_a_price_read_as_an_order_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(slot: Any, text: str, today: Any) -> list[str]:
        return [word for word in text.split() if word.isdigit()][:1]

    monkeypatch.setattr(taking, "found", careless)
    with pytest.raises(AssertionError):
        await test_shipped.test_a_year_and_a_price_are_no_orders()
