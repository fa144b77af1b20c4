"""What a person reads first who takes a ticket over: two or three sentences, how pressing it is and why, what was tried, what next.

Built from the record alone, so that it is there at once and without a model; `summing_up` may put its summary better later.
"""

from dataclasses import replace

from tandem.answering.record import citation_json
from tandem.answering.turn import Turn
from tandem.conversations import messages
from tandem.conversations.messages import Role
from tandem.db import Tx
from tandem.intents import signals
from tandem.intents.signals import Signals
from tandem.intents.starter import UNKNOWN
from tandem.tickets import handoffs, tickets
from tandem.tickets.handoffs import Briefing
from tandem.tickets.tickets import Ticket

NEXT_STEPS = {
    "account_security": "Secure the account first: verify who they are, end their sessions, then look at recent changes.",
    "billing_dispute": "Look at the charge in question together with the billing team before promising anything.",
    "legal_threat": "Pass it to whoever answers legal letters; acknowledge it and promise nothing.",
    "safety": "Ask whether anybody is hurt and that they stop using the product, then tell whoever answers for safety.",
    "threat": "Read what they wrote, warn whoever is threatened, and decide together whether to go on.",
    "abuse": "Read the last messages before answering; decide whether to go on with this conversation.",
    "churn": "Find out what made them want to leave before offering anything.",
    "amount": "Check the amount they name in your own records before promising anything.",
    "customer_requested_human": "Greet them and answer their last question; they asked for a person.",
    "mode": "Answer their question; the assistant is switched off, so nobody has.",
    "unresolved": "Answer their question and consider an article for it: the knowledge had none.",
}

UPSET = 0.4
"""Of frustration: one phrase of it (intents/phrases.py)."""

FELL = -0.5
"""Of the sentiment's trend: from neutral to plainly negative."""


def of_turn(turn: Turn) -> Briefing:
    """The briefing of a turn that ends in a handoff."""
    heard, asked = turn.heard, turn.asked
    by_rule = turn.way.kind == "people"
    reason = turn.way.reason if by_rule else turn.settled.reason
    before = [said.text for said in asked.history if said.role == "user"]
    sentences = [f"The customer wrote: “{tickets.shortened(asked.text, handoffs.QUOTE_CHARS)}”"]
    if before:
        sentences.append(f"Before that they had asked: “{tickets.shortened(before[-1], handoffs.LINE_CHARS)}”")
    sentences.append(reason)
    return Briefing(
        trigger=turn.way.rule if by_rule else _trigger(turn),
        reason=reason,
        summary=" ".join(sentences),
        urgency=heard.signals.urgency,
        urgency_evidence=_evidence(heard.signals),
        next_step=_next_step(turn),
        tried=_tried(turn),
        citations=tuple(citation_json(citation) for citation in turn.draft.citations),
        category=next((name for name in heard.asserted if name != UNKNOWN), None),
        language=heard.signals.language,
    )


def of_failure(subject: str) -> Briefing:
    """For a message that the assistant could not work on at all."""
    return Briefing(
        trigger="internal",
        reason="The assistant failed on this message.",
        summary=f"The customer wrote: “{subject}” The assistant could not work on it.",
        urgency="medium",
        urgency_evidence="the assistant failed",
        next_step="Answer them; the operator's log says what broke.",
    )


async def on_request(tx: Tx, ticket: Ticket, reason: str, summary: str | None, language: str | None = None) -> Briefing:
    """The briefing when the customer pressed the button, or the tenant's server asked: pressing is what they wrote, not that they asked."""
    plain = await handoffs.on_request(tx, ticket, reason, summary, language)
    said = await messages.last(tx, ticket.conversation_id, most=handoffs.READ)
    asked = [message.text for message in said if message.role is Role.USER]
    if not asked:
        return plain
    heard = [signals.read(text, before=asked[:at]) for at, text in enumerate(asked)]
    most = max(heard, key=lambda each: ("low", "medium", "high").index(each.urgency))
    better = replace(plain, language=language or heard[-1].language, category=plain.category or most.category)
    if most.urgency == "low":
        return better
    return replace(better, urgency=most.urgency, urgency_evidence=_evidence(most))


def _trigger(turn: Turn) -> str:
    """Why the assistant gave up: after too many tries, because it was unsure, or because nothing was found."""
    if turn.asked.unresolved + 1 >= turn.asked.policy.rules.max_unresolved:
        return "unresolved"
    return "low_confidence" if turn.settled.scored is not None else "no_answer"


def _evidence(heard: Signals) -> str:
    """What made the urgency, and how the customer feels where that is plain."""
    more = []
    if heard.repeats:
        more.append(f"they asked the same {heard.repeats + 1} times")
    if heard.frustration >= UPSET and "frustrated" not in heard.urgency_evidence:
        more.append("they sound frustrated")
    if heard.trend <= FELL:
        more.append("their mood got worse")
    return "; ".join([heard.urgency_evidence, *more])


def _tried(turn: Turn) -> tuple[str, ...]:
    """What the assistant said before and what it did in this turn."""
    tried = list(handoffs.tried([said.text for said in turn.asked.history if said.role == "assistant"]))
    tried += [f"Looked up {call.tool.replace('_', ' ')}: {call.state}" for call in turn.acted.calls]
    if turn.evidence.passages and turn.way.kind != "people":
        titles = list(dict.fromkeys(f"“{passage.title}”" for passage in turn.evidence.passages))[:3]
        tried.append(f"Searched the knowledge; nearest were {', '.join(titles)}")
    return tuple(tried)


def _next_step(turn: Turn) -> str:
    rule = turn.way.rule if turn.way.kind == "people" else _trigger(turn)
    if rule in NEXT_STEPS:
        return NEXT_STEPS[rule]
    named = next((name for name in turn.heard.asserted if name != UNKNOWN), None)
    if turn.way.kind == "people" and named in NEXT_STEPS:
        return NEXT_STEPS[named]
    subject = f"“{named.replace('_', ' ')}”" if named else "their question"
    return f"Answer {subject}; the knowledge did not settle it."
