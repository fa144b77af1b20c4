"""Chains over models that do as the test says: who is asked when, what is told to breakers, and what is counted."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.llm import (
    Account,
    Completion,
    Failure,
    Finish,
    Model,
    ModelFailed,
    Prompt,
    Role,
    Spent,
    State,
    ToolCall,
    Usage,
)
from tandem.llm.account import current, on
from tandem.llm.breaker import FAILURES, REST_S, Breaker
from tandem.llm.chain import PATIENCE_S, Chain
from tandem.llm.failures import failed
from tandem.llm.specs import Spec, chain

Ask = Callable[..., Prompt]


class Clock:
    """Seconds that pass when told so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


TOOK = Usage(10, 2)


@dataclass
class Says:
    """What a made-up model does with a question: pieces of text, then its end; `takes_s` before it does anything."""

    pieces: tuple[str, ...] = ("Hel", "lo.")
    fails: Failure | None = None
    takes_s: float = 0.0
    hangs: bool = False
    usage: Usage = TOOK
    calls: tuple[ToolCall, ...] = ()


@dataclass
class Actor:
    """A made-up model, its breaker and its place in a chain."""

    spec: Spec
    clock: Clock
    breaker: Breaker
    says: list[Says] = field(default_factory=list)
    """In order; the last holds for all that follows."""
    prompts: list[Prompt] = field(default_factory=list)
    closed: int = 0
    with_keys: list[str | None] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def model(self) -> Model:
        return self

    def line(self, account: Account | None) -> Self:
        self.with_keys.append(account.keys.get(self.spec.provider) if account else None)
        return self

    def stream(self, prompt: Prompt) -> "Acted":
        return Acted(self, self._next(prompt))

    async def complete(self, prompt: Prompt) -> Completion:
        says = self._next(prompt)
        self.clock.now += says.takes_s
        if says.fails is not None:
            raise failed(says.fails, self.name)
        return Completion("".join(says.pieces), says.usage, Finish.STOP, self.name, says.calls)

    async def aclose(self) -> None:
        self.closed += 1

    def _next(self, prompt: Prompt) -> Says:
        self.prompts.append(prompt)
        return self.says.pop(0) if len(self.says) > 1 else self.says[0] if self.says else Says()


class Acted:
    """Its stream."""

    def __init__(self, actor: Actor, says: Says) -> None:
        self._actor, self._says = actor, says
        self._pieces = self._play()
        self.usage = Usage()
        self.calls: tuple[ToolCall, ...] = ()
        self.finish: Finish | None = None
        self.first_token_ms: float | None = None
        self.model = actor.name

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        return await self._pieces.__anext__()

    async def aclose(self) -> None:
        await self._pieces.aclose()

    async def _play(self) -> AsyncGenerator[str, None]:
        says = self._says
        self._actor.clock.now += says.takes_s
        if says.hangs:
            await asyncio.sleep(3600)
        for piece in says.pieces if says.fails is not Failure.UNREACHABLE else ():
            self.first_token_ms = self.first_token_ms or 400.0
            yield piece
        if says.fails is not None:
            raise failed(says.fails, self.model)
        self.usage, self.calls, self.finish = says.usage, says.calls, Finish.STOP


class Troupe:
    """A chain of made-up models."""

    def __init__(self, specs: str) -> None:
        self.clock = Clock()
        self.actors = tuple(Actor(spec, self.clock, Breaker(self.clock)) for spec in chain("TANDEM_MODEL", specs))
        self.chain = Chain(Role.DRAFT, self.actors, self.clock)

    async def answer(self, prompt: Prompt, *, streamed: bool = True) -> tuple[str, str]:
        """Who answered, and what."""
        if not streamed:
            completion = await self.chain.complete(prompt)
            return completion.model, completion.text
        stream = self.chain.stream(prompt)
        text = "".join([piece async for piece in stream])
        return stream.model, text

    @property
    def asked(self) -> list[int]:
        """How often each was."""
        return [len(actor.prompts) for actor in self.actors]


