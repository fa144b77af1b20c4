"""The breaker, on a clock of the test's own: when it opens, whom it lets through, and that nothing comes all at once."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tandem.llm.breaker import FAILURES, LONGEST_REST_S, PROBE_LOST_S, REST_S, WINDOW_S, Breaker, Permit, State
from tandem.llm.failures import Failure, ModelFailed, by_status, failed


class Clock:
    """Seconds that pass when told so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(clock)


def _failure(kind: Failure = Failure.OVERLOADED) -> ModelFailed:
    return failed(kind, "openai:tiny-1", "provider.test")


def _refused(status: int, code: str | None = None, retry_after: float | None = None) -> ModelFailed:
    return by_status(status, "openai:tiny-1", "provider.test", retry_after=retry_after, code=code)


def _state(breaker: Breaker) -> State:
    """Read anew: a type checker takes a property for a constant."""
    return breaker.state


def _permit(breaker: Breaker) -> Permit:
    permit = breaker.ask()
    assert permit is not None
    return permit


def _fail(breaker: Breaker, times: int = FAILURES, failure: ModelFailed | None = None) -> None:
    for _ in range(times):
        breaker.failed(_permit(breaker), failure or _failure())


# --- opening ---


def test_five_failures_open_it(breaker: Breaker) -> None:
    _fail(breaker, FAILURES - 1)
    assert (_state(breaker), breaker.lets) == (State.CLOSED, True)
    _fail(breaker, 1)
    assert (_state(breaker), breaker.lets, breaker.ask()) == (State.OPEN, False, None)
    assert breaker.last_failure is Failure.OVERLOADED


def test_failures_that_are_far_apart_do_not(breaker: Breaker, clock: Clock) -> None:
    for _ in range(50):
        _fail(breaker, 1)
        clock.now += WINDOW_S / (FAILURES - 1)
    assert _state(breaker) is State.CLOSED


def test_a_few_failures_among_many_answers_do_not(breaker: Breaker, clock: Clock) -> None:
    """A provider that fails 30 % of the time still answers 70 % of the customers."""
    for n in range(1_000):
        if n % 10 in (0, 3, 6):
            _fail(breaker, 1)
        else:
            breaker.succeeded(_permit(breaker))
        clock.now += 0.05
    assert _state(breaker) is State.CLOSED


def test_when_half_of_all_fails_it_opens(breaker: Breaker) -> None:
    for _ in range(FAILURES):
        assert _state(breaker) is State.CLOSED
        breaker.succeeded(_permit(breaker))
        _fail(breaker, 1)
    assert _state(breaker) is State.OPEN


def test_answers_of_long_ago_do_not_outweigh_failures(breaker: Breaker, clock: Clock) -> None:
    for _ in range(1_000):
        breaker.succeeded(_permit(breaker))
    clock.now += WINDOW_S
    _fail(breaker)
    assert _state(breaker) is State.OPEN


@pytest.mark.parametrize(
    "failure",
    [_refused(401), _refused(403), _refused(404), _refused(402), _refused(400, "api_key_invalid")],
    ids=["401", "403", "404", "402", "google's wrong key"],
)
def test_a_wrong_key_or_model_opens_it_at_once(breaker: Breaker, failure: ModelFailed) -> None:
    _fail(breaker, 1, failure)
    assert (_state(breaker), breaker.last_failure) == (State.OPEN, Failure.REFUSED)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_lies_with_the_prompt_says_nothing_about_the_model(breaker: Breaker, status: int) -> None:
    _fail(breaker, 20, _refused(status))
    assert (_state(breaker), breaker.last_failure) == (State.CLOSED, None)


def test_it_waits_as_long_as_it_is_told(breaker: Breaker, clock: Clock) -> None:
    _fail(breaker, 1, _refused(429, retry_after=42.0))
    clock.now += 41.9
    assert _state(breaker) is State.OPEN
    clock.now += 0.1
    assert _state(breaker) is State.HALF_OPEN


