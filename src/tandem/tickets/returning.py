"""The customer writes again after it was settled: about the same issue, or about another?

The same issue reopens its ticket, which then was not resolved; another one is a new ticket of the same conversation.
When in doubt it is the same: an agent loses less by one ticket with two matters than a customer by two with half of one.
Knows nothing about how meanings and intents are found.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tandem.db import Queries, Tx
from tandem.tickets.tickets import SAME_ISSUE, Ticket

Q = Queries("tandem.tickets")

ALIKE = 0.35
"""Cosine from which two texts are about the same thing whatever their intents. Of pairs of starter examples with different
intents 97 % lie below (all-MiniLM-L6-v2, 1,141 examples); most of those above name the same order or the same page."""

SURE = 0.7
"""Confidence from which a message's own intent says that it is about something else: as for a second intent of a message."""

WITHOUT_MATTER = frozenset({"unknown", "greeting_thanks", "talk_to_person", "ticket_update", "complaint", "abuse"})
"""Intents that go with any matter: who says only "thanks", "any news?" or "this is a scandal" speaks of the one at hand."""


CONTINUES = re.compile(r"\W*(?:how|what) about\b|\W*(?:and|but|or)\b(?:\W+\w+){0,4}\W*$", re.IGNORECASE)
"""How a message begins that leans on what was said before: "How about worn ones?", "And for boots?". By itself it means little."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text: its meaning as a unit vector, its likeliest intent and how likely that is."""

    meaning: NDArray[np.float32]
    intent: str
    confidence: float


def continues(text: str) -> bool:
    """Whether a message leans on what was said before it, whatever it seems to be about by itself."""
    return CONTINUES.match(text) is not None


def is_same(message: Reading, said_before: Sequence[Reading], category: str | None) -> bool:
    """Whether a message is about the matter of the ticket in which this was said, filed under that category."""
    if message.confidence < SURE or message.intent in WITHOUT_MATTER:
        return True
    matters = {category} | {each.intent for each in said_before}
    if message.intent in matters or not said_before:
        return True
    return max(float(message.meaning @ each.meaning) for each in said_before) >= ALIKE


def may_reopen(ticket: Ticket, now: datetime) -> bool:
    """Whether a ticket was settled so lately that the same issue reopens it."""
    return ticket.resolved_at is not None and now - ticket.resolved_at <= SAME_ISSUE


async def said_in(tx: Tx, ticket: Ticket) -> list[str]:
    """What the customer wrote in a ticket, newest first, five at most."""
    return await tx.all(Q.said_in, str, ticket_id=ticket.id)
