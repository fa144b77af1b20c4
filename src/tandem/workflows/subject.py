"""Whether what a customer says is a procedure's business: whether it begins with it, and whether they leave it with it."""

import re
from collections.abc import Collection

from tandem.clock import now
from tandem.intents import people
from tandem.intents.starter import TALK_TO_PERSON, UNKNOWN
from tandem.workflows import patterns, taking
from tandem.workflows.definition import Workflow
from tandem.workflows.state import State

NO_SUBJECT = frozenset({UNKNOWN, "greeting_thanks"})
"""Asserted of a message that goes with any subject, as most answers to a question do."""

MOST_WORDS = 4
"""Of an answer that is a text: "I think it's 1039". A longer one that is about something else is taken for that."""

NEVER_MIND = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|oh|sorry|no|well|actually|hm+)\W+){0,3}"
    r"(?:(?:please\s)?(?:never\s?mind|nevermind|forget (?:about )?(?:it|that)|(?:leave|drop|skip|stop) it"
    r"|stop(?: that)?|cancel that)"
    r"|(?:it's |its |that's )?(?:no longer|not) needed(?: any\s?more)?"
    r"|(?:i )?(?:don't|do not) (?:need|want) (?:it|that|this)(?: any\s?more)"
    r"|i(?:'ve| have)? changed my mind)\b",
    re.IGNORECASE,
)
"""Said first: within a sentence "I changed my mind" is why somebody sends something back."""


def begins(text: str, workflow: Workflow) -> bool:
    """Whether this message begins the procedure, its intent being one of the workflow's: as `when` and `unless` have it.

    "How long can I return a jacket?" is about returns, and asks for an answer; "I want my money back for order 1039" for an act.
    """
    plain = text.replace("’", "'")
    if any(_has(pattern, plain) for pattern in workflow.unless):
        return False
    return not workflow.when or any(_has(pattern, plain) for pattern in workflow.when)


def names_own(text: str, workflow: Workflow) -> bool:
    """Whether it names something that the customer's own records would offer: "where is my order 1042?"."""
    return any(slot.recent and taking.found(slot, text, now().date()) for slot in workflow.slots.values())


def leaves(text: str, asserted_intents: Collection[str], workflow: Workflow, state: State | None = None) -> str | None:
    """Why the customer leaves: `person`, `never_mind` or `other_intent`; None: they stay.

    `asserted_intents`: what the message is about with confidence. What answers the question of `state` stays, whatever it sounds
    like: "it arrived broken" may be a complaint, and is the reason that was asked for.
    """
    if TALK_TO_PERSON in asserted_intents or people.asks(text):
        return "person"
    if not any(sign.isalpha() for sign in text) or _is_answer(text, workflow, state):
        return None  # digits alone (an order, a code) sound like some intent or other, and name none
    if NEVER_MIND.match(text[: taking.LONGEST_VALUE].replace("’", "'")):
        return "never_mind"
    others = set(asserted_intents) - NO_SUBJECT - set(workflow.intents)
    return "other_intent" if others and not set(asserted_intents) & set(workflow.intents) else None


def _is_answer(text: str, workflow: Workflow, state: State | None) -> bool:
    """Whether it can be nothing else: a button, or the one value that the question takes. A free text may be anything."""
    slot = workflow.slots.get(state.asking or "") if state else None
    if slot is None or state is None:
        return False
    if " ".join(text.split()).casefold() in [label.casefold() for label, _ in state.offered]:
        return True
    if slot.kind == "text" and (slot.pattern is None or "?" in text or len(text.split()) > MOST_WORDS):
        return False
    return len(taking.answer(slot, text, now().date())) == 1


def _has(pattern: str, text: str) -> bool:
    return next(patterns.found(pattern, text, alone=False), None) is not None
