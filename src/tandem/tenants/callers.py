"""Who is asking. A Caller is made from a credential at the door, and is the only authority that anything below accepts."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tandem.ids import CustomerId, MemberId, TenantId


class Role(StrEnum):
    """What a member may do: each role may do what the one after it may."""

    ADMIN = "admin"
    AGENT = "agent"
    VIEWER = "viewer"

    def covers(self, needed: "Role") -> bool:
        """Whether this role may do what `needed` may."""
        order = list(Role)
        return order.index(self) <= order.index(needed)


class Scope(StrEnum):
    """What an API key may do."""

    CHAT = "chat"
    KB = "kb"
    TICKETS = "tickets"
    ACTIONS = "actions"
    ANALYTICS = "analytics"
    ADMIN = "admin"


ALL_SCOPES: Final = tuple(Scope)


@dataclass(frozen=True, slots=True)
class ServerCaller:
    """A server of the tenant's own, by API key."""

    tenant_id: TenantId
    key_id: str
    scopes: frozenset[Scope]

    @property
    def name(self) -> str:
        """For records."""
        return f"key {self.key_id[-6:]}"


@dataclass(frozen=True, slots=True)
class CustomerCaller:
    """A customer's browser. `verified`: the tenant's own website vouched for who they are."""

    tenant_id: TenantId
    customer_id: CustomerId
    verified: bool
    scopes: frozenset[str] = frozenset()
    """What the tenant's website says that this customer may, beside what everybody may."""

    @property
    def name(self) -> str:
        """For records."""
        return "customer"


@dataclass(frozen=True, slots=True)
class MemberCaller:
    """One of the staff, by cookie."""

    tenant_id: TenantId
    member_id: MemberId
    name: str
    role: Role
    session_id: str


Caller = ServerCaller | CustomerCaller | MemberCaller