@pytest.fixture
def two() -> Troupe:
    return Troupe("openai:one?input=2&output=8,anthropic:two")


@pytest.fixture(params=[True, False], ids=["streamed", "whole"])
def streamed(request: pytest.FixtureRequest) -> bool:
    found: bool = request.param
    return found


DEAD = Says((), Failure.OVERLOADED)


# --- who is asked ---


async def test_the_first_answers_when_it_can(two: Troupe, ask: Ask, streamed: bool) -> None:
    assert await two.answer(ask(), streamed=streamed) == ("openai:one", "Hello.")
    assert two.asked == [1, 0]
    assert two.chain.name == "openai:one"


@pytest.mark.parametrize("kind", [kind for kind in Failure if kind not in (Failure.UNAVAILABLE, Failure.OVER_BUDGET)])
async def test_the_next_is_asked_whatever_the_failure(two: Troupe, ask: Ask, streamed: bool, kind: Failure) -> None:
    two.actors[0].says = [Says((), kind)]
    assert await two.answer(ask(), streamed=streamed) == ("anthropic:two", "Hello.")


async def test_not_after_a_piece_has_come(two: Troupe, ask: Ask) -> None:
    two.actors[0].says = [Says(("Half",), Failure.CUT_OFF)]
    stream = two.chain.stream(ask())
    assert await anext(stream) == "Half"
    with pytest.raises(ModelFailed) as failure:
        await anext(stream)
    assert (failure.value.kind, two.asked) == (Failure.CUT_OFF, [1, 0])
    assert [piece async for piece in stream] == [], "a stream that failed does not begin again"


async def test_an_empty_answer_is_one(two: Troupe, ask: Ask, streamed: bool) -> None:
    two.actors[0].says = [Says(())]
    assert await two.answer(ask(), streamed=streamed) == ("openai:one", "")


async def test_when_all_fail_the_last_failure_is_told(two: Troupe, ask: Ask, streamed: bool) -> None:
    two.actors[0].says, two.actors[1].says = [DEAD], [Says((), Failure.BROKEN)]
    with pytest.raises(ModelFailed) as failure:
        await two.answer(ask(), streamed=streamed)
    assert (failure.value.kind, two.asked) == (Failure.BROKEN, [1, 1])


async def test_a_model_that_fails_again_and_again_is_left_alone(two: Troupe, ask: Ask, streamed: bool) -> None:
    two.actors[0].says = [DEAD]
    for _ in range(20):
        assert (await two.answer(ask(), streamed=streamed))[0] == "anthropic:two"
    assert two.asked == [FAILURES, 20]
    two.clock.now += REST_S
    two.actors[0].says = [Says()]
    for _ in range(3):
        assert (await two.answer(ask(), streamed=streamed))[0] == "openai:one"


async def test_when_all_rest_it_fails_at_once(two: Troupe, ask: Ask, streamed: bool) -> None:
    for actor in two.actors:
        actor.says = [DEAD]
    for _ in range(FAILURES):
        with pytest.raises(ModelFailed):
            await two.answer(ask(), streamed=streamed)
    assert (two.asked, two.chain.is_up) == ([FAILURES, FAILURES], False)
    with pytest.raises(ModelFailed, match="not asked") as failure:
        await two.answer(ask(), streamed=streamed)
    assert (failure.value.kind, two.asked) == (Failure.UNAVAILABLE, [FAILURES, FAILURES])


async def test_a_stream_that_is_never_read_asks_nobody_and_is_no_probe(two: Troupe, ask: Ask) -> None:
    two.actors[0].says = [DEAD]
    for _ in range(FAILURES):
        await two.answer(ask())
    two.clock.now += REST_S
    await two.chain.stream(ask()).aclose()
    assert two.actors[0].breaker.lets


