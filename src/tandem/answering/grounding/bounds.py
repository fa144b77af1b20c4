"""Limits: what a number counts, and whether it is the least, the most, or exactly so. Pure."""

import re
from collections.abc import Sequence
from functools import lru_cache

from tandem.answering.grounding import text, vocabulary
from tandem.answering.grounding.text import Said, Word

PERCENT = vocabulary.root("percent")
CURRENCIES = frozenset({"eur", "gbp", "usd"})
QUALIFIERS = frozenset({"work", "busi", "calendar"})
_TIME = vocabulary.FAMILY["year"]
REACH = 9
"""Words behind a number among which its unit is looked for: prices in three currencies stand before "per year"."""

UPPER, LOWER, ABOUT = "at most", "at least", "about"
_PHRASES = (
    (
        LOWER,
        "at least|more than|older than|no less than|not less than|no fewer than|over|above|from|minimum(?: of)?|a minimum of"
        "|exceed(?:s|ing)?"
        "|starting (?:at|from)|after|later than|longer than|not before|greater than",
    ),
    (
        UPPER,
        "up to|at most|no more than|not more than|less than|fewer than|under|below|maximum(?: of)?|a maximum of|within|until|before|by"
        "|no later than|not later than|not after|shorter than|for up to|in under|inside",
    ),
    (ABOUT, "about|around|approximately|roughly|nearly|almost|circa|some"),
)
_NUMBER = r"(?:the (?:first|last|next) )?(?:an? |[€£$¥]\s?)?(?P<number>\d+(?:[.,:]\d+)*)"
LIMITS = tuple((kind, re.compile(rf"\b(?P<phrase>{phrases})\s+{_NUMBER}", re.IGNORECASE)) for kind, phrases in _PHRASES)
BEHIND = re.compile(
    r"(?P<number>\d+(?:[.,:]\d+)*)(?:\s+\w+)?\s+(?P<phrase>(?:(?:or|and) (?:more|over|above|older|longer)|at least)"
    r"|(?:(?:or|and) (?:less|under|fewer|below|younger)|at most|at the latest))\b(?! than)",
    re.IGNORECASE,
)
LOOSE = frozenset({"within", "until", "before", "by", "after", "from", "inside", "some", "in under"})
"""Limits that may be left out ("you have 60 days") or said by a verb; the others never."""


OTHERS = frozenset("younger older else others otherwise everyone rest less fewer more smaller larger".split())
"""Words for those on the other side of a limit: "from the age of 16; younger people"."""


def unit(words: Sequence[Word], at: int) -> str:
    """What a number counts: its currency, or the nearest unit of time or measure behind it; "" where neither is said."""
    for near in (at - 1, at + 1):
        if 0 <= near < len(words) and words[near].root in CURRENCIES:
            return words[near].root
    if at + 1 < len(words) and words[at + 1].root == PERCENT:
        return PERCENT
    counted = [word.root for word in words[at + 1 : at + 1 + REACH]]
    for place, root in enumerate(counted):
        if root in vocabulary.FAMILY and root not in CURRENCIES:
            qualified = place and counted[place - 1] in QUALIFIERS
            return f"{'working ' if qualified and counted[place - 1] != 'calendar' else ''}{root}"
        if not (
            root[0].isdigit() or root in QUALIFIERS or root in ("to", "and", "or", "full", "more") or root in CURRENCIES
        ):
            return ""
    return ""


LENGTHS = {
    "second": (1 / 60, "m"), "minut": (1, "m"), "hour": (60, "m"), "day": (1440, "m"), "week": (10080, "m"),
    "month": (1, "M"), "quarter": (3, "M"), "year": (12, "M"), "decad": (120, "M"), "centuri": (1200, "M"),
}  # fmt: skip
"""Units of time in minutes or months, for lengths that are the same in other units: 48 hours and 2 days, a year and 12 months."""


