"""Who answers, and how a turn ends: rules and numbers, tried one by one."""

from typing import Any

import pytest

from tandem.answering import briefing, decide, record, route
from tandem.answering.turn import Citation, Draft, Evidence, Route, Sentence
from tandem.embedding import Embedder
from tandem.intents.signals import Signals
from tandem.tenants.policy import Rules
from tests.answering import making
from tests.answering.making import Notes

RULES: list[tuple[dict[str, Any], str, str]] = [
    ({}, "assist", "default"),
    ({"wants_person": 0.9}, "people", "customer_requested_human"),
    ({"wants_person": 0.5}, "assist", "default"),
    ({"names": ("talk_to_person",)}, "people", "customer_requested_human"),
    ({"names": ("account_security",)}, "people", "account_security"),
    ({"names": ("legal_threat",)}, "people", "legal_threat"),
    ({"names": ("complaint",)}, "attempt", "attempt_then_escalate"),
    ({"escalate_words": ("chargeback",)}, "people", "word"),
    ({"abuse": 0.9}, "people", "abuse"),
    ({"injection": 1.0}, "assist", "default"),
    ({"unresolved": 2}, "assist", "default"),
    ({"unresolved": 3}, "people", "unresolved"),
    ({"tier": "enterprise"}, "people", "tier"),
    ({"tier": "paid"}, "assist", "default"),
    ({"names": ("complaint",), "wants_person": 0.9}, "people", "customer_requested_human"),
]


@pytest.mark.parametrize(("what", "kind", "rule"), RULES)
async def test_the_first_rule_that_holds_decides(
    embedder: Embedder, what: dict[str, Any], kind: str, rule: str
) -> None:
    what = dict(what)
    start = making.asked(
        unresolved=what.pop("unresolved", 0), tier=what.pop("tier", "free"), rules=Rules(tiers={"enterprise": "people"})
    )
    heard = making.understood(*what.pop("names", ("return_request",)), **what)
    chosen = (await route.choose(making.turn(asked=start, understanding=heard), making.kit(embedder))).way
    assert (chosen.kind, chosen.rule) == (kind, rule)
    assert chosen.reason.endswith(".")


async def test_a_category_that_is_likely_enough_goes_to_people_though_it_is_not_asserted(embedder: Embedder) -> None:
    for confidence, kind in ((0.5, "people"), (0.49, "assist")):
        heard = making.understood("account_security", confidence=confidence)
        heard = type(heard)(heard.intents, ("unknown",), Signals(), "starter")
        chosen = await route.choose(making.turn(understanding=heard), making.kit(embedder))
        assert chosen.way.kind == kind


def proven(quality: float = 0.9, *withheld: str) -> dict[str, Any]:
    cited = Citation(1, making.passage(), "You can return any item", 100, 123)
    sentences = (
        Sentence("You can return any item.", "claim", (cited,)),
        *(Sentence(t, "claim", released=False) for t in withheld),
    )
    return {"draft": Draft(sentences, "You can return any item. [1]"), "evidence": Evidence("q", (), quality)}


ENDS: list[tuple[str, dict[str, Any], str]] = [
    ("a proven sentence", proven(), "answer"),
    ("nothing", {}, "no_answer"),
    ("a person is wanted", {"route": Route("people", "Asked.", "customer_requested_human")}, "handover"),
    ("a complaint without an answer", {"route": Route("attempt", "", "attempt_then_escalate")}, "handover"),
    ("a complaint with an answer", {"route": Route("attempt", "", "attempt_then_escalate"), **proven()}, "answer"),
    ("a greeting", {"understanding": making.understood("greeting_thanks")}, "smalltalk"),
    ("only a courtesy", {"draft": Draft((Sentence("Sure!", "courtesy"),), "")}, "no_answer"),
]


@pytest.mark.parametrize(("what", "changed", "kind"), ENDS, ids=[what for what, _, _ in ENDS])
async def test_a_turn_ends_as_what_was_found_says(
    embedder: Embedder, what: str, changed: dict[str, Any], kind: str
) -> None:
    notes = Notes()
    begun = making.turn(**({"evidence": Evidence("return damaged lamp parcel")} | changed))
    ended = await decide.settle(begun, making.kit(embedder, notes))
    assert ended.settled.kind == kind
    assert 0 <= ended.settled.confidence <= 1
    assert bool(notes.said) == (kind != "answer"), "who does not answer says so"
    assert ended.settled.offers_person == (kind == "no_answer")


async def test_confidence_falls_with_the_evidence_and_with_what_had_to_be_withheld(embedder: Embedder) -> None:
    async def confidence(**changed: Any) -> float:
        return (await decide.settle(making.turn(**changed), making.kit(embedder))).settled.confidence

    assert await confidence(**proven(0.9)) > await confidence(**proven(0.6))
    assert await confidence(**proven(0.9, "a", "b", "c")) < await confidence(**proven(0.9))


async def test_the_record_tells_everything_and_is_plain_data(embedder: Embedder) -> None:
    import json

    ended = await decide.settle(making.turn(**proven(0.9, "We refund you 50 EUR.")), making.kit(embedder))
    shown = record.as_record(ended)
    assert json.loads(json.dumps(shown, default=list))
    assert {
        "understanding",
        "route",
        "passages",
        "acts",
        "sentences",
        "decision",
        "timings",
        "versions",
    } <= shown.keys()
    assert [(each["released"], each["text"]) for each in shown["sentences"]] == [
        (True, "You can return any item."),
        (False, "We refund you 50 EUR."),
    ]
    reply = record.reply(ended, "msg_x", 12)
    assert (reply["sources"], reply["escalated"], reply["resolution_state"]) == (["returns"], False, "answered")
    assert "50 EUR" not in json.dumps(reply)


async def test_a_briefing_names_what_is_wanted_and_what_to_do(embedder: Embedder) -> None:
    sent = Route("people", "“account_security” always goes to people.", "account_security")
    begun = making.turn(
        asked=making.asked("Somebody is in my account!", ("user", "Hi"), ("assistant", "Hello!")),
        understanding=making.understood("account_security", urgency="high", urgency_evidence="hacked"),
        route=sent,
    )
    made = briefing.of_turn(await decide.settle(begun, making.kit(embedder)))
    assert "Somebody is in my account!" in made.summary
    assert (made.trigger, made.urgency, made.category) == ("account_security", "high", "account_security")
    assert made.next_step.startswith("Secure the account first")
    assert made.tried == ("The assistant answered: “Hello!”",)


@pytest.mark.parametrize(("names", "shown"), [(("a",), "a"), (("a", "b"), "multi_intent:a+b"), ((), "unknown")])
def test_several_intents_are_shown_as_s1_wants_them(names: tuple[str, ...], shown: str) -> None:
    assert record.intent(making.turn(understanding=making.understood(*names))) == shown
