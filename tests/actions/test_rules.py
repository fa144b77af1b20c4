"""What an action may, decided on frozen facts: arguments, amounts, limits, who asks; and what other limits would have done."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem import ids
from tandem.actions import confirming, definition, money, rules, schemas, telling, what_if
from tandem.actions.definition import Amount, Bounds, Definition, Limits
from tandem.actions.ledger import Past, RunStatus
from tandem.actions.money import Money, NoAmount
from tandem.actions.rules import Refused, Spent
from tandem.actions.session import Authority, Session, lifted
from tandem.errors import Malformed
from tandem.ids import ConversationId, CustomerId, TenantId, TicketId

HANDLER = {"kind": "http", "url": "https://shop.example.com/x"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def action(**more: Any) -> Definition:
    """An action with something said of it."""
    return definition.read({"name": "x", "description": "x", "kind": "look_up", "handler": HANDLER} | more)


def session(identity: str = "verified", *scopes: str) -> Session:
    """Somebody who asks."""
    some = ids.new()
    known = Authority(identity, frozenset(scopes))
    return Session(TenantId(some), ConversationId(some), TicketId(some), CustomerId(some), "cy", "paid", known)


# ------------------------------------------------------------------ arguments

ORDER = schemas.strict(
    {
        "type": "object",
        "properties": {
            "order_id": {"type": "string", "pattern": "^[0-9]{4}$"},
            "count": {"type": "integer", "minimum": 1},
        },
        "required": ["order_id"],
    }
)


@given(JSON)
def test_whatever_comes_fits_or_is_refused_with_a_sentence(arguments: Any) -> None:
    with suppress(schemas.Unfit):
        fits = schemas.check(ORDER, arguments)
        assert fits.keys() <= {"order_id", "count"}
        assert len(fits["order_id"]) == 4
        assert all("0" <= digit <= "9" for digit in fits["order_id"])


@pytest.mark.parametrize(
    "arguments",
    [
        {"order_id": "1042\n"},
        {"order_id": "١٠٤٢"},
        {"order_id": "1042", "extra": 1},
        {"order_id": "1042", "count": True},
        {"order_id": "1042", "count": 2**53 + 1},
        {"order_id": "1042", "count": float("nan")},
        {},
        [],
        None,
        "1042",
    ],
)
def test_what_does_not_fit(arguments: Any) -> None:
    with pytest.raises(schemas.Unfit):
        schemas.check(ORDER, arguments)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array"},
        {"type": "object", "properties": {"a": {"type": "sting"}}},
        {"type": "object", "properties": {"a": {"$ref": "https://example.com/x.json"}}},
        {"type": "object", "properties": {"a": {"type": "string", "pattern": "(a+)+$"}}},
    ],
)
def test_a_schema_that_cannot_be_trusted_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        action(input_schema=schema)


# ------------------------------------------------------------------ who asks


@pytest.mark.parametrize(
    ("needs", "has", "rule"),
    [
        ("anyone", "anyone", None),
        ("verified", "anyone", "identity"),
        ("stepped_up", "anyone", "identity"),
        ("stepped_up", "verified", "stepped_up"),
        ("stepped_up", "stepped_up", None),
        ("verified", "stepped_up", None),
    ],
)
def test_it_takes_an_identity(needs: str, has: str, rule: str | None) -> None:
    found = None
    try:
        rules.admit(action(identity=needs), session(has))
    except Refused as refused:
        found = refused.rule
    assert found == rule


def test_it_takes_every_scope_or_all_of_them() -> None:
    needs = action(scopes=["refunds", "eu"])
    rules.admit(needs, session("verified", "refunds", "eu", "more"))
    rules.admit(needs, session("verified", "*"))
    with pytest.raises(Refused, match="may not use"):
        rules.admit(needs, session("verified", "refunds"))


def test_a_code_lifts_only_whom_the_company_knows() -> None:
    assert lifted(Authority("verified")).identity == "stepped_up"
    assert lifted(Authority("anyone")).identity == "anyone"


# ------------------------------------------------------------------ amounts


@pytest.mark.parametrize(
    ("value", "unit", "currency", "minor"),
    [
        (1999, "minor", "EUR", 1999),
        ("19.99", "major", "EUR", 1999),
        (19.99, "major", "EUR", 1999),
        (0.1 + 0.2, "major", "EUR", 30),
        (500, "major", "JPY", 500),
        ("1.234", "major", "KWD", 1234),
    ],
)
def test_an_amount_is_read_exactly(value: Any, unit: Any, currency: str, minor: int) -> None:
    rule = Amount.model_validate({"from": "quote.total", "currency": currency, "unit": unit})
    assert money.of(rule, {}, {"total": value}) == Money(minor, currency)


@pytest.mark.parametrize("value", [None, True, -1, "x", "1e400", "NaN", float("inf"), 19.999, [], {}, 10**20])
def test_an_amount_that_no_limit_can_be_held_against_is_none(value: Any) -> None:
    rule = Amount.model_validate({"from": "total", "currency": "EUR", "unit": "major"})
    with pytest.raises(NoAmount):
        money.of(rule, {"total": value}, None)


def test_a_currency_may_stand_in_the_quote_and_has_to_be_there() -> None:
    rule = Amount.model_validate({"from": "quote.total", "currency": "quote.currency"})
    assert money.of(rule, {}, {"total": 5, "currency": "USD"}) == Money(5, "USD")
    with pytest.raises(NoAmount):
        money.of(rule, {}, {"total": 5, "currency": "euro"})


# ------------------------------------------------------------------ limits

CASES = st.lists(st.integers(0, 400), min_size=1, max_size=30)


@given(CASES, st.integers(1, 5), st.integers(100, 1000))
def test_no_series_of_amounts_gets_past_a_limit(amounts: list[int], most: int, most_minor: int) -> None:
    bounds = Bounds(per_customer_day_count=most, per_customer_day_sum_minor=most_minor, per_action_minor=300)
    through: list[int] = []
    for amount in amounts:
        spent = {("customer", "day"): Spent(len(through), sum(through))}
        with suppress(Refused):
            rules.within(bounds, Money(amount, "EUR"), spent)
            through.append(amount)
    assert len(through) <= most
    assert sum(through) <= most_minor
    assert all(amount <= 300 for amount in through)


def test_a_tier_has_its_own_word_and_else_everybodys() -> None:
    limits = Limits.model_validate(
        {"per_action_minor": 100, "approve_above_minor": 50, "by_tier": {"gold": {"per_action_minor": 1000}}}
    )
    assert limits.of_tier("gold").per_action_minor == 1000
    assert limits.of_tier("gold").approve_above_minor == 50
    assert limits.of_tier("free").per_action_minor == 100


def test_above_a_bound_one_has_to_agree_and_above_another_two() -> None:
    bounds = Bounds(approve_above_minor=100, second_approver_above_minor=500)
    assert [rules.approvals(bounds, Money(minor, "EUR")) for minor in (100, 101, 500, 501)] == [0, 1, 1, 2]


# ------------------------------------------------------------------ words


@pytest.mark.parametrize("text", ["yes", "Yes, please!", "OK", "ja", "¡Sí!", "go ahead", "y"])
def test_a_yes(text: str) -> None:
    assert confirming.answer(text) is True


@pytest.mark.parametrize("text", ["no", "No, thanks.", "nein", "never mind"])
def test_a_no(text: str) -> None:
    assert confirming.answer(text) is False


@pytest.mark.parametrize("text", ["yes but not that one", "yes to 1043", "no idea", "", "yesterday", "I said yes"])
def test_anything_beside_it_is_a_message_like_every_other(text: str) -> None:
    assert confirming.answer(text) is None


def test_a_tenants_text_is_replaced_once_and_runs_nothing() -> None:
    known = {"a": "{b} {{7*7}} {result.secret}", "b": "B", "result": {"secret": "S", "shown": 1}}
    assert (
        telling.filled("x {a} {missing} {result.shown} {b.c} {__class__}", known) == "x {b} {{7*7}} {result.secret} 1"
    )


# ------------------------------------------------------------------ what if


def past(*amounts: int, apart: timedelta = timedelta(hours=1)) -> list[Past]:
    """Runs of one customer, one after the other."""
    begin, who = datetime(2026, 11, 1, tzinfo=UTC), CustomerId(UUID(int=1))
    return [
        Past(ids.new(), who, "free", minor, "EUR", RunStatus.DONE, 0, begin + n * apart)
        for n, minor in enumerate(amounts)
    ]


def test_what_other_limits_would_have_done() -> None:
    runs = past(1000, 6000, 2000)
    found = what_if.compare(runs, Limits(), Limits(approve_above_minor=5000, per_customer_day_sum_minor=8000))
    assert found["now"] == {"goes_through": 3}
    assert found["then"] == {"goes_through": 1, "needs_approval": 1, "customer_limit": 1}
    assert (found["changed"], found["moved_without_a_person_minor"]) == (2, 1000)


def test_windows_roll() -> None:
    limits = Limits(per_customer_day_count=1)
    assert what_if.compare(past(1, 1, apart=timedelta(hours=23)), limits, limits)["then"] == {
        "goes_through": 1,
        "customer_limit": 1,
    }
    assert what_if.compare(past(1, 1, apart=timedelta(hours=25)), limits, limits)["then"] == {"goes_through": 2}