def test_a_short_limit_is_a_short_rest_however_often(breaker: Breaker, clock: Clock) -> None:
    for _ in range(5):
        _fail(breaker, 1, _refused(429, retry_after=1.0))
        assert _state(breaker) is State.OPEN
        clock.now += 1.0
    assert _state(breaker) is State.HALF_OPEN


def test_a_limit_without_a_time_counts_like_another_failure(breaker: Breaker) -> None:
    _fail(breaker, FAILURES - 1, _refused(429))
    assert _state(breaker) is State.CLOSED
    _fail(breaker, 1, _refused(429))
    assert _state(breaker) is State.OPEN


# --- probing ---


def test_after_a_rest_one_may_probe(breaker: Breaker, clock: Clock) -> None:
    _fail(breaker)
    clock.now += REST_S - 0.01
    assert breaker.ask() is None
    clock.now += 0.01
    assert (_state(breaker), breaker.lets) == (State.HALF_OPEN, True)
    probe = _permit(breaker)
    assert (_state(breaker), breaker.lets, breaker.ask()) == (State.HALF_OPEN, False, None)
    breaker.succeeded(probe)
    assert (_state(breaker), breaker.lets) == (State.CLOSED, True)


def test_each_probe_that_fails_doubles_the_rest(breaker: Breaker, clock: Clock) -> None:
    _fail(breaker)
    rests = []
    for _ in range(6):
        waited = 0.0
        while (probe := breaker.ask()) is None:
            clock.now += 0.5
            waited += 0.5
        rests.append(waited)
        breaker.failed(probe, _failure())
    assert rests == [5, 10, 20, 40, 60, 60] == [min(LONGEST_REST_S, REST_S * 2**n) for n in range(6)]


def test_a_success_forgets_the_long_rests(breaker: Breaker, clock: Clock) -> None:
    _fail(breaker)
    for _ in range(3):
        clock.now += LONGEST_REST_S
        _fail(breaker, 1)
    clock.now += LONGEST_REST_S
    breaker.succeeded(_permit(breaker))
    _fail(breaker, FAILURES - 1)
    assert _state(breaker) is State.CLOSED, "failures from before it closed do not count"
    _fail(breaker, 1)
    clock.now += REST_S
    assert _state(breaker) is State.HALF_OPEN


def test_a_probe_that_is_called_off_makes_room_for_another(breaker: Breaker, clock: Clock) -> None:
    _fail(breaker)
    clock.now += REST_S
    breaker.withdrawn(_permit(breaker))
    breaker.failed(_permit(breaker), _refused(400))
    breaker.succeeded(_permit(breaker))
    assert _state(breaker) is State.CLOSED


def test_a_probe_that_nobody_ends_is_forgotten(breaker: Breaker, clock: Clock) -> None:
    _fail(breaker)
    clock.now += REST_S
    lost = _permit(breaker)
    clock.now += PROBE_LOST_S
    probe = _permit(breaker)
    breaker.failed(lost, _failure())
    breaker.succeeded(lost)
    assert (_state(breaker), breaker.ask()) == (State.HALF_OPEN, None), "the lost one has no say any more"
    breaker.succeeded(probe)
    assert _state(breaker) is State.CLOSED


def test_what_was_asked_before_it_opened_has_no_say(breaker: Breaker, clock: Clock) -> None:
    before = [_permit(breaker) for _ in range(20)]
    _fail(breaker)
    for permit in before[:10]:
        breaker.succeeded(permit)
    assert _state(breaker) is State.OPEN
    clock.now += REST_S
    breaker.succeeded(_permit(breaker))
    for permit in before[10:]:
        breaker.failed(permit, _failure())
    assert _state(breaker) is State.CLOSED


def test_how_long_it_has_been_so(breaker: Breaker, clock: Clock) -> None:
    clock.now += 3
    assert breaker.unchanged_s == 3
    _fail(breaker)
    clock.now += 2
    assert (_state(breaker), breaker.unchanged_s) == (State.OPEN, 2)
    clock.now += 4
    assert (_state(breaker), breaker.unchanged_s) == (State.HALF_OPEN, 1)


# --- F12: no stampede ---


