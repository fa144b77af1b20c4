"""The closed loop: at the end of a handoff its agent says whether it was needed, and from that the triggers are judged.

Precision of a trigger: of its labelled handoffs, the share that a person was needed for (`needed` or `too_late`).
Recall: of those that a person was needed for, the share that came in time (`needed`); a handoff that came too late is one
that no trigger had made when it should have. Both with Wilson's 95 % interval (Wilson 1927), and their rows.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.db import Queries, Tx
from tandem.ids import MemberId, TicketId

Q = Queries("tandem.tickets")

Z = 1.959963984540054
"""The normal distribution's 97.5 % point: a two-sided interval of 95 %."""


class Label(StrEnum):
    """What an agent says of a handoff."""

    NEEDED = "needed"
    NOT_NEEDED = "not_needed"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class Tally:
    """What a trigger did, and what was said of it."""

    trigger: str
    handoffs: int
    needed: int
    not_needed: int
    too_late: int

    def as_json(self) -> dict[str, Any]:
        """With precision and recall."""
        rightly = self.needed + self.too_late
        return {
            "trigger": self.trigger,
            "handoffs": self.handoffs,
            "labelled": rightly + self.not_needed,
            "needed": self.needed,
            "not_needed": self.not_needed,
            "too_late": self.too_late,
            "precision": share(rightly, rightly + self.not_needed),
            "recall": share(self.needed, rightly),
        }


@dataclass(frozen=True, slots=True)
class Labelled:
    """A handoff behind the figures."""

    id: UUID
    ticket_id: TicketId
    subject: str
    trigger: str
    reason: str
    label: Label | None
    labelled_by: str | None
    created_at: datetime

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "handoff_id": ids.show("hnd", self.id),
            "ticket_id": ids.show("tkt", self.ticket_id),
            "subject": self.subject,
            "trigger": self.trigger,
            "reason": self.reason,
            "label": self.label,
            "labelled_by": self.labelled_by,
            "created_at": self.created_at,
        }


async def put(tx: Tx, ticket_id: TicketId, label: Label, member_id: MemberId) -> None:
    """What a member says of a ticket's last handoff; a ticket without one has nothing to say it of."""
    await tx.run(Q.label, ticket_id=ticket_id, label=label, member_id=member_id)


async def tallies(tx: Tx, since: datetime, until: datetime) -> list[Tally]:
    """What each trigger did from one instant to another, most handoffs first."""
    return await tx.all(Q.tallies, Tally, since=since, until=until)


def whole(parts: list[Tally]) -> Tally:
    """All triggers together."""
    sums = [sum(getattr(part, name) for part in parts) for name in ("handoffs", "needed", "not_needed", "too_late")]
    return Tally("all", *sums)


async def rows(
    tx: Tx, since: datetime, until: datetime, trigger: str | None, label: Label | None, *, unlabelled: bool
) -> list[Labelled]:
    """The handoffs behind the figures, newest first, 200 at most."""
    wanted = {"trigger": trigger, "label": label, "unlabelled": unlabelled}
    return await tx.all(Q.labelled, Labelled, since=since, until=until, **wanted)


def share(yes: int, of: int) -> dict[str, Any]:
    """A share with its interval; without a case there is nothing to say."""
    low, high = wilson(yes, of)
    return {"value": yes / of if of else None, "low": low, "high": high, "n": of}


def wilson(yes: int, of: int) -> tuple[float, float]:
    """Wilson's score interval for a share, 95 %; of nothing everything is possible."""
    if of == 0:
        return 0.0, 1.0
    p, z2 = yes / of, Z * Z
    middle, spread = p + z2 / (2 * of), Z * math.sqrt(p * (1 - p) / of + z2 / (4 * of * of))
    return max(0.0, (middle - spread) / (1 + z2 / of)), min(1.0, (middle + spread) / (1 + z2 / of))
