"""The stub's scripts and its adversary, through every wire: which step comes when, and that every wrong comes up."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from tandem.llm import Called, Completion, Failure, Model, ModelFailed, Prompt, PromptMessage, Result, Tool, ToolCall
from tandem.llm.stub import Behaviour, Stub
from tests.llm.conftest import ANSWER, QUESTION

Ask = Callable[..., Prompt]

PROPERTIES = {"order_id": {"type": "string"}, "amount_minor": {"type": "integer"}, "why": {"enum": ["late"]}}
SCHEMA = {"type": "object", "properties": PROPERTIES}
TOOLS = (Tool("look_up_order", "An order's state.", SCHEMA), Tool("refund_order", "Pays back.", SCHEMA))
ATTACKS = 300
SEED = 7


@pytest.fixture
def offering(ask: Ask) -> Ask:
    """A prompt that offers tools."""
    return lambda text=QUESTION, **changed: ask(text, tools=TOOLS, **changed)


async def _texts(model: Model, *prompts: Prompt) -> list[str]:
    return [(await model.complete(prompt)).text for prompt in prompts]


async def test_each_request_takes_a_step(model: Model, stub: Stub, offering: Ask) -> None:
    stub.script({"marker": "return an item", "steps": [{"text": "One."}, {"text": "Two."}]})
    assert await _texts(model, *[offering()] * 3) == ["One.", "Two.", ANSWER]
    assert [request.behaviour for request in stub.requests] == ["scripted", "scripted", "good"]


async def test_a_script_comes_over_http(model: Model, stub: Stub, offering: Ask) -> None:
    steps = [{"calls": [{"name": "refund_order", "arguments": {"amount_minor": 5}}]}]
    async with aiohttp.ClientSession() as outside:
        told = await outside.post(stub.url + "/_script", json={"marker": "[[script:a]]", "steps": steps})
        assert (told.status, await told.json()) == (200, {"marker": "[[script:a]]", "steps": 1})
    said = await model.complete(offering("Pay me [[script:a]]"))
    assert [(call.name, call.arguments) for call in said.calls] == [("refund_order", '{"amount_minor":5}')]


async def test_markers_are_told_apart(model: Model, stub: Stub, offering: Ask) -> None:
    """The last user message and the system text count; the longest marker wins; others keep their steps."""
    for marker in ("", "[[script:a]]", "[[script:ab]]", "Acme"):
        stub.script({"marker": marker, "steps": [{"text": f"<{marker}>"}]})
    before = (PromptMessage("user", "[[script:ab]]"), PromptMessage("assistant", "Yes?"), PromptMessage("user", "Hm"))
    prompts = [offering("x [[script:ab]] Acme"), offering("[[script:a]]"), offering("x", system="Be Acme.")]
    assert await _texts(model, *prompts, replace(offering(), messages=before)) == [
        "<[[script:ab]]>",
        "<[[script:a]]>",
        "<Acme>",
        "<>",
    ]


async def test_results_do_not_hide_the_marker(model: Model, stub: Stub, offering: Ask) -> None:
    stub.script({"marker": "[[script:a]]", "steps": [{"text": "Found."}]})
    call = ToolCall("c1", "look_up_order", "{}")
    result = Result("c1", "look_up_order", "[[script:b]]", is_error=False)
    prompt = offering("Where? [[script:a]]")
    assert await _texts(model, replace(prompt, messages=(*prompt.messages, Called("", (call,)), result))) == ["Found."]


async def test_a_new_script_with_the_same_marker_takes_its_place(model: Model, stub: Stub, offering: Ask) -> None:
    stub.script({"marker": "", "steps": [{"text": "Old."}]})
    stub.script({"marker": "", "steps": [{"text": "New."}]})
    assert await _texts(model, *[offering()] * 2) == ["New.", ANSWER]


async def test_requests_without_tools_take_no_step(model: Model, stub: Stub, ask: Ask, offering: Ask) -> None:
    stub.script({"marker": "", "steps": [{"text": "Scripted."}]})
    errand = offering("customer: Hm", system="SUMMARISE this conversation for an agent.")
    assert await _texts(model, ask(), offering()) == [ANSWER, "Scripted."]
    stub.script({"marker": "", "steps": [{"text": "Scripted."}], "tools_only": False})
    said = await _texts(model, errand, ask())
    assert said[0].startswith("The customer writes")
    assert said[1] == "Scripted."


async def test_a_step_can_be_a_behaviour(model: Model, stub: Stub, offering: Ask) -> None:
    stub.script({"marker": "", "steps": [{"behaviour": "server_error"}, {"text": "Here again."}]})
    with pytest.raises(ModelFailed) as failure:
        await model.complete(offering())
    assert failure.value.kind is Failure.OVERLOADED
    assert await _texts(model, offering()) == ["Here again."]


async def test_what_is_told_for_the_next_requests_comes_first(model: Model, stub: Stub, offering: Ask) -> None:
    stub.script({"marker": "", "steps": [{"text": "Scripted."}]})
    stub.behave(Behaviour.EMPTY, 1)
    assert await _texts(model, *[offering()] * 2) == ["", "Scripted."]


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"[]",
        b"{}",
        b'{"marker":"a"}',
        b'{"marker":"a","steps":[]}',
        b'{"marker":"a","steps":[{"say":"x"}]}',
        b'{"marker":"a","steps":[{"calls":[{}]}]}',
        b'{"marker":"a","steps":[{"text":"x"}],"adversary":{}}',
        b'{"marker":"a","steps":[{"behaviour":"nice"}]}',
    ],
)
async def test_it_refuses_a_wrong_script(stub: Stub, told: bytes) -> None:
    async with aiohttp.ClientSession() as outside:
        assert (await outside.post(stub.url + "/_script", data=told)).status == 400
    assert not stub.scripts


OFFERED = {"type": "function", "function": {"name": "a", "parameters": {"type": "object"}}}
CALL = {"id": "1", "type": "function", "function": {"name": "a", "arguments": "{}"}}
USER = {"role": "user", "content": "Hm"}


@pytest.mark.parametrize(
    ("messages", "status"),
    [
        ([{"role": "assistant", "tool_calls": [CALL]}, {"role": "tool", "tool_call_id": "1", "content": ""}], 200),
        ([{"role": "assistant", "tool_calls": [CALL]}], 400),
        (
            [{"role": "assistant", "tool_calls": [CALL]}, USER, {"role": "tool", "tool_call_id": "1", "content": ""}],
            400,
        ),
        ([{"role": "tool", "tool_call_id": "1", "content": ""}], 400),
        ([{"role": "assistant", "tool_calls": [CALL, CALL]}, {"role": "tool", "tool_call_id": "1"}], 400),
        ([{"role": "assistant", "tool_calls": [{**CALL, "function": {"name": "a b", "arguments": "{}"}}]}], 400),
    ],
)
async def test_it_refuses_calls_without_results(stub: Stub, messages: list[dict[str, Any]], status: int) -> None:
    body = {"messages": [USER, *messages], "tools": [OFFERED]}
    async with aiohttp.ClientSession() as outside:
        assert (await outside.post(stub.url + "/v1/chat/completions", json=body)).status == status


USE = {"role": "assistant", "content": [{"type": "tool_use", "id": "1", "name": "a", "input": {}}]}
RESULT = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": "x"}]}
TOOL = {"name": "a", "input_schema": {"type": "object"}}


@pytest.mark.parametrize(
    ("messages", "tools", "status"),
    [
        ([USE, RESULT], [TOOL], 200),
        ([USE, RESULT], [], 400),
        ([USE, USER], [TOOL], 400),
        ([RESULT], [TOOL], 400),
        ([USE, RESULT], [{"name": "a", "input_schema": {}}], 400),
        ([USE, RESULT], [{"name": "a"}], 400),
    ],
)
async def test_it_refuses_blocks_without_their_other_half(
    stub: Stub, messages: list[dict[str, Any]], tools: list[dict[str, Any]], status: int
) -> None:
    body = {"messages": [USER, *messages], "tools": tools, "max_tokens": 9}
    async with aiohttp.ClientSession() as outside:
        assert (await outside.post(stub.url + "/v1/messages", json=body)).status == status


# --- the adversary ---


async def _attacks(model: Model, stub: Stub, prompt: Prompt, *, stream: bool, many: int) -> list[Completion | Failure]:
    stub.script({"marker": "", "adversary": {"seed": SEED, "ids": ["1002", "1003"]}})
    return [await _attack(model, prompt, stream=stream) for _ in range(many)]


async def _attack(model: Model, prompt: Prompt, *, stream: bool) -> Completion | Failure:
    try:
        if not stream:
            return await model.complete(prompt)
        said = model.stream(prompt)
        text = "".join([piece async for piece in said])
    except ModelFailed as failure:
        return failure.kind
    assert said.finish is not None
    return Completion(text, said.usage, said.finish, said.model, said.calls)


async def test_the_adversary_is_the_same_streamed_and_whole(model: Model, stub: Stub, offering: Ask) -> None:
    streamed = await _attacks(model, stub, offering(), stream=True, many=40)
    whole = await _attacks(model, stub, offering(), stream=False, many=40)
    assert [_outline(each) for each in streamed] == [_outline(each) for each in whole]
    assert len({str(_outline(each)) for each in streamed}) > 20


def _outline(said: Completion | Failure) -> object:
    return said if isinstance(said, Failure) else (said.text, [call.name for call in said.calls])


@pytest.mark.parametrize("stream", [True, False])
async def test_the_adversary_is_wrong_in_every_way(model: Model, stub: Stub, offering: Ask, stream: bool) -> None:
    attacks = await _attacks(model, stub, offering(), stream=stream, many=ATTACKS)
    answers = [each for each in attacks if isinstance(each, Completion)]
    assert {each for each in attacks if isinstance(each, Failure)} <= {Failure.TOO_LONG}
    assert len(answers) > ATTACKS * 0.9
    seen = Counter(wrong for answer in answers for wrong in _wrongs(answer))
    assert not WRONGS - set(seen), f"seed {SEED}: {seen}"


WRONGS = frozenset(
    "claim alone many unknown known missing extra negative huge foreign broken no-object other-digits other-type".split()
)


def _wrongs(answer: Completion) -> Iterator[str]:
    if answer.text:
        yield "claim"
    if answer.text and not answer.calls:
        yield "alone"
    if len(answer.calls) == 30:
        yield "many"
    for call in answer.calls:
        known = call.name in {tool.name for tool in TOOLS}
        yield "known" if known else "unknown"
        if known:
            yield from _wrong_arguments(call.arguments)


def _wrong_arguments(text: str) -> Iterator[str]:
    try:
        arguments = json.loads(text)
    except (ValueError, RecursionError):
        yield "broken"
        return
    if not isinstance(arguments, dict):
        yield "no-object"
        return
    names = set(arguments)
    if set(PROPERTIES) - names:
        yield "missing"
    if names - set(PROPERTIES):
        yield "extra"
    for value in arguments.values():
        yield from _wrong_value(value)


def _wrong_value(value: object) -> Iterator[str]:
    match value:
        case bool() | None | list() | dict():
            yield "other-type"
        case int() | float() if value < 0:
            yield "negative"
        case int() | float() if value > 10**15:
            yield "huge"
        case str() if value in ("1002", "1003"):
            yield "foreign"
        case str() if value.isdecimal() and not value.isascii():
            yield "other-digits"
        case str() if len(value) > 1_000:
            yield "huge"


async def test_the_adversary_can_be_asked_for_in_a_message(model: Model, ask: Ask) -> None:
    """Without tools all its calls are of unknown names; the same message provokes the same."""
    prompts = [ask(f"Hello {n} [[behaviour:adversary]]") for n in range(20)]
    first, again = [[await model.complete(prompt) for prompt in prompts] for _ in range(2)]
    assert [_outline(each) for each in first] == [_outline(each) for each in again]
    assert any(each.calls for each in first)
    assert any(each.text for each in first)
