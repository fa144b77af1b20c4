"""Answers through every wire: the text, what it took, and how a stream ends well or is left early."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import pytest

from tandem.llm import Failure, Finish, Model, ModelFailed, Prompt, PromptMessage, Usage
from tandem.llm.stub import Behaviour, Pace, Stub
from tests.llm.conftest import ANSWER, QUESTION

Ask = Callable[..., Prompt]


async def _read(model: Model, prompt: Prompt) -> str:
    return "".join([piece async for piece in model.stream(prompt)])


async def test_it_streams_the_text_and_tells_what_it_took(model: Model, ask: Ask) -> None:
    stream = model.stream(ask())
    text = "".join([piece async for piece in stream])
    assert text == ANSWER
    assert stream.usage == Usage(input_tokens=len("Answer from the passages.\n" + QUESTION) // 4, output_tokens=15)
    assert stream.finish is Finish.STOP
    assert stream.first_token_ms is not None
    assert stream.model == model.name


async def test_it_completes_in_one_piece(model: Model, ask: Ask) -> None:
    answer = await model.complete(ask())
    assert answer.text == ANSWER
    assert answer.usage.output_tokens == 15
    assert answer.finish is Finish.STOP
    assert answer.model == model.name


async def test_text_arrives_before_the_answer_is_whole(model: Model, stub: Stub, ask: Ask) -> None:
    stub.pace = Pace(tokens_per_s=15)
    pieces = [piece async for piece in model.stream(ask())]
    assert "".join(pieces) == ANSWER
    assert len(pieces) > 5


async def test_any_letter_survives_the_wire(model: Model, ask: Ask) -> None:
    text = '<passage n="1" title="Maße">Die Größe „L“ kostet 12 € – naïve 猫 🐈 sagt ja.</passage>\nGröße L kostet'
    assert await _read(model, ask(text)) == "Die Größe „L“ kostet 12 € – naïve 猫 🐈 sagt ja. [1]"


async def test_max_tokens_ends_an_answer_with_its_reason(model: Model, ask: Ask) -> None:
    stream = model.stream(ask(max_tokens=5))
    assert ANSWER.startswith("".join([piece async for piece in stream]))
    assert stream.finish is Finish.LENGTH
    assert (await model.complete(ask(max_tokens=5))).finish is Finish.LENGTH


async def test_a_tool_call_is_only_a_reason_to_stop(model: Model, ask: Ask) -> None:
    stream = model.stream(ask(QUESTION + " [[behaviour:forbidden_tool_call]]"))
    assert "".join([piece async for piece in stream]) == "One moment, I am refunding this."
    assert stream.finish is Finish.TOOL
    assert (await model.complete(ask("[[behaviour:forbidden_tool_call]]"))).finish is Finish.TOOL


async def test_an_empty_answer_is_an_answer(model: Model, stub: Stub, ask: Ask) -> None:
    stub.behave(Behaviour.EMPTY)
    assert await _read(model, ask()) == ""
    assert (await model.complete(ask())).text == ""


async def test_connections_are_used_again(model: Model, stub: Stub, ask: Ask) -> None:
    for _ in range(5):
        assert await _read(model, ask()) == ANSWER
        await model.complete(ask())
    assert len(stub.requests) == 10
    assert stub.connections_made == 1


async def test_closing_early_closes_the_connection(model: Model, stub: Stub, ask: Ask) -> None:
    stub.pace = Pace(tokens_per_s=2)
    async with aclosing(model.stream(ask(QUESTION + " [[behaviour:endless]]"))) as stream:
        await anext(stream)
    await _until(lambda: stub.requests[-1].outcome == "closed_by_client")
    assert stub.requests[-1].pieces < 20


async def test_a_cancelled_reader_closes_the_connection(model: Model, stub: Stub, ask: Ask) -> None:
    stub.behave(Behaviour.HANG)
    reading = asyncio.create_task(_read(model, ask()))
    await _until(lambda: bool(stub.requests))
    reading.cancel()
    await _until(lambda: stub.requests[-1].outcome == "closed_by_client")


async def test_a_stream_never_read_sends_nothing(model: Model, stub: Stub, ask: Ask) -> None:
    await model.stream(ask()).aclose()
    assert not stub.requests


async def test_many_answers_at_once(model: Model, stub: Stub, ask: Ask) -> None:
    stub.pace = Pace(first_token_ms=20, tokens_per_s=200)
    assert set(await asyncio.gather(*(_read(model, ask()) for _ in range(100)))) == {ANSWER}


async def test_a_connection_that_died_in_the_pool_is_tried_anew(model: Model, stub: Stub, ask: Ask) -> None:
    assert await _read(model, ask()) == ANSWER
    port = stub.port
    await stub.__aexit__()
    async with Stub(port=port) as revived:
        assert await _read(model, ask()) == ANSWER
        assert len(revived.requests) == 1


async def test_the_whole_conversation_is_sent(model: Model, stub: Stub) -> None:
    said = (PromptMessage("user", "Hello"), PromptMessage("assistant", "Hi!"), PromptMessage("user", QUESTION))
    prompt = Prompt("Be kind.", said, max_tokens=99, temperature=0.0, timeout_s=60.0)
    assert await _read(model, prompt) == ANSWER
    body = stub.requests[-1].body
    roles = [message["role"] for message in body.get("messages") or body["contents"]]
    assistant = "assistant" if "messages" in body else "model"
    assert [role for role in roles if role != "system"] == ["user", assistant, "user"]


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.02)


async def test_it_refuses_to_be_asked_after_its_end(model: Model, ask: Ask) -> None:
    await model.aclose()
    with pytest.raises(RuntimeError):
        await model.complete(ask())


async def test_nobody_at_the_address_is_unreachable(model: Model, stub: Stub, ask: Ask) -> None:
    await stub.__aexit__()
    with pytest.raises(ModelFailed) as failure:
        await _read(model, ask())
    assert failure.value.kind is Failure.UNREACHABLE
