"""Bedrock's wire word for word: what is sent and how it is signed, and what is made of events that only it sends."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import orjson
import pytest

from tandem.llm import Failure, Finish, ModelFailed, Prompt, PromptMessage, Usage, from_settings
from tandem.llm.bedrock import Bedrock
from tandem.llm.stub import Stub
from tandem.llm.wire import ErrorEvent, Heard
from tandem.settings import Settings, WrongSetting
from tests.llm.test_calls import PROMPT, SCHEMA, TALK
from tests.models import model_at

BARE = Prompt("Be brief.", (PromptMessage("user", "Hi"),), max_tokens=50, temperature=0.3, timeout_s=60.0)
MODEL = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"


@pytest.mark.parametrize("stream", [True, False])
async def test_a_plain_prompt(stub: Stub, stream: bool) -> None:
    model = model_at(f"bedrock:{MODEL}", stub.url, "key-1234")
    if stream:
        [piece async for piece in model.stream(BARE)]
    else:
        await model.complete(BARE)
    await model.aclose()
    request = stub.requests[0]
    end = "converse-stream" if stream else "converse"
    assert (request.path, request.key) == (f"/model/eu.anthropic.claude-haiku-4-5-20251001-v1%3A0/{end}", "1234")
    assert request.body == {
        "system": [{"text": "Be brief."}],
        "messages": [{"role": "user", "content": [{"text": "Hi"}]}],
        "inferenceConfig": {"maxTokens": 50, "temperature": 0.3},
    }


def test_calls_and_results() -> None:
    body = Bedrock(MODEL).body(replace(PROMPT, messages=TALK), stream=True)
    assert body["messages"] == [
        {"role": "user", "content": [{"text": "Cancel 1001 and 1002"}]},
        {
            "role": "assistant",
            "content": [
                {"text": "One moment."},
                {"toolUse": {"toolUseId": "c1", "name": "look_up_order", "input": {"order_id": "1001"}}},
                {"toolUse": {"toolUseId": "c2", "name": "look_up_order", "input": {"order_id": "1002"}}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"toolResult": {"toolUseId": "c1", "content": [{"text": '{"state":"open"}'}], "status": "success"}},
                {"toolResult": {"toolUseId": "c2", "content": [{"text": "error: no such order"}], "status": "error"}},
            ],
        },
        {
            "role": "assistant",
            "content": [{"toolUse": {"toolUseId": "c3", "name": "cancel_order", "input": {"order_id": "1001"}}}],
        },
        {
            "role": "user",
            "content": [
                {"toolResult": {"toolUseId": "c3", "content": [{"text": '{"done":true}'}], "status": "success"}}
            ],
        },
        {"role": "assistant", "content": [{"text": "It is cancelled."}]},
        {"role": "user", "content": [{"text": "Thanks"}]},
    ]
    assert body["toolConfig"]["tools"][0] == {
        "toolSpec": {"name": "look_up_order", "description": "An order's state.", "inputSchema": {"json": SCHEMA}}
    }


def test_models_that_refuse_a_temperature_get_none() -> None:
    assert "temperature" not in Bedrock("us.anthropic.claude-opus-4-7-v1:0").body(BARE, stream=False)["inferenceConfig"]


def test_blank_system_text_is_left_out() -> None:
    assert "system" not in Bedrock(MODEL).body(replace(BARE, system=" \n"), stream=False)


def _heard(*events: dict[str, Any]) -> tuple[str, Heard]:
    heard = Heard()
    return "".join(Bedrock(MODEL).piece(orjson.dumps(event), heard) for event in events), heard


def test_what_a_model_reasons_is_not_said() -> None:
    text, heard = _heard(
        {"messageStart": {"role": "assistant"}},
        {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "They want…"}}}},
        {"contentBlockDelta": {"contentBlockIndex": 1, "delta": {"text": "Hello."}}},
        {"somethingNew": {}},
        {"messageStop": {"stopReason": "end_turn"}},
    )
    assert (text, heard.finish, heard.over) == ("Hello.", Finish.STOP, False)


def test_tokens_of_the_cache_are_input_too() -> None:
    usage = {"inputTokens": 10, "outputTokens": 3, "cacheReadInputTokens": 80, "cacheWriteInputTokens": 5}
    _, heard = _heard({"metadata": {"usage": usage, "metrics": {"latencyMs": 7}}})
    assert (heard.usage, heard.over) == (Usage(95, 3, 80), True)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("max_tokens", Finish.LENGTH),
        ("guardrail_intervened", Finish.FILTERED),
        ("content_filtered", Finish.FILTERED),
        ("malformed_tool_use", Finish.OTHER),
    ],
)
def test_reasons_to_stop(reason: str, finish: Finish) -> None:
    assert _heard({"messageStop": {"stopReason": reason}})[1].finish is finish


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("throttlingException", Failure.RATE_LIMITED),
        ("modelStreamErrorException", Failure.OVERLOADED),
        ("error", Failure.OVERLOADED),
    ],
)
def test_an_exception_in_the_middle(name: str, kind: Failure) -> None:
    with pytest.raises(ErrorEvent) as failure:
        _heard({name: {"message": "x"}})
    assert failure.value.kind is kind


# --- keys ---


@pytest.fixture
async def heads() -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that takes down the heads of requests and refuses them."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 424 Failed Dependency\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", seen
    server.close()


async def test_without_an_api_key_requests_are_signed(heads: tuple[str, list[bytes]]) -> None:
    host, seen = heads
    model = model_at(
        f"bedrock:{MODEL}",
        f"http://{host}",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI",
        aws_session_token="a-token",
        aws_region="eu-central-1",
    )
    with pytest.raises(ModelFailed) as failure:
        await model.complete(BARE)
    await model.aclose()
    assert failure.value.kind is Failure.OVERLOADED, "424 is what Bedrock says when the model behind it has failed"
    head = seen[0].decode()
    assert head.startswith("POST /model/eu.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse HTTP/1.1\r\n")
    assert re.search(r"\r\nx-amz-date: \d{8}T\d{6}Z\r\n", head)
    assert "\r\nx-amz-security-token: a-token\r\n" in head
    assert f"\r\nHost: {host}\r\n" in head
    assert re.search(
        r"\r\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\d{8}/eu-central-1/bedrock/aws4_request,"
        r" SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}\r\n",
        head,
    )
    assert "wJalrXUtnFEMI" not in head


async def test_a_tenants_key_is_not_signed_with_the_operators(stub: Stub) -> None:
    from tandem.llm import Account
    from tandem.llm.account import on

    model = model_at(
        f"bedrock:{MODEL}", stub.url, aws_access_key_id="A", aws_secret_access_key="s", aws_region="eu-central-1"
    )
    with on(Account(keys={"bedrock": "theirs-1111"})):
        await model.complete(BARE)
    await model.complete(BARE)
    await model.aclose()
    assert stub.requests[0].key == "1111"
    assert stub.requests[1].key != "1111"


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({}, "needs a key: TANDEM_BEDROCK_API_KEY, AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY"),
        ({"aws_access_key_id": "A", "aws_secret_access_key": "s"}, "AWS_REGION is needed"),
        ({"bedrock_api_key": "k"}, "needs AWS_REGION"),
        ({"bedrock_api_key": "k", "aws_region": "eu.evil.example/"}, "needs AWS_REGION"),
    ],
)
def test_a_wrong_setting_says_what_it_takes(told: dict[str, str], says: str) -> None:
    with pytest.raises(WrongSetting) as problem:
        from_settings(Settings(model=f"bedrock:{MODEL}", **told))  # type: ignore[arg-type]
    assert says in (problem.value.detail or "")
