"""Step 2: who handles the message. Rules alone, in order; the first that holds decides, and says why in words.

No model is asked and nothing is looked up: the same message, customer and rules always go the same way, so that the
sandbox (evals/sandbox.py) tells beforehand what a change of the rules would do.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from tandem.answering import replies
from tandem.answering.turn import Kit, Route, Turn
from tandem.intents import amounts
from tandem.intents.signals import CATEGORY, CLEAR
from tandem.intents.starter import TALK_TO_PERSON
from tandem.tenants import hours
from tandem.tenants.modes import Mode
from tandem.tenants.policy import Rules

REQUESTED = "customer_requested_human"

SAID = {
    "safety": "The message tells of an accident or a danger.",
    "threat": "The message threatens people.",
    "abuse": "The message is abusive; people decide how to go on.",
    "churn": "The customer says that they may leave.",
}


async def choose(turn: Turn, kit: Kit) -> Turn:
    """The first rule that holds."""
    return replace(turn, route=first(turn, kit.clock()))


def first(turn: Turn, now: datetime) -> Route:
    """The way of a message that has been understood, at a moment."""
    return next(found for rule in IN_ORDER for found in rule(turn, now))


def _person(turn: Turn, _: datetime) -> Iterator[Route]:
    heard = turn.heard
    if heard.signals.wants_person >= CLEAR or TALK_TO_PERSON in heard.asserted:
        yield _people("The customer asked for a person.", REQUESTED)
    if turn.asked.was_offered and replies.is_yes(turn.asked.text):
        yield _people("The customer took the offer of a person.", REQUESTED)


def _danger(turn: Turn, _: datetime) -> Iterator[Route]:
    yield from _said(turn, ("safety", "threat"))


def _tier_in_category(turn: Turn, _: datetime) -> Iterator[Route]:
    tier = turn.asked.tier
    for name in turn.heard.asserted:
        if _rules(turn).tier_categories.get(tier, {}).get(name) == "people":
            yield _people(f"“{name}” goes to people for customers of the tier {tier}.", "tier_category")


def _always(turn: Turn, _: datetime) -> Iterator[Route]:
    """A category that never is the assistant's: asserted, likely enough on its own, or said in plain words."""
    rules, heard = _rules(turn), turn.heard
    plain = {CATEGORY[name] for name in heard.signals.plainly() if name in CATEGORY}
    likely = [guess.name for guess in heard.intents if guess.confidence >= rules.thresholds.always_escalate]
    for name in dict.fromkeys((*heard.asserted, *likely, *sorted(plain))):
        if name in rules.always_escalate and not _is_exempt(turn, name):
            yield _people(f"“{name}” always goes to people.", name)


def _manners(turn: Turn, _: datetime) -> Iterator[Route]:
    yield from _said(turn, ("abuse", "churn"))


def _words(turn: Turn, _: datetime) -> Iterator[Route]:
    for word in turn.heard.signals.escalate_words:
        yield _people(f"The message contains “{word}”, which your rules send to people.", "word")


def _amount(turn: Turn, _: datetime) -> Iterator[Route]:
    limits = _rules(turn).amount_limits
    if over := amounts.above(turn.asked.text, limits):
        limit = amounts.shown(limits[over.currency], over.currency)
        yield _people(f"The message names {over.text}, more than your limit of {limit}.", "amount")


def _tier(turn: Turn, _: datetime) -> Iterator[Route]:
    if _rules(turn).tiers.get(turn.asked.tier) == "people":
        yield _people(f"Customers of the tier {turn.asked.tier} go to people.", "tier")


def _unresolved(turn: Turn, _: datetime) -> Iterator[Route]:
    most, asked = _rules(turn).max_unresolved, turn.asked
    if asked.unresolved >= most:
        yield _people(f"{asked.unresolved} messages in a row found no answer.", "unresolved")
    if turn.heard.signals.repeats >= most:
        yield _people(f"The customer has asked the same {turn.heard.signals.repeats} times before.", "unresolved")


def _in_hours(turn: Turn, now: datetime) -> Iterator[Route]:
    named = [name for name in turn.heard.asserted if name in _rules(turn).people_in_hours]
    if named and not _is_exempt(turn, named[0]) and hours.at(turn.asked.hours, now).is_open:
        yield _people(f"“{named[0]}” goes to people while your team is there.", "hours")


def _mode(turn: Turn, _: datetime) -> Iterator[Route]:
    mode = turn.asked.mode
    if mode.is_peoples:
        does = "messages are taken" if mode.mode is Mode.TAKE_A_MESSAGE else "every message goes to people"
        yield _people(f"The mode is {mode.mode}: {does}.", "mode")


def _attempt(turn: Turn, _: datetime) -> Iterator[Route]:
    for name in turn.heard.asserted:
        if name in _rules(turn).attempt_then_escalate and not _is_exempt(turn, name):
            yield Route(
                "attempt", f"“{name}” goes to people when the assistant has no answer.", "attempt_then_escalate"
            )


def _assist(_turn: Turn, _now: datetime) -> Iterator[Route]:
    yield Route("assist", "No rule sends this to people.", "default")


IN_ORDER: tuple[Callable[[Turn, datetime], Iterator[Route]], ...] = (
    _person,  # the customer asked for one: nothing stands before that
    _danger,  # an accident, a threat
    _tier_in_category,
    _always,  # categories that are never the assistant's
    _manners,  # abuse; a customer about to leave
    _words,
    _amount,
    _tier,
    _unresolved,
    _in_hours,
    _mode,  # after those that say more of why, and how pressing it is
    _attempt,
    _assist,
)
"""Every rule, in the order in which they are asked. Docs: docs/decisions/0013-routing.md."""


def _people(reason: str, rule: str) -> Route:
    return Route("people", reason, rule)


def _rules(turn: Turn) -> Rules:
    return turn.asked.policy.rules


def _said(turn: Turn, names: tuple[str, ...]) -> Iterator[Route]:
    """Signals that the tenant's rules send to people, where the message says one plainly."""
    for name in turn.heard.signals.plainly():
        if name in names and name in _rules(turn).escalate_signals:
            yield _people(SAID[name], name)


def _is_exempt(turn: Turn, category: str) -> bool:
    """Whether the assistant may try this category with customers of this tier, whatever holds for the others."""
    return _rules(turn).tier_categories.get(turn.asked.tier, {}).get(category) == "assist"
