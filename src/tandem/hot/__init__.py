"""What is fast and may be lost: rate limits, who is there, and the bus between processes.

One small interface, two makers: `hot.postgres` (always there) and `hot.redis` (with TANDEM_REDIS_URL), which falls back
to `hot.local`, this process alone, while Redis is away.
Knows nothing about what is being limited or who is being met.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

PRESENT_S = 60
"""A member counts as there for this long after a heartbeat; pages beat every 20 s, so that two may be lost."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`times` at once, and then one more for every `period_s / times` seconds that pass."""

    times: int
    period_s: float

    @property
    def gap_s(self) -> float:
        """The seconds after which one more use is free."""
        return self.period_s / self.times


class Limits(Protocol):
    """GCRA (ITU-T I.371): one time stamp a key, no windows to straddle."""

    async def wait(self, key: str, limit: Limit) -> float:
        """Count one use: 0.0 when it is allowed, else the seconds until it would be. A refused use does not count."""


class Presence(Protocol):
    """Which members are there, from their pages' heartbeats."""

    async def beat(self, tenant_id: UUID, member_id: UUID, state: str) -> bool:
        """They are there, `online` or `away`. Returns whether that changed what others see."""

    async def states(self, tenant_id: UUID) -> dict[UUID, str]:
        """Everyone who is there, with their state."""


class Bus(Protocol):
    """Carries small notices to every process; may lose them."""

    async def send(self, payloads: list[bytes]) -> None:
        """Send them. Raises when it cannot."""

    def hear(self) -> AsyncIterator[bytes | None]:
        """Everything sent, by us too; None after a gap in which something may have been missed."""


async def _nothing_to_close() -> None:
    """What is kept in somebody else's connections is closed with them."""


@dataclass(frozen=True, slots=True)
class Hot:
    """The three together. `close` gives their own connections back."""

    limits: Limits
    presence: Presence
    bus: Bus
    close: Callable[[], Awaitable[None]] = _nothing_to_close


def online(states: dict[UUID, str]) -> set[UUID]:
    """Those of the members who can be given work."""
    return {member for member, state in states.items() if state == "online"}
