"""What a classifier learns: intents, several of them, sub-intents, what is foreign, and how sure to be."""

import random

import numpy as np
import pytest

from tandem.embedding.minilm import MiniLM
from tandem.intents import report, training
from tandem.intents.classifier import Classifier
from tandem.intents.starter import UNKNOWN, Example
from tandem.intents.training import Trained
from tests.intents import shop

ODD = (
    "🙂🙂🎉",
    "...",
    " ".join(["my parcel is late and I am angry"] * 300),
    "Où est mon colis ?",
    "包裹在哪里",
    "\u202e\u0000x",
    "ß" * 5000,
)


@pytest.fixture(scope="module")
def trained(embedder: MiniLM) -> Trained:
    """The shop's classifier."""
    return shop.learn(embedder, shop.examples())


def said(embedder: MiniLM, classifier: Classifier, text: str) -> tuple[str, ...]:
    return classifier.asserted(classifier.classify(shop.looks(embedder, [text])[0]))


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("my parcel still is not here", "where_is_it"),
        ("I would like to send the shoes back", "send_back"),
        ("a copy of my invoice please", "invoice"),
        ("my password does not work any more", "sign_in"),
        ("Who wrote Hamlet?", UNKNOWN),
    ],
)
def test_it_works(embedder: MiniLM, trained: Trained, text: str, intent: str) -> None:
    assert said(embedder, trained.classifier, text) == (intent,)


def test_confidences_are_probabilities_of_readings_that_exclude_each_other(embedder: MiniLM, trained: Trained) -> None:
    for look in shop.looks(embedder, [text for texts in shop.SAID.values() for text in texts]):
        guesses = trained.classifier.classify(look)
        assert sum(guess.confidence for guess in guesses) == pytest.approx(1, abs=1e-3)
        assert [g.confidence for g in guesses] == sorted((g.confidence for g in guesses), reverse=True)
        assert {guess.name for guess in guesses} == {*shop.SAID, UNKNOWN}


def test_it_is_the_same_when_it_comes_back_from_storage(embedder: MiniLM, trained: Trained) -> None:
    again = Classifier.from_bytes(trained.classifier.to_bytes())
    for look in shop.looks(embedder, ["my parcel is late", "hello", "password"]):
        before = {g.name: g.confidence for g in trained.classifier.classify(look)}
        after = {g.name: g.confidence for g in again.classify(look)}
        assert after == pytest.approx(before, abs=0.01)
    assert again.threshold == pytest.approx(trained.classifier.threshold)


@pytest.mark.parametrize("text", ODD, ids=[f"odd {n}" for n in range(len(ODD))])
def test_it_takes_anything(embedder: MiniLM, trained: Trained, text: str) -> None:
    guesses = trained.classifier.classify(shop.looks(embedder, [text])[0])
    assert all(np.isfinite(guess.confidence) and 0 <= guess.confidence <= 1 for guess in guesses)


@pytest.mark.parametrize("text", ["🙂🙂🎉", "...", "包裹在哪里"])
def test_it_does_not_know_what_it_cannot_read(embedder: MiniLM, trained: Trained, text: str) -> None:
    assert said(embedder, trained.classifier, text) == (UNKNOWN,)


def test_it_needs_no_foreign_examples(embedder: MiniLM) -> None:
    ours = [example for example in shop.examples() if example.intents != (UNKNOWN,)]
    classifier = shop.learn(embedder, ours).classifier
    assert said(embedder, classifier, "my parcel still is not here") == ("where_is_it",)
    assert said(embedder, classifier, "Tell me about quantum physics") == (UNKNOWN,)


def test_five_examples_an_intent_are_a_start(embedder: MiniLM) -> None:
    few = [Example(text, (name,)) for name, texts in shop.SAID.items() for text in texts[:5]]
    classifier = shop.learn(embedder, few).classifier
    rest = [(name, text) for name, texts in shop.SAID.items() for text in texts[5:]]
    top = [classifier.classify(look)[0].name for look in shop.looks(embedder, [text for _, text in rest])]
    right = sum(name == found for (name, _), found in zip(rest, top, strict=True))
    assert right >= len(rest) / 2, f"{right} of {len(rest)} by five examples; by chance it would be a fifth"


@pytest.mark.parametrize("count", [1, 2])
def test_one_example_an_intent_works(embedder: MiniLM, count: int) -> None:
    few = [Example(text, (name,)) for name, texts in shop.SAID.items() for text in texts[:count]]
    trained = shop.learn(embedder, few)
    assert trained.classifier.classify(shop.looks(embedder, ["Where is my parcel?"])[0])[0].name in (
        "where_is_it",
        UNKNOWN,
    )
    assert len(report.warnings(trained, few)["few_examples"]) == len(shop.SAID)


def test_one_intent_alone_works(embedder: MiniLM) -> None:
    one = [Example(text, ("where_is_it",)) for text in shop.SAID["where_is_it"]]
    assert said(embedder, shop.learn(embedder, one).classifier, "where is my parcel") == ("where_is_it",)