async def test_only_one_of_many_probes(two: Troupe, ask: Ask) -> None:
    two.actors[0].says = [DEAD]
    for _ in range(FAILURES):
        await two.answer(ask())
    two.clock.now += REST_S
    two.actors[0].says = [Says()]
    probe, other = two.chain.stream(ask()), two.chain.stream(ask())
    async with aclosing(probe), aclosing(other):
        assert (await anext(probe), probe.model) == ("Hel", "openai:one")
        assert (await anext(other), other.model) == ("Hel", "anthropic:two")
        assert [piece async for piece in probe] == ["lo."]
    assert two.actors[0].breaker.state is State.CLOSED


async def test_whoever_is_stopped_before_a_word_has_neither_failed_nor_answered(two: Troupe, ask: Ask) -> None:
    first = two.actors[0]
    first.says = [DEAD]
    for _ in range(FAILURES):
        await two.answer(ask())
    two.clock.now += REST_S
    first.says = [Says(hangs=True)]
    reading = asyncio.create_task(two.answer(ask()))
    await asyncio.sleep(0)
    assert _may_be_asked(first) is False
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert _may_be_asked(first) is True
    assert first.breaker.state is State.HALF_OPEN


def _may_be_asked(actor: Actor) -> bool:
    return actor.breaker.lets


# --- time and options ---


async def test_the_first_token_of_an_earlier_one_is_not_awaited_for_long(two: Troupe, ask: Ask) -> None:
    two.actors[0].says = [DEAD]
    await two.answer(ask(first_token_s=5.0))
    assert [actor.prompts[0].first_token_s for actor in two.actors] == [PATIENCE_S, 5.0]


async def test_without_another_one_in_hand_it_is(two: Troupe, ask: Ask) -> None:
    breaker = two.actors[1].breaker
    for _ in range(FAILURES):
        permit = breaker.ask()
        assert permit is not None
        breaker.failed(permit, failed(Failure.OVERLOADED, "anthropic:two"))
    await two.answer(ask(first_token_s=5.0))
    assert two.actors[0].prompts[0].first_token_s == 5.0


async def test_the_whole_stays_within_the_time(two: Troupe, ask: Ask) -> None:
    two.actors[0].says = [Says((), Failure.TIMED_OUT, takes_s=2.5)]
    await two.answer(ask(timeout_s=7.0))
    assert [actor.prompts[0].timeout_s for actor in two.actors] == [7.0, 4.5]


async def test_in_one_piece_an_earlier_one_has_half_of_it(two: Troupe, ask: Ask) -> None:
    two.actors[0].says = [Says((), Failure.TIMED_OUT, takes_s=3.0)]
    await two.answer(ask(timeout_s=6.0), streamed=False)
    assert [actor.prompts[0].timeout_s for actor in two.actors] == [3.0, 3.0]


async def test_nobody_is_asked_when_the_time_is_over(two: Troupe, ask: Ask, streamed: bool) -> None:
    two.actors[0].says = [Says((), Failure.TIMED_OUT, takes_s=6.9)]
    with pytest.raises(ModelFailed) as failure:
        await two.answer(ask(timeout_s=7.0), streamed=streamed)
    assert (failure.value.kind, two.asked) == (Failure.TIMED_OUT, [1, 0])


async def test_whoever_had_hardly_any_time_has_not_failed(two: Troupe, ask: Ask, streamed: bool) -> None:
    """What is left at the end of a turn may be next to nothing; a model that is fine would be left alone for it."""
    for actor in two.actors:
        actor.says = [Says((), Failure.TIMED_OUT)]
    for _ in range(3 * FAILURES):
        with pytest.raises(ModelFailed):
            await two.answer(ask(timeout_s=0.05), streamed=streamed)
    assert [actor.breaker.state for actor in two.actors] == [State.CLOSED, State.CLOSED]


async def test_the_time_begins_with_the_first_step(two: Troupe, ask: Ask) -> None:
    stream = two.chain.stream(ask(timeout_s=7.0))
    two.clock.now += 100
    assert [piece async for piece in stream] == ["Hel", "lo."]
    assert two.actors[0].prompts[0].timeout_s == 7.0


