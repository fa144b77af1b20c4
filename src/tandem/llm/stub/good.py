"""The useful answer of the stub: the sentences of the prompt's passages that share most with the question, each with its mark.

So that a demo without any provider still reads like one. Pure functions on an `Asked`.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tandem.llm.stub.asked import Asked, Passage
from tandem.llm.stub.behaviours import without_marker
from tandem.llm.stub.said import Reply

NOT_FOUND = "I could not find this in the help centre."
SENTENCES = 3  # an answer is at most this long


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage, its place in the prompt and how well it fits the question."""

    place: int
    n: int
    text: str
    score: float

    @property
    def cited(self) -> str:
        """The sentence followed by its mark."""
        return f"{self.text} [{self.n}]"

    def saying(self, text: str) -> "Sentence":
        """The same place with other words."""
        return replace(self, text=text)


def good(asked: Asked) -> Reply:
    """What it answers unless told otherwise."""
    return Reply(" ".join(sentence.cited for sentence in chosen(asked)) or NOT_FOUND)


def chosen(asked: Asked) -> list[Sentence]:
    """The best sentences: all within half of the best one's score, in the order of the prompt."""
    best = sorted(ranked(asked), key=lambda sentence: -sentence.score)
    if not best or best[0].score <= 0:
        return []
    near = [sentence for sentence in best[:SENTENCES] if sentence.score >= best[0].score / 2]
    return sorted(near, key=lambda sentence: sentence.place)


def ranked(asked: Asked) -> list[Sentence]:
    """Every sentence of every passage, with how well it fits."""
    question = without_marker(asked.question)
    wanted = words(question) | ({_NUMBER} if _HOW_MUCH.search(question) else set())
    sentences = [(each, text) for each in asked.passages for text in _sentences(each.text)]
    rarity = _rarity([words(text) for _, text in sentences])
    return [
        Sentence(place, each.n, text, _score(wanted, each, text, rarity))
        for place, (each, text) in enumerate(sentences)
    ]


def _score(wanted: set[str], passage: Passage, text: str, rarity: Mapping[str, float]) -> float:
    """Shared words weighed by rarity, less in long sentences; 0 where only one of several is shared."""
    said = words(text)
    shared = wanted & said
    in_title = (wanted & words(passage.title)) - shared
    if not shared or (len(shared | in_title) < 2 <= len(wanted) - 1):
        return 0.0
    found = sum(rarity[word] for word in shared) + 0.7 * len(in_title)
    return found / math.pow(8 + len(said), 0.4)


def _rarity(sentences: list[set[str]]) -> Mapping[str, float]:
    seen = Counter(word for each in sentences for word in each)
    return {word: 1 + math.log(len(sentences) / count) for word, count in seen.items()}


_WORD = re.compile(r"[^\W_]+")
_STOP = frozenset(
    _WORD.findall(
        "a an and any are as at be but by can could did do does for from get had has have how i if in is it its me my"
        " no not of on or our please so than that the their them then there they this to us was we what when where"
        " which who why will with would yet you your"
    )
)
_NUMBER = "0"  # any number, for whoever asks how many
_HOW_MUCH = re.compile(r"\b(?:how (?:long|many|much|fast|soon)|when|price|cost)\b", re.I)
_ENDING = re.compile(r"(?<=.{3})(?:ing|ed|es|e|s)$")
_BREAK = re.compile(r"(?<=[.!?])\s+(?=[\"'(A-Z0-9])")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")


def words(text: str) -> set[str]:
    """The words that carry meaning, without their endings; any number is the same word."""
    found = (word for word in _WORD.findall(text.lower()) if word not in _STOP)
    return {_NUMBER if word.isdecimal() else _ENDING.sub("", word) for word in found}


def _sentences(text: str) -> Iterator[str]:
    """Sentences and list items; headings and rows of tables are left out."""
    for line in text.splitlines():
        item = _BULLET.sub("", line).strip()
        if item and not item.startswith(("#", "|")):
            yield from _BREAK.split(item)
