"""Calls of tools: what is sent word for word, and what arrives, through every wire, streamed and whole."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from tandem.llm import (
    Called,
    Completion,
    Failure,
    Finish,
    Message,
    Model,
    ModelFailed,
    Prompt,
    PromptMessage,
    Result,
    Tool,
    ToolCall,
)
from tandem.llm.calls import MOST_CALLS, MOST_CHARS
from tandem.llm.stub import Stub
from tests.models import model_at

Ask = Callable[[Model, Prompt], Awaitable[Completion]]
Calls = list[tuple[str, str]]

SCHEMA = {"type": "object", "properties": {"order_id": {"type": "string"}}, "additionalProperties": False}
TOOLS = (Tool("look_up_order", "An order's state.", SCHEMA), Tool("cancel_order", "Cancels it.", SCHEMA))
PROMPT = Prompt(
    "Be brief.", (PromptMessage("user", "Cancel 1001"),), 50, 0.3, 60.0, first_token_s=60, gap_s=60, tools=TOOLS
)
LOOKED_UP = ToolCall("c1", "look_up_order", '{"order_id":"1001"}')
TALK: tuple[Message, ...] = (
    PromptMessage("user", "Cancel 1001 and 1002"),
    Called("One moment.", (LOOKED_UP, ToolCall("c2", "look_up_order", '{"order_id":"1002"}'))),
    Result("c1", "look_up_order", '{"state":"open"}', is_error=False),
    Result("c2", "look_up_order", "error: no such order", is_error=True),
    Called("", (ToolCall("c3", "cancel_order", '{"order_id":"1001"}'),)),
    Result("c3", "cancel_order", '{"done":true}', is_error=False),
    PromptMessage("assistant", "It is cancelled."),
    PromptMessage("user", "Thanks"),
)


async def _streamed(model: Model, prompt: Prompt) -> Completion:
    stream = model.stream(prompt)
    assert stream.calls == ()
    text = "".join([piece async for piece in stream])
    assert stream.finish is not None
    return Completion(text, stream.usage, stream.finish, stream.model, stream.calls)


async def _whole(model: Model, prompt: Prompt) -> Completion:
    return await model.complete(prompt)


@pytest.fixture(params=[_streamed, _whole])
def answer(request: pytest.FixtureRequest) -> Ask:
    """The same test reads the answer as it is written, and in one piece."""
    found: Ask = request.param
    return found


def _steps(stub: Stub, *steps: dict[str, Any]) -> None:
    stub.script({"marker": "", "steps": steps})


def _said(completion: Completion) -> Calls:
    return [(call.name, call.arguments) for call in completion.calls]


# --- what is sent ---


@pytest.mark.parametrize("stream", [True, False])
async def test_openai_sends_tools_calls_and_results(stub: Stub, stream: bool) -> None:
    body = await _body(stub, "openai:tiny-1", stream=stream)
    assert body == {
        "model": "tiny-1",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Cancel 1001 and 1002"},
            {
                "role": "assistant",
                "content": "One moment.",
                "tool_calls": [
                    {
                        "id": "c1",
                        "type": "function",
                        "function": {"name": "look_up_order", "arguments": '{"order_id":"1001"}'},
                    },
                    {
                        "id": "c2",
                        "type": "function",
                        "function": {"name": "look_up_order", "arguments": '{"order_id":"1002"}'},
                    },
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": '{"state":"open"}'},
            {"role": "tool", "tool_call_id": "c2", "content": "error: no such order"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "c3",
                        "type": "function",
                        "function": {"name": "cancel_order", "arguments": '{"order_id":"1001"}'},
                    },
                ],
            },
            {"role": "tool", "tool_call_id": "c3", "content": '{"done":true}'},
            {"role": "assistant", "content": "It is cancelled."},
            {"role": "user", "content": "Thanks"},
        ],
        "max_tokens": 50,
        "temperature": 0.3,
        "tools": [
            {
                "type": "function",
                "function": {"name": "look_up_order", "description": "An order's state.", "parameters": SCHEMA},
            },
            {
                "type": "function",
                "function": {"name": "cancel_order", "description": "Cancels it.", "parameters": SCHEMA},
            },
        ],
        **({"stream": True, "stream_options": {"include_usage": True}} if stream else {}),
    }


@pytest.mark.parametrize("stream", [True, False])
async def test_anthropic_sends_tools_calls_and_results(stub: Stub, stream: bool) -> None:
    body = await _body(stub, "anthropic:small-2", stream=stream)
    assert body == {
        "model": "small-2",
        "max_tokens": 50,
        "system": "Be brief.",
        "messages": [
            {"role": "user", "content": "Cancel 1001 and 1002"},
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "One moment."},
                    {"type": "tool_use", "id": "c1", "name": "look_up_order", "input": {"order_id": "1001"}},
                    {"type": "tool_use", "id": "c2", "name": "look_up_order", "input": {"order_id": "1002"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "c1", "content": '{"state":"open"}'},
                    {
                        "type": "tool_result",
                        "tool_use_id": "c2",
                        "content": "error: no such order",
                        "is_error": True,
                    },
                ],
            },
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": "c3", "name": "cancel_order", "input": {"order_id": "1001"}}],
            },
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c3", "content": '{"done":true}'}]},
            {"role": "assistant", "content": "It is cancelled."},
            {"role": "user", "content": "Thanks"},
        ],
        "temperature": 0.3,
        "tools": [
            {"name": "look_up_order", "description": "An order's state.", "input_schema": SCHEMA},
            {"name": "cancel_order", "description": "Cancels it.", "input_schema": SCHEMA},
        ],
        **({"stream": True} if stream else {}),
    }


async def _body(stub: Stub, spec: str, *, stream: bool) -> dict[str, Any]:
    model = model_at(spec, stub.url)
    await (_streamed if stream else _whole)(model, replace(PROMPT, messages=TALK))
    await model.aclose()
    return stub.requests[0].body


@pytest.mark.parametrize(
    ("name", "arguments", "sent_name", "sent"),
    [
        ("cancel_order", '{"order_id": ', "cancel_order", {"INVALID_JSON": '{"order_id": '}),
        ("cancel_order", "[1]", "cancel_order", {"INVALID_JSON": "[1]"}),
        ("cancel_order", '{"a":' * 500 + "1" + "}" * 500, "cancel_order", None),
        ("../admin é\n", "{}", "___admin___", {}),
        ("", "{}", "_", {}),
        ("x" * 100, "{}", "x" * 64, {}),
    ],
)
async def test_what_a_model_wrote_wrongly_can_be_sent_back(
    model: Model, stub: Stub, answer: Ask, name: str, arguments: str, sent_name: str, sent: dict[str, Any] | None
) -> None:
    """The stub refuses what providers refuse: names of other letters, and arguments that are no object."""
    _steps(stub, {"calls": [{"name": name, "arguments": arguments}]}, {"text": "I see."})
    first = await answer(model, PROMPT)
    results = tuple(Result(call.id, call.name, "error", is_error=True) for call in first.calls)
    talk = (*PROMPT.messages, Called(first.text, first.calls), *results)
    assert (await answer(model, replace(PROMPT, messages=talk))).text == "I see."
    assert _sent_back(stub) == (sent_name, {"INVALID_JSON": first.calls[0].arguments} if sent is None else sent)


def _sent_back(stub: Stub) -> tuple[str, Any]:
    request = stub.requests[-1]
    messages = request.body.get("messages") or request.body["contents"]
    message = next(each for each in messages if each["role"] in ("assistant", "model"))
    match request.wire:
        case "openai":
            function = message["tool_calls"][0]["function"]
            return function["name"], orjson.loads(function["arguments"])
        case "google":
            return message["parts"][0]["functionCall"]["name"], message["parts"][0]["functionCall"]["args"]
        case "bedrock":
            return message["content"][0]["toolUse"]["name"], message["content"][0]["toolUse"]["input"]
    return message["content"][0]["name"], message["content"][0]["input"]


# --- what arrives ---


async def test_text_comes_before_calls(model: Model, stub: Stub, answer: Ask) -> None:
    arguments = '{"order_id":"1001","why":"too late – 猫"}'
    _steps(
        stub,
        {
            "text": "One moment, I look.",
            "calls": [
                {"name": "look_up_order", "arguments": orjson.loads(arguments), "id": "a"},
                {"name": "cancel_order", "arguments": {"order_id": "1002"}, "id": "b"},
            ],
        },
    )
    said = await answer(model, PROMPT)
    assert said.text == "One moment, I look."
    assert said.finish is Finish.TOOL
    assert said.calls == (
        ToolCall("a", "look_up_order", arguments),
        ToolCall("b", "cancel_order", '{"order_id":"1002"}'),
    )


async def test_a_conversation_goes_on_with_the_results(model: Model, stub: Stub, answer: Ask) -> None:
    look_up = {"name": "look_up_order", "arguments": {"order_id": "1001"}}
    cancel = {"name": "cancel_order", "arguments": {"order_id": "1001"}}
    stub.script(
        {"marker": "Cancel 1001", "steps": [{"calls": [look_up, look_up]}, {"calls": [cancel]}, {"text": "Done."}]}
    )
    talk: tuple[Message, ...] = PROMPT.messages
    ids: list[str] = []
    while (said := await answer(model, replace(PROMPT, messages=talk))).calls:
        ids += [call.id for call in said.calls]
        results = (Result(call.id, call.name, "{}", is_error=False) for call in said.calls)
        talk = (*talk, Called(said.text, said.calls), *results)
    assert (said.text, said.finish) == ("Done.", Finish.STOP)
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    "arguments",
    [
        '{"order_id": ',
        "not json",
        '{"amount": NaN}',
        '{"order_id":"\\ud800"}',
        "[" * 5_000,
        '{"a":' * 2_000 + "1" + "}" * 2_000,
        "null",
        '"text"',
        "[1,2]",
        " ",
    ],
)
async def test_broken_arguments_are_passed_on(model: Model, stub: Stub, answer: Ask, arguments: str) -> None:
    _steps(stub, {"calls": [{"name": "cancel_order", "arguments": arguments}, {"name": "look_up_order"}]})
    assert _said(await answer(model, PROMPT)) == [("cancel_order", arguments), ("look_up_order", "{}")]


async def test_no_arguments_are_an_empty_object(model: Model, stub: Stub, answer: Ask) -> None:
    _steps(stub, {"calls": [{"name": "look_up_order", "arguments": ""}]})
    assert _said(await answer(model, PROMPT)) == [("look_up_order", "{}")]


async def test_names_nobody_offered_are_passed_on(model: Model, stub: Stub, answer: Ask) -> None:
    names = ["delete_everything", "LOOK_UP_ORDER", "../x", "", "é\n"]
    _steps(stub, {"calls": [{"name": name} for name in names]})
    said = await answer(model, PROMPT)
    assert [call.name for call in said.calls] == names
    assert said.finish is Finish.TOOL


async def test_missing_and_repeated_ids_are_invented(model: Model, stub: Stub, answer: Ask) -> None:
    _steps(stub, {"calls": [{"name": f"t{n}", "id": call_id} for n, call_id in enumerate(["", "", "same", "same"])]})
    said = await answer(model, PROMPT)
    ids = [call.id for call in said.calls]
    assert [call.name for call in said.calls] == ["t0", "t1", "t2", "t3"]
    assert ids[2] == "same"
    assert len(set(ids)) == 4
    assert all(re.fullmatch(r"call_[0-9a-f]{32}", call_id) for call_id in (*ids[:2], ids[3]))


async def test_without_tools_a_call_is_still_told(model: Model, answer: Ask) -> None:
    text = PromptMessage("user", "[[behaviour:forbidden_tool_call]]")
    said = await answer(model, replace(PROMPT, messages=(text,), tools=()))
    assert _said(said) == [("refund_order", '{"order_id":"1001","amount":"9999.00"}')]


async def test_text_alone_has_no_calls(model: Model, stub: Stub, answer: Ask) -> None:
    _steps(stub, {"text": "Which order?"})
    said = await answer(model, PROMPT)
    assert (said.text, said.calls, said.finish) == ("Which order?", (), Finish.STOP)


# --- how much ---


@pytest.mark.parametrize(("many", "chars"), [(MOST_CALLS, 0), (1, MOST_CHARS - len("cid")), (4, MOST_CHARS // 4 - 10)])
async def test_the_limits_are_within_reach(model: Model, stub: Stub, answer: Ask, many: int, chars: int) -> None:
    _steps(stub, {"calls": [{"name": "c", "arguments": "x" * chars, "id": f"i{n}"[:2]} for n in range(many)]})
    assert len((await answer(model, PROMPT)).calls) == many


@pytest.mark.parametrize(("many", "chars"), [(MOST_CALLS + 1, 0), (1, MOST_CHARS), (5, MOST_CHARS // 4)])
async def test_it_refuses_more_than_the_limits(model: Model, stub: Stub, answer: Ask, many: int, chars: int) -> None:
    _steps(stub, {"calls": [{"name": "c", "arguments": "x" * chars, "id": f"i{n}"} for n in range(many)]})
    with pytest.raises(ModelFailed) as failure:
        await answer(model, PROMPT)
    assert failure.value.kind is Failure.TOO_LONG
