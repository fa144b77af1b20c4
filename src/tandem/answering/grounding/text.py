"""Words as the gate compares them: contractions written out, numbers with one spelling, roots, and how much each word says.

Pure; everything is remembered by text, for passages and their sentences come again and again.
"""

import math
import re
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from tandem.answering.grounding import kin, plainly, vocabulary
from tandem.embedding import tokens
from tandem.knowledge import lexemes, passages

TOKEN = re.compile(
    r"n['’]t\b|\d+(?:[.,:]\d+)*(?:(?:st|nd|rd|th)\b)?|[^\W\d_]+(?:['’][^\W\d_]+)?|[€£$¥%#@]",
    re.UNICODE,
)
CUT = re.compile(r"(?<=[.!?…。！？])[\"'”’)\]]*\s+|\s+[.!?](?=\s)|\n+")
"""Where an answer's claims are told apart: more eagerly than `passages.sentences`, which must never cut a quotation wrongly."""

_CUT_SHORT = {"ca": "can", "wo": "will", "sha": "shall"}

LEAST, COMMON, RAREST = 0.15, 1_200, 30_500
"""A word's weight rises with the logarithm of its place in MiniLM's vocabulary, which is ordered by frequency (BERT's word
pieces); places before COMMON are letters, signs and function words. What is not in it is rare."""


KIN = 0.8
"""How much of a word a near synonym says."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text. `root` is what is compared; `weight`, 0.15 to 1, is how much it says; `capital`: written like a name."""

    start: int
    end: int
    text: str
    root: str
    weight: float
    capital: bool = False

    @property
    def is_number(self) -> bool:
        """Digits, or a number word."""
        return self.root[0].isdigit()

    @property
    def is_content(self) -> bool:
        """Neither a function word nor a filler."""
        return self.text not in vocabulary.FUNCTION and self.text not in vocabulary.FILLER


@dataclass(frozen=True, eq=False)
class Said:
    """A text, read once; compared by identity, for much is remembered of it."""

    text: str
    words: tuple[Word, ...]

    @cached_property
    def roots(self) -> frozenset[str]:
        """All roots in it."""
        return frozenset(word.root for word in self.words)

    @cached_property
    def texts(self) -> frozenset[str]:
        """All words in it, in lower case."""
        return frozenset(word.text for word in self.words)

    @cached_property
    def kin(self) -> frozenset[int]:
        """The groups of near synonyms that its words are in."""
        return kin.of(self.roots)

    def says(self, word: Word) -> float:
        """How far a word is in it: 1 with its root, KIN with a near synonym or another ending, 0 not at all."""
        if word.root in self.roots:
            return 1.0
        if not kin.groups(word.root).isdisjoint(self.kin):
            return KIN
        return KIN if word.capital and any(kin.begins_alike(word.root, root) for root in self.roots) else 0.0

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The roots in order."""
        return tuple(word.root for word in self.words)

    @cached_property
    def content(self) -> tuple[Word, ...]:
        """The words that say something."""
        return tuple(word for word in self.words if word.is_content)

    @cached_property
    def sentences(self) -> tuple["Said", ...]:
        """Its sentences, cut for comparing; all of it where there is none."""
        found = [read(part) for part in pieces(self.text)]
        return tuple(part for part in found if part.words) or (self,)


@lru_cache(maxsize=20_000)
def read(text: str) -> Said:
    """The words of a text, in order, once it is `plainly.written`; that is the `text` of what is returned."""
    text = plainly.written(text)
    found: list[Word] = []
    for match in TOKEN.finditer(text):
        found += _words(match, found)
    return Said(text, tuple(found))


@lru_cache(maxsize=20_000)
def pieces(text: str) -> tuple[str, ...]:
    """A text at the ends of its sentences and lines; each at most what `passages.sentences` takes for one."""
    parts = [part for start, end in passages.sentences(text) for part in CUT.split(text[start:end])]
    return tuple(part.strip() for part in parts if part.strip())


def _words(match: re.Match[str], before: list[Word]) -> list[Word]:
    start, end = match.span()
    low = match[0].lower().replace("’", "'")
    if low[0].isdigit():
        return [Word(start, end, low, number(low), 0.6)]
    if low == "n't":
        if before and before[-1].text in _CUT_SHORT:
            last = before.pop()
            before.append(_plain(_CUT_SHORT[last.text], last.start, last.end))
        return [_plain("not", start, end)]
    low = vocabulary.WRITTEN_OUT.get(low, low)
    if low.endswith("n't"):
        base = _CUT_SHORT.get(low[:-3], low[:-3])
        return [_plain(base, start, end), _plain("not", start, end)]
    if low == "cannot":
        return [_plain("can", start, end), _plain("not", start, end)]
    return [_plain(low.split("'")[0], start, end, match[0][0].isupper())]


def _plain(low: str, start: int, end: int, capital: bool = False) -> Word:
    value = vocabulary.NUMERALS.get(low)
    root = value or vocabulary.SAME.get(low) or lexemes.root(low)
    return Word(start, end, low, vocabulary.SAME.get(root, root), weight(low), capital)


def number(text: str) -> str:
    """One spelling for a number: 1,000.50 and 1000.5 are one, 7th is 7."""
    plain = re.sub(r"(?:st|nd|rd|th)$", "", text)
    plain = re.sub(r",(?=\d{3}(?:\D|$))", "", plain).replace(",", ".")
    whole, _, rest = plain.partition(".")
    rest = rest.rstrip("0") if "." not in rest else rest
    whole = re.sub(r"^0+(?=\d)", "", whole)
    return f"{whole}.{rest}" if rest else whole


@lru_cache(maxsize=50_000)
def weight(word: str) -> float:
    """How much a word says, LEAST to 1."""
    place = _places().get(word)
    if place is None:
        return 1.0
    if place <= COMMON + 800:
        return LEAST if place <= COMMON else 0.2
    return max(0.2, min(1.0, math.log(place / COMMON) / math.log(RAREST / COMMON)))


@cache
def _places() -> dict[str, int]:
    found: dict[str, int] = tokens.tokenizer().get_vocab()
    return found
