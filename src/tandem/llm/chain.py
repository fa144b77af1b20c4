"""Several models in order, asked as one: the next is asked where one fails before a word of its answer has come.

Every call that a provider was sent ends on the account that was open when the question was asked (`account.on`), and its
breaker hears how it went. Knows no provider and no HTTP. See `Model` and `Stream` for the promises.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol, Self

from tandem.llm.account import OK, STOPPED, Account, Spent, current
from tandem.llm.breaker import Breaker, Permit
from tandem.llm.failures import Failure, ModelFailed, failed
from tandem.llm.metering import Tokens, spent_tokens
from tandem.llm.model import Completion, Finish, Model, Prompt, Stream, ToolCall, Usage
from tandem.llm.roles import Role
from tandem.llm.specs import Spec

PATIENCE_S = 2.5  # for a first token where another model may be asked: healthy ones take 0.4 to 1.5 s
FAIR_S = 0.5  # whoever had less and was late has not failed: some callers give what is left of a turn
LEAST_S = 0.3  # what is left of a question's time has to be this long: no answer comes in less


class Line(Protocol):
    """A model that is asked with one key, and its breaker."""

    @property
    def model(self) -> Model:
        """Asked with this key."""

    @property
    def breaker(self) -> Breaker:
        """Of this model and key."""


class Member(Protocol):
    """One model of a chain, under whichever key."""

    @property
    def spec(self) -> Spec:
        """Its name, options and price."""

    def line(self, account: Account | None) -> Line:
        """The way to it with the key that this account has."""

    async def aclose(self) -> None:
        """Closes its connections."""


class Chain:
    """The models for one role. At least one member."""

    def __init__(self, role: Role, members: tuple[Member, ...], clock: Callable[[], float] = time.monotonic) -> None:
        self.role, self.members, self.clock = role, members, clock

    @property
    def name(self) -> str:
        """Of the first model; which one answered, the stream or the completion says."""
        return self.members[0].spec.name

    @property
    def is_up(self) -> bool:
        """Whether some model may be asked now, with the keys of the account that is open here."""
        account = current()
        return any(member.line(account).breaker.lets for member in self.members)

    def stream(self, prompt: Prompt) -> "ChainStream":
        """The answer as it is written, by the first model that begins one."""
        return ChainStream(self, prompt)

    async def complete(self, prompt: Prompt) -> Completion:
        """The answer in one piece within `timeout_s`. Raises ModelFailed."""
        question = Question(self, prompt)
        while True:
            attempt = question.next(whole=True)
            try:
                completion = await attempt.line.model.complete(attempt.prompt)
            except ModelFailed as failure:
                question.failure = failure
                attempt.failed(failure, Usage(), None, 0)
            except BaseException as stopped:
                attempt.stopped(stopped, Usage(), None, 0)
                raise
            else:
                chars = len(completion.text) + _chars(completion.calls)
                attempt.done(completion.usage, None, chars)
                return completion

    async def aclose(self) -> None:
        """Closes the connections of its models, which other roles may share."""
        for member in self.members:
            await member.aclose()


class Question:
    """One prompt going down a chain."""

    def __init__(self, chain: Chain, prompt: Prompt) -> None:
        self._chain, self._prompt = chain, prompt
        self._account = current()
        self._left = list(chain.members)
        self._begun: float | None = None
        self.failure: ModelFailed | None = None
        """Of the attempt before."""

    def next(self, *, whole: bool) -> "Attempt":
        """The next model's turn. Raises ModelFailed when there is none: the failure before, or that nobody may be asked."""
        chain, now = self._chain, self._chain.clock()
        if self._account is not None and chain.role in self._account.closed:
            raise failed(Failure.OVER_BUDGET, chain.name)
        self._begun = now if self._begun is None else self._begun
        left_s = self._prompt.timeout_s - (now - self._begun)
        while self._left and (left_s >= LEAST_S or self.failure is None):
            member = self._left.pop(0)
            line = member.line(self._account)
            if (permit := line.breaker.ask()) is not None:
                prompt = _limited(self._prompt, member.spec, left_s, more=self._has_more(), whole=whole)
                return Attempt(chain, member.spec, line, permit, prompt, self._account, now - self._begun)
        if self.failure is not None:
            raise self.failure
        raise failed(Failure.UNAVAILABLE, chain.name)

    def _has_more(self) -> bool:
        return any(member.line(self._account).breaker.lets for member in self._left)


def _limited(prompt: Prompt, spec: Spec, left_s: float, *, more: bool, whole: bool) -> Prompt:
    """The prompt with the model's own options, within the time that is left; half of it where more models may be asked
    and the answer comes in one piece, so that nothing tells a slow one from a dead one before."""
    timeout_s = min(left_s, spec.timeout_s or left_s)
    if more and whole:
        timeout_s = min(timeout_s, left_s / 2)
    return replace(
        prompt,
        temperature=prompt.temperature if spec.temperature is None else spec.temperature,
        timeout_s=timeout_s,
        first_token_s=min(prompt.first_token_s, PATIENCE_S) if more else prompt.first_token_s,
    )


