"""What goes over the wire, word for word, as the stub received it; and which settings give which model."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from tandem.llm import Model, Prompt, PromptMessage, RealModelForbidden, Role, from_settings
from tandem.llm.anthropic import Anthropic
from tandem.llm.openai import OpenAI, is_official
from tandem.llm.stub import Stub
from tandem.settings import Settings, WrongSetting
from tests.models import model_at

PROMPT = Prompt("Be brief.", (PromptMessage("user", "Hi"),), max_tokens=50, temperature=0.3, timeout_s=60.0)


async def _sent(stub: Stub, spec: str, *, stream: bool) -> Stub:
    model = model_at(spec, stub.url, "key-1234")
    if stream:
        [piece async for piece in model.stream(PROMPT)]
    else:
        await model.complete(PROMPT)
    await model.aclose()
    return stub


async def test_openai_streamed(stub: Stub) -> None:
    request = (await _sent(stub, "openai:tiny-1", stream=True)).requests[0]
    assert (request.path, request.key) == ("/chat/completions", "1234")
    assert request.body == {
        "model": "tiny-1",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        "max_tokens": 50,
        "temperature": 0.3,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


async def test_openai_whole(stub: Stub) -> None:
    request = (await _sent(stub, "openai:tiny-1", stream=False)).requests[0]
    assert request.body == {
        "model": "tiny-1",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        "max_tokens": 50,
        "temperature": 0.3,
    }


async def test_anthropic_streamed(stub: Stub) -> None:
    request = (await _sent(stub, "anthropic:small-2", stream=True)).requests[0]
    assert (request.path, request.key, request.version) == ("/v1/messages", "1234", "2023-06-01")
    assert request.body == {
        "model": "small-2",
        "max_tokens": 50,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "Hi"}],
        "temperature": 0.3,
        "stream": True,
    }


async def test_anthropic_whole(stub: Stub) -> None:
    request = (await _sent(stub, "anthropic:small-2", stream=False)).requests[0]
    assert request.body == {
        "model": "small-2",
        "max_tokens": 50,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "Hi"}],
        "temperature": 0.3,
    }


def test_openai_itself_has_its_own_word_for_the_limit() -> None:
    body = OpenAI("gpt-4.1-mini", official=True).body(PROMPT, stream=False)
    assert (body["max_completion_tokens"], body["temperature"]) == (50, 0.3)
    assert "max_tokens" not in body


def test_models_that_refuse_a_temperature_get_none() -> None:
    assert "temperature" not in OpenAI("gpt-5-mini", official=True).body(PROMPT, stream=False)
    assert "temperature" not in Anthropic("claude-opus-4-7").body(PROMPT, stream=False)


@pytest.mark.parametrize(
    ("model", "official", "effort"),
    [
        ("gpt-5-mini", True, "minimal"),
        ("gpt-5-2025-08-07", True, "minimal"),
        ("gpt-5.1", True, None),
        ("gpt-5-chat-latest", True, None),
        ("gpt-5-mini", False, None),
    ],
)
def test_models_that_think_before_they_speak_are_told_not_to(model: str, official: bool, effort: str | None) -> None:
    assert OpenAI(model, official).body(PROMPT, stream=True).get("reasoning_effort") == effort


@pytest.mark.parametrize(
    ("base_url", "official"),
    [
        ("https://api.openai.com/v1", True),
        ("https://shop.openai.azure.com/openai/v1", True),
        ("https://openrouter.ai/api/v1", False),
        ("http://127.0.0.1:11434/v1", False),
        ("https://api.openai.com.evil.example/v1", False),
    ],
)
def test_azure_is_openai_and_others_are_not(base_url: str, official: bool) -> None:
    assert is_official(base_url) is official


async def test_a_base_url_may_end_in_v1(stub: Stub) -> None:
    for spec, path in (("openai:a", "/v1/chat/completions"), ("anthropic:a", "/v1/messages")):
        model = model_at(spec, stub.url + "/v1/")
        await model.complete(PROMPT)
        await model.aclose()
        assert stub.requests[-1].path == path


def test_no_model_is_a_choice() -> None:
    models = from_settings(Settings())
    assert [models.of(role) for role in Role] == [None] * len(Role)
    assert (models.states(), models.draft_is_up) == ((), False)


@pytest.mark.parametrize(
    ("spec", "base_url", "key", "says"),
    [
        ("gpt-4.1", None, "k", "TANDEM_MODEL takes openai:NAME or anthropic:NAME or google:NAME or bedrock:NAME"),
        ("openai:", None, "k", "takes openai:NAME"),
        ("cohere:x", None, "k", "takes openai:NAME"),
        ("openai:x,", None, "k", "takes openai:NAME"),
        ("openai:x", None, None, "TANDEM_MODEL_API_KEY"),
        ("openai:x", "localhost:11434", None, "http://"),
    ],
)
def test_a_wrong_setting_says_what_it_takes(spec: str, base_url: str | None, key: str | None, says: str) -> None:
    with pytest.raises(WrongSetting, match=says):
        model_at(spec, base_url, key)


@pytest.fixture(params=["openai:gpt-4.1-mini", "anthropic:x", "google:x", "bedrock:x"])
async def real(request: pytest.FixtureRequest) -> AsyncIterator[Model]:
    model = model_at(request.param, None, "key-1234", aws_region="eu-central-1")
    yield model
    await model.aclose()


async def test_the_switch_forbids_real_models(real: Model) -> None:
    with pytest.raises(RealModelForbidden):
        await real.complete(PROMPT)
    with pytest.raises(RealModelForbidden):
        [piece async for piece in real.stream(PROMPT)]


def test_without_a_model_no_http_client_is_loaded() -> None:
    code = (
        "import sys, tandem.llm as llm, tandem.settings as s; llm.from_settings(s.Settings()); "
        "sys.exit('aiohttp' in sys.modules)"
    )
    env = {"PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], check=False, env=env).returncode == 0
