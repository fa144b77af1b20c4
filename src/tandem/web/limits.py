"""Rate limits at the edge: which callers may do what how often. The figures are security.md's."""

import hashlib

from fastapi import Request

from tandem.errors import TooMany
from tandem.hot import Limit
from tandem.web import parts

SESSIONS = Limit(10, 3600)
IDENTIFIED_SESSIONS = Limit(120, 3600)
MESSAGES = Limit(20, 60)
MESSAGES_A_DAY = Limit(200, 86400)
VERIFIED_MESSAGES = Limit(60, 60)
LOG_INS = Limit(5, 300)
LOG_INS_OF_ACCOUNT = Limit(10, 900)
UPLOADS = Limit(60, 3600)
ESCALATIONS = Limit(5, 3600)
STEP_UPS = Limit(10, 3600)
STEP_UP_CHECKS = Limit(60, 3600)
"""Both only keep questions from the database: how many codes are sent and how often each may be tried, it counts itself."""
ACTIONS = Limit(5, 3600)
IMPORTS = Limit(30, 3600)
"""Of a tenant: each may fetch from elsewhere and read for some seconds; an admin tries a few addresses, not a hundred."""
SIGNS = Limit(60, 60)
"""Typing and being there: small and many, but bounded."""


async def count(request: Request, what: str, who: str, limit: Limit) -> None:
    """Count one use. Raises TooMany with the seconds to wait. Off with TANDEM_RATE_LIMITS=off, for load tests."""
    built = parts.of(request)
    if not built.settings.rate_limits:
        return
    key = what + ":" + hashlib.sha256(who.encode()).hexdigest()[:32]
    wait = await built.hot.limits.wait(key, limit)
    if wait > 0:
        raise TooMany(f"That was too often. Try again in {max(1, round(wait))} seconds.", retry_after=round(wait, 1))


def address(request: Request) -> str:
    """Where the request comes from; behind a proxy that is what uvicorn was told to trust."""
    return request.client.host if request.client else "unknown"
