"""Answers that a model wrote lately, for those who ask the same: a question of the public's costs one model call in ten minutes.

An answer is kept under everything that made it: tenant, state of the knowledge, rules, audience, language and model. It is given
again for the same words, or for a question with the same content words, numbers and negations that means the same; and only where
this question's own search found the passages it cites. Kept is what began a conversation: nothing of an account, nothing that a
history decided, nothing with personal data or anything like an order's number in it.
"""

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tandem import personal
from tandem.answering import prompts, words
from tandem.answering.turn import Draft, Turn
from tandem.knowledge import search

KEPT_S = 600
"""Ten minutes: of the 5 to 15 that the source documents ask for. A new release of the knowledge ends an answer's time at once."""

ANSWERS = 2_000
"""In memory, over all tenants: 10 MB."""

MEANS_THE_SAME = 0.85
"""Cosine of two questions whose content words, numbers and negations are the same already."""

DECIDES = re.compile(
    r"\b(?:not|no|never|none|cannot|without|except|unless|only|before|after|until|if|still|again|more|less|most|least|who|when|where|why|how"
    r" (?:long|many|much|often|far|soon)|how|can|must|should|from|to|into|over|under)\b|n['’]t\b",
    re.IGNORECASE,
)
"""Small words that turn a question round; content words leave them out."""

ACCOUNT = re.compile(
    r"\b(?:my|mine|our|i(?:['’](?:ve|m|d))?) (?:\w+ )?"
    r"(?:order|account|parcel|package|invoice|subscription|refund|payment|ticket|delivery|booking|contract|plan)\b|\d{4,}",
    re.IGNORECASE,
)
"""Is about something of this customer's, so that the answer may be too."""


@dataclass(frozen=True, slots=True)
class _Kept:
    text: str
    content: frozenset[str]
    decides: tuple[str, ...]
    vector: NDArray[np.float32] | None = field(repr=False)
    draft: Draft
    until: float


class Cache:
    """The answers of one process, each for so many seconds. Safe on one event loop."""

    def __init__(self, seconds: float = KEPT_S, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._now = seconds, now
        self._shelves: OrderedDict[Hashable, list[_Kept]] = OrderedDict()
        self._count = 0

    def find(self, turn: Turn, model: str) -> Draft | None:
        """The answer to the same question, as it was released; None where there is none, or this question may have none."""
        key = _key(turn, model)
        shelf = self._shelves.get(key)
        if not shelf or not may_be_shared(turn):
            return None
        now, question = self._now(), _question(turn)
        found = {passage.passage_id for passage in turn.evidence.passages}
        for kept in shelf:
            rests_on = {cited.passage.passage_id for cited in kept.draft.citations}
            if kept.until > now and rests_on <= found and _is_same(kept, question, turn.heard.embedding):
                self._shelves.move_to_end(key)
                return kept.draft
        return None

    def keep(self, turn: Turn, model: str, draft: Draft) -> None:
        """Remember what a model wrote, where it may be told to others and left nothing to be doubted."""
        if not may_be_shared(turn) or not draft.proves or draft.trouble or not all(s.released for s in draft.sentences):
            return
        key, now = _key(turn, model), self._now()
        shelf = [kept for kept in self._shelves.get(key, []) if kept.until > now]
        text, content, decides = _question(turn)
        shelf.append(_Kept(text, content, decides, turn.heard.embedding, draft, now + self._seconds))
        self._count += len(shelf) - len(self._shelves.get(key, []))
        self._shelves[key] = shelf
        self._shelves.move_to_end(key)
        while self._count > ANSWERS:
            _, oldest = self._shelves.popitem(last=False)
            self._count -= len(oldest)


def may_be_shared(turn: Turn) -> bool:
    """Whether a question is the public's: the first of its conversation, about nothing of the customer's own."""
    asked = turn.asked
    if asked.history or asked.staff or turn.acted.calls or turn.acted.speaks or turn.evidence.release is None:
        return False
    return ACCOUNT.search(asked.text) is None and not personal.find(asked.text)


def _key(turn: Turn, model: str) -> Hashable:
    asked = turn.asked
    who = tuple(search.audiences(verified=asked.verified, tier=asked.tier))
    written_by = (model, prompts.load("answer").version)
    return (asked.tenant_id, turn.evidence.release, asked.policy.version, who, turn.heard.signals.language, *written_by)


def _question(turn: Turn) -> tuple[str, frozenset[str], tuple[str, ...]]:
    text = " ".join(turn.asked.text.lower().split())
    return text, frozenset(words.content(text)), tuple(sorted(match[0].lower() for match in DECIDES.finditer(text)))


def _is_same(
    kept: _Kept, question: tuple[str, frozenset[str], tuple[str, ...]], vector: NDArray[np.float32] | None
) -> bool:
    text, content, decides = question
    if kept.text == text:
        return True
    if not content or kept.content != content or kept.decides != decides or kept.vector is None or vector is None:
        return False
    return words.numbers(kept.text) == words.numbers(text) and float(kept.vector @ vector) >= MEANS_THE_SAME
