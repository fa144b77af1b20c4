"""With what authority something is asked for: who the customer is and what their session may. Made at the door, never of a text."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from tandem.db import Queries, Tx
from tandem.errors import NotFound
from tandem.ids import ConversationId, CustomerId, TenantId, TicketId

Q = Queries("tandem.actions")

ALL = "*"
"""A session that may everything: an API key with the scope `admin`."""


@dataclass(frozen=True, slots=True)
class Authority:
    """What the door found out. `identity`: anyone, verified or stepped_up."""

    identity: str = "anyone"
    scopes: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """For the turn's row."""
        return {"identity": self.identity, "scopes": sorted(self.scopes)}


def authority(stored: dict[str, Any]) -> Authority:
    """As it was stored; nothing stored is no authority."""
    return Authority(stored.get("identity", "anyone"), frozenset(stored.get("scopes", ())))


@dataclass(frozen=True, slots=True)
class Session:
    """A customer in a conversation, with their authority. `external_id`: the company's own id of them, if it has told us."""

    tenant_id: TenantId
    conversation_id: ConversationId
    ticket_id: TicketId
    customer_id: CustomerId
    external_id: str | None
    tier: str
    authority: Authority
    turn_id: UUID | None = None

    @property
    def actor(self) -> str:
        """For the audit."""
        return f"customer {self.customer_id}"


@dataclass(frozen=True, slots=True)
class Served:
    """Whose conversation it is. `lifted`: a one-time code has confirmed who they are."""

    conversation_id: ConversationId
    customer_id: CustomerId
    external_id: str | None
    tier: str
    ticket_id: TicketId | None
    lifted: bool


async def open_session(tx: Tx, conversation_id: ConversationId, known: Authority, owner: CustomerId | None) -> Session:
    """The session of a conversation's customer, for a caller of this authority. `owner`: the only customer it may be.

    Raises NotFound.
    """
    served = await tx.maybe(Q.served, Served, conversation_id=conversation_id)
    if served is None or served.ticket_id is None or (owner is not None and served.customer_id != owner):
        raise NotFound("There is no such conversation.")
    whose = (served.conversation_id, served.ticket_id, served.customer_id, served.external_id, served.tier)
    return Session(TenantId(tx.tenant_id), *whose, lifted(known) if served.lifted else known)


def lifted(known: Authority) -> Authority:
    """What a one-time code makes of somebody whom their company's website has vouched for; of anybody else nothing."""
    return replace(known, identity="stepped_up") if known.identity == "verified" else known
