"""What a tenant's models cost: the ledger of calls, the sums of the day, and how far the day's budget is used up.

Calls are written in the transaction of what they were made for, in one statement, with the day's sums. A day is one of UTC
by the database's clock. The sums are kept in slots, so that turns that end at the same moment do not wait for one row.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from tandem import ids
from tandem.db import Jsonb, Queries, Tx
from tandem.llm.account import Spent
from tandem.llm.roles import Role
from tandem.tenants.policy import Budget

Q = Queries("tandem.tenants")

SLOTS = 16
"""Of a day's sums. A row is locked from its update to the end of the commit, some 2 to 5 ms; with sixteen a tenant ends over a
thousand turns a second before two wait for each other as often as not."""

HELPING = frozenset({Role.CLASSIFY, Role.JUDGE, Role.REWRITE, Role.SUMMARISE})
"""What models do beside the answer itself: the first that is saved."""

EVERYTHING = frozenset(Role)

By = Literal["day", "role", "model", "conversation"]


class Level(StrEnum):
    """How far a budget is used up: not so far; the soft limit is reached; nothing is left."""

    WITHIN = "within"
    SOFT = "soft"
    HARD = "hard"


@dataclass(frozen=True, slots=True)
class Today:
    """What was spent since midnight, UTC."""

    calls: int = 0
    tokens: int = 0
    cost_micros: int = 0


@dataclass(frozen=True, slots=True)
class Purpose:
    """What calls were made for, as far as it has a name."""

    turn_id: UUID | None = None
    conversation_id: UUID | None = None
    ticket_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Calls that have something in common: `what` it is, how many, and what they took. `unpriced`: calls without a known price."""

    what: str
    calls: int
    failed: int
    input_tokens: int
    output_tokens: int
    cost_micros: int
    unpriced: int
    ms: int

    def as_json(self) -> dict[str, Any]:
        """As the API shows it; `ms` is the mean of a call."""
        return {
            "calls": self.calls,
            "failed": self.failed,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost_micros": self.cost_micros,
            "unpriced": self.unpriced,
            "mean_ms": self.ms,
        }


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call as the ledger has it."""

    at: datetime
    role: str
    model: str
    input_tokens: int | None
    output_tokens: int | None
    estimated: bool
    cost_micros: int | None
    ms: int
    first_token_ms: int | None
    outcome: str

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "at": self.at,
            "role": self.role,
            "model": self.model,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "estimated": self.estimated,
            "cost_micros": self.cost_micros,
            "ms": self.ms,
            "first_token_ms": self.first_token_ms,
            "outcome": self.outcome,
        }


@dataclass(frozen=True, slots=True)
class Resolved:
    """How many tickets were resolved, and what was spent on them over all their turns."""

    by_assistant: int
    by_people: int
    cost_micros: int


def level(budget: Budget, today: Today) -> Level:
    """How far the day's budget is used up. A budget of nothing is used up from the start."""
    limits = ((budget.tokens_per_day, today.tokens), (budget.cost_per_day_micros, today.cost_micros))
    known = [(most, spent) for most, spent in limits if most is not None]
    if any(spent >= most for most, spent in known):
        return Level.HARD
    if any(spent >= budget.soft * most for most, spent in known):
        return Level.SOFT
    return Level.WITHIN


def closed(reached: Level) -> frozenset[Role]:
    """What models may not be asked for any more today."""
    return {Level.WITHIN: frozenset[Role](), Level.SOFT: HELPING, Level.HARD: EVERYTHING}[reached]


def book_later(tx: Tx, calls: Sequence[Spent], purpose: Purpose) -> None:
    """Calls into the ledger and the day's sums with the transaction's next round trip; nothing where there were none."""
    if calls:
        rows = Jsonb([_row(call, purpose) for call in calls])
        tx.later(Q.add_model_calls, calls=rows, slot=random.randrange(SLOTS))  # noqa: S311 (spreads load, hides nothing)


async def today(tx: Tx) -> Today:
    """What was spent since midnight, UTC."""
    return await tx.one(Q.model_day, Today)


async def lines(tx: Tx, since: datetime, until: datetime, by: By) -> list[Line]:
    """The calls of a time, from and up to but without its end, by day, role, model or conversation; the dearest first, days in order."""
    return await tx.all(Q.model_spending, Line, since=since, until=until, by=by)


async def of_conversation(tx: Tx, conversation_id: UUID) -> list[Line]:
    """What a conversation has cost, by ticket ("" where a call belongs to none)."""
    return await tx.all(Q.conversation_spending, Line, conversation_id=conversation_id)


async def of_turn(tx: Tx, conversation_id: UUID, turn_id: UUID) -> list[ModelCall]:
    """The calls of a turn, in order."""
    return await tx.all(Q.turn_calls, ModelCall, conversation_id=conversation_id, turn_id=turn_id)


async def resolutions(tx: Tx, since: datetime, until: datetime) -> Resolved:
    """The tickets that were resolved in a time, with what all the turns of theirs have cost, whenever that was."""
    return await tx.one(Q.resolution_spending, Resolved, since=since, until=until)


def _row(call: Spent, purpose: Purpose) -> dict[str, Any]:
    return {
        "id": str(ids.new()),
        "at": call.at.isoformat(),
        "turn_id": _text(purpose.turn_id),
        "conversation_id": _text(purpose.conversation_id),
        "ticket_id": _text(purpose.ticket_id),
        "role": call.role,
        "model": call.model,
        "input_tokens": call.input_tokens,
        "output_tokens": call.output_tokens,
        "estimated": call.estimated,
        "cost_micros": call.cost_micros,
        "ms": call.ms,
        "first_token_ms": call.first_token_ms,
        "outcome": call.outcome,
    }


def _text(some_id: UUID | None) -> str | None:
    return str(some_id) if some_id else None
