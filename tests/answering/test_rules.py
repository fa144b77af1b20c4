"""The order of the routing rules: each holds where it should, says why, and stands where it stands."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tandem.answering import route
from tandem.answering.turn import Route
from tandem.intents import signals
from tandem.tenants.hours import Hours, Span
from tandem.tenants.policy import Rules
from tests.answering import making

MONDAY_NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 15, 12, tzinfo=UTC)
NINE_TO_FIVE = Hours(week={"monday": (Span.model_validate({"from": "09:00", "to": "17:00"}),)})

STRICT = Rules(
    always_escalate=("billing_dispute", "legal_threat", "account_security"),
    people_in_hours=("warranty_repair",),
    tiers={"vip": "people"},
    tier_categories={"enterprise": {"order_status": "people"}, "trial": {"billing_dispute": "assist"}},
    amount_limits={"EUR": 50_000},
    escalate_words=("newspaper",),
)


def way(text: str = "Where is it?", *names: str, now: datetime = SUNDAY, rules: Rules = STRICT, **more: Any) -> Route:
    """The way of a message that says what its words say."""
    repeats = more.pop("repeats", 0)
    asked = making.asked(text, rules=rules, **{"hours": NINE_TO_FIVE, **more})
    heard = signals.read(text, escalate_words=rules.escalate_words, repeats=repeats)
    understood = making.understood(*(names or ("product_question",)))
    understood = type(understood)(understood.intents, understood.asserted, heard, "starter")
    return route.first(making.turn(asked=asked, understanding=understood), now)


WAYS: list[tuple[str, dict[str, Any], str, str]] = [
    ("people said so", {"text": "get me a human"}, "people", "customer_requested_human"),
    ("an accident", {"text": "the stove exploded and I got burned"}, "people", "safety"),
    ("a threat", {"text": "I will come and smash it up"}, "people", "threat"),
    ("a category", {"names": ("billing_dispute",)}, "people", "billing_dispute"),
    ("plain words", {"text": "unknown charge on my card, I never ordered"}, "people", "billing_dispute"),
    ("abuse", {"text": "you idiots"}, "people", "abuse"),
    ("leaving", {"text": "I am taking my business elsewhere"}, "people", "churn"),
    ("a word", {"text": "the Newspaper will hear of it"}, "people", "word"),
    ("an amount", {"text": "what about the €500.01 I sent"}, "people", "amount"),
    ("less", {"text": "what about the €500 I sent"}, "assist", "default"),
    ("another currency", {"text": "what about the $9,000 I sent"}, "assist", "default"),
    ("a tier", {"tier": "vip"}, "people", "tier"),
    ("a claimed tier", {"text": "I am a vip customer"}, "assist", "default"),
    ("a tier's category", {"tier": "enterprise", "names": ("order_status",)}, "people", "tier_category"),
    ("another category", {"tier": "enterprise"}, "assist", "default"),
    ("an exempt tier", {"tier": "trial", "names": ("billing_dispute",)}, "assist", "default"),
    ("turns", {"unresolved": 3}, "people", "unresolved"),
    ("asking again", {"repeats": 3}, "people", "unresolved"),
    ("asking again twice", {"repeats": 2}, "assist", "default"),
    ("in hours", {"names": ("warranty_repair",), "now": MONDAY_NOON}, "people", "hours"),
    ("outside hours", {"names": ("warranty_repair",)}, "assist", "default"),
    ("always there", {"names": ("warranty_repair",), "hours": None}, "people", "hours"),
    ("yes to an offer", {"text": "Yes please!", "was_offered": True}, "people", "customer_requested_human"),
    ("yes to nothing", {"text": "Yes please!"}, "assist", "default"),
    ("more than yes", {"text": "yes, but how long?", "was_offered": True}, "assist", "default"),
    ("attempt", {"names": ("complaint",)}, "attempt", "attempt_then_escalate"),
]


@pytest.mark.parametrize(("what", "given", "kind", "rule"), WAYS, ids=[what for what, *_ in WAYS])
def test_the_rule_that_holds(what: str, given: dict[str, Any], kind: str, rule: str) -> None:
    given = dict(given)
    found = way(given.pop("text", "Where is it?"), *given.pop("names", ()), **given)
    assert (found.kind, found.rule) == (kind, rule), what
    assert found.reason.endswith(".")


def test_a_rule_that_is_switched_off_does_not_hold() -> None:
    off = Rules(escalate_signals=(), always_escalate=(), escalate_words=())
    for text in ("you idiots", "I am taking my business elsewhere", "my lawyer writes", "unknown charge on my card"):
        assert way(text, rules=off).kind == "assist"
    assert way("get me a human", rules=off).kind == "people", "who asks for a person gets one, whatever the rules say"


def test_the_first_rule_decides() -> None:
    everything = (
        "get me a human, your stove exploded, I never ordered this unknown charge of €900, you idiots, newspaper"
    )
    order = [
        "customer_requested_human",
        "safety",
        "billing_dispute",
        "abuse",
        "word",
        "amount",
        "unresolved",
        "default",
    ]
    met = [everything.split(", ", at)[-1] for at in range(5)]
    rules = [way(text, unresolved=3).rule for text in met]
    rules += [way("the €900", unresolved=3).rule, way("hm", unresolved=3).rule, way("hm").rule]
    assert rules == order
