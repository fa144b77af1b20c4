"""The hot interface in this process's own memory: what is left while Redis is away.

Each process counts for itself then, so that a limit lets through as many times more as there are processes.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from tandem.hot import PRESENT_S, Limit

KEYS = 100_000
"""Keys that are remembered at most (some 15 MB); beyond, those whose time has come are dropped."""


def gcra(tat: float | None, now: float, limit: Limit) -> tuple[float, float]:
    """GCRA (ITU-T I.371): the key's next theoretical arrival time, and the wait, 0.0 when the use is allowed."""
    moved = max(now if tat is None else tat, now) + limit.gap_s
    wait = moved - now - limit.period_s
    if wait <= 1e-6:  # a sum of `times` gaps may miss the period by its rounding
        return moved, 0.0
    return moved - limit.gap_s, wait


@dataclass(slots=True)
class LocalLimits:
    """Rate limits in a dictionary."""

    clock: Callable[[], float] = time.monotonic
    tats: dict[str, float] = field(default_factory=dict)

    async def wait(self, key: str, limit: Limit) -> float:
        """See hot.Limits."""
        now = self.clock()
        if len(self.tats) >= KEYS:
            self.tats = {key: tat for key, tat in self.tats.items() if tat > now}
        tat, wait = gcra(self.tats.get(key), now, limit)
        self.tats[key] = tat
        return wait


@dataclass(slots=True)
class LocalPresence:
    """Heartbeats in a dictionary."""

    clock: Callable[[], float] = time.monotonic
    beats: dict[UUID, dict[UUID, tuple[str, float]]] = field(default_factory=dict)

    async def beat(self, tenant_id: UUID, member_id: UUID, state: str) -> bool:
        """See hot.Presence."""
        before = (await self.states(tenant_id)).get(member_id)
        self.beats.setdefault(tenant_id, {})[member_id] = (state, self.clock())
        return before != state

    async def states(self, tenant_id: UUID) -> dict[UUID, str]:
        """See hot.Presence."""
        since = self.clock() - PRESENT_S
        there = {member: beat for member, beat in self.beats.get(tenant_id, {}).items() if beat[1] > since}
        self.beats[tenant_id] = there
        return {member: state for member, (state, _) in there.items()}

    def age(self, tenant_id: UUID, member_id: UUID) -> float:
        """Seconds since this member's last heartbeat."""
        return self.clock() - self.beats[tenant_id][member_id][1]
