"""Asking again: a busy server as long later as it says, a failing one at growing intervals. Knows nothing about answers."""

import asyncio
import email.utils
import random
from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import Any

from tandem import clock
from tandem.outgoing import urls
from tandem.outgoing.client import Answer, Client
from tandem.outgoing.failures import RefusedByServer, TryLater, Unreachable

PAUSES = (1.0, 4.0, 15.0)
"""Between the tries of one request."""

LONGEST_WAIT_S = 30.0
"""A server that wants a longer pause is left alone, and whoever asked decides when to come back."""

BUSY, FAILING = 429, frozenset((500, 502, 503, 504))

Sleep = Callable[[float], Awaitable[None]]


class Patient:
    """A client that does not give up at the first failure."""

    def __init__(self, client: Client, *, pauses: tuple[float, ...] = PAUSES, sleep: Sleep = asyncio.sleep) -> None:
        self.client = client
        self._pauses = pauses
        self._sleep = sleep

    async def ask(self, url: str, **how: Any) -> Answer:
        """As `Client.ask`, but an answer of 429 or of a failing server is asked for again first.

        Raises TryLater when the server wants a long pause, or still is busy after all tries; the failing server's last
        answer is returned.
        """
        for pause in (*self._pauses, None):
            try:
                answer = await self.client.ask(url, **how)
            except Unreachable:
                if pause is None:
                    raise
                await self._sleep(_about(pause))
                continue
            if answer.status != BUSY and answer.status not in FAILING:
                return answer
            wanted = retry_after(answer)
            if answer.status == BUSY and (pause is None or (wanted or 0) > LONGEST_WAIT_S):
                raise TryLater(
                    f"{urls.read(url).host} has had too many requests.", retry_after=max(60.0, wanted or 0.0)
                )
            if pause is None or (wanted or 0) > LONGEST_WAIT_S:
                return answer
            await self._sleep(wanted if wanted is not None else _about(pause))
        raise AssertionError("the last try returns or raises")

    async def need(self, url: str, **how: Any) -> Answer:
        """The same, but anything else than success raises RefusedByServer."""
        answer = await self.ask(url, **how)
        if answer.status != 200:
            raise refusal(answer)
        return answer


def refusal(answer: Answer) -> RefusedByServer:
    """The answer as a problem."""
    host = urls.read(answer.url).host
    why = {
        401: "does not accept the secret",
        403: "forbids it, or does not accept the secret",
        404: "has nothing at this address",
        410: "has nothing at this address any more",
    }.get(answer.status, f"answers with status {answer.status}")
    return RefusedByServer(f"{host} {why}.", answered=answer.status)


def retry_after(answer: Answer) -> float | None:
    """How many seconds the server wants to be left alone; None when it does not say (RFC 9110, 10.2.3)."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        until = email.utils.parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None
    return max(0.0, (until.astimezone(UTC) - clock.now()).total_seconds()) if until.tzinfo else None


def _about(seconds: float) -> float:
    """Some of it by chance, so that many do not come back at once."""
    return seconds * random.uniform(0.75, 1.25)  # noqa: S311 (no secret)
