"""Step 2: who handles the message. Rules alone, in order; the first that holds decides, and says why in words."""

from collections.abc import Iterator
from dataclasses import replace

from tandem.answering.turn import Kit, Route, Turn
from tandem.intents.signals import CLEAR
from tandem.intents.starter import TALK_TO_PERSON
from tandem.tenants.policy import Rules


async def choose(turn: Turn, kit: Kit) -> Turn:
    """The first rule that holds."""
    return replace(turn, route=next(_rules(turn)))


def _rules(turn: Turn) -> Iterator[Route]:
    rules, heard = turn.asked.policy.rules, turn.heard
    if heard.signals.wants_person >= CLEAR or TALK_TO_PERSON in heard.asserted:
        yield Route("people", "The customer asked for a person.", "customer_requested_human")
    yield from _always(turn, rules)
    if heard.signals.escalate_words:
        yield Route(
            "people",
            f"The message contains “{heard.signals.escalate_words[0]}”, which your rules send to people.",
            "word",
        )
    if heard.signals.abuse >= CLEAR:
        yield Route("people", "The message is abusive or threatening; people decide how to go on.", "abuse")
    if rules.tiers.get(turn.asked.tier) == "people":
        yield Route("people", f"Customers of the tier {turn.asked.tier} go to people.", "tier")
    if turn.asked.unresolved >= rules.max_unresolved:
        yield Route("people", f"{turn.asked.unresolved} messages in a row found no answer.", "unresolved")
    named = [name for name in heard.asserted if name in rules.attempt_then_escalate]
    if named:
        yield Route(
            "attempt", f"“{named[0]}” goes to people when the assistant has no answer.", "attempt_then_escalate"
        )
    yield Route("assist", "No rule sends this to people.", "default")


def _always(turn: Turn, rules: Rules) -> Iterator[Route]:
    """A category that never is the assistant's, asserted or likely enough on its own."""
    for guess in turn.heard.intents:
        likely = guess.confidence >= rules.thresholds.always_escalate or guess.name in turn.heard.asserted
        if guess.name in rules.always_escalate and likely:
            yield Route("people", f"“{guess.name}” always goes to people.", guess.name)
