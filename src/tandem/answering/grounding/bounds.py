"""Limits: what a number counts, and whether it is the least, the most, or exactly so. Pure."""

import re
from collections.abc import Sequence

from tandem.answering.grounding import text, vocabulary
from tandem.answering.grounding.text import Said, Word

CURRENCIES = frozenset({"eur", "gbp", "usd"})
QUALIFIERS = frozenset({"work", "busi", "calendar"})
_TIME = vocabulary.FAMILY["year"]
REACH = 9
"""Words behind a number among which its unit is looked for: prices in three currencies stand before "per year"."""

UPPER, LOWER, ABOUT = "at most", "at least", "about"
_PHRASES = (
    (
        LOWER,
        "at least|more than|no less than|not less than|no fewer than|over|above|from|minimum(?: of)?|a minimum of|exceed(?:s|ing)?"
        "|starting (?:at|from)|after|later than|longer than|not before|greater than",
    ),
    (
        UPPER,
        "up to|at most|no more than|not more than|less than|fewer than|under|below|maximum(?: of)?|a maximum of|within|until|before|by"
        "|no later than|not later than|not after|shorter than|for up to|in under|inside",
    ),
    (ABOUT, "about|around|approximately|roughly|nearly|almost|circa|some"),
)
_NUMBER = r"(?:the (?:first|last|next) )?(?:an? |[€£$¥]\s?)?(?P<number>\d+(?:[.,:]\d+)*|[a-z]+)"
LIMITS = tuple((kind, re.compile(rf"\b(?P<phrase>{phrases})\s+{_NUMBER}", re.IGNORECASE)) for kind, phrases in _PHRASES)
BEHIND = re.compile(
    r"(?P<number>\d+(?:[.,:]\d+)*)(?:\s+\w+)?\s+(?P<phrase>(?:(?:or|and) (?:more|over|above|older|longer)|at least)"
    r"|(?:(?:or|and) (?:less|under|fewer|below|younger)|at most|at the latest))\b(?! than)",
    re.IGNORECASE,
)
LOOSE = frozenset({"within", "until", "before", "by", "after", "from", "inside", "some", "in under"})
"""Limits that may be left out ("you have 60 days") or said by a verb; the others never."""


def unit(words: Sequence[Word], at: int) -> str:
    """What a number counts: its currency, or the nearest unit of time or measure behind it; "" where neither is said."""
    for near in (at - 1, at + 1):
        if 0 <= near < len(words) and words[near].root in CURRENCIES:
            return words[near].root
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


def period(words: Sequence[Word], at: int) -> str:
    """The unit of time that a number is said to be for each of: "€39, £35 or $45 per year"; "" where none is."""
    for place in range(at + 1, min(at + 1 + REACH, len(words) - 1)):
        word, following = words[place], words[place + 1]
        if word.text in ("per", "a", "an", "each", "every") and vocabulary.FAMILY.get(following.root) == _TIME:
            return following.root
        if not (word.is_number or word.root in CURRENCIES or word.text in ("or", "and")):
            return ""
    return ""


def limits(said: Said) -> dict[str, tuple[str, str]]:
    """Each limited number with the kind of its limit and the words that say so."""
    found: dict[str, tuple[str, str]] = {}
    for kind, pattern in LIMITS:
        for match in pattern.finditer(said.text):
            raw = match["number"].lower()
            root = text.number(raw) if raw[0].isdigit() else vocabulary.NUMERALS.get(raw, "")
            phrase = match["phrase"].lower()
            if root and (root not in found or len(phrase) > len(found[root][1])):
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
    """A number that is the most in the source must not be the least or exact in the claim, nor the other way round."""
    ours, theirs = limits(clause), limits(window)
    for word in clause.words:
        if not word.is_number or word.root not in window.roots:
            continue
        mine, other = ours.get(word.root), theirs.get(word.root)
        if mine == other or (mine and other and mine[0] == other[0]):
            continue
        if mine and other:
            return f"the limit of {word.text} is another one in the cited passage"
        if other and other[1] not in LOOSE:
            return f"it leaves out that it is {other[1]} {word.text}"
        if mine and mine[1] not in LOOSE and mine[0] != ABOUT and not _ends_range(window, word):
            return f"the cited passage does not say {mine[1]} {word.text}"
    return ""
