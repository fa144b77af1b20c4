"""The ledger: every change that was proposed and what became of it.

    proposed → confirmed → [pending_approval →] executing → done | failed | unknown
             → expired | voided      → rejected                        unknown → done | failed | a person

A run is one for its conversation, action and arguments; its id is the key that the backend knows it by. Every move is an
update that names the state it comes from, so that of two who move it one does. Each leaves a line in the audit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.actions.money import Money
from tandem.actions.rules import Spent, Tally
from tandem.actions.session import Session
from tandem.actions.storing import storable
from tandem.db import Jsonb, Queries, Tx
from tandem.errors import NotFound
from tandem.ids import ConversationId, CustomerId, TicketId

Q = Queries("tandem.actions")

PICK_UP_S = 5.0
"""A confirmed run that nobody has sent for so long is sent by whoever looks; the process that confirmed it has died."""


class RunStatus(StrEnum):
    """Where a run stands."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    PENDING_APPROVAL = "pending_approval"
    EXECUTING = "executing"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    EXPIRED = "expired"
    VOIDED = "voided"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Run:
    """A change, from its proposal on."""

    id: UUID
    conversation_id: ConversationId
    ticket_id: TicketId
    customer_id: CustomerId
    turn_id: UUID | None
    action: str
    version: int
    undoes: UUID | None
    arguments: dict[str, Any]
    fingerprint: bytes
    identity: str
    tier: str
    amount_minor: int | None
    currency: str | None
    quote: dict[str, Any] | None
    summary: str
    approvals: int
    status: RunStatus
    expires_at: datetime
    proposed_at: datetime
    confirmed_at: datetime | None
    confirmed_by: str | None
    attempt: int
    sent_at: datetime | None
    needs_person: bool
    result: dict[str, Any] | None
    error: str | None
    finished_at: datetime | None

    @property
    def shown_id(self) -> str:
        """Its id outside: also the Idempotency-Key that the backend gets."""
        return ids.show("act", self.id)

    @property
    def money(self) -> Money | None:
        """What it moves."""
        return money_of(self.amount_minor, self.currency)


@dataclass(frozen=True, slots=True)
class Window:
    """What was done within a window."""

    name: str
    own_count: int
    own_minor: int
    all_count: int
    all_minor: int


@dataclass(frozen=True, slots=True)
class Due:
    """A run that somebody has to look after."""

    tenant_id: UUID
    run_id: UUID


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody's word on a run."""

    approver: str
    name: str
    agrees: bool
    reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Audited:
    """A line of the audit."""

    id: UUID
    action: str
    run_id: UUID | None
    conversation_id: UUID | None
    customer_id: UUID | None
    what: str
    rule: str | None
    actor: str
    detail: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """A run as the staff's list shows it."""

    id: UUID
    conversation_id: ConversationId
    ticket_id: TicketId
    customer_id: CustomerId
    customer_name: str | None
    external_id: str | None
    action: str
    version: int
    undoes: UUID | None
    arguments: dict[str, Any]
    tier: str
    amount_minor: int | None
    currency: str | None
    quote: dict[str, Any] | None
    summary: str
    approvals: int
    status: RunStatus
    needs_person: bool
    result: dict[str, Any] | None
    error: str | None
    proposed_at: datetime
    confirmed_at: datetime | None
    confirmed_by: str | None
    finished_at: datetime | None
    agreed: int


@dataclass(frozen=True, slots=True)
class Past:
    """A run as the limits saw it."""

    id: UUID
    customer_id: CustomerId
    tier: str
    amount_minor: int | None
    currency: str | None
    status: RunStatus
    approvals: int
    at: datetime


def money_of(minor: int | None, currency: str | None) -> Money | None:
    """An amount as it stands in two columns."""
    return None if minor is None or currency is None else Money(minor, currency)


# ------------------------------------------------------------------ reading


