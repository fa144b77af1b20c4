"""A word model for synthetic help articles: made-up words by Zipf's law, in topics, from a seed. Texts of no company."""

import numpy as np
from numpy.typing import NDArray

TOPICS, WORDS_A_TOPIC, COMMON = 400, 40, 600
TOPICAL = 0.45
"""The share of a passage's words that are its topic's own."""

ONSETS = (
    "b",
    "br",
    "c",
    "cl",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "k",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "r",
    "s",
    "st",
    "t",
    "tr",
    "v",
    "w",
)
NUCLEI = ("a", "e", "i", "o", "u", "ai", "ea", "oo")
CODAS = ("n", "r", "l", "t", "m", "nd", "st", "ck", "rd")


class Words:
    """The same words for the same seed."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        made = self._made(COMMON + TOPICS * WORDS_A_TOPIC)
        self._common, own = made[:COMMON], made[COMMON:]
        self._topics = own.reshape(TOPICS, WORDS_A_TOPIC)
        self._common_odds, self._topic_odds = _zipf(COMMON), _zipf(WORDS_A_TOPIC)

    def passage(self, topic: int) -> str:
        """60 to 110 words in sentences."""
        words = self._drawn(topic, int(self._rng.integers(60, 111)))
        sentences = [" ".join(words[at : at + 12]).capitalize() for at in range(0, len(words), 12)]
        return ". ".join(sentences) + "."

    def question(self, topic: int) -> str:
        """Eight words, as a customer's question has."""
        return " ".join(self._drawn(topic, 8)) + "?"

    def _drawn(self, topic: int, count: int) -> list[str]:
        topical = self._rng.random(count) < TOPICAL
        common = self._rng.choice(self._common, count, p=self._common_odds)
        own = self._rng.choice(self._topics[topic], count, p=self._topic_odds)
        return [str(word) for word in np.where(topical, own, common)]

    def _made(self, count: int) -> NDArray[np.str_]:
        made: dict[str, None] = {}
        while len(made) < count:
            syllables = int(self._rng.integers(2, 4))
            parts = (str(self._rng.choice(ONSETS)) + str(self._rng.choice(NUCLEI)) for _ in range(syllables))
            made["".join(parts) + str(self._rng.choice(CODAS))] = None
        return np.array(list(made))


def _zipf(count: int) -> NDArray[np.float64]:
    odds = 1.0 / np.arange(1, count + 1)
    shares: NDArray[np.float64] = odds / odds.sum()
    return shares
