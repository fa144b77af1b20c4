"""Whether two sentences say different things about the same, and whether two passages say the same twice. Rules on words.

Made for few false alarms rather than for finding everything. On the 68 articles of the demo (943 sentences) they point out
nothing, and nothing there disagrees. Of 23 contradictions planted by hand in sentences from there, most worded anew, they find
14; of 16 pairs that are alike and about different things (standard and express delivery, a rule and its exception) none. On
Arduino's help centre (arduino/help-center-content, 408 articles, 7,133 sentences) they point out no contradiction and one
duplicate, which is one.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from tandem.answering import words

NOT = re.compile(r"\b(?:not|never|no|nor|neither|cannot|\w+n['’]t)\b", re.IGNORECASE)
LIMITS = re.compile(
    r"\b(?:before|after|until|over|under|above|below|unless|except|without|only|if|when|while)\b", re.IGNORECASE
)
LINK = re.compile(r"!?\[[^\[\]]*\]\([^()\s]*\)|https?://\S+|<[^<>]+>|\{#[^{}]*\}|\[\^[^\]]*\]|`[^`]*`")
"""What is named rather than said: links, pictures, addresses, code."""

QUANTITY = re.compile(
    r"(?<![\w.#/+-])([€$£]?)(\d+(?:[.,:]\d+)*)(?![\w-]*[-_/]\w)\s?(%|[€$£]|[^\W\d_]+)?(?:\s([^\W\d_]+))?"
)
"""A number that stands by itself, with the word behind it; parts of names, versions and ranges of them are none."""

NAMED = re.compile(r"(?:version|v|step|figure|fig|chapter|no|nr|pin|part)\.?\s*$", re.IGNORECASE)
LIST_NUMBER = re.compile(r"(?m)^\s*\d+[.)]\s")
SPELLED = {
    name: str(n) for n, name in enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2)
}
SPELLED_OUT = re.compile(rf"\b(?:{'|'.join(SPELLED)})\b", re.IGNORECASE)
MONTHS = frozenset("jan feb mar apr may jun jul aug sep oct nov dec".split())

HOURS = {"minut": 1 / 60, "hour": 1.0, "day": 24.0, "week": 168.0, "month": 730.0, "year": 8760.0}
"""Stems of units of time: two weeks are 14 days."""

ROUGHLY = 0.05
"""A month may have been meant by 30 days."""

LEAST_WORDS = 2
"""Content words or units that two sentences must share."""

SAME = 0.75
"""Cosine that two sentences of the same words need: the order of words may still make two things of them."""

NEARLY_THE_SAME = 0.92
NEARLY_WORDS = 4
"""One more word on one side is let pass from this cosine and so many shared words on: a rule and its exception (“Sale items can
be returned …”) stay below 0.90."""

TWICE = 0.93
TWICE_SHARED = 0.85
TWICE_WORDS = 20
"""Passages say the same from this cosine and this F1 of their words on, if they have so many; shorter ones are boilerplate."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a sentence says: its content words, its quantities with their units, whether it denies, what it is limited by."""

    words: frozenset[str]
    quantities: frozenset[tuple[str, str]]
    denies: bool
    limits: frozenset[str]


@lru_cache(maxsize=20_000)
def statement(text: str) -> Statement:
    """Read a sentence."""
    plain = LIST_NUMBER.sub(" ", SPELLED_OUT.sub(lambda found: SPELLED[found[0].lower()], LINK.sub(" ", text)))
    quantities = _quantities(plain)
    units = {unit for _, unit in quantities}
    content = frozenset(
        word
        for word in words.content(plain)
        if word not in units
        and not any(c.isdigit() for c in word)
        and word[:3] not in MONTHS
        and word not in ("am", "pm")
    )
    limits = frozenset(found.lower() for found in LIMITS.findall(plain))
    return Statement(content, quantities, NOT.search(plain) is not None, limits)


def _quantities(plain: str) -> frozenset[tuple[str, str]]:
    found = set()
    for match in QUANTITY.finditer(plain):
        sign, number, unit, after = match.groups()
        if number.count(".") > 1 or NAMED.search(plain[: match.start()]):
            continue
        unit = (unit or sign or "").lower()
        if unit == "working" and after:
            unit = after.lower()
        if unit[:3] in MONTHS:
            unit = unit[:3]
        value = number.removesuffix(":00")
        found.add((value if ":" in value else next(iter(words.numbers(value)), value), _unit(unit)))
    return frozenset(found)


def _unit(word: str) -> str:
    return "" if word in words.STOP and word not in MONTHS else words.stem(word)


def needed(one: str, other: str) -> float | None:
    """The cosine from which the two contradict each other; None when their words say that they do not."""
    if one.rstrip().endswith("?") or other.rstrip().endswith("?"):
        return None
    ours, theirs = statement(one), statement(other)
    if ours.limits != theirs.limits:
        return None
    more, fewer = ours.words - theirs.words, theirs.words - ours.words
    shared = len(ours.words & theirs.words) + len(_units(ours.quantities) & _units(theirs.quantities))
    if _quantities_differ(ours.quantities, theirs.quantities) and ours.denies == theirs.denies:
        if shared >= LEAST_WORDS and not more and not fewer:
            return SAME
        if shared >= NEARLY_WORDS and len(more) + len(fewer) == 1:
            return NEARLY_THE_SAME
        return None
    if ours.denies != theirs.denies and ours.quantities == theirs.quantities:
        return SAME if shared >= LEAST_WORDS and not more and not fewer else None
    return None


def _quantities_differ(ours: frozenset[tuple[str, str]], theirs: frozenset[tuple[str, str]]) -> bool:
    """Whether both say how much, and not the same: of the same unit, of time, or the same number of another unit."""
    mine, yours = ours - theirs, theirs - ours
    if not mine or not yours:
        return False
    for number, unit in mine:
        for other, another in yours:
            if unit in HOURS and another in HOURS:
                longer, shorter = sorted((_hours(number, unit), _hours(other, another)), reverse=True)
                if longer - shorter > ROUGHLY * longer:
                    return True
            elif unit == another or number == other:
                return True
    return False


def _hours(number: str, unit: str) -> float:
    return HOURS[unit] * (float(number) if re.fullmatch(r"\d+(\.\d+)?", number) else 0.0)


def _units(quantities: frozenset[tuple[str, str]]) -> set[str]:
    return {unit for _, unit in quantities if unit}


def about_the_same(heading: str, other: str) -> bool:
    """Whether the headings may be about one thing: articles of a series (“… 1.3.2”, “… 1.3.5”) differ by a number there."""
    return set(re.findall(r"\d[\d.]*", heading)) == set(re.findall(r"\d[\d.]*", other))


def says_twice(one: str, other: str, cosine: float) -> bool:
    """Whether two passages say the same."""
    if cosine < TWICE:
        return False
    ours, theirs = statement(one), statement(other)
    if min(len(ours.words), len(theirs.words)) < TWICE_WORDS or ours.quantities != theirs.quantities:
        return False
    return 2 * len(ours.words & theirs.words) / (len(ours.words) + len(theirs.words)) >= TWICE_SHARED
