"""From settings to models, over real HTTP: chains, options, keys and where they are shown, and how models do."""

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from tandem.llm import Account, Failure, Model, ModelFailed, Models, Prompt, Role, State, breaker, chain, from_settings
from tandem.llm.account import on
from tandem.llm.breaker import FAILURES
from tandem.llm.specs import Price, Spec
from tandem.llm.specs import chain as parsed
from tandem.llm.stub import Behaviour, Pace, Stub
from tandem.settings import Settings, WrongSetting
from tests.llm.conftest import ANSWER

Ask = Callable[..., Prompt]


@pytest.fixture
async def other() -> AsyncIterator[Stub]:
    async with Stub(pace=Pace(slow_first_token_ms=5_000, slow_gap_ms=5_000)) as provider:
        yield provider


@pytest.fixture
async def made() -> AsyncIterator[Callable[..., Models]]:
    """Models of these settings, closed at the end."""
    async with AsyncExitStack() as stack:

        def make(**told: Any) -> Models:
            models = from_settings(Settings(**told))
            stack.push_async_callback(models.aclose)
            return models

        yield make


def _of(models: Models, role: Role = Role.DRAFT) -> Model:
    model = models.of(role)
    assert model is not None
    return model


def _is_up(models: Models) -> bool:
    return models.draft_is_up


async def _streamed(model: Model, prompt: Prompt) -> str:
    return "".join([piece async for piece in model.stream(prompt)])


# --- what settings say ---


def test_a_model_is_read_with_its_options() -> None:
    text = "openai:gpt-4.1-mini?base_url=https://eu.example.com/v1/&temperature=0&timeout_s=5&input=0.4&output=1.6&cached_input=.1"
    assert parsed("TANDEM_MODEL", f" {text} , bedrock:anthropic.claude-haiku-4-5-20251001-v1:0 ") == (
        Spec(
            "openai",
            "gpt-4.1-mini",
            base_url="https://eu.example.com/v1",
            temperature=0.0,
            timeout_s=5.0,
            price=Price(0.4, 1.6, 0.1),
        ),
        Spec("bedrock", "anthropic.claude-haiku-4-5-20251001-v1:0"),
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("openai:x?temprature=1", "openai:x in TANDEM_MODEL: temprature is no option of a model; there are base_url"),
        ("openai:x?temperature=warm", "temperature is 'warm'; it takes a number from 0 to 2"),
        ("openai:x?temperature=nan", "temperature is 'nan'"),
        ("openai:x?timeout_s=0", "timeout_s is '0'"),
        ("openai:x?input=1", "a price is both input and output"),
        ("openai:x?temperature", "options are written"),
        ("openai:x?temperature=1&temperature=2", "an option stands there twice"),
        ("openai:x?base_url=localhost:11434", "base_url of openai:x in TANDEM_MODEL takes an address"),
        ("openai:x,,openai:y", "TANDEM_MODEL takes openai:NAME"),
        ("openai:x?key_file=/nowhere/key", "key_file of openai:x is /nowhere/key, which cannot be read"),
        ("anthropic:x", "anthropic:x needs a key: TANDEM_ANTHROPIC_API_KEY"),
    ],
)
def test_a_wrong_setting_says_what_it_takes(text: str, says: str) -> None:
    with pytest.raises(WrongSetting) as problem:
        from_settings(Settings(model=text))
    assert says in (problem.value.detail or "")


def test_a_wrong_chain_of_a_role_names_its_variable() -> None:
    with pytest.raises(WrongSetting, match="TANDEM_MODEL_JUDGE takes openai:NAME"):
        from_settings(Settings(model_judge="gpt"))


def test_each_role_has_its_own_models(made: Callable[..., Models]) -> None:
    models = made(
        model="openai:big,openai:other",
        model_classify="openai:tiny",
        model_judge="openai:big",
        model_api_key="k",
    )
    assert {role: models.names(role) for role in Role} == {
        Role.DRAFT: ("openai:big", "openai:other"),
        Role.SUMMARISE: ("openai:big", "openai:other"),
        Role.CLASSIFY: ("openai:tiny",),
        Role.JUDGE: ("openai:big",),
        Role.REWRITE: (),
    }
    assert models.of(Role.REWRITE) is None
    assert [(state.name, state.roles, state.state) for state in models.states()] == [
        ("openai:big", (Role.DRAFT, Role.SUMMARISE, Role.JUDGE), State.CLOSED),
        ("openai:other", (Role.DRAFT, Role.SUMMARISE), State.CLOSED),
        ("openai:tiny", (Role.CLASSIFY,), State.CLOSED),
    ]


def test_the_draft_has_a_name_of_its_own_that_wins(made: Callable[..., Models]) -> None:
    models = made(model="openai:one", model_draft="openai:two", model_api_key="k")
    assert models.names(Role.DRAFT) == models.names(Role.SUMMARISE) == ("openai:two",)