@given(
    every_ms=st.integers(5, 400),
    down_s=st.integers(1, 200),
    takes_ms=st.integers(10, 2_000),
)
def test_recovery_is_no_stampede(every_ms: int, down_s: int, takes_ms: int) -> None:
    """Customers at an even pace; the provider is down for a while. No second sees more calls than customers came in it."""
    clock = Clock()
    breaker, begun = Breaker(clock), clock.now
    under_way: list[tuple[float, Permit]] = []
    calls: Counter[int] = Counter()
    while clock.now < begun + down_s + 2 * LONGEST_REST_S + 20:
        while under_way and under_way[0][0] <= clock.now:
            ended, permit = under_way.pop(0)
            if begun + 5 <= ended < begun + 5 + down_s:
                breaker.failed(permit, _failure())
            else:
                breaker.succeeded(permit)
        if (permit_now := breaker.ask()) is not None:
            calls[int(clock.now)] += 1
            under_way.append((clock.now + takes_ms / 1000, permit_now))
        clock.now += every_ms / 1000
    assert max(calls.values()) <= 1000 / every_ms + 1
    assert _state(breaker) is State.CLOSED, "it has recovered"
    probes = sum(calls[int(begun + second)] for second in range(5 + takes_ms // 1000 + 12, 5 + down_s))
    assert probes <= 5 + down_s / (LONGEST_REST_S / 2), "while it is down it is left alone but for probes"


# --- any order of events ---


class _Walk(RuleBasedStateMachine):
    """Questions, answers, failures and time in any order. What has to hold holds after each step."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker(self.clock)
        self.out: list[tuple[Permit, State]] = []
        self.closed_failures = 0

    @rule(seconds=st.sampled_from([0.1, 1.0, REST_S, WINDOW_S, LONGEST_REST_S]))
    def time_passes(self, seconds: float) -> None:
        before = self.breaker.state
        self.clock.now += seconds
        assert (before, self.breaker.state) not in [
            (State.CLOSED, State.OPEN),
            (State.HALF_OPEN, State.OPEN),
            (State.OPEN, State.CLOSED),
        ], "time alone lets probes in and does nothing else"

    @rule()
    def ask(self) -> None:
        state, lets = self.breaker.state, self.breaker.lets
        permit = self.breaker.ask()
        assert (permit is not None) is lets
        assert state is not State.OPEN or permit is None
        if permit is not None:
            self.out.append((permit, state))

    @precondition(lambda self: self.out)
    @rule(at=st.integers(0, 100))
    def answer(self, at: int) -> None:
        permit, asked_in = self.out.pop(at % len(self.out))
        before = self.breaker.state
        self.breaker.succeeded(permit)
        after = self.breaker.state
        assert after is before or (before, after, asked_in) == (State.HALF_OPEN, State.CLOSED, State.HALF_OPEN)

    @precondition(lambda self: self.out)
    @rule(at=st.integers(0, 100), retry_after=st.sampled_from([None, 1.0, 30.0]), wrong_key=st.booleans())
    def failure(self, at: int, retry_after: float | None, wrong_key: bool) -> None:
        permit, _ = self.out.pop(at % len(self.out))
        before = self.breaker.state
        self.breaker.failed(permit, _refused(401) if wrong_key else _refused(429, retry_after=retry_after))
        assert self.breaker.state in (before, State.OPEN)

    @precondition(lambda self: self.out)
    @rule(at=st.integers(0, 100))
    def called_off(self, at: int) -> None:
        permit, _ = self.out.pop(at % len(self.out))
        before = self.breaker.state
        self.breaker.withdrawn(permit)
        assert self.breaker.state is before

    @invariant()
    def it_never_stays_shut(self) -> None:
        """After the longest rest, and the longest that a probe may take, somebody may ask."""
        now = self.clock.now
        self.clock.now += LONGEST_REST_S + PROBE_LOST_S
        assert self.breaker.lets
        self.clock.now = now

    @invariant()
    def one_probe_at_a_time(self) -> None:
        if self.breaker.state is State.HALF_OPEN and self.breaker.lets:
            probe = _permit(self.breaker)
            assert self.breaker.ask() is None
            self.breaker.withdrawn(probe)


TestWalk = _Walk.TestCase