def test_it_needs_an_intent(embedder: MiniLM) -> None:
    with pytest.raises(ValueError, match="no example"):
        shop.learn(embedder, [Example("hello", (UNKNOWN,))])


def test_a_message_may_carry_several_intents(embedder: MiniLM) -> None:
    found = shop.examples()
    names = list(shop.SAID)
    chance = random.Random(4)
    for place in range(40):
        one, other = chance.sample(names, 2)
        text = f"{chance.choice(shop.SAID[one])} {chance.choice(shop.SAID[other])} {place}"
        found.append(Example(text, (one, other)))
    classifier = shop.learn(embedder, found).classifier
    assert set(said(embedder, classifier, "where is my parcel? and I forgot my password")) == {"where_is_it", "sign_in"}


def test_a_parent_is_at_least_as_likely_as_its_sub_intent(embedder: MiniLM) -> None:
    found = [*shop.examples(), *(Example(f"I have a problem with order {n}", ("orders",)) for n in range(8))]
    classifier = shop.learn(embedder, found, parents={"where_is_it": "orders", "send_back": "orders"}).classifier
    for text in ("where is my parcel", "send the shoes back", "forgot my password", "something with my order"):
        chances = {g.name: g.confidence for g in classifier.classify(shop.looks(embedder, [text])[0])}
        assert chances["orders"] >= max(chances["where_is_it"], chances["send_back"])
    assert said(embedder, classifier, "where is my parcel") == ("where_is_it",)


def test_contradictions_are_reported() -> None:
    from tandem.intents.examples import contradictions

    found = [
        Example("Send it back!", ("send_back",)),
        Example("send it  back", ("invoice",)),
        Example("bill", ("invoice",)),
    ]
    assert [each.intents for each in contradictions(found)] == [("invoice", "send_back")]


def test_a_wrong_label_is_found_and_does_little_harm(embedder: MiniLM, trained: Trained) -> None:
    found = shop.examples()
    wrong = Example("my parcel has not arrived and I want to know where it is", ("sign_in",))
    spoilt = shop.learn(embedder, [*found, wrong])
    assert wrong.text in [each["text"] for each in report.warnings(spoilt, [*found, wrong])["likely_wrong"]]
    right = report.metrics(trained, found, report.held_out_said(trained))["accuracy"]
    now = report.metrics(spoilt, [*found, wrong], report.held_out_said(spoilt))["accuracy"]
    assert now >= right - 0.1


@pytest.mark.parametrize(("foreign", "between"), [(5, (0.1, 0.3)), (5000, (0.4, 0.9))])
def test_a_handful_of_foreign_examples_does_not_make_it_strict(foreign: int, between: tuple[float, float]) -> None:
    """Above 0.4 it would lose a tenth of ours for a fifth of what is foreign; five examples are too few to say that."""
    ours = np.where(np.arange(400) % 10 == 0, 0.3, 0.9)
    strange = np.where(np.arange(foreign) % 5 == 0, 0.4, 0.1)
    chances = np.concatenate((ours, strange)).astype(np.float32)[:, None]
    known = np.arange(len(chances)) < len(ours)
    chosen = training.best_threshold(chances, np.column_stack((known, ~known)).astype(np.float32), known)
    assert between[0] < chosen < between[1]


def test_a_wrong_label_counts_for_little(embedder: MiniLM, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Example("my parcel has not arrived and I want to know where it is", ("sign_in",))
    found = [*shop.examples(), wrong]
    look = shop.looks(embedder, [wrong.text])[0]

    def believed() -> float:
        guesses = shop.learn(embedder, found).classifier.classify(look)
        return next(guess.confidence for guess in guesses if guess.name == "sign_in")

    doubted = believed()
    monkeypatch.setattr(training, "LEAST_TRUST", 1.0)
    assert doubted < believed() / 2


def test_two_intents_are_found_by_the_words_that_speak_of_each(embedder: MiniLM) -> None:
    chance = random.Random(7)
    names = list(shop.SAID)
    pairs = [(one, other) for one in names for other in names if one < other]
    found = shop.examples()
    for one, other in (pair for pair in pairs[:-1] for _ in range(8)):
        found.append(Example(f"{chance.choice(shop.SAID[one])}. {chance.choice(shop.SAID[other])}", (one, other)))
    classifier = shop.learn(embedder, found).classifier
    assert classifier.heads.spots is not None
    one, other = pairs[-1]  # a pair that no example shows
    right = sum(
        set(said(embedder, classifier, f"{shop.SAID[one][at]}. {shop.SAID[other][at]}")) == {one, other}
        for at in range(8)
    )
    assert right >= 4, right
    again = Classifier.from_bytes(classifier.to_bytes())
    look = shop.looks(embedder, ["send the shoes back and mail me the invoice"])[0]
    before = {guess.name: guess.confidence for guess in classifier.classify(look)}
    assert {guess.name: guess.confidence for guess in again.classify(look)} == pytest.approx(before, abs=0.01)
