"""Words as the database sees them: without those that carry no meaning, brought to their roots; how rare they are, and how well
a text has them. Pure functions; knows nothing about vectors.
"""

import math
import re
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

import numpy as np
import Stemmer
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from tandem.embedding import tokens

K1, B = 1.2, 0.75
"""Of BM25: how soon a word's repetitions stop counting, and how much a text's length does (Robertson and Zaragoza 2009)."""

HEADING = 2.0
"""A word in the heading path counts as so many in the text."""

STOP = frozenset(  # english.stop of PostgreSQL: the database's lexemes have none of these
    "i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it"
    " its itself they them their theirs themselves what which who whom this that these those am is are was were be been"
    " being have has had having do does did doing a an the and but if or because as until while of at by for with about"
    " against between into through during before after above below to from up down in out on off over under again"
    " further then once here there when where why how all any both each few more most other some such no nor not only"
    " own same so than too very s t can will just don should now".split()
)
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|<[^>\n]*>|https?://\S+")
"""Links, of which the text stays; tags; bare addresses."""

Terms = tuple[Mapping[str, float], float]
"""How often each lexeme occurs in a text, and the sum of that."""

_of_thread = threading.local()


@lru_cache(maxsize=100_000)
def root(word: str) -> str:
    """The root of a word in lower case (Porter2, as the database's `english`; they agree on 99.8 % of words)."""
    try:
        stemmer: Stemmer.Stemmer = _of_thread.stemmer
    except AttributeError:
        stemmer = _of_thread.stemmer = Stemmer.Stemmer("english", 0)  # must not be shared between threads
    found: str = stemmer.stemWord(word)
    return found


def plain(match: re.Match[str]) -> str:
    """A word as it is looked up: lower case, without what follows an apostrophe."""
    return match[0].lower().replace("’", "'").split("'")[0]


def lexemes(text: str) -> list[str]:
    """The roots of the words that carry meaning, in order."""
    words = (plain(match) for match in WORD.finditer(text))
    return [root(word) for word in words if word and word not in STOP]


@lru_cache(maxsize=20_000)
def terms(heading: str, text: str) -> Terms:
    """The lexemes of a passage, the heading's counted HEADING times. Remembered: passages come again."""
    counts: dict[str, float] = dict(Counter(lexemes(MARKUP.sub(r" \1 ", text))))
    for lexeme in lexemes(heading):
        counts[lexeme] = counts.get(lexeme, 0.0) + HEADING
    return counts, sum(counts.values())


def rarity(frequency: int, size: int) -> float:
    """How rare a lexeme is that stands in `frequency` of `size` passages: Robertson and Spärck Jones' weight, with Lucene's 1 +, so
    that it is never negative.
    """
    return math.log(1.0 + (max(size, frequency) - frequency + 0.5) / (frequency + 0.5))


def bm25(wanted: Mapping[str, float], passages: Sequence[Terms]) -> NDArray[np.float32]:
    """BM25 of each passage, as a share of what a passage full of every wanted lexeme would have: 0 to 1.

    `wanted` has each lexeme's weight, rarity included. Lengths are compared with the mean of these passages.
    """
    highest = (K1 + 1.0) * sum(wanted.values())
    if not highest or not passages:
        return np.zeros(len(passages), np.float32)
    mean = sum(length for _, length in passages) / len(passages) or 1.0
    scores = []
    for counts, length in passages:
        norm = K1 * (1.0 - B + B * length / mean)
        scores.append(
            sum(
                weight * count * (K1 + 1.0) / (count + norm)
                for lexeme, weight in wanted.items()
                if (count := counts.get(lexeme))
            )
        )
    return np.array(scores, np.float32) / np.float32(highest)


@cache
def _spellings() -> dict[str, list[str]]:
    """The words that the shipped model knows, by their root."""
    found: dict[str, list[str]] = {}
    for word in sorted(tokens.words()):
        found.setdefault(root(word), []).append(word)
    return found


def respelled(text: str, nowhere: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Words of a text that are mistyped, and how they were meant. `nowhere` has the lexemes that the knowledge does not have,
    each with those of its own that begin alike. An English word is left as it is.
    """
    found: dict[str, str] = {}
    for word in dict.fromkeys(map(plain, WORD.finditer(text))):
        lexeme = root(word)
        if lexeme not in nowhere or word in tokens.words() or lexeme in tokens.words():
            continue
        if other := meant(lexeme, nowhere[lexeme]):
            near = process.extractOne(word, _spellings().get(other, [other]), scorer=OSA.distance)
            found[word] = str(near[0])
    return found


def meant(lexeme: str, alike: Sequence[str]) -> str | None:
    """Which of these lexemes, commonest first, somebody meant who mistyped one: the first at one slip's distance.

    A slip is a letter left out, added, exchanged, or two neighbours swapped (Damerau 1964: four of five misspellings are one).
    """
    near = process.extractOne(lexeme, alike, scorer=OSA.distance, score_cutoff=1)
    return str(near[0]) if near else None
