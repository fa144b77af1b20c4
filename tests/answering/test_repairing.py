"""A sentence that may not leave is mended once, by the sentence of the passage that it meant."""

import pytest

from tandem.answering import repairing
from tandem.answering.turn import Citation, Sentence
from tests.answering import making

GIVEN = [
    making.passage(),
    making.passage(
        "Refunds arrive within 5 working days after we have the parcel. However, card refunds take 10 days."
    ),
]


def withheld(text: str) -> Sentence:
    return Sentence(text, "claim", (), released=False, reason="because")


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("You can return any item within 90 days of delivery. [1]", "within 30 days of delivery"),
        ("Worn items can be returned. [1]", "Worn items cannot be returned."),
        ("Worn items can be returned. [9]", "Worn items cannot be returned."),
        ("Refunds arrive within 2 working days. [2]", "Refunds arrive within 5 working days"),
    ],
)
def test_the_sentence_that_was_meant_takes_its_place(text: str, quote: str) -> None:
    mended = repairing.mended(withheld(text), GIVEN, ())
    assert mended is not None
    assert quote in mended.text
    assert (mended.kind, mended.released, mended.reason) == ("quote", True, repairing.IN_PLACE)
    (cited,) = mended.citations
    assert cited.passage.text[cited.start - 100 : cited.end - 100] == cited.quote
    assert f"[{cited.index}]" in mended.text


def test_a_limit_comes_with_what_it_limits() -> None:
    mended = repairing.mended(withheld("Refunds arrive within 2 working days. [2]"), GIVEN, ())
    assert mended is not None
    assert "card refunds take 10 days" in mended.text


@pytest.mark.parametrize("text", ["Our lamps are made of brass by hand. [1]", "[1]", "", "You get 50 EUR. [2]"])
def test_nothing_takes_the_place_of_what_no_passage_is_near(text: str) -> None:
    assert repairing.mended(withheld(text), GIVEN, ()) is None
    assert repairing.mended(withheld(text), (), ()) is None


def test_what_was_said_already_is_not_said_again() -> None:
    found = GIVEN[0]
    said = Sentence("Within 30 days. [1]", "claim", (Citation(1, found, "", found.start, found.start + 20),))
    assert repairing.mended(withheld("You can return any item within 90 days of delivery."), GIVEN[:1], [said]) is None
