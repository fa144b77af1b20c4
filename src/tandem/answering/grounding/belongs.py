"""What a number, a weekday or a month is said of: the words near it, in the claim and in the source. Pure.

"The small hall costs €8 and the large one €22" has the same words as its opposite. So each value of a claim is held against all
values of its kind in the sentence of the source: it must stand nearer to its own words than another one does.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rapidfuzz.distance import LCSseq

from tandem.answering.grounding import bounds, kin, vocabulary
from tandem.answering.grounding.text import Said, Word

FADES = 0.8
"""What each word between two others leaves of their nearness."""

APART = 0.3
"""What a boundary between a word and a value leaves of it."""

JOINS = re.compile(r"[,;()|–—]|\.\s|\b(?:and|or|but|while|whereas)\b", re.IGNORECASE)
CLOSES = re.compile(r"[;|]|\.\s|\b(?:but|while|whereas|and)\b", re.IGNORECASE)
REPEATS = 0.75
"""Share of the words, of the claim and of the stretch of the source, from which the one repeats the other."""

ALTERNATIVE = re.compile(r"\bor\b|\(")
CALENDAR = frozenset({vocabulary.FAMILY["monday"], vocabulary.FAMILY[vocabulary.root("january")]})
NEARER = 1.3
"""How much nearer another value of the source stands to a value's words before it counts as that one's."""

TWICE = 1.15
"""The same where the claim has both values, each in the other's place."""

ALIKE = 0.25
"""Words that are so nearly as near to the one value as to the other do not tell them apart."""

LEAST = 0.15
"""Nearness below which words say nothing of what belongs together."""


@dataclass(frozen=True, slots=True)
class Value:
    """A number, weekday or month: which word of its text, and its kind, within which one may stand for another.

    Words from `begins` to before `ends` are its own; those before `head` belong to it as to the first of several alternatives,
    which is word `first`.
    """

    at: int
    root: str
    kind: str
    begins: int = 0
    ends: int = 0
    head: int = 0
    first: int = 0


@lru_cache(maxsize=5_000)
def values(said: Said) -> tuple[Value, ...]:
    """Those of a text, in order."""
    found: list[tuple[int, str]] = []
    for at, word in enumerate(said.words):
        if word.is_number:
            found.append((at, _kind(said, at)))
        elif vocabulary.FAMILY.get(word.root) in CALENDAR:
            found.append((at, str(vocabulary.FAMILY[word.root])))
    kinds = dict.fromkeys(kind for _, kind in found)
    return tuple(value for kind in kinds for value in _bounded(said, kind, [at for at, of in found if of == kind]))


def _kind(said: Said, at: int) -> str:
    if ":" in said.words[at].root:
        return "clock"
    unit = bounds.unit(said.words, at)
    return unit if unit in bounds.CURRENCIES else f"unit {vocabulary.FAMILY.get(unit.removeprefix('working '), unit)}"


def _bounded(said: Said, kind: str, places: Sequence[int]) -> list[Value]:
    """The values of one kind, with the words that are theirs: up to where something joins them to the next one."""
    cuts, shared = [0], [False]
    for one, two in pairwise(places):
        between = said.text[said.words[one].end : said.words[two].start]
        is_range = not any(
            _counts(word) and not word.is_number for word in said.words[one + 1 : two]
        ) and not re.search(r",|;|\bor\b", between)
        join = -1 if is_range else max((match.start() for match in JOINS.finditer(between)), default=-1)
        cut = next((n for n in range(one + 1, two + 1) if said.words[n].start >= said.words[one].end + join), two)
        cuts.append(cuts[-1] if join < 0 else cut)
        shared.append(join >= 0 and ALTERNATIVE.search(between) is not None and not CLOSES.search(between))
    found: list[Value] = []
    for n, at in enumerate(places):
        later = next((cut for cut in cuts[n + 1 :] if cut > at), len(said.words))
        first, head = at, cuts[n]
        if shared[n]:
            first, head = found[-1].first, min(found[-1].head or found[-1].at, found[-1].at)
        found.append(Value(at, said.words[at].root, kind, cuts[n], later, head if shared[n] else 0, first))
    return found


