"""What a slot's value is in a text."""

from typing import Any

import pytest

from tandem.workflows import taking
from tandem.workflows.definition import Slot
from tests.workflows.shop import TODAY


def slot(**body: Any) -> Slot:
    return Slot.model_validate({"ask": "?", **body})


ORDER = slot(pattern="(?:AO0000)?[0-9]{4}", case="upper", finds=["order ((?:AO0000)?[0-9]{4})"])
AMOUNT = slot(kind="amount", currency="EUR")
MOOD = slot(
    kind="choice", choices=["good", {"value": "bad", "label": "Not so good", "words": ["broken", "does not work"]}]
)


@pytest.mark.parametrize(
    ("kind", "text", "values"),
    [
        (ORDER, "where is order 1042?", ["1042"]),
        (ORDER, "Order ao00001042", ["AO00001042"]),
        (ORDER, "orders 1042 and 1043", []),
        (ORDER, "order 1042 or order 1043 or order 1042", ["1042", "1043"]),
        (ORDER, "in 2025 I paid 1042 euros", []),
        (ORDER, "order ١٠٤٢", []),
        (slot(kind="integer"), "I have 3 of them, 10.5 kg, for €20 or 20 euros", [3]),
        (AMOUNT, "give me €12.50 or 1.234,00 EUR, not $5 and not 7", [1250, 123400]),
        (AMOUNT, "EUR 1,234.5 please", [123450]),
        (AMOUNT, "12.345 EUR", [1234500]),
        (slot(kind="amount", currency="JPY"), "JPY 500, or 500.50 JPY", [500]),
        (slot(kind="email"), "Write to Cy.Jansen+x@mail.customers.example.", ["cy.jansen+x@mail.customers.example"]),
        (slot(kind="email"), "write to cy@localhost or @example.com", []),
        (slot(kind="date"), "on 2026-02-30 or 2026-03-01", ["2026-03-01"]),
        (slot(kind="date"), "the 3rd of November, and Nov 5, 2025", ["2026-11-03", "2025-11-05"]),
        (slot(kind="date"), "came yesterday, 2 January", ["2027-01-02", "2026-11-19"]),
        (slot(kind="date"), "31 February and May be", []),
        (MOOD, "It’s broken, it doesn't matter", ["bad"]),
        (MOOD, "a good one that does not work", ["good", "bad"]),
        (MOOD, "goodness", []),
        (slot(), "anything", []),
    ],
)  # fmt: skip
def test_running_text(kind: Slot, text: str, values: list[Any]) -> None:
    assert taking.found(kind, text, TODAY) == values


@pytest.mark.parametrize(
    ("kind", "text", "values"),
    [
        (ORDER, " 1042. ", ["1042"]),
        (ORDER, "it's 1042 I think", ["1042"]),
        (ORDER, "order 1042, I paid on 2025", ["1042"]),
        (ORDER, "1042 or 1043", ["1042", "1043"]),
        (ORDER, "10421", []),
        (ORDER, "ORD-1042 and 1042.50", []),
        (AMOUNT, "12,50", [1250]),
        (AMOUNT, "12 dollars", []),
        (MOOD, "Not so good.", ["bad"]),
        (MOOD, "GOOD!", ["good"]),
        (slot(), "  Keizersgracht\n 5 ", ["Keizersgracht 5"]),
        (slot(), "x" * 201, []),
        (slot(), "a\x07b", []),
        (slot(), "", []),
        (slot(pattern="[^<>]{3,100}"), "<b>", []),
        (slot(pattern="[^<>]{3,100}"), "<script>", ["script"]),
    ],
)  # fmt: skip
def test_an_answer(kind: Slot, text: str, values: list[Any]) -> None:
    assert taking.answer(kind, text, TODAY) == values


def test_a_value_of_our_records_is_held_to_the_same() -> None:
    assert taking.taken(ORDER, "1042") == "1042"
    assert taking.taken(ORDER, 1042) == "1042"
    for value in ("10423", "x", None, True, ["1042"], {"a": 1}, ""):
        assert taking.taken(ORDER, value) is None
    assert taking.taken(slot(kind="integer"), "12") == 12
    for odd in (-1, 10**12, "1٢", 1.5, False):
        assert taking.taken(slot(kind="integer"), odd) is None
    assert taking.taken(MOOD, "bad") == "bad"
    assert taking.taken(MOOD, "Not so good") is None
    assert taking.taken(slot(kind="date"), "2026-11-20T10:00:00Z") == "2026-11-20"
    assert taking.taken(slot(kind="date"), "2026-13-01") is None


def test_the_end_of_a_long_message_is_read_too() -> None:
    rant = "I am really not amused at all. " * 100
    assert taking.found(ORDER, rant + "It is about order 1042", TODAY) == ["1042"]
    assert taking.found(ORDER, "x" * 5_000 + " order 1042", TODAY) == []