class Attempt:
    """One model being asked; how it ended is told once."""

    __slots__ = ("_account", "_at", "_begun", "_chain", "_permit", "before_s", "line", "prompt", "spec")

    def __init__(
        self,
        chain: Chain,
        spec: Spec,
        line: Line,
        permit: Permit,
        prompt: Prompt,
        account: Account | None,
        before_s: float,
    ) -> None:
        self._chain, self._permit, self._account = chain, permit, account
        self._begun, self._at = chain.clock(), datetime.now(UTC)
        self.spec, self.line, self.prompt = spec, line, prompt
        self.before_s = before_s
        """Seconds that other models took before."""

    def done(self, usage: Usage, first_token_ms: float | None, chars: int) -> None:
        """It answered."""
        self.line.breaker.succeeded(self._permit)
        self._meter(OK, usage, first_token_ms, chars)

    def failed(self, failure: ModelFailed, usage: Usage, first_token_ms: float | None, chars: int) -> None:
        """It did not, or not to the end."""
        if failure.kind is Failure.TIMED_OUT and self.prompt.timeout_s < FAIR_S:
            self.line.breaker.withdrawn(self._permit)
        else:
            self.line.breaker.failed(self._permit, failure)
        self._meter(failure.kind, usage, first_token_ms, chars)

    def stopped(self, why: BaseException, usage: Usage, first_token_ms: float | None, chars: int) -> None:
        """It was left alone by us; whatever is neither a stop nor a failure was never sent."""
        if chars:
            self.line.breaker.succeeded(self._permit)
        else:
            self.line.breaker.withdrawn(self._permit)
        if isinstance(why, asyncio.CancelledError | GeneratorExit):
            self._meter(STOPPED, usage, first_token_ms, chars)

    def _meter(self, outcome: str, usage: Usage, first_token_ms: float | None, chars: int) -> None:
        if self._account is None:
            return
        took: Tokens = spent_tokens(outcome, usage, self.prompt, chars)
        self._account.calls.append(
            Spent(
                self._chain.role,
                self.spec.name,
                took.given,
                took.written,
                took.estimated,
                self.spec.price.micros(took.given, took.cached, took.written) if self.spec.price else None,
                round((self._chain.clock() - self._begun) * 1000),
                None if first_token_ms is None else round(first_token_ms),
                str(outcome),
                self._at,
            )
        )


class ChainStream:
    """One answer arriving from whichever model begins it."""

    __slots__ = ("_attempt", "_before_ms", "_begun", "_chars", "_question", "_stream", "_told")

    def __init__(self, chain: Chain, prompt: Prompt) -> None:
        self._question = Question(chain, prompt)
        self._attempt: Attempt | None = None
        self._stream: Stream | None = None
        self._chars = 0
        self._begun = False
        self._told, self._before_ms = chain.name, 0.0

    @property
    def model(self) -> str:
        """The name of the model that answers; of the first while none does."""
        return self._told

    @property
    def usage(self) -> Usage:
        """Of the model that answers."""
        return self._stream.usage if self._stream else Usage()

    @property
    def finish(self) -> Finish | None:
        """Why it stopped."""
        return self._stream.finish if self._stream else None

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """Its calls."""
        return self._stream.calls if self._stream else ()

    @property
    def first_token_ms(self) -> float | None:
        """Milliseconds from the first step to the first text, with the time that others took before."""
        told = self._stream.first_token_ms if self._stream else None
        return None if told is None else self._before_ms + told

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        if self._attempt is None or self._stream is None:
            return await self._first()
        try:
            piece = await self._stream.__anext__()
        except BaseException as end:
            self._ended(end)
            raise
        self._chars += len(piece)
        return piece

    async def aclose(self) -> None:
        """Ends the stream and its connection."""
        self._begun = True
        if self._stream is not None:
            await self._stream.aclose()
            self._ended(GeneratorExit())

    async def _first(self) -> str:
        """The first piece of whoever gives one. What has begun once does not begin again."""
        if self._begun:
            raise StopAsyncIteration
        self._begun = True
        while True:
            attempt = self._attempt = self._question.next(whole=False)
            self._told, self._before_ms = attempt.spec.name, attempt.before_s * 1000
            self._stream = attempt.line.model.stream(attempt.prompt)
            try:
                piece = await self._stream.__anext__()
            except ModelFailed as failure:
                self._ended(failure)
                self._question.failure = failure
            except BaseException as end:
                self._ended(end)
                raise
            else:
                self._chars += len(piece)
                return piece

    def _ended(self, end: BaseException) -> None:
        """Tells how the attempt ended, if one is under way."""
        attempt, stream = self._attempt, self._stream
        if attempt is None or stream is None:
            return
        self._attempt = None
        took = (stream.usage, stream.first_token_ms, self._chars + _chars(stream.calls))
        if isinstance(end, StopAsyncIteration):
            attempt.done(*took)
        elif isinstance(end, ModelFailed):
            attempt.failed(end, *took)
        else:
            attempt.stopped(end, *took)


def _chars(calls: tuple[ToolCall, ...]) -> int:
    return sum(len(call.name) + len(call.arguments) for call in calls)
