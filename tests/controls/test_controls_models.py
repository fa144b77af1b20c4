"""Chains and breakers with a well-known mistake in them: their tests must notice each."""

from collections.abc import Callable

import pytest

from tandem.llm import Models, Prompt
from tandem.llm.account import Account
from tandem.llm.breaker import Breaker, Permit
from tandem.llm.chain import Attempt, ChainStream
from tandem.llm.failures import ModelFailed
from tandem.llm.lines import Endpoint, Line
from tandem.llm.stub import Stub
from tests.llm import test_breaker, test_chain, test_choose
from tests.llm.conftest import ask, stub
from tests.llm.test_choose import made, other

__all__ = ["ask", "made", "other", "stub"]

Ask = Callable[..., Prompt]


def test_a_breaker_that_lets_everybody_probe_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Breaker, "_probing", lambda self: False)
    clock = test_breaker.Clock()
    with pytest.raises(AssertionError):
        test_breaker.test_after_a_rest_one_may_probe(Breaker(clock), clock)
    with pytest.raises(AssertionError):
        test_breaker.test_recovery_is_no_stampede.hypothesis.inner_test(every_ms=10, down_s=60, takes_ms=1_000)  # type: ignore[attr-defined]


def test_a_breaker_that_hears_late_answers_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Breaker.succeeded

    def hears_all(self: Breaker, permit: Permit) -> None:
        self._probe = permit
        real(self, permit)

    monkeypatch.setattr(Breaker, "succeeded", hears_all)
    clock = test_breaker.Clock()
    with pytest.raises(AssertionError):
        test_breaker.test_what_was_asked_before_it_opened_has_no_say(Breaker(clock), clock)


async def test_a_chain_that_begins_anew_after_a_word_is_noticed(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    real = ChainStream.__anext__

    async def eager(self: ChainStream) -> str:
        try:
            return await real(self)
        except ModelFailed as failure:
            self._begun, self._question.failure = False, failure
            return await real(self)

    monkeypatch.setattr(ChainStream, "__anext__", eager)
    with pytest.raises(BaseException, match="DID NOT RAISE"):
        await test_chain.test_not_after_a_piece_has_come(test_chain.Troupe("openai:one,anthropic:two"), ask)


async def test_a_failed_call_that_is_not_counted_is_noticed(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(self: Attempt, failure: ModelFailed, *took: object) -> None:
        self.line.breaker.failed(self._permit, failure)

    monkeypatch.setattr(Attempt, "failed", forgetful)
    two = test_chain.Troupe("openai:one?input=2&output=8,anthropic:two")
    with pytest.raises(AssertionError):
        await test_chain.test_each_call_is_counted_on_the_open_account(two, ask, streamed=True)


async def test_a_chain_that_asks_a_closed_role_is_noticed(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_chain, "Account", lambda closed=frozenset(): Account())
    with pytest.raises(BaseException, match="DID NOT RAISE"):
        await test_chain.test_a_closed_role_asks_nobody(test_chain.Troupe("openai:one"), ask, streamed=True)


async def test_a_tenants_key_that_is_shown_everywhere_is_noticed(
    made: Callable[..., Models], stub: Stub, other: Stub, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Endpoint.line

    def careless(self: Endpoint, key: str | None) -> Line:
        self._shared = True
        return real(self, key)

    monkeypatch.setattr(Endpoint, "line", careless)
    with pytest.raises(AssertionError):
        await test_choose.test_a_tenants_key_is_not_shown_at_another_address(made, stub, other, ask)


async def test_tenants_who_share_a_line_are_noticed(
    made: Callable[..., Models], stub: Stub, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Endpoint.line
    monkeypatch.setattr(Endpoint, "line", lambda self, key: real(self, "the same" if key else None))
    with pytest.raises(AssertionError):
        await test_choose.test_a_tenant_asks_with_its_own_key(made, stub, ask)
