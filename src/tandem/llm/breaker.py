"""A breaker for one model and key: leaves a provider alone that fails, and lets it back in one question at a time.

    permit = breaker.ask()                     # None: do not ask now
    breaker.succeeded(permit)                  # or failed(permit, failure), or withdrawn(permit)

Closed, everybody may ask. It opens after FAILURES failures within WINDOW_S that are at least half of what ended there, or
at once where waiting for more would be no use: a key or model that is refused, a limit with a time to wait. After a rest
one question at a time may probe. A success closes it, a failure doubles the rest. Nobody waits for it, so that nothing
is kept back that could come all at once when it closes. Does nothing by itself, knows no network; the clock is given.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tandem.llm.failures import WRONG_KEY, Failure, ModelFailed

FAILURES = 5  # within WINDOW_S: F11 of the security design
WINDOW_S = 10.0
SHARE = 0.5  # of what ended in the window; at 20 answers a second 5 failures are 2.5 %, and quoting all is no remedy
REST_S = 5.0  # before the first probe; doubled after each that fails
LONGEST_REST_S = 60.0
PROBE_LOST_S = 120.0  # a probe that nobody ended by then is forgotten: no prompt has as long


class State(StrEnum):
    """What a breaker lets through."""

    CLOSED = "closed"  # everything
    OPEN = "open"  # nothing
    HALF_OPEN = "half_open"  # one question at a time


@dataclass(frozen=True, slots=True, eq=False)
class Permit:
    """Leave to ask once. How it went is told to the breaker, once; what comes twice or too late is passed over."""

    round: int
    at: float


class Breaker:
    """See the module. Belongs to one event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._round = 0  # grows with every change, so that what was asked before a change has no say after it
        self._ended: deque[tuple[float, bool]] = deque()  # when, and whether it failed
        self._failures = 0  # among them
        self._opened = False
        self._until = 0.0
        self._rest = REST_S
        self._probe: Permit | None = None
        self._changed_at = clock()
        self.last_failure: Failure | None = None
        """The kind of the last failure that counted."""

    @property
    def state(self) -> State:
        """As of now."""
        if not self._opened:
            return State.CLOSED
        return State.HALF_OPEN if self._clock() >= self._until else State.OPEN

    @property
    def unchanged_s(self) -> float:
        """Seconds since it opened, closed, or began to take probes."""
        now = self._clock()
        return now - (self._until if self._opened and now >= self._until else self._changed_at)

    @property
    def lets(self) -> bool:
        """Whether `ask` would give a permit now."""
        state = self.state
        return state is State.CLOSED or (state is State.HALF_OPEN and not self._probing())

    def ask(self) -> Permit | None:
        """Leave to ask, None when this model has to be left alone."""
        if not self.lets:
            return None
        permit = Permit(self._round, self._clock())
        if self._opened:
            self._probe = permit
        return permit

    def succeeded(self, permit: Permit) -> None:
        """It answered."""
        if self._opened:
            if permit is self._probe:
                self._close()
        elif permit.round == self._round:
            self._count(failed=False)

    def failed(self, permit: Permit, failure: ModelFailed) -> None:
        """It failed; what lies with the prompt alone does not count."""
        if not _counts(failure):
            self.withdrawn(permit)
        elif self._opened:
            if permit is self._probe:
                self.last_failure = failure.kind
                if not _told_wait(failure):
                    self._rest = min(LONGEST_REST_S, self._rest * 2)
                self._open(failure)
        elif permit.round == self._round:
            self.last_failure = failure.kind
            self._count(failed=True)
            if _at_once(failure) or self._too_many():
                self._open(failure)

    def withdrawn(self, permit: Permit) -> None:
        """Nothing was learned: it was stopped before it said anything."""
        if permit is self._probe:
            self._probe = None

    # --- changes ---

    def _open(self, failure: ModelFailed) -> None:
        self._change(opened=True)
        self._until = self._changed_at + (_told_wait(failure) or self._rest)

    def _close(self) -> None:
        self._change(opened=False)
        self._rest = REST_S

    def _change(self, *, opened: bool) -> None:
        self._opened = opened
        self._round += 1
        self._probe = None
        self._ended.clear()
        self._failures = 0
        self._changed_at = self._clock()

    # --- counting ---

    def _count(self, *, failed: bool) -> None:
        now = self._clock()
        self._ended.append((now, failed))
        self._failures += failed
        while self._ended[0][0] <= now - WINDOW_S:
            self._failures -= self._ended.popleft()[1]

    def _too_many(self) -> bool:
        return self._failures >= FAILURES and self._failures >= SHARE * len(self._ended)

    def _probing(self) -> bool:
        return self._probe is not None and self._clock() < self._probe.at + PROBE_LOST_S


_OF_THE_PROMPT = (400, 413, 422)


def _counts(failure: ModelFailed) -> bool:
    """Whether it says something about the model and not about this prompt alone."""
    if failure.kind is not Failure.REFUSED:
        return True
    return failure.provider_status not in _OF_THE_PROMPT or failure.provider_code in WRONG_KEY


def _at_once(failure: ModelFailed) -> bool:
    return failure.kind is Failure.REFUSED or _told_wait(failure) is not None


def _told_wait(failure: ModelFailed) -> float | None:
    """Seconds after which a limit ends, where the provider said so: it knows better than we do."""
    return failure.retry_after or None if failure.kind is Failure.RATE_LIMITED else None
