"""Between a model and a customer: what is let through, and what is withheld for which reason."""

import pytest

from tandem.answering import guard
from tandem.answering.guard import Basis
from tandem.embedding.minilm import MiniLM
from tests.answering.passages_at_hand import passage

RETURNS = passage(
    "You can return unused items within 60 days of delivery. Gift cards cannot be returned. "
    "Returns from the EU cost €3.95. Write to returns@acme.example."
)
DELIVERY = passage("Standard delivery takes 3-5 working days. Delivery is free from €75.", title="Delivery")
GIVEN = (RETURNS, DELIVERY)


@pytest.mark.parametrize(
    "claim",
    [
        "You can return unused items within 60 days of delivery. [1]",
        "Unused items can be sent back within 60 days after delivery [1].",
        "Gift cards cannot be returned. [1]",
        "A return from the EU costs €3.95 [1].",
        "Standard delivery takes 3-5 working days. [2]",
    ],
)
async def test_it_releases_what_the_cited_passage_says(claim: str, embedder: MiniLM) -> None:
    checked = await guard.check(claim, Basis(GIVEN, embedder))
    assert checked.released, checked.reason
    (cited,) = checked.citations
    assert cited.quote in cited.passage.text


@pytest.mark.parametrize(
    ("claim", "because"),
    [
        ("You can return unused items within 90 days of delivery. [1]", "number"),
        ("Returns from the EU cost €4.95. [1]", "number"),
        ("You can return unused items within 60 days of delivery. [7]", "was not found"),
        ("You can return unused items within 60 days of delivery. [0]", "was not found"),
        ("You can return unused items within 60 days of delivery.", "names no source"),
        ("Gift cards can be returned. [1]", "opposite"),
        ("You get a full refund and a discount on your next order. [1]", "promises"),
        ("Write to refunds@other.example. [1]", "address"),
        ("See https://evil.example/login for details. [1]", "address"),
        ("Our founders climbed a mountain in their youth. [1]", "does not say so"),
        ("Standard delivery takes 3-5 working days. [1]", "number"),
    ],
)
async def test_it_withholds_what_the_cited_passage_does_not_say(claim: str, because: str, embedder: MiniLM) -> None:
    checked = await guard.check(claim, Basis(GIVEN, embedder))
    assert not checked.released
    assert because in checked.reason


@pytest.mark.parametrize(
    "courtesy",
    ["Sure, happy to help.", "I am sorry to hear that.", "Would you like to know more?", "Thanks for asking!"],
)
async def test_it_lets_courtesies_through_as_such(courtesy: str, embedder: MiniLM) -> None:
    checked = await guard.check(courtesy, Basis(GIVEN, embedder))
    assert (checked.released, checked.kind) == (True, "courtesy")


@pytest.mark.parametrize(
    "disguised",
    ["Sure, you get a refund.", "I am sorry, we will compensate you with a voucher.", "Sure, it takes 14 days."],
)
async def test_a_claim_dressed_as_a_courtesy_is_none(disguised: str, embedder: MiniLM) -> None:
    assert not (await guard.check(disguised, Basis(GIVEN, embedder))).released
