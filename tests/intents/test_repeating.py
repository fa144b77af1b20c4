"""Asking again is heard; letting us go on is not asking."""

import numpy as np
import pytest

from tandem.intents.repeating import Earlier, repeats

SAME = np.array([1.0, 0.0], dtype=np.float32)
OTHER = np.array([0.0, 1.0], dtype=np.float32)


def test_the_same_again_counts_and_another_thing_does_not() -> None:
    before = [Earlier("Where is my invoice?", SAME), Earlier("Cancel my order", OTHER), Earlier("my invoice?", SAME)]
    assert repeats("Where do I find my invoice?", SAME, before) == 2


@pytest.mark.parametrize(
    "text", ["Please go on.", "go on", "OK, continue please!", "yes, please go ahead", "carry on then"]
)
def test_who_lets_us_go_on_asks_nothing_again(text: str) -> None:
    assert repeats(text, SAME, [Earlier(text, SAME)] * 3) == 0
    assert repeats("Where is my invoice?", SAME, [Earlier(text, SAME)] * 3) == 0


@pytest.mark.parametrize("text", ["Go on and cancel my order", "Please continue my subscription", "What comes next?"])
def test_what_says_more_than_that_asks_something(text: str) -> None:
    assert repeats(text, SAME, [Earlier(text, SAME)] * 3) == 3
