"""What a message says beside its subject: wants a person, is upset, presses, threatens, tries to give the assistant orders.

Each signal is a weak sign with a weight between 0 and 1, made of phrases (`phrases`, `people`); rules decide what follows.
The customer's tier is none of them: it comes from the record, whatever the message claims.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Any

from tandem.embedding import Vector
from tandem.intents import feeling, injection, language, people, phrases

CLEAR = 0.8
"""From here on a signal is said plainly: one phrase is enough."""

NAMED = ("security", "dispute", "legal", "safety", "threat", "abuse", "churn")
"""Signals that a tenant's rules may send to people, in the order in which they are looked at."""

CATEGORY = {
    "security": "account_security",
    "dispute": "billing_dispute",
    "legal": "legal_threat",
    "threat": "legal_threat",
}
"""What a message is about that says so plainly, where the classifier asserts nothing."""

READ_CHARS = 20_000
"""Of a longer text no more is read."""

_PHRASES = {
    "abuse": (phrases.ABUSE, 0.9),
    "threat": (phrases.THREAT, 0.9),
    "legal": (phrases.LEGAL, 0.9),
    "safety": (phrases.SAFETY, 0.9),
    "security": (phrases.SECURITY, 0.9),
    "dispute": (phrases.DISPUTE, 0.9),
    "churn": (phrases.CHURN, 0.9),
}


URGENCIES = ("low", "medium", "high")
"""From the least to the most."""


@dataclass(frozen=True, slots=True)
class Signals:
    """Each between 0 and 1, but `sentiment` (-1 bad to 1), its `trend` (-2 to 2) and `repeats`, a count.

    `urgency` is low, medium or high, and `urgency_evidence` quotes what made it so. `language` is ISO 639-1, None when unclear.
    """

    wants_person: float = 0.0
    injection: float = 0.0
    abuse: float = 0.0
    frustration: float = 0.0
    negative: float = 0.0
    sentiment: float = 0.0
    urgency: str = "low"
    urgency_evidence: str = ""
    escalate_words: tuple[str, ...] = field(default=())
    threat: float = 0.0
    legal: float = 0.0
    safety: float = 0.0
    security: float = 0.0
    dispute: float = 0.0
    churn: float = 0.0
    trend: float = 0.0
    repeats: int = 0
    language: str | None = None

    def pressed(self, urgency: str | None) -> "Signals":
        """With the urgency that a model read, where it is higher than what the words said: it may raise, never lower."""
        if urgency is None or URGENCIES.index(urgency) <= URGENCIES.index(self.urgency):
            return self
        return replace(self, urgency=urgency, urgency_evidence="a model read the message as pressing")

    def as_json(self) -> dict[str, float]:
        """The numeric ones, for records and the API."""
        plain = ("wants_person", "injection", "abuse", "frustration", "negative")
        return {name: getattr(self, name) for name in (*plain, *(name for name in NAMED if name not in plain))}

    def plainly(self) -> tuple[str, ...]:
        """The NAMED signals that the message says plainly."""
        return tuple(name for name in NAMED if getattr(self, name) >= CLEAR)

    @property
    def category(self) -> str | None:
        """What the message is about by its phrases alone."""
        return next((CATEGORY[name] for name in self.plainly() if name in CATEGORY), None)


def read(
    text: str,
    *,
    escalate_words: tuple[str, ...] = (),
    before: Sequence[str] = (),
    repeats: int = 0,
    vector: Vector | None = None,
) -> Signals:
    """The signals of a message. `before`: the customer's own earlier messages, oldest first; `repeats` as `repeating` counts.

    `vector`: the message's embedding by the shipped model, where it is at hand.
    """
    shown = text[:READ_CHARS].replace("’", "'")
    sentiment, trend = feeling.of(shown), feeling.trend(shown, before)
    shares = {name: _share(patterns, shown, each) for name, (patterns, each) in _PHRASES.items()}
    frustration = _frustration(shown, trend, repeats)
    urgency, evidence = _urgency(shown, shares, frustration, repeats)
    return Signals(
        wants_person=people.asks(shown),
        frustration=frustration,
        negative=max(0.0, -sentiment),
        sentiment=sentiment,
        trend=trend,
        repeats=repeats,
        language=language.of(shown, before),
        urgency=urgency,
        urgency_evidence=evidence,
        escalate_words=words(shown, escalate_words),
        injection=injection.score(text, vector),
        abuse=shares["abuse"],
        threat=shares["threat"],
        legal=shares["legal"],
        safety=shares["safety"],
        security=shares["security"],
        dispute=shares["dispute"],
        churn=shares["churn"],
    )


def words(text: str, wanted: Sequence[str]) -> tuple[str, ...]:
    """Those of the words and phrases that the text has, whole, in any case."""
    return tuple(word for word in wanted if _whole(word).search(text))


def stored(
    kept: dict[str, Any], text: str, *, escalate_words: tuple[str, ...] = (), more: dict[str, Any] | None = None
) -> Signals:
    """The signals of a recorded message, from its record; what an older record has not is read anew from the text."""
    missing = [name for name in Signals().as_json() if name not in kept]
    fresh = read(text) if missing else Signals()
    numbers: dict[str, Any] = {name: float(kept.get(name, getattr(fresh, name))) for name in Signals().as_json()}
    return Signals(**numbers, **(more or {}), escalate_words=words(text, escalate_words))


def _frustration(text: str, trend: float, repeats: int) -> float:
    """Of the words, a fall of the mood, and asking again."""
    rest = 1.0 - _share(phrases.FRUSTRATION, text, 0.4)
    if trend <= FALL:
        rest *= 0.8
    return round(1.0 - rest * 0.6 ** min(repeats, 3), 4)


FALL = -0.5
"""A fall of the sentiment by a quarter of its range: from neutral to plainly negative."""


def _urgency(text: str, shares: dict[str, float], frustration: float, repeats: int) -> tuple[str, str]:
    calm = _first(phrases.NOT_URGENT, text)
    if found := _first(phrases.URGENT_HIGH, text):
        return "high", f"the customer wrote “{found}”"
    for name in ("threat", "safety", "security"):
        if shares[name] >= CLEAR:
            return "high", f"the customer wrote “{_first(_PHRASES[name][0], text)}”"
    if calm:
        return "low", f"the customer wrote “{calm}”"
    if found := _first(phrases.URGENT_MEDIUM, text):
        return "medium", f"the customer wrote “{found}”"
    if repeats:
        return "medium", "the customer asks the same thing again"
    if frustration >= 0.4 and (found := _first(phrases.FRUSTRATION, text)):
        return "medium", f"the customer sounds frustrated: “{found}”"
    return "low", "nothing in the message is pressing"


def _share(patterns: tuple[str, ...], text: str, each: float) -> float:
    rest = 1.0
    for pattern in patterns:
        if _compiled(pattern).search(text):
            rest *= 1.0 - each
    return round(1.0 - rest, 4)


def _first(patterns: tuple[str, ...], text: str) -> str:
    for pattern in patterns:
        if match := _compiled(pattern).search(text):
            return " ".join(match[0].split())
    return ""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    flags = 0 if "[A-Z]{4,}" in pattern else re.IGNORECASE
    return re.compile(pattern, flags)


@lru_cache(maxsize=2000)
def _whole(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