async def get(tx: Tx, run_id: UUID, *, lock: bool = False) -> Run:
    """One run; locked, nobody else moves it until the transaction ends. Raises NotFound."""
    found = await tx.maybe(Q.run_locked if lock else Q.run, Run, id=run_id)
    if found is None:
        raise NotFound("There is no such action.")
    return found


async def live(tx: Tx, conversation_id: ConversationId, action: str, fingerprint: bytes) -> Run | None:
    """The run of this conversation, action and arguments that has not come to nothing, locked."""
    return await tx.maybe(Q.live, Run, conversation_id=conversation_id, action=action, fingerprint=fingerprint)


async def open_runs(tx: Tx, conversation_id: ConversationId) -> list[Run]:
    """What waits for the customer's word."""
    return await tx.all(Q.open_runs, Run, conversation_id=conversation_id)


async def of_conversation(tx: Tx, conversation_id: ConversationId) -> list[Run]:
    """A conversation's runs, oldest first."""
    return await tx.all(Q.of_conversation, Run, conversation_id=conversation_id)


async def undoing(tx: Tx, run_id: UUID) -> Run | None:
    """The run that takes another one back."""
    return await tx.maybe(Q.undoing, Run, id=run_id)


async def approvals(tx: Tx, run_id: UUID) -> list[Approval]:
    """Who has said what of a run."""
    return await tx.all(Q.approvals, Approval, run_id=run_id)


def alone(tx: Tx, action: str, customer_id: CustomerId | None) -> None:
    """With the next round trip: whoever adds to what was done of an action waits until this transaction ends; only who adds to what
    was done for one customer, where one is given. What is read from then on was committed before."""
    tx.later(Q.one_at_a_time, action=action if customer_id is None else f"{action} {customer_id}")


async def spent(tx: Tx, action: str, customer_id: CustomerId, currency: str | None) -> Tally:
    """What was done of an action within each window."""
    windows = await tx.all(Q.spent, Window, action=action, customer_id=customer_id, currency=currency)
    own = {("customer", each.name): Spent(each.own_count, each.own_minor) for each in windows}
    return own | {("tenant", each.name): Spent(each.all_count, each.all_minor) for each in windows}


# ------------------------------------------------------------------ moving


async def propose(
    tx: Tx,
    session: Session,
    action: str,
    version: int,
    arguments: dict[str, Any],
    fingerprint: bytes,
    *,
    moves: Money | None,
    quote: dict[str, Any] | None,
    summary: str,
    approvals: int,
    expires_s: float,
    undoes: UUID | None = None,
) -> Run | None:
    """A new run; None when there is a live one of the same."""
    run_id = ids.new()
    tx.later(
        Q.add_run,
        id=run_id,
        conversation_id=session.conversation_id,
        ticket_id=session.ticket_id,
        customer_id=session.customer_id,
        turn_id=session.turn_id,
        action=action,
        version=version,
        undoes=undoes,
        arguments=Jsonb(arguments),
        fingerprint=fingerprint,
        identity=session.authority.identity,
        tier=session.tier,
        amount_minor=moves.minor if moves else None,
        currency=moves.currency if moves else None,
        quote=Jsonb(quote) if quote is not None else None,
        summary=summary,
        approvals=approvals,
        expires_s=expires_s,
    )
    run = await tx.maybe(Q.run, Run, id=run_id)
    if run is None:
        return None
    await note(tx, run, "proposed", session.actor, {"summary": summary})
    return run


async def confirm(tx: Tx, run: Run, by: str, approvals: int, ticket_id: TicketId) -> bool:
    """The customer agreed; False when it is no longer theirs to agree to."""
    status = RunStatus.PENDING_APPROVAL if approvals else RunStatus.CONFIRMED
    moved = await tx.run(
        Q.confirm, id=run.id, status=status, by=by, approvals=approvals, ticket_id=ticket_id, due_s=PICK_UP_S
    )
    if moved:
        await note(tx, run, str(status), by, {"approvals": approvals} if approvals else {})
    return bool(moved)


