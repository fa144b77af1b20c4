"""How a message sounds, -1 (bad) to 1, and where that is going over the customer's messages.

VADER (Hutto and Gilbert 2014), which reads emoji by their names, and a table for the faces whose names say too little.
One weak sign among others: nothing is decided by it alone.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Protocol

READ_CHARS = 2000
"""VADER's time grows faster than the text: of a rant the end is read, which is how it left the customer."""

BEFORE = 2
"""Of the customer's messages before, so many make the trend."""

FACES = dict.fromkeys("😠😡🤬😤🖕👎💔😒🙄😞😖", -0.6) | dict.fromkeys("👍🙏😊🙂😀😃😄🥰❤🎉", 0.5)


class Sentiment(Protocol):
    """Something that scores a text from -1 to 1."""

    def __call__(self, text: str) -> float:
        """The score."""


@lru_cache(maxsize=4000)
def of(text: str) -> float:
    """The sentiment of a text, -1 to 1."""
    score = _vader()(text[-READ_CHARS:])
    faces = [FACES[letter] for letter in text[-READ_CHARS:] if letter in FACES]
    if faces:
        score = max(-1.0, min(1.0, (score + sum(faces) / len(faces)) if any(map(str.isalpha, text)) else _mean(faces)))
    return round(score, 4)


def trend(text: str, before: Sequence[str]) -> float:
    """The sentiment of a text less the mean of the customer's last messages before it; 0 for the first one."""
    earlier = [of(each) for each in before[-BEFORE:]]
    return round(of(text) - _mean(earlier), 4) if earlier else 0.0


def _mean(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores)


@cache
def _vader() -> Sentiment:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    return lambda text: float(analyser.polarity_scores(text)["compound"])