async def test_a_model_has_options_of_its_own(ask: Ask, streamed: bool) -> None:
    troupe = Troupe("openai:one?temperature=1&timeout_s=4,openai:two")
    troupe.actors[0].says = [DEAD]
    await troupe.answer(ask(timeout_s=60.0), streamed=streamed)
    one, two = (actor.prompts[0] for actor in troupe.actors)
    assert (one.temperature, one.timeout_s) == (1.0, 4.0)
    assert (two.temperature, two.timeout_s) == (0.2, 60.0)


async def test_the_first_token_counts_from_the_question(two: Troupe, ask: Ask) -> None:
    two.actors[0].says = [Says((), Failure.TIMED_OUT, takes_s=2.5)]
    stream = two.chain.stream(ask())
    before = stream.first_token_ms
    assert [piece async for piece in stream] == ["Hel", "lo."]
    assert (before, stream.first_token_ms) == (None, 2_500 + 400)
    assert (stream.usage, stream.finish) == (Usage(10, 2), Finish.STOP)


# --- what is counted ---


def _rows(calls: Iterable[Spent]) -> list[tuple[object, ...]]:
    return [
        (spent.model, spent.outcome, spent.input_tokens, spent.output_tokens, spent.estimated, spent.cost_micros)
        for spent in calls
    ]


async def test_each_call_is_counted_on_the_open_account(two: Troupe, ask: Ask, streamed: bool) -> None:
    two.actors[0].says = [Says((), Failure.RATE_LIMITED), Says(usage=Usage(1_000, 50, 600))]
    with on(Account()) as account:
        await two.answer(ask(), streamed=streamed)
        await two.answer(ask(), streamed=streamed)
    assert current() is None
    await two.answer(ask(), streamed=streamed)
    assert _rows(account.calls) == [
        ("openai:one", "rate_limited", 0, 0, True, 0),
        ("anthropic:two", "ok", 10, 2, False, None),
        ("openai:one", "ok", 1_000, 50, False, 1_000 * 2 + 50 * 8),
    ]
    assert {spent.role for spent in account.calls} == {Role.DRAFT}
    assert [spent.first_token_ms for spent in account.calls][1:] == ([400, 400] if streamed else [None, None])


async def test_cached_tokens_have_their_price(ask: Ask) -> None:
    troupe = Troupe("openai:one?input=2&cached_input=0.5&output=8")
    troupe.actors[0].says = [Says(usage=Usage(1_000, 50, 600))]
    with on(Account()) as account:
        await troupe.answer(ask())
    assert account.calls[0].cost_micros == 400 * 2 + 600 * 0.5 + 50 * 8


async def test_what_a_provider_does_not_say_is_estimated(two: Troupe, ask: Ask, streamed: bool) -> None:
    calls = (ToolCall("c", "look_up", '{"a":1}'),)
    two.actors[0].says = [Says(("x" * 40,), usage=Usage(), calls=calls)]
    prompt = ask("y" * 380)  # and 25 of system text
    with on(Account()) as account:
        await two.answer(prompt, streamed=streamed)
    assert _rows(account.calls) == [("openai:one", "ok", 102, 14, True, 102 * 2 + 14 * 8)]


async def test_an_answer_that_we_stop_is_counted_as_far_as_it_came(two: Troupe, ask: Ask) -> None:
    two.actors[0].says = [Says(("x" * 40, "y" * 40, "never read"))]
    with on(Account()) as account:
        async with aclosing(two.chain.stream(ask("y" * 375))) as stream:
            await anext(stream)
            await anext(stream)
        assert _rows(account.calls) == [("openai:one", "stopped", 100, 20, True, 360)]
        await stream.aclose()
    assert len(account.calls) == 1
    assert two.actors[0].breaker.state is State.CLOSED


async def test_an_answer_that_breaks_off_is_counted_as_far_as_it_came(two: Troupe, ask: Ask) -> None:
    two.actors[0].says = [Says(("x" * 40,), Failure.CUT_OFF)]
    with on(Account()) as account, pytest.raises(ModelFailed):
        await two.answer(ask("y" * 375))
    assert _rows(account.calls) == [("openai:one", "cut_off", 100, 10, True, 280)]


