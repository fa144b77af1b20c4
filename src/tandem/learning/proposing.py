"""Proposing resolutions: every ticket that a person has resolved is read once, and what was asked and answered is put forward.

Tickets are read by when they last changed, from an hour before the last look: one that was being resolved meanwhile is found
by the next. A ticket has one resolution at most, so that reading it twice does no harm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tandem import clock, ids
from tandem.answering import words
from tandem.db import Database, Queries, Tx
from tandem.embedding import Embedder
from tandem.ids import ConversationId, TenantId, TicketId
from tandem.intents import signals
from tandem.learning import marks
from tandem.learning.neutral import neutral
from tandem.learning.sending import SENT_AS

Q = Queries("tandem.learning")

READER = "resolutions"

SLACK = timedelta(hours=1)
"""No transaction that resolves a ticket lasts longer."""

FIRST_LOOK = timedelta(days=90)
"""How far back the very first look goes."""

BATCH = 100

SAYS_SOMETHING = 1
"""Content words from which a message is more than a greeting."""

MESSAGES = 3
"""Of the customer's messages before the first reply, the last so many are the question."""

QUESTION_CHARS = 2000
ANSWER_CHARS = 10_000


@dataclass(frozen=True, slots=True)
class Resolved:
    """A ticket that a person has resolved, and whose it is."""

    id: TicketId
    conversation_id: ConversationId
    subject: str
    updated_at: datetime
    name: str | None
    email: str | None
    contact_email: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """What the customer or a person said."""

    role: str
    text: str
    client_message_id: str | None
    member_name: str | None


async def propose(db: Database, embedder: Embedder, tenant_id: TenantId) -> int:
    """Read what was resolved since the last time; how many resolutions are new."""
    async with db.tenant(tenant_id) as tx:
        mark = (await marks.get(tx, READER)).read_at
        begun = await marks.now(tx)
    since = (mark - SLACK) if mark else clock.now() - FIRST_LOOK
    place: dict[str, Any] = {"after": None, "after_id": None}
    count = 0
    while True:
        async with db.tenant(tenant_id) as tx:
            found = await tx.all(Q.resolved, Resolved, since=since, most=BATCH, **place)
            for ticket in found:
                count += await _read(tx, ticket)
        if len(found) < BATCH:
            break
        place = {"after": found[-1].updated_at, "after_id": found[-1].id}
    async with db.tenant(tenant_id) as tx:
        await marks.put(tx, READER, begun)
    return count


async def _read(tx: Tx, ticket: Resolved) -> int:
    lines = await tx.all(Q.said_in, Line, conversation_id=ticket.conversation_id, ticket_id=ticket.id)
    proposal = proposed(lines, ticket)
    if proposal is None:
        return 0
    question, answer = proposal
    return await tx.run(Q.propose, id=ids.new(), ticket_id=ticket.id, question=question, answer=answer)


def proposed(lines: Sequence[Line], ticket: Resolved) -> tuple[str, str] | None:
    """What was asked and what people answered, without personal data; None when they answered nothing."""
    replies = [
        line for line in lines if line.role == "agent" and not (line.client_message_id or "").startswith(SENT_AS)
    ]
    answer = "\n\n".join(line.text.strip() for line in replies if len(words.content(line.text)) >= SAYS_SOMETHING)
    if not answer:
        return None
    asked = [line.text.strip() for line in lines[: lines.index(replies[0])] if line.role == "user" and _asks(line.text)]
    question = "\n".join(dict.fromkeys(asked[-MESSAGES:])) or ticket.subject
    emails, colleagues = (ticket.email, ticket.contact_email), {line.member_name for line in replies}

    def clean(text: str) -> str:
        return neutral(text, [ticket.name], emails, colleagues)

    return clean(question)[:QUESTION_CHARS], clean(answer)[:ANSWER_CHARS]


def _asks(text: str) -> bool:
    """Whether it is a question of its own, and more than a greeting or a call for a person."""
    return len(words.content(text)) >= SAYS_SOMETHING and signals.read(text).wants_person < signals.CLEAR