async def approved(tx: Tx, run: Run, by: str) -> bool:
    """Everybody who had to has agreed."""
    moved = await tx.run(Q.approved, id=run.id, due_s=PICK_UP_S)
    if moved:
        await note(tx, run, "approved", by)
    return bool(moved)


async def close(tx: Tx, run: Run, status: RunStatus, by: str, reason: str, came_from: Sequence[RunStatus]) -> bool:
    """It ends without having been sent."""
    moved = await tx.run(Q.close, id=run.id, status=status, error=reason, from_status=list(came_from))
    if moved:
        await note(tx, run, str(status), by, {"reason": reason})
    return bool(moved)


async def send(tx: Tx, run: Run, lease_s: float) -> bool:
    """It is about to be sent; False when somebody else has taken it up."""
    waiting = [RunStatus.CONFIRMED, RunStatus.EXECUTING, RunStatus.UNKNOWN]
    moved = await tx.run(Q.send, id=run.id, attempt=run.attempt, lease_s=lease_s, from_status=waiting)
    if moved:
        await note(tx, run, "sent", "tandem", {"attempt": run.attempt + 1})
    return bool(moved)


async def finish(tx: Tx, run: Run, status: RunStatus, result: dict[str, Any] | None, error: str | None) -> bool:
    """What became of it, as the backend said. `run` as it was sent. That it was done counts, whichever attempt says so."""
    kept = Jsonb(result) if result is not None else None
    moved = await tx.run(Q.finish, id=run.id, attempt=run.attempt, status=status, result=kept, error=error)
    if moved:
        await note(tx, run, str(status), "backend", {"error": error} if error else {})
        if status is RunStatus.DONE and run.undoes is not None:
            tx.later(Q.undone, id=run.undoes)
    return bool(moved)


async def settle(tx: Tx, run: Run, status: RunStatus, by: str, reason: str | None) -> bool:
    """What a person found out of a run that nobody had answered for; False when it is known by now."""
    if run.status is not RunStatus.UNKNOWN:
        return False
    error = reason if status is RunStatus.FAILED else None
    moved = await tx.run(Q.finish, id=run.id, attempt=run.attempt, status=status, result=None, error=error)
    if moved:
        await note(tx, run, str(status), by, {"reason": reason} if reason else {})
        if status is RunStatus.DONE and run.undoes is not None:
            tx.later(Q.undone, id=run.undoes)
    return bool(moved)


async def unsure(tx: Tx, run: Run, error: str, again_s: float | None) -> bool:
    """Nobody has said what became of it. Asked again after `again_s`; None: a person has to find out."""
    moved = await tx.run(
        Q.unsure, id=run.id, attempt=run.attempt, error=error, needs_person=again_s is None, again_s=again_s or 0.0
    )
    if moved:
        await note(tx, run, "unknown", "tandem", {"error": error, "needs_person": again_s is None})
    return bool(moved)


# ------------------------------------------------------------------ the audit


async def note(tx: Tx, run: Run, what: str, actor: str, detail: dict[str, Any] | None = None) -> None:
    """A line about a run, written with the transaction's next round trip."""
    tx.later(
        Q.add_audit,
        id=ids.new(),
        action=run.action,
        run_id=run.id,
        conversation_id=run.conversation_id,
        customer_id=run.customer_id,
        what=what,
        rule=None,
        actor=actor,
        detail=Jsonb(detail or {}),
    )


async def refuse(
    tx: Tx, session: Session, action: str, rule: str, sentence: str, arguments: Any, *, run_id: UUID | None = None
) -> None:
    """A line about what was refused, by which rule. Arguments are kept by their names alone: they may be anything."""
    names = sorted(storable(str(name)[:64]) for name in arguments)[:50] if isinstance(arguments, dict) else []
    await tx.run(
        Q.add_audit,
        id=ids.new(),
        action=storable(action[:64]),
        run_id=run_id,
        conversation_id=session.conversation_id,
        customer_id=session.customer_id,
        what="refused",
        rule=rule,
        actor=session.actor,
        detail=Jsonb({"sentence": storable(sentence[:300]), "arguments": names}),
    )