async def test_how_long_it_took_is_counted(two: Troupe, ask: Ask, streamed: bool) -> None:
    two.actors[0].says = [Says(takes_s=1.25)]
    with on(Account()) as account:
        await two.answer(ask(), streamed=streamed)
    assert account.calls[0].ms == 1_250


async def test_the_account_is_the_one_that_was_open_when_the_question_was_asked(two: Troupe, ask: Ask) -> None:
    account, other = Account(), Account()
    with on(account):
        stream = two.chain.stream(ask())
    with on(other):
        assert [piece async for piece in stream] == ["Hel", "lo."]
    assert (len(account.calls), len(other.calls)) == (1, 0)


async def test_tasks_begun_within_ask_on_the_same_account(two: Troupe, ask: Ask) -> None:
    with on(Account()) as account:
        await asyncio.gather(*(two.answer(ask()) for _ in range(5)))
    assert len(account.calls) == 5


async def test_a_closed_role_asks_nobody(two: Troupe, ask: Ask, streamed: bool) -> None:
    with on(Account(closed=frozenset({Role.DRAFT}))) as account, pytest.raises(ModelFailed) as failure:
        await two.answer(ask(), streamed=streamed)
    assert (failure.value.kind, two.asked, account.calls) == (Failure.OVER_BUDGET, [0, 0], [])
    with on(Account(closed=frozenset(Role) - {Role.DRAFT})):
        assert await two.answer(ask(), streamed=streamed) == ("openai:one", "Hello.")


async def test_a_tenants_key_is_asked_with(two: Troupe, ask: Ask) -> None:
    two.actors[0].says = [DEAD]
    with on(Account(keys={"anthropic": "sk-theirs"})):
        await two.answer(ask())
    assert (set(two.actors[0].with_keys), set(two.actors[1].with_keys)) == ({None}, {"sk-theirs"})


def test_an_account_does_not_show_its_keys() -> None:
    assert "sk-theirs" not in repr(Account(keys={"anthropic": "sk-theirs"}))


# --- any run of events ---


@given(
    runs=st.lists(
        st.tuples(
            st.lists(st.sampled_from([None, *list(Failure)[:8]]), min_size=3, max_size=3),
            st.floats(0, 20),
            st.booleans(),
            st.integers(0, 3),
        ),
        max_size=40,
    )
)
def test_in_any_run_every_question_ends_and_every_call_is_counted(
    runs: list[tuple[list[Failure | None], float, bool, int]],
) -> None:
    asyncio.run(_walk(runs))


async def _walk(runs: list[tuple[list[Failure | None], float, bool, int]]) -> None:
    troupe = Troupe("openai:one,google:two,bedrock:three")
    prompt = Prompt("", (), 10, 0.0, timeout_s=7.0)
    with on(Account()) as account:
        for kinds, pause_s, streamed, pieces in runs:
            for actor, kind in zip(troupe.actors, kinds, strict=True):
                actor.says = [Says(("x",) * pieces if streamed else (), kind)]
            up = [actor.breaker.lets for actor in troupe.actors]
            before = troupe.asked
            end = await _end(troupe, prompt, streamed=streamed)
            assert (end is Failure.UNAVAILABLE) == (not any(up))
            if not isinstance(end, Failure):
                assert (account.calls[-1].model, account.calls[-1].outcome) == (end, "ok")
            asked = [now - then for now, then in zip(troupe.asked, before, strict=True)]
            assert all(n <= lets for n, lets in zip(asked, up, strict=True)), "each at most once, and only if it may be"
            assert asked == sorted(asked, reverse=True) or not all(up), "in order"
            troupe.clock.now += pause_s
    assert len(account.calls) == sum(troupe.asked)


async def _end(troupe: Troupe, prompt: Prompt, *, streamed: bool) -> str | Failure:
    """Who answered, or how it failed."""
    try:
        return (await troupe.answer(prompt, streamed=streamed))[0]
    except ModelFailed as failure:
        return failure.kind
