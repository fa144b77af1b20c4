"""How a sentence of a draft may look: no sign that nobody sees, no digits that look like others, no markup and no marks gone wild.

A sentence is compared word by word with its passage; what a screen then makes of it must be the same sentence. Whatever the
passage has itself, the sentence may have. Pure.
"""

import re
import unicodedata

from tandem.answering import layout
from tandem.knowledge.search import Found

UNSEEN = frozenset({"Cf", "Cc", "Co", "Cn", "Cs", "Zl", "Zp", "No"})
"""Kinds of characters (Unicode's general categories): format, control, private, unassigned, breaks of lines, numbers that are no digits."""

OVERLAY = 1
"""The combining class of what is drawn across a letter, as if it were struck out."""

BLANKS = frozenset("\u2800\u3164\u115f\u1160\uffa0\u034f")
"""Letters and signs that look like nothing."""

MARKUP = re.compile(
    r"</?[a-z!][^<>\n]{0,300}>|<!--|<script|~~|\]\(|!\[|^\s*\[[^\]]*\]:|^\s*[{\[]\s*\"|\"\s*:\s*\"", re.IGNORECASE
)
"""Tags, links, images, struck-out text, JSON. Bold and italics do no harm."""

MARK = re.compile(r"\[\d+\]")
INSIDE_A_WORD = re.compile(r"(?:\[\d+\])[a-z0-9]|\w(?:\[\d+\])+\w|\d\s*(?:\[\d+\]\s*)+\d")

MOST_MARKS = 8
"""In one sentence: six passages are given, and a sentence seldom rests on three."""

MOST_CHARS = 700
"""The longest of 2,000 sentences of the demo's articles has 360."""

NUMBERED = re.compile(r"\s*(?:\*\*)?(\d{1,3})[.)]\s")


def trouble(text: str, source: str) -> str:
    """Why a sentence with its marks must not be shown, whatever it says; "" if nothing is the matter."""
    if any(_is_odd(sign) and sign not in source for sign in set(text) if not sign.isascii() or sign < " "):
        return "it has signs that nobody sees, or that look like others"
    if any(found[0] not in source for found in MARKUP.finditer(text)):
        return "it has markup of its own"
    if len(MARK.findall(text)) > MOST_MARKS or INSIDE_A_WORD.search(text):
        return "its marks stand where none belongs"
    if len(MARK.sub("", text)) > MOST_CHARS:
        return "it is too long for a sentence"
    return ""


def _is_odd(sign: str) -> bool:
    if sign in "\n\r\t":
        return False
    kind = unicodedata.category(sign)
    return (
        kind in UNSEEN
        or (kind == "Nd" and not sign.isascii())
        or unicodedata.combining(sign) == OVERLAY
        or sign in BLANKS
    )


def is_other_step(text: str, cited: Found, span: tuple[int, int]) -> bool:
    """Whether a sentence counts itself as another step than the one it is in its passage."""
    counted = NUMBERED.match(text)
    there = NUMBERED.match(cited.text, layout.line_start(cited.text, span[0]))
    return counted is not None and there is not None and int(counted[1]) != int(there[1])
