"""Google's wire word for word: what is sent, and what is made of events that only it sends."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from tandem.llm import Called, Failure, Finish, Prompt, PromptMessage, Result, ToolCall, Usage
from tandem.llm.google import Google
from tandem.llm.stub import Stub
from tandem.llm.wire import ErrorEvent, Heard
from tests.llm.test_calls import PROMPT, SCHEMA, TALK
from tests.models import model_at

Ask = Callable[..., Prompt]
BARE = Prompt("Be brief.", (PromptMessage("user", "Hi"),), max_tokens=50, temperature=0.3, timeout_s=60.0)


@pytest.mark.parametrize(
    ("stream", "path"),
    [
        (True, "/v1beta/models/gemini-2.5-flash:streamGenerateContent"),
        (False, "/v1beta/models/gemini-2.5-flash:generateContent"),
    ],
)
async def test_a_plain_prompt(stub: Stub, stream: bool, path: str) -> None:
    model = model_at("google:gemini-2.5-flash", stub.url + "/v1beta", "key-1234")
    if stream:
        [piece async for piece in model.stream(BARE)]
    else:
        await model.complete(BARE)
    await model.aclose()
    request = stub.requests[0]
    assert (request.path, request.key) == (path, "1234")
    assert request.body == {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
        "generationConfig": {
            "maxOutputTokens": 50,
            "temperature": 0.3,
            "thinkingConfig": {"thinkingBudget": 0},
        },
    }


def test_calls_and_results() -> None:
    """Results in a row stand in one content: Google wants as many there as there were calls."""
    body = Google("gemini-2.0-flash").body(replace(PROMPT, messages=TALK), stream=True)
    assert body["contents"] == [
        {"role": "user", "parts": [{"text": "Cancel 1001 and 1002"}]},
        {
            "role": "model",
            "parts": [
                {"text": "One moment."},
                {"functionCall": {"id": "c1", "name": "look_up_order", "args": {"order_id": "1001"}}},
                {"functionCall": {"id": "c2", "name": "look_up_order", "args": {"order_id": "1002"}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "c1", "name": "look_up_order", "response": {"output": '{"state":"open"}'}}},
                {
                    "functionResponse": {
                        "id": "c2",
                        "name": "look_up_order",
                        "response": {"error": "error: no such order"},
                    }
                },
            ],
        },
        {
            "role": "model",
            "parts": [{"functionCall": {"id": "c3", "name": "cancel_order", "args": {"order_id": "1001"}}}],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "c3", "name": "cancel_order", "response": {"output": '{"done":true}'}}}
            ],
        },
        {"role": "model", "parts": [{"text": "It is cancelled."}]},
        {"role": "user", "parts": [{"text": "Thanks"}]},
    ]
    assert body["tools"] == [
        {
            "functionDeclarations": [
                {"name": "look_up_order", "description": "An order's state.", "parametersJsonSchema": SCHEMA},
                {"name": "cancel_order", "description": "Cancels it.", "parametersJsonSchema": SCHEMA},
            ]
        }
    ]


@pytest.mark.parametrize(
    ("model", "thinking"),
    [
        ("gemini-2.5-flash-lite", {"thinkingBudget": 0}),
        ("gemini-2.5-pro", {"thinkingBudget": 128}),
        ("gemini-3-flash-preview", {"thinkingLevel": "minimal"}),
        ("gemini-3-pro-preview", {"thinkingLevel": "low"}),
        ("gemini-2.0-flash", None),
        ("gemma-3-27b-it", None),
    ],
)
def test_models_think_as_little_as_they_can(model: str, thinking: dict[str, Any] | None) -> None:
    assert Google(model).body(BARE, stream=False)["generationConfig"].get("thinkingConfig") == thinking


async def test_a_signature_goes_back_with_its_call(stub: Stub) -> None:
    model = model_at("google:gemini-3-flash-preview", stub.url, "key")
    stub.script({"marker": "", "steps": [{"calls": [{"name": "look_up_order"}]}, {"text": "Done."}]})
    first = await model.complete(PROMPT)
    assert first.calls[0].signature == "c3R1Yg=="
    result = Result(first.calls[0].id, "look_up_order", "{}", is_error=False)
    talk = (*PROMPT.messages, Called("", first.calls), result)
    assert (await model.complete(replace(PROMPT, messages=talk))).text == "Done."
    assert stub.requests[-1].body["contents"][1]["parts"][0]["thoughtSignature"] == "c3R1Yg=="
    await model.aclose()


@pytest.mark.parametrize(
    ("model", "sent"), [("gemini-3-pro-preview", "skip_thought_signature_validator"), ("gemini-2.5-flash", None)]
)
def test_another_providers_call_has_none(model: str, sent: str | None) -> None:
    talk = (*PROMPT.messages, Called("", (ToolCall("c", "look_up_order", "{}"),)))
    part = Google(model).body(replace(PROMPT, messages=talk), stream=False)["contents"][1]["parts"][0]
    assert part.get("thoughtSignature") == sent


def _heard(*answers: dict[str, Any]) -> tuple[str, Heard]:
    heard = Heard()
    return "".join(Google("m").piece(orjson.dumps(answer), heard) for answer in answers), heard


def _says(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"role": "model", "parts": list(parts)}, **more}]}


def test_thoughts_are_not_said_but_counted() -> None:
    text, heard = _heard(
        _says({"text": "They want…", "thought": True}) | {"usageMetadata": {"promptTokenCount": 9}},
        _says({"text": "Hello"}, {"text": "!"}, finishReason="STOP")
        | {
            "usageMetadata": {
                "promptTokenCount": 9,
                "candidatesTokenCount": 2,
                "thoughtsTokenCount": 5,
                "cachedContentTokenCount": 4,
            }
        },
    )
    assert (text, heard.finish, heard.usage) == ("Hello!", Finish.STOP, Usage(9, 7, 4))


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("MAX_TOKENS", Finish.LENGTH),
        ("SAFETY", Finish.FILTERED),
        ("PROHIBITED_CONTENT", Finish.FILTERED),
        ("MALFORMED_FUNCTION_CALL", Finish.OTHER),
        ("SOMETHING_NEW", Finish.OTHER),
    ],
)
def test_reasons_to_stop(reason: str, finish: Finish) -> None:
    assert _heard({"candidates": [{"finishReason": reason}]})[1].finish is finish


def test_a_refused_prompt_has_no_candidates() -> None:
    text, heard = _heard({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 3}})
    assert (text, heard.finish) == ("", Finish.FILTERED)


def test_calls_without_ids_or_arguments() -> None:
    call = {"functionCall": {"name": "look_up_order"}}
    _, heard = _heard(_says(call, call), _says({"text": ""}, finishReason="STOP"))
    first, second = heard.called()
    assert heard.finish is Finish.TOOL
    assert (first.name, first.arguments) == (second.name, second.arguments) == ("look_up_order", "{}")
    assert first.id != second.id


@pytest.mark.parametrize(
    ("status", "kind"), [("RESOURCE_EXHAUSTED", Failure.RATE_LIMITED), ("INTERNAL", Failure.OVERLOADED)]
)
def test_an_error_in_the_middle(status: str, kind: Failure) -> None:
    with pytest.raises(ErrorEvent) as failure:
        _heard({"error": {"code": 500, "message": "x", "status": status}})
    assert failure.value.kind is kind
