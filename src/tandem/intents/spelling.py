"""A mistyped word is read as the word of the tenant's examples that was meant. Pure; knows nothing about intents."""

import re
from collections import Counter
from collections.abc import Sequence

from tandem.embedding import tokens
from tandem.knowledge import lexemes

LEAST_LETTERS = 4
"""Of a word that is set right, and of what it becomes: a shorter one is a slip away from many."""

MOST_WORDS = 8
"""Words that nobody knows, in a message that is read anew: with more it is in another language, or no language."""

WORD = re.compile(rf"(?<![\w.@/])[^\W\d_]{{{LEAST_LETTERS},}}(?![\w@/])")
"""Letters alone: no part of an address, a code or a number."""


def learn(texts: Sequence[str]) -> tuple[str, ...]:
    """The words of these texts in small letters, commonest first."""
    return tuple(
        word for word, _ in Counter(_low(match) for text in texts for match in WORD.finditer(text)).most_common()
    )


def respelled(text: str, known: Sequence[str]) -> str:
    """The text with each word that is neither English nor among `known` replaced by the first of `known` that is one slip away.

    Two slips instead of one in words of seven letters gained nothing (docs/decisions/0010).
    """
    unread = {word for word in map(_low, WORD.finditer(text)) if word not in tokens.words()}
    strange = [word for word in unread if word not in known]
    if not 0 < len(strange) <= MOST_WORDS:
        return text
    meant = {word: lexemes.meant(word, known) for word in strange}
    return WORD.sub(lambda match: meant.get(_low(match)) or match[0], text)


def _low(match: re.Match[str]) -> str:
    return match[0].lower()
