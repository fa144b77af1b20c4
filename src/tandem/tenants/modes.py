"""How far the assistant goes just now: the worst of what an admin has chosen and what the machine finds. Pure.

    full            everything
    no-actions      answers and look-ups; nothing is changed in the company's systems
    quotation-only  no model is asked: exact quotations, declared workflows
    people-only     every message goes to a person
    take-a-message  the same, and the customer is told that nobody answers just now, and may leave an address

Knows no database and no model. See docs/decisions/0019-modes.md.
"""

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """The five, from best to worst."""

    FULL = "full"
    NO_ACTIONS = "no-actions"
    QUOTATION_ONLY = "quotation-only"
    PEOPLE_ONLY = "people-only"
    TAKE_A_MESSAGE = "take-a-message"

    @property
    def rank(self) -> int:
        """How far from full."""
        return _ORDER.index(self)


_ORDER = tuple(Mode)

CHOSEN = "An admin has chosen it in the rules."

NOTES = {
    Mode.FULL: "",
    Mode.NO_ACTIONS: "I can look things up here just now, but not change anything.",
    Mode.QUOTATION_ONLY: "Answers here are quoted from our help articles.",
    Mode.PEOPLE_ONLY: "People from our team answer here just now.",
    Mode.TAKE_A_MESSAGE: "Nobody can answer just now. Leave a message and we will come back to you.",
}
"""What the customer reads of it, in one line."""


@dataclass(frozen=True, slots=True)
class Possible:
    """What the machine finds: the best mode that is possible just now, and a sentence why no better one is."""

    mode: Mode = Mode.FULL
    why: str = ""


NOTHING_WRONG = Possible()


@dataclass(frozen=True, slots=True)
class Effective:
    """The mode that holds, why, and what the admin has chosen: some consequences follow from the choice alone."""

    mode: Mode = Mode.FULL
    why: str = ""
    chosen: Mode = Mode.FULL

    @property
    def makes_changes(self) -> bool:
        """Whether anything may be changed in the company's systems. Without a model workflows go on, for they need none: only a
        choice stands against it."""
        return self.chosen is Mode.FULL

    @property
    def asks_model(self) -> bool:
        """Whether a model may write the answer."""
        return self.mode.rank < Mode.QUOTATION_ONLY.rank

    @property
    def is_peoples(self) -> bool:
        """Whether every message goes to people."""
        return self.mode.rank >= Mode.PEOPLE_ONLY.rank

    @property
    def note(self) -> str:
        """What the customer reads of it; "" in full."""
        return NOTES[self.mode]


FULL = Effective()


def effective(chosen: Mode, found: Possible = NOTHING_WRONG) -> Effective:
    """The worse of the two; of the same, the choice is the reason."""
    if chosen.rank >= found.mode.rank:
        return Effective(chosen, CHOSEN if chosen is not Mode.FULL else "", chosen)
    return Effective(found.mode, found.why, chosen)
