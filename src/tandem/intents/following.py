"""A follow-up that names no matter of its own (“and how long does that take?”) is about what the message before was about."""

import re
from collections.abc import Sequence
from dataclasses import replace

from tandem.intents.classifier import Guess
from tandem.intents.features import words
from tandem.intents.starter import UNKNOWN

OWN = 0.8
"""From this confidence on a message has an intent of its own, however it leans on the one before."""

FADES = 0.8
"""What is left of the confidence of the message before: less sure than anything said outright."""

SHORT = 12
"""Words: what is longer says what it is about."""

POINTS_BACK = re.compile(
    r"^\W*(and|but|so|or|also|then|what about|how about|what if|ok(ay)?( and| but)?|what else)\b"
    r"|\b(it|that|this|these|those|them|they|one|there|instead|too|as well|same)\b",
    re.IGNORECASE,
)
"""Words by which a message leans on the one before."""


def leans_back(text: str) -> bool:
    """Whether the message is short and points to something said before."""
    return len(words(text)) <= SHORT and POINTS_BACK.search(text) is not None


def needs_what_was_before(text: str, guesses: Sequence[Guess]) -> bool:
    """Whether the message leans back and has no intent of its own."""
    own = max((guess.confidence for guess in guesses if guess.name != UNKNOWN), default=0.0)
    return own < OWN and leans_back(text)


def inherit(guesses: Sequence[Guess], before: Sequence[Guess]) -> tuple[Guess, ...]:
    """Half what the message says by itself, half what the one before was about, faded; `unknown` has what is lost."""
    earlier = {guess.name: guess.confidence for guess in before}
    mixed = [
        replace(guess, confidence=0.5 * guess.confidence + 0.5 * FADES * earlier.get(guess.name, 0.0))
        for guess in guesses
        if guess.name != UNKNOWN
    ]
    own = next((guess.confidence for guess in guesses if guess.name == UNKNOWN), 0.0)
    unknown = 0.5 * own + 0.5 * FADES * earlier.get(UNKNOWN, 0.0) + 0.5 * (1 - FADES)
    return tuple(sorted([*mixed, Guess(UNKNOWN, min(1.0, unknown))], key=lambda guess: -guess.confidence))
