"""Who is looking at which ticket just now, as far as this process has heard. Pages say so every 15 seconds."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

LOOKING_S = 40.0
"""Two heartbeats may be lost."""


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody's look at a ticket."""

    member: dict[str, Any]
    state: str
    at: float


class Viewers:
    """Looks by ticket; old ones are forgotten."""

    def __init__(self) -> None:
        self._looks: dict[UUID, dict[str, Look]] = {}

    def saw(self, ticket_id: UUID, member: dict[str, Any], state: str) -> None:
        """This member has the ticket open, `viewing` or `replying`."""
        self._looks.setdefault(ticket_id, {})[member["id"]] = Look(member, state, time.monotonic())

    def of(self, ticket_id: UUID, but: str | None = None) -> list[dict[str, Any]]:
        """Everybody who has it open, leaving out one."""
        fresh = {
            k: look for k, look in self._looks.get(ticket_id, {}).items() if time.monotonic() - look.at < LOOKING_S
        }
        if fresh:
            self._looks[ticket_id] = fresh
        else:
            self._looks.pop(ticket_id, None)
        return [{**look.member, "state": look.state} for key, look in fresh.items() if key != but]
