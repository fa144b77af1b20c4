"""The confidence of an answer: what it is made of, and that too little of it holds the answer back."""

from typing import Any

import pytest

from tandem.answering import decide, draft, parts, record, score
from tandem.answering.score import SHIPPED, Scoring
from tandem.answering.turn import Route
from tandem.embedding import Embedder
from tandem.tenants.policy import Rules
from tests.answering import making
from tests.answering.making import Notes

PLAIN = {"retrieval": 2.0, "meaning": 0.7, "wording": 0.8}


def test_it_is_a_logistic_function_of_its_parts() -> None:
    scoring = Scoring(1, -1.0, {"retrieval": 0.5, "meaning": 2.0})
    assert score.probability({"retrieval": 2.0, "meaning": 0.5}, scoring) == round(score.logistic(1.0), 4)
    assert score.weighed({"retrieval": 2.0, "meaning": 0.5}, scoring)["meaning"] == 1.0
    assert score.probability({}, scoring) == round(score.logistic(-1.0), 4)


def test_better_evidence_never_makes_it_less_likely_to_be_right() -> None:
    for name in ("retrieval", "meaning", "wording"):
        less, more = PLAIN | {name: 0.2}, PLAIN | {name: 0.9}
        assert score.probability(more, SHIPPED) >= score.probability(less, SHIPPED), name


@pytest.mark.parametrize("extreme", [-1e9, 1e9])
def test_it_is_never_impossible_and_never_certain(extreme: float) -> None:
    assert 0 < score.probability({"retrieval": extreme}, Scoring(1, 0.0, {"retrieval": 1.0})) < 1


def test_a_curve_bends_it_and_keeps_the_order() -> None:
    bent = Scoring(1, 0.0, {"retrieval": 1.0}, ((0.2, 0.1), (0.5, 0.3), (0.8, 0.9)))
    found = [score.probability({"retrieval": score.logit(p)}, bent) for p in (0.1, 0.2, 0.5, 0.65, 0.8, 0.95)]
    assert found == sorted(found)
    assert found == pytest.approx([0.1, 0.1, 0.3, 0.6, 0.9, 0.9], abs=0.002)


@pytest.mark.parametrize(
    "body",
    [None, {}, {"weights": 1}, {"bias": "x", "weights": {}, "curve": []}, {"bias": float("nan"), "weights": {}, "curve": []}],
)  # fmt: skip
def test_what_cannot_be_read_gives_way_to_what_is_shipped(body: Any) -> None:
    assert score.stored(3, body) is SHIPPED


def test_a_stored_scoring_comes_back_as_it_was() -> None:
    own = Scoring(3, 0.5, dict.fromkeys(score.NAMES, 0.25), ((0.1, 0.2), (0.9, 0.8)))
    assert score.stored(3, own.as_json()) == own


async def drafted(embedder: Embedder, threshold: float, kind: str = "assist") -> tuple[Any, Notes]:
    notes = Notes()
    rules = Rules.model_validate({"thresholds": {"answer_by_category": {"return_request": threshold}}})
    begun = making.turn(
        asked=making.asked(rules=rules),
        understanding=making.understood("return_request"),
        evidence=await making.found(embedder, "Can I return an item?", making.passage()),
        route=Route(kind, "", "default"),
    )
    kit = making.kit(embedder, notes)
    return await decide.settle(await draft.write(begun, kit), kit), notes


async def test_an_answer_that_is_sure_enough_is_given_with_everything_that_made_it_so(embedder: Embedder) -> None:
    ended, notes = await drafted(embedder, 0.0)
    assert ended.settled.kind == "answer"
    assert "30 days" in notes.said[0]
    shown = record.as_record(ended)["decision"]["score"]
    assert shown["probability"] == ended.settled.confidence
    assert set(shown["parts"]) == set(shown["weighed"]) == set(score.NAMES)
    assert (shown["category"], shown["threshold"], shown["version"]) == ("return_request", 0.0, SHIPPED.version)


async def test_below_the_threshold_of_its_category_it_is_not_said_and_a_person_is_offered(embedder: Embedder) -> None:
    ended, notes = await drafted(embedder, 1.0)
    assert (ended.settled.kind, ended.settled.offers_person) == ("no_answer", True)
    assert "30 days" not in " ".join(notes.said)
    assert "your rules ask for 1.00 in “return_request”" in ended.settled.reason
    kept = record.as_record(ended)
    assert kept["decision"]["score"]["threshold"] == 1.0
    assert "30 days" in kept["sentences"][0]["text"], "what was held back can be judged by people"
    assert not kept["sentences"][0]["released"]
    assert kept["citations"] == []


async def test_a_category_that_goes_to_people_without_an_answer_does_so_then(embedder: Embedder) -> None:
    ended, _ = await drafted(embedder, 1.0, "attempt")
    assert ended.settled.kind == "handover"


async def test_a_falling_mood_is_a_part_of_it() -> None:
    found = parts.of(making.turn(understanding=making.understood("return_request", sentiment=-0.5, trend=-1.2)))
    assert (found["sentiment"], found["sentiment_trend"]) == (-0.5, -1.2)
    assert parts.of(making.turn())["sentiment_trend"] == 0
