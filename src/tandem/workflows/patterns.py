"""Patterns that a tenant writes and a customer's text is tried on: such that no text takes them long.

A pattern repeats single characters and never groups, refers to nothing it matched, and the number of ways in which it can begin
at one place is bounded; texts are cut into pieces. So the worst case is WAYS times LONGEST steps a piece, whatever is written.
"""

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated

import pydantic

LONGEST_PATTERN = 200
"""As in tandem.actions.schemas."""

LONGEST = 500
"""Characters of a piece of text that a pattern is tried on."""

PIECES = 8
"""Of a message: 4,000 characters, the policy's default for a message."""

WAYS = 2_000
"""How many ways a pattern may have at one place: the worst that was found takes 0.4 s for 4,000 characters."""

REPEAT = re.compile(r"\{([0-9]*)(,?)([0-9]*)\}")
ESCAPED = re.compile(r"\\.", re.DOTALL)
SET = re.compile(r"\[\^?\]?[^\]]*\]")
ALONE = (
    r"(?<![0-9][.,])(?<![\w€$£-])(?:{})(?![.,]?[0-9])(?!\w)(?!\s?(?:[€$£%]|(?:euros?|dollars?|pounds?|eur|usd|gbp)\b))"
)
"""Around what stands alone: it is no part of a word or of a longer number, and no price."""


def check(pattern: str) -> str:
    """The pattern, if it is one and never takes long. Raises ValueError."""
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"a pattern has at most {LONGEST_PATTERN} characters")
    if re.search(r"(?<!\\)(?:\\\\)*\\[1-9]|\(\?P=|\(\?\(|\(\?[aiLmsux]", pattern):
        raise ValueError("a pattern refers to nothing it matched, and sets no flags: letters match whatever their case")
    try:
        re.compile(pattern)
        _compiled(pattern)
    except (re.error, RecursionError, OverflowError) as problem:
        raise ValueError(f"not a pattern: {problem}") from None
    bare = SET.sub("~", ESCAPED.sub("~", pattern))
    if re.search(r"\)(?:[*+]|\{)", bare):
        raise ValueError("a pattern repeats no group: that may take for ever")
    if _ways(bare) > WAYS:
        raise ValueError("this pattern has too many ways to match: repeat less, or say how often at most")
    return pattern


Pattern = Annotated[str, pydantic.Field(min_length=1), pydantic.AfterValidator(check)]


def fits(pattern: str, value: str) -> bool:
    """Whether the value is, as a whole, what the pattern says."""
    return len(value) <= LONGEST and re.compile(pattern, re.IGNORECASE).fullmatch(value) is not None


def found(pattern: str, text: str, *, alone: bool) -> Iterator[str]:
    """The first group of every match, or the match. `alone`: not as a part of a longer word or number."""
    compiled = _compiled(pattern) if alone else re.compile(pattern, re.IGNORECASE)
    for piece in pieces(text):
        for match in compiled.finditer(piece):
            value = next((group for group in match.groups() if group), match[0])
            if value:
                yield value


def pieces(text: str) -> Iterator[str]:
    """The text in parts that patterns may be tried on, cut at spaces where there are any."""
    for _ in range(PIECES):
        if len(text) <= LONGEST:
            break
        cut = text.rfind(" ", LONGEST // 2, LONGEST)
        cut = cut if cut > 0 else LONGEST
        yield text[:cut]
        text = text[cut:]
    else:
        return
    yield text


@lru_cache(maxsize=2048)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(ALONE.replace("{}", pattern, 1), re.IGNORECASE)


def _ways(bare: str) -> int:
    """At most in how many ways what repeats and what has alternatives can be combined."""
    ways: int = 1
    for least, comma, most in REPEAT.findall(bare):
        ways *= (int(most or LONGEST) - int(least or 0) + 1) if comma else 1
    ways *= math.prod([LONGEST] * len(re.findall(r"[*+]", bare)) + [2] * len(re.findall(r"(?<!\()\?", bare)))
    for group in re.split(r"[()]", bare):
        ways *= _readings(group.removeprefix("?:").split("|"))
    return ways


def _readings(alternatives: list[str]) -> int:
    """How many of the alternatives a text can be at once: one, where each begins with another letter."""
    begins = [each[:1].lower() for each in alternatives]
    is_told_apart = len(set(begins)) == len(begins) and all(re.match(r"\w(?![*?{])", each) for each in alternatives)
    return 1 if is_told_apart else len(alternatives)
