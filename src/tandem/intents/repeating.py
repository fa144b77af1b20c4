"""Whether the customer asks the same thing again: by meaning and by words of their own earlier messages. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

SAME_MEANING = 0.83
"""Cosine of two messages from which they ask the same, whatever their words: none of 4,000 pairs of CLINC150's training
messages of different intents reach it (docs/decisions/0013-routing.md)."""

LIKELY_MEANING, SAME_WORDS = 0.7, 85
"""Or so near in meaning with so like a wording, 0 to 100. A message that says more than the earlier one asks something else."""

SAYS = 2
"""Words that a message has at least to count: a repeated "yes" asks nothing."""

GOES_ON = re.compile(
    r"\W*(?:(?:yes|ok|okay|please|and|now|just)\W+)*"
    r"(?:go on|go ahead|carry on|keep going|continue|proceed|next(?: one)?|weiter|continuez|adelante|continúa)"
    r"(?:\W+(?:please|then|now|thanks|thank you|bitte))*\W*",
    re.IGNORECASE,
)
"""Nor does a message that only lets us go on with what we are doing."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the customer wrote before, and its embedding."""

    text: str
    vector: NDArray[np.float32]


def repeats(text: str, vector: NDArray[np.float32], before: Sequence[Earlier]) -> int:
    """How many of the customer's earlier messages asked the same as this one."""
    if not _asks(text):
        return 0
    return sum(_is_same(text, vector, each) for each in before if _asks(each.text))


def _asks(text: str) -> bool:
    return len(text.split()) >= SAYS and not GOES_ON.fullmatch(text)


def _is_same(text: str, vector: NDArray[np.float32], earlier: Earlier) -> bool:
    cosine = float(vector @ earlier.vector)
    if cosine >= SAME_MEANING:
        return True
    return cosine >= LIKELY_MEANING and fuzz.token_sort_ratio(text.lower(), earlier.text.lower()) >= SAME_WORDS
