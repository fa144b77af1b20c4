"""One way to write what is written in several: numbers in digits, times of day by the clock, limits by four phrases. Pure.

It keeps what a text says and changes how; claims and sources are both written so before they are compared. Longer than "one", which
is mostly a pronoun, number words become digits even inside a sentence: "twenty-five" is 25, "three quarters of an hour" 45 minutes.
"""

import re
from collections.abc import Callable

Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

_UNITS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
        " nineteen".split()
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_SMALL = "|".join(word for word in _UNITS if word not in ("zero", "ten") and _UNITS[word] < 10)
_HOURS = "|".join(word for word, value in _UNITS.items() if 1 <= value <= 12)


def _tens(match: re.Match[str]) -> str:
    return str(_TENS[match["tens"].lower()] + _UNITS[match["unit"].lower()])


def _hundreds(match: re.Match[str]) -> str:
    many = match["many"].lower()
    return str((1 if many in ("a", "one") else _UNITS[many]) * (100 if match["big"].lower() == "hundred" else 1000))


def _clock(match: re.Match[str]) -> str:
    hour = _UNITS.get(match["hour"].lower()) or int(match["hour"])
    half = match["half"].lower()
    if not 1 <= hour <= 12:
        return match[0]
    is_late = half[0] == "p" or "afternoon" in half or "evening" in half or "night" in half
    hour = hour % 12 + (12 if is_late else 0)
    return f"{hour}:{match['minute'] or '00'}"


def _rule(pattern: str, new: str | Callable[[re.Match[str]], str]) -> Rule:
    return re.compile(pattern, re.IGNORECASE), new


_ALL = {**_UNITS, **_TENS}
_WORDS = "|".join(word for word, value in _ALL.items() if value > 1)
_N = r"(?:[€£$]\s?)?\d+(?:[.,]\d+)*"
RULES: tuple[Rule, ...] = (
    _rule(rf"\b(?P<tens>{'|'.join(_TENS)})[- ](?P<unit>{_SMALL})\b", _tens),
    _rule(rf"\b(?P<many>a|{_SMALL}) (?P<big>hundred|thousand)\b(?! and)", _hundreds),
    _rule(r"\b(?:three[- ]quarters of an hour)\b", "45 minutes"),
    _rule(r"\b(?:a )?quarter of an hour\b", "15 minutes"),
    _rule(r"\bhalf an hour\b|\bhalf[- ]hour(?:ly)?\b", "30 minutes"),
    _rule(r"\b(?:an|one) hour and a half\b|\b(?:one|1) and a half hours\b", "90 minutes"),
    _rule(r"\bhalf a year\b", "6 months"),
    _rule(r"\bfortnight\b", "14 days"),
    _rule(r"\b(?:at )?half[- ]price\b|\bhalf (?:the|of the) (?:price|cost|fee)\b", "at 50 % off the price"),
    _rule(r"\bper cent\b", "%"),
    _rule(rf"\b(?:{_WORDS})\b(?! (?:more )?of)", lambda m: str(_ALL[m[0].lower()])),
    _rule(
        rf"\b(?P<hour>\d{{1,2}}|{_HOURS})(?:[:.](?P<minute>[0-5]\d))?\s?"
        r"(?P<half>[ap]\.\s?m\b\.?(?=\s+[a-z(]|[,;)])|[ap]\.m\b|[ap]m\b"
        r"|o[’']clock in the (?:morning|afternoon|evening)|in the (?:morning|afternoon|evening)|at night)",
        _clock,
    ),
    _rule(r"\b12 noon\b|\bnoon\b|\bmidday\b", "12:00"),
    _rule(r"\bmidnight\b", "0:00"),
    _rule(
        rf"\bas (?:many|much|long|late|far|high) as (?=(?:an? |one )?(?:{_N}|\w+ (?:year|month|week|day|hour|minute)))",
        "up to ",
    ),
    _rule(r"\bas (?:few|little|early|low|young) as (?=[€£$]?\d)", "from "),
    _rule(rf"\b(?:capped|limited) (?:at|to)\b(?= (?:an? )?{_N})", "within"),
    _rule(
        rf"\b(?:no|not) later than (?P<time>(?:{_N}|an?|one) (?:working |full )?\w+) (?=before|ahead|in advance|prior)",
        r"at least \g<time> ",
    ),
    _rule(rf"\b(?:in|within) less than (?={_N})|\bin under (?={_N})", "within "),
    _rule(r"\b(?:older|later|longer|higher|greater|bigger|heavier|larger) than\b", "more than"),
    _rule(r"\b(?:younger|earlier|shorter|lower|lighter|smaller) than\b", "under"),
    _rule(r"\b(?:a|the) (?:maximum|limit) (?:is|of)\b|\bmaximum of\b|\bmax\.?(?= \d)", "up to"),
    _rule(r"\b(?:a|the) minimum (?:is|of|charge of|order of)\b|\bminimum of\b|\bmin\.?(?= \d)", "at least"),
    _rule(
        r"\b(?:no|not) (?:more|longer|higher|older|greater) than\b|\b(?:doesn[’']t|does not|don[’']t|do not|can[’']t|cannot) exceed\b",
        "at most",
    ),
    _rule(r"\b(?:no|not) (?:less|fewer|shorter|lower|younger|under) than\b", "at least"),
)
"""What is sought, in this order, and what is written in its place."""


TOUCHED = re.compile(
    rf"\b(?:{_WORDS}|hundred|thousand|half|quarters?|fortnight|noon|midday|midnight|capped|limited|max\w*|min|minimum|limit|exceed|than|cent"
    r"|morning|afternoon|evening|night|o[’']clock)\b|\d\s?[ap]\.?\s?m\b|\bas \w+ as\b",
    re.IGNORECASE,
)
"""What any of the rules needs: most sentences have nothing of it, and are left as they are at once."""


def written(text: str) -> str:
    """The text so written."""
    if TOUCHED.search(text) is None:
        return text
    for pattern, new in RULES:
        text = pattern.sub(new, text)
    return text