def test_a_role_may_have_a_model_where_drafts_have_none(made: Callable[..., Models]) -> None:
    models = made(model_judge="openai:judge", model_api_key="k")
    assert (models.of(Role.DRAFT), models.of(Role.SUMMARISE), models.draft_is_up) == (None, None, False)
    assert models.names(Role.JUDGE) == ("openai:judge",)


def test_every_role_and_provider_has_its_setting() -> None:
    known = {each.name for each in fields(Settings)}
    assert {f"model_{role}" for role in Role} <= known
    assert {f"{provider}_api_key" for provider in ("openai", "anthropic", "google", "bedrock")} <= known


# --- falling over ---


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour.SERVER_ERROR,
        Behaviour.OVERLOADED,
        Behaviour.RATE_LIMITED,
        Behaviour.REFUSED,
        Behaviour.GARBAGE,
        Behaviour.HANG,
        Behaviour.SLOW_FIRST_TOKEN,
    ],
)
@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
async def test_another_provider_answers(
    made: Callable[..., Models],
    stub: Stub,
    other: Stub,
    ask: Ask,
    behaviour: Behaviour,
    streamed: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chain, "PATIENCE_S", 0.3)
    stub.behave(behaviour)
    model = _of(made(model=f"openai:one?base_url={stub.url},anthropic:two?base_url={other.url}"))
    prompt = ask() if streamed else ask(timeout_s=1.0)
    with on(Account()) as account:
        text = await _streamed(model, prompt) if streamed else (await model.complete(prompt)).text
    assert text == ANSWER
    assert [(spent.model, spent.outcome == "ok") for spent in account.calls] == [
        ("openai:one", False),
        ("anthropic:two", True),
    ]
    assert (len(stub.requests), len(other.requests)) == (1, 1)


async def test_nobody_at_the_first_address(made: Callable[..., Models], stub: Stub, other: Stub, ask: Ask) -> None:
    await stub.__aexit__()
    model = _of(made(model=f"openai:one?base_url={stub.url},anthropic:two?base_url={other.url}"))
    stream = model.stream(ask())
    assert "".join([piece async for piece in stream]) == ANSWER
    assert stream.model == "anthropic:two"


async def test_it_does_not_begin_anew_after_a_word(
    made: Callable[..., Models], stub: Stub, other: Stub, ask: Ask
) -> None:
    stub.behave(Behaviour.CUT_OFF)
    model = _of(made(model=f"openai:one?base_url={stub.url},anthropic:two?base_url={other.url}"))
    with pytest.raises(ModelFailed) as failure:
        await _streamed(model, ask())
    assert (failure.value.kind, len(other.requests)) == (Failure.CUT_OFF, 0)


async def test_states_tell_how_models_do(made: Callable[..., Models], stub: Stub, other: Stub, ask: Ask) -> None:
    models = made(model=f"openai:one?base_url={stub.url},anthropic:two?base_url={other.url}")
    stub.behave(Behaviour.SERVER_ERROR)
    for _ in range(FAILURES + 3):
        assert await _streamed(_of(models), ask()) == ANSWER
    assert len(stub.requests) == FAILURES
    assert [(each.name, each.state, each.last_failure) for each in models.states()] == [
        ("openai:one", State.OPEN, Failure.OVERLOADED),
        ("anthropic:two", State.CLOSED, None),
    ]
    assert _is_up(models)
    other.behave(Behaviour.REFUSED)
    with pytest.raises(ModelFailed):
        await _streamed(_of(models), ask())
    assert not _is_up(models)
    with pytest.raises(ModelFailed) as failure:
        await _streamed(_of(models, Role.SUMMARISE), ask())
    assert failure.value.kind is Failure.UNAVAILABLE, "a breaker is the model's, whatever it is asked for"


async def test_two_that_hang_end_within_the_time_of_one(
    made: Callable[..., Models], stub: Stub, other: Stub, ask: Ask
) -> None:
    """Each alone would be waited for longer: the limit is the question's, and not each model's."""
    stub.behave(Behaviour.HANG)
    other.behave(Behaviour.HANG)
    model = _of(made(model=f"openai:one?base_url={stub.url},anthropic:two?base_url={other.url}"))
    for asked in (_streamed(model, ask(timeout_s=1.0)), model.complete(ask(timeout_s=1.0))):
        with pytest.raises(ModelFailed) as failure:
            await asked
        assert failure.value.kind is Failure.TIMED_OUT


SEED = 1811
QUESTIONS = 150
MAY_HAPPEN = sorted(set(Behaviour) - {Behaviour.RESET, Behaviour.RATE_LIMITED})  # one is sent twice, one rests for 7 s


