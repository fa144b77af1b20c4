"""The questions that customers asked, as the turns recorded them: each once, newest first, with what was said before it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tandem import clock
from tandem.answering.turn import Said
from tandem.db import Database, Queries, Tx
from tandem.ids import ConversationId, CustomerId, TenantId, TicketId, TurnId

Q = Queries("tandem.evals")

PAGE = 500
"""Turns read at a time."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a customer asked. `query` is what was searched for then, `history` how many messages had been said before.

    `liked`: the customer said that the answer had helped.
    """

    turn_id: TurnId
    conversation_id: ConversationId
    ticket_id: TicketId
    customer_id: CustomerId
    text: str
    query: str
    history: int
    verified: bool
    tier: str
    liked: bool

    @property
    def key(self) -> tuple[str, str, bool, str]:
        """The same for the same question of the same kind of customer."""
        return _plain(self.text), _plain(self.query), self.verified, self.tier


@dataclass(frozen=True, slots=True)
class Earlier:
    """A message before the question."""

    role: str
    text: str


async def recent(db: Database, tenant_id: TenantId, days: int, most: int) -> list[Question]:
    """The questions of so many days that the assistant was to answer, newest first; what is asked again and again once."""
    found: dict[tuple[str, str, bool, str], Question] = {}
    since, before = first_id(clock.now() - timedelta(days=days)), None
    while len(found) < most:
        async with db.reading(tenant_id) as tx:
            page = await tx.all(Q.questions, Question, since=since, before=before, most=PAGE)
        for question in page:
            found.setdefault(question.key, question)
        if len(page) < PAGE:
            break
        before = page[-1].turn_id
    return list(found.values())[:most]


async def history(tx: Tx, question: Question) -> tuple[Said, ...]:
    """What had been said before it, oldest first."""
    said = await tx.all(Q.earlier, Earlier, turn_id=question.turn_id, most=question.history)
    return tuple(Said(earlier.role, earlier.text) for earlier in reversed(said))


def _plain(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(" ?!.")


def first_id(moment: datetime) -> UUID:
    """No id that was made from this moment on is smaller (RFC 9562: 48 bits of milliseconds lead)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
