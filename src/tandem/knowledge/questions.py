"""A question in its conversation: what was said before counts beside it, the less the more it says by itself."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tandem.knowledge import lexemes

BEFORE, REPLY = 0.5, 0.3
"""What the customer's message before and the reply to it count beside the question, at most. See docs/decisions/0006-ranking.md."""

LEANING, STANDING = 3, 2
"""Content words: a message with so few or fewer takes its context in full, with a pronoun or without one; a longer one less."""

REPLY_CHARS = 600
"""Of the reply before: what it begins with says what it is about."""

LEANS = re.compile(
    r"^\W*(and|but|so|or|ok|okay|what about|how about|what if|also|then|why|which)\b"
    r"|\b(it|its|that|this|those|these|they|them|their|he|she|his|her|him|one|ones|there|same|instead|either|else)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """A message that is searched with, and its weight. `speaks`: its words count too, not its meaning alone."""

    text: str
    weight: float
    speaks: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched for: the question itself first, with weight 1, then what counts beside it."""

    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """As words are searched for, and as people are shown it."""
        return " ".join(part.text for part in reversed(self.parts) if part.speaks)

    def respelled(self, words: Mapping[str, str]) -> "Question":
        """The same with these words written otherwise."""
        mistyped = re.compile(rf"\b({'|'.join(map(re.escape, words))})\b", re.IGNORECASE)

        def right(text: str) -> str:
            return mistyped.sub(lambda match: words.get(match[0].lower(), match[0]), text)

        return Question(tuple(replace(part, text=right(part.text)) for part in self.parts))


def alone(text: str) -> Question:
    """A question without anything before it."""
    return Question((Part(text, 1.0),))


def in_context(text: str, before: str | None, reply: str | None) -> Question:
    """A question after the customer's message before it and the reply to that.

    Messages are read apart and their meanings added by weight, as Rocchio adds passages: that finds more than one text of all.
    Of the reply the meaning alone counts: its many words would drown the question's.
    """
    share = leaning(text)
    parts = [Part(text, 1.0)]
    if before:
        parts.append(Part(before, BEFORE * share))
    if reply:
        parts.append(Part(reply[:REPLY_CHARS], REPLY * share, speaks=False))
    return Question(tuple(parts))


def leaning(text: str) -> float:
    """How much a message takes from what was said before it: 1 in full, towards 0 the more it says by itself."""
    size = len(set(lexemes.lexemes(text)))
    return min(1.0, (LEANING if LEANS.search(text) else STANDING) / max(size, 1))


def said_before(history: Sequence[tuple[str, str]]) -> tuple[str | None, str | None]:
    """The customer's last message in a history of (role, text), oldest first, and what was replied to it."""
    reply: str | None = None
    for role, text in reversed(history):
        if role == "user":
            return text, reply
        reply = text
    return None, reply
