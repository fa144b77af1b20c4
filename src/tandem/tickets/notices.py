"""What a member is told in the app, until they put it away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.db import Jsonb, Queries, Tx
from tandem.ids import MemberId, TicketId

Q = Queries("tandem.tickets")


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a member should know."""

    id: UUID
    kind: str
    ticket_id: TicketId | None
    data: dict[str, Any]
    created_at: datetime

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "id": ids.show("ntc", self.id),
            "kind": self.kind,
            "ticket_id": ids.show("tkt", self.ticket_id) if self.ticket_id else None,
            **self.data,
            "created_at": self.created_at,
        }


async def tell(
    tx: Tx, members: Sequence[MemberId], kind: str, ticket_id: TicketId | None, data: dict[str, Any]
) -> None:
    """Each of the members is told."""
    fresh = [ids.new() for _ in members]
    await tx.run(Q.add_notices, ids=fresh, members=list(members), kind=kind, ticket_id=ticket_id, data=Jsonb(data))


async def of(tx: Tx, member_id: MemberId) -> list[Notice]:
    """What a member has not put away, newest first, 50 at most."""
    return await tx.all(Q.notices, Notice, member_id=member_id)


async def read(tx: Tx, member_id: MemberId, notice_id: UUID | None = None) -> None:
    """Put one away, or all."""
    await tx.run(Q.read_notices, member_id=member_id, id=notice_id)
