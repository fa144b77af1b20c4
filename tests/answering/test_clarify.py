"""Asking before giving up: when, with which buttons, and never twice in a row."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tandem.answering import clarify, decide, draft
from tandem.answering.turn import Candidate, Citation, Draft, Evidence, Sentence, Turn
from tandem.embedding import Embedder
from tandem.intents.classifier import Guess
from tandem.tenants.policy import Rules
from tests.answering import making
from tests.answering.making import Notes


def candidate(title: str, score: float, *, of_the_kind: bool = True) -> Candidate:
    """A sentence of a document with this title."""
    found = making.passage(title=title, score=score)
    return Candidate(found, 0, 0, 0, 20, score, score, of_the_kind=of_the_kind)


def turn(text: str, *titles: tuple[str, float], quality: float = 0.9, **more: Any) -> Turn:
    """A message that found these documents."""
    names = more.pop("names", ("unknown",))
    history = more.pop("history", ())
    found = tuple(candidate(title, score) for title, score in titles)
    before = " ".join(said for role, said in history if role == "user")
    evidence = Evidence(f"{before} {text}".strip(), tuple(c.passage for c in found), quality, {}, found)
    asked = making.asked(text, *history, **more)
    return making.turn(asked=asked, understanding=making.understood(*names), evidence=evidence)


DELIVERY, REFUND, CLUB = ("Delivery times", 0.8), ("Refund times", 0.7), ("Club", 0.4)


@pytest.mark.parametrize("text", ["how long does it take?", "when", "what is the deadline?", "How long??"])
def test_a_question_without_a_subject_is_asked_back_with_what_could_be_meant(text: str) -> None:
    ask = clarify.first(turn(text, DELIVERY, REFUND))
    assert ask is not None
    assert ask.choices == ("Delivery times", "Refund times")


def test_what_says_nothing_at_all_is_asked_back_without_buttons() -> None:
    ask = clarify.first(turn("the other one", DELIVERY, REFUND))
    assert ask is not None
    assert ask.choices == ()


@pytest.mark.parametrize(
    "given",
    [
        {"text": "how long does delivery take?"},
        {"text": "how long does it take?", "history": (("user", "I want a refund"), ("assistant", "Sure."))},
        {"text": "how long does it take?", "asked_back": True},
        {"text": "hello", "names": ("greeting_thanks",)},
    ],
)
def test_what_says_what_it_is_about_is_not_asked_back(given: dict[str, Any]) -> None:
    assert clarify.first(turn(given.pop("text"), DELIVERY, REFUND, **given)) is None


def test_a_lone_word_with_two_articles_as_good_as_each_other_is_asked_back() -> None:
    both = clarify.first(turn("refund?", ("Refund times", 0.8), ("Refund methods", 0.79), CLUB))
    assert both is not None
    assert both.choices == ("Refund times", "Refund methods")
    assert clarify.first(turn("refund?", ("Refund times", 0.8), CLUB)) is None


def test_at_most_four_buttons() -> None:
    ask = clarify.first(turn("how long?", *((f"Document {n}", 0.8) for n in range(9))))
    assert ask is not None
    assert len(ask.choices) == 4


READINGS = ("order_status", "billing_question")


def readings(first: float, second: float, *asserted: str, names: Sequence[str] = READINGS) -> Turn:
    """A message that was read two ways and found nothing."""
    plain = turn("my parcel and the invoice thing", quality=0.1)
    guesses = (Guess(names[0], first), Guess(names[1], second), Guess("unknown", 0.1))
    heard = replace(plain.heard, intents=guesses, asserted=asserted or ("unknown",))
    return replace(plain, understanding=heard)


@pytest.mark.parametrize(
    ("given", "asks"),
    [
        (readings(0.4, 0.38), True),
        (readings(0.5, 0.3), False),
        (readings(0.2, 0.2), False),
        (readings(0.4, 0.38, "order_status"), False),
        (readings(0.4, 0.38, names=("product_question", "company_info")), False),
    ],
)
def test_two_readings_of_which_neither_is_asserted(given: Turn, asks: bool) -> None:
    ask = clarify.rather_than_nothing(given)
    assert (ask is not None) == asks
    if ask:
        assert ask.choices == ("Order status", "Prices, invoices and payment methods")


async def ended(begun: Turn, embedder: Embedder) -> tuple[Turn, Notes]:
    notes = Notes()
    kit = making.kit(embedder, notes)
    return await decide.settle(await draft.write(begun, kit), kit), notes


async def test_it_is_asked_instead_of_answered_and_said_once(embedder: Embedder) -> None:
    done, notes = await ended(turn("how long does it take?", DELIVERY, REFUND), embedder)
    assert (done.settled.kind, notes.said) == ("ask", [clarify.WHICH])
    assert len(done.settled.choices) == 2
    assert not done.settled.offers_person


async def test_who_was_asked_and_says_no_more_gets_what_there_is(embedder: Embedder) -> None:
    done, _ = await ended(turn("no idea", asked_back=True, unresolved=1, quality=0.1), embedder)
    assert (done.settled.kind, done.settled.offers_person) == ("no_answer", True)


async def test_a_person_is_offered_once_and_then_called(embedder: Embedder) -> None:
    kinds = []
    for before in range(3):
        begun = turn("a gadget that nobody sells", quality=0.1, unresolved=before, was_offered=before > 0)
        done, notes = await ended(begun, embedder)
        kinds.append((done.settled.kind, done.settled.offers_person))
        assert len(notes.said) == 1
    assert kinds == [("no_answer", True), ("no_answer", False), ("handover", False)]


async def test_an_answer_comes_before_every_question(embedder: Embedder) -> None:
    cited = Citation(1, making.passage(), "You can return any item", 100, 123)
    proven = replace(readings(0.4, 0.38), draft=Draft((Sentence("You can.", "claim", (cited,)),), "You can. [1]"))
    done = await decide.settle(proven, making.kit(embedder))
    assert done.settled.kind == "answer"


async def test_the_number_of_turns_is_the_rules_own(embedder: Embedder) -> None:
    begun = turn("a gadget that nobody sells", quality=0.1, rules=Rules(max_unresolved=1))
    done, _ = await ended(begun, embedder)
    assert done.settled.kind == "handover"
