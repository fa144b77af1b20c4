"""The clock that rules read, so that tests and replay can set it. Durations are measured with time.perf_counter."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)