async def test_whatever_two_providers_do_every_question_ends_and_is_counted(
    made: Callable[..., Models], stub: Stub, other: Stub, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "PATIENCE_S", 0.1)
    monkeypatch.setattr(breaker, "REST_S", 0.01)
    monkeypatch.setattr(breaker, "LONGEST_REST_S", 0.01)
    dice, ends = random.Random(SEED), Counter[str]()
    models = made(model=f"google:one?base_url={stub.url},bedrock:two?base_url={other.url}")
    with on(Account()) as account:
        for _ in range(QUESTIONS):
            stub.behave(dice.choice(MAY_HAPPEN))
            other.behave(Behaviour.GOOD if dice.random() < 0.5 else dice.choice(MAY_HAPPEN))
            prompt = ask(timeout_s=0.6, gap_s=0.2)
            try:
                await (_streamed(_of(models), prompt) if dice.random() < 0.7 else _of(models).complete(prompt))
            except ModelFailed as failure:
                ends[failure.kind] += 1
            else:
                ends["ok"] += 1
    assert sum(ends.values()) == QUESTIONS
    assert 0 < ends["ok"] < QUESTIONS, f"seed {SEED}: {ends}"
    assert len(account.calls) == len(stub.requests) + len(other.requests), f"seed {SEED}"
    assert sum(call.outcome == "ok" for call in account.calls) == ends["ok"], f"seed {SEED}"


# --- keys ---


async def test_each_provider_is_shown_its_own_key(
    made: Callable[..., Models], stub: Stub, other: Stub, ask: Ask
) -> None:
    stub.behave(Behaviour.SERVER_ERROR)
    models = made(
        model=f"openai:one,anthropic:two?base_url={other.url}",
        model_base_url=stub.url,
        model_api_key="for-the-first",
        openai_api_key="for-openai",
        anthropic_api_key="for-anthropic",
    )
    await _streamed(_of(models), ask())
    assert (stub.requests[0].key, other.requests[0].key) == ("irst", "opic")


async def test_a_key_from_a_file_is_shown_to_one_model_alone(
    made: Callable[..., Models], stub: Stub, other: Stub, ask: Ask, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("azure-9876\n")
    stub.behave(Behaviour.SERVER_ERROR)
    first = f"openai:one?base_url={stub.url}&key_file={tmp_path}/key"
    models = made(model=f"{first},openai:two?base_url={other.url}", openai_api_key="for-openai")
    await _streamed(_of(models), ask())
    assert (stub.requests[0].key, other.requests[0].key) == ("9876", "enai")


async def test_a_tenant_asks_with_its_own_key(made: Callable[..., Models], stub: Stub, ask: Ask) -> None:
    models = made(model="openai:one", model_base_url=stub.url, model_api_key="operator-0000")
    for key in ("theirs-1111", "others-2222", "theirs-1111"):
        with on(Account(keys={"openai": key, "google": "never-3333"})):
            await _streamed(_of(models), ask())
            await _of(models).complete(ask())
    await _streamed(_of(models), ask())
    assert [request.key for request in stub.requests] == ["1111"] * 2 + ["2222"] * 2 + ["1111"] * 2 + ["0000"]
    assert stub.connections_made == 1


async def test_a_tenants_wrong_key_hurts_nobody_else(made: Callable[..., Models], stub: Stub, ask: Ask) -> None:
    models = made(model="openai:one", model_base_url=stub.url, model_api_key="operator-0000")
    stub.behave(Behaviour.REFUSED, 1)
    theirs = Account(keys={"openai": "theirs-1111"})
    with on(theirs), pytest.raises(ModelFailed):
        await _streamed(_of(models), ask())
    with on(theirs):
        assert not _is_up(models)
    assert _is_up(models)
    assert [state.state for state in models.states()] == [State.CLOSED]
    assert await _streamed(_of(models), ask()) == ANSWER


@pytest.mark.parametrize("key", ["a\nX-Evil: 1", "a\r\nb", "a\x00b", "a\x7f"])
async def test_a_key_that_no_header_may_have_is_refused(
    made: Callable[..., Models], stub: Stub, ask: Ask, key: str
) -> None:
    models = made(model="openai:one", model_base_url=stub.url, model_api_key="operator-0000")
    with on(Account(keys={"openai": key})), pytest.raises(ModelFailed, match="Check its key") as failure:
        await _streamed(_of(models), ask())
    assert (failure.value.kind, failure.value.__context__, len(stub.requests)) == (Failure.REFUSED, None, 0)
    assert key not in str(failure.value)


async def test_a_tenants_key_is_not_shown_at_another_address(
    made: Callable[..., Models], stub: Stub, other: Stub, ask: Ask
) -> None:
    """OpenAI's protocol is spoken by many; a tenant's key for OpenAI is none of their business."""
    stub.behave(Behaviour.SERVER_ERROR)
    models = made(
        model=f"openai:one,openai:two?base_url={other.url}", model_base_url=stub.url, model_api_key="operator-0000"
    )
    with on(Account(keys={"openai": "theirs-1111"})):
        await _streamed(_of(models), ask())
    assert (stub.requests[0].key, other.requests[0].key) == ("1111", "0000")