@lru_cache(maxsize=5_000)
def lengths(said: Said) -> dict[int, tuple[float, str]]:
    """Of the place of each number and each unit of time how long it says, where it says that: "2 weeks", "a year"."""
    found: dict[int, tuple[float, str]] = {}
    for at, word in enumerate(said.words):
        if word.is_number:
            name = unit(said.words, at)
            value = float(word.root) if word.root.replace(".", "", 1).isdigit() else 0.0
            places = [n for n in range(at + 1, min(len(said.words), at + 1 + REACH)) if said.words[n].root == name]
        elif word.text in ("a", "an", "one") and at + 1 < len(said.words):
            name, value, places = said.words[at + 1].root, 1.0, [at + 1]
        else:
            continue
        if name in LENGTHS and value and places:
            size, scale = LENGTHS[name]
            found[at] = found[places[0]] = (round(value * size, 3), scale)
    return found


def per(words: Sequence[Word], at: int) -> frozenset[str]:
    """What a number is said to be for each of: "€39, £35 or $45 per year", "100 requests per minute per token"; empty: not said."""
    found: set[str] = set()
    for place in range(at + 1, min(at + 1 + REACH, len(words) - 1)):
        word, following = words[place], words[place + 1]
        is_time = vocabulary.FAMILY.get(following.root) == _TIME
        if found and (word.is_number or word.root in CURRENCIES or word.text in ("or", "and")):
            break
        if word.text in ("per", "each", "every") or (word.text in ("a", "an") and is_time):
            found.add(following.root if following.text != "extra" or place + 2 >= len(words) else words[place + 2].root)
        elif word.root not in found and not (
            word.is_number or word.root in CURRENCIES or word.text in ("or", "and", "for") or place == at + 1
        ):
            break
    return frozenset(found)


def limits(said: Said) -> dict[str, tuple[str, str]]:
    """Each limited number with the kind of its limit and the words that say so."""
    found: dict[str, tuple[str, str]] = {}
    for kind, pattern in LIMITS:
        for match in pattern.finditer(said.text):
            root = text.number(match["number"])
            phrase = match["phrase"].lower()
            if root not in found or len(phrase) > len(found[root][1]):
                found[root] = (kind, phrase)
    for match in BEHIND.finditer(said.text):
        phrase = match["phrase"].lower()
        kind = LOWER if any(end in phrase for end in ("more", "over", "above", "least", "older", "longer")) else UPPER
        found[text.number(match["number"])] = (kind, phrase)
    return {root: value for root, value in found.items() if root in said.roots}


def _ends_range(window: Said, word: Word) -> bool:
    """Whether a number is the end of "from €10 to €500" or "3-5"."""
    at = next(n for n, other in enumerate(window.words) if other.root == word.root)
    before = window.words[max(0, at - 4) : at]
    return any(other.text in ("to", "-", "and") for other in before) and any(other.is_number for other in before)


def trouble(clause: Said, window: Said) -> str:
    """A number that is the most in the source must not be the least or exact in the claim, nor the other way round. A length of time
    that is exact there may be the most here.
    """
    ours, theirs = limits(clause), limits(window)
    for at, word in enumerate(clause.words):
        if not word.is_number or word.root not in window.roots:
            continue
        mine, other = ours.get(word.root), theirs.get(word.root)
        if mine == other or (mine and other and mine[0] == other[0]):
            continue
        if mine and other:
            if window.texts & OTHERS and not clause.texts & OTHERS:
                continue
            return f"the limit of {word.text} is another one in the cited passage"
        if other and other[1] not in LOOSE:
            return f"it leaves out that it is {other[1]} {word.text}"
        if mine and mine[1] not in LOOSE and mine[0] != ABOUT and not _ends_range(window, word):
            if mine[0] == UPPER and unit(clause.words, at).removeprefix("working ") in LENGTHS:
                continue
            if window.texts & OTHERS:
                continue
            return f"the cited passage does not say {mine[1]} {word.text}"
    return ""
