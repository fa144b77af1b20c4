"""With what authority something is asked for: who the customer is and what their session may. Made at the door, never of a text."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tandem.ids import ConversationId, CustomerId, TenantId, TicketId

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