@lru_cache(maxsize=5_000)
def _places(said: Said) -> tuple[int, ...]:
    """Where each word stands, in words that say something."""
    found, place = [], 0
    for word in said.words:
        place += _counts(word)
        found.append(place)
    return tuple(found)


def _counts(word: Word) -> bool:
    if word.root in bounds.CURRENCIES:
        return False
    return word.is_content or word.is_number or (len(word.text) == 1 and word.capital)


def _nearness(claim: Said, ours: Value, window: Said, theirs: Sequence[Value]) -> dict[int, float]:
    """Of each word that stands near a value of the claim how near it stands to one of these values of the source."""
    here, there = _places(claim), _places(window)
    same_kind = {value.at for value in values(claim) if value.kind == ours.kind}
    found: dict[int, float] = {}
    for at in range(ours.begins, ours.ends):
        word = claim.words[at]
        if at in same_kind or not _counts(word):
            continue
        weight = (1.0 if word.capital and at else max(0.3, word.weight)) * FADES ** abs(here[at] - here[ours.at])
        found[at] = 0.0
        for n, other in enumerate(window.words):
            if likeness := _alike(word, other):
                for value in theirs:
                    of = value.first if n < value.head else value.at
                    is_own = value.begins <= n < value.ends or n < value.head
                    near = likeness * FADES ** abs(there[n] - there[of]) * (1.0 if is_own else APART)
                    found[at] = max(found[at], weight * near)
    return found


def _compared(own: dict[int, float], other: dict[int, float]) -> tuple[float, float]:
    """The sums of both, without the words that stand as near to the one as to the other."""
    telling = [at for at in own if abs(own[at] - other[at]) > ALIKE * max(own[at], other[at])]
    return sum(own[at] for at in telling), sum(other[at] for at in telling)


def _alike(one: Word, other: Word) -> float:
    if one.root == other.root:
        return 1.0
    return 0.6 if not kin.groups(one.root).isdisjoint(kin.groups(other.root)) else 0.0


def _is_range(said: Said, one: int, two: int) -> bool:
    """Whether nothing stands between two values that says anything: "from 10 to 18", "94-99"."""
    low, high = sorted((one, two))
    between = said.text[said.words[low].end : said.words[high].start]
    return not any(_counts(word) and not word.is_number for word in said.words[low + 1 : high]) and not re.search(
        r",|;|\bor\b", between
    )


def _repeats(claim: Said, window: Said) -> bool:
    """Whether a claim is one stretch of the source nearly word for word, with its numbers in their order."""
    equal = [block for block in LCSseq.opcodes(claim.order, window.order) if block.tag == "equal"]
    if not equal:
        return False
    shared = sum(block.src_end - block.src_start for block in equal)
    reach = equal[-1].dest_end - equal[0].dest_start
    numbers = [at for at, word in enumerate(claim.words) if word.is_number]
    is_kept = all(any(block.src_start <= at < block.src_end for block in equal) for at in numbers)
    return is_kept and shared >= REPEATS * max(len(claim.words), reach)


def trouble(claim: Said, window: Said) -> str:
    """A value that the source says of something else, where it says another one of what the claim speaks of."""
    ours, theirs = values(claim), values(window)
    if len(theirs) < 2 or _repeats(claim, window):
        return ""
    for value in ours:
        same = [other for other in theirs if other.root == value.root]
        others = [other for other in theirs if other.root != value.root and other.kind == value.kind]
        if not same or not others:
            continue
        for other in others:
            if any(_is_range(window, other.at, each.at) for each in same):
                continue
            to_other = [each for each in theirs if each.root == other.root and each.kind == other.kind]
            own, near = _compared(_nearness(claim, value, window, same), _nearness(claim, value, window, to_other))
            partner = next((each for each in ours if each.root == other.root and each.kind == value.kind), None)
            if partner is not None:
                rest, crossed = _compared(
                    _nearness(claim, partner, window, to_other), _nearness(claim, partner, window, same)
                )
                own, near = own + rest, near + crossed
            if near > max(LEAST, (NEARER if partner is None else TWICE) * own):
                return f"“{claim.words[value.at].text}” is not said of that in the cited passage"
    return ""
