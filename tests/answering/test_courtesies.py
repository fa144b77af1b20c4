"""What needs no source because it claims nothing, and what only sounds so."""

import pytest

from tandem.answering import courtesies
from tests.answering.misbehaving.lies import ASSERTING, COURTESIES, GREEDY, PROMISING, SHORT

KNOWN = "Worn items cannot be returned. Members pay no refund fee for outlet parcels. Sleeping bags are not repaired in cash."


@pytest.mark.parametrize(
    "said",
    [
        *COURTESIES,
        "Hello!",
        "Great question!",
        "Hi there! I'm happy to help you with that.",
        "Thank you for your patience.",
        "I’m sorry about the trouble, let me know if you need anything else.",
        "You're welcome!",
        "I could not find this.",
        "Would you like to talk to a person from our team?",
        "Have a nice day!",
    ],
)
def test_a_courtesy_is_one(said: str) -> None:
    assert courtesies.is_one(said)


@pytest.mark.parametrize(
    "said",
    [
        "Which order do you mean?",
        "Sure, what is your order number?",
        "Let me know which item you bought.",
        "Has your order been cancelled?",
    ],
)
def test_a_question_is_one(said: str) -> None:
    assert courtesies.is_one(said)


def test_a_question_may_use_the_words_that_were_said() -> None:
    assert not courtesies.is_one("Is it the sleeping bag?")
    assert courtesies.is_one("Is it the sleeping bag?", KNOWN)


@pytest.mark.parametrize("said", [*ASSERTING, *PROMISING, *SHORT, *GREEDY])
def test_what_tells_promises_or_answers_is_none(said: str) -> None:
    assert not courtesies.is_one(said, KNOWN)
