"""Pieces of calls as other servers send them, and how long a stream of them may take."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from tandem.llm import Failure, Finish, Model, ModelFailed, Prompt, Stream, Tool, ToolCall
from tandem.llm.anthropic import Anthropic
from tandem.llm.calls import MOST_CHARS, TooMuch
from tandem.llm.openai import OpenAI
from tandem.llm.wire import Heard, Wire
from tests.models import model_at

Ask = Callable[..., Prompt]

TOOLS = (Tool("a", "Does a.", {"type": "object"}),)
OPENAI = OpenAI("tiny-1", official=False)
ANTHROPIC = Anthropic("tiny-1")


def _heard(wire: Wire, *events: Any) -> Heard:
    heard = Heard()
    for event in events:
        assert wire.piece(orjson.dumps(event), heard) == ""
    return heard


def _delta(*calls: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"tool_calls": list(calls)}, "finish_reason": reason}]}


def _piece(arguments: Any, **more: Any) -> dict[str, Any]:
    name = {"name": more.pop("name")} if "name" in more else {}
    return {**more, "function": {**name, "arguments": arguments}}


ONE, TWO = ("a", '{"x":1}'), ("b", '{"y":2}')


@pytest.mark.parametrize(
    "deltas",
    [
        pytest.param(
            [
                _delta(_piece("", index=0, id="1", name="a"), _piece("", index=1, id="2", name="b")),
                _delta(_piece('{"y"', index=1), _piece('{"x":', index=0)),
                _delta(_piece("1}", index=0), _piece(":2}", index=1)),
            ],
            id="interleaved",
        ),
        pytest.param([_delta(_piece('{"x":1}', id="1", name="a")), _delta(_piece('{"y":2}', name="b"))], id="no index"),
        pytest.param(
            [
                _delta(_piece('{"x"', index=0, id="1", name="a")),
                _delta(_piece(":1}", index=0, id="1", name="a")),
                _delta(_piece('{"y":2}', index=0, id="2", name="b")),
            ],
            id="one index for all, names repeated",
        ),
        pytest.param(
            [
                _delta(_piece('{"x"', index=0, id="1", name="a")),
                _delta(_piece(":1}", index=0, name="a"), _piece('{"y":2}', index=1, name="b")),
            ],
            id="names repeated, ids not",
        ),
        pytest.param(
            [_delta(_piece('{"x":1}', name="a"), _piece('{"y":2}', name="b"))],
            id="no index, no ids",
        ),
        pytest.param(
            [
                _delta(_piece("{", index=0, id="r1", name="a")),
                _delta(_piece('"x":1}', index=0, id="r2")),
                _delta(_piece('{"y":2}', index=1, id="r3", name="b")),
            ],
            id="an id for each piece",
        ),
        pytest.param(
            [_delta(_piece({"x": 1}, index=0, id="1", name="a")), _delta(_piece({"y": 2}, index=1, id="2", name="b"))],
            id="arguments as an object",
        ),
        pytest.param(
            [
                _delta(_piece(None, index=0, id="1", name="a")),
                _delta(_piece('{"x":1}', index=0, id="", name="")),
                _delta(_piece('{"y":2}', index=1, id="2", name="b")),
            ],
            id="empty heads",
        ),
    ],
)
def test_openai_pieces_of_calls_come_in_many_ways(deltas: list[dict[str, Any]]) -> None:
    heard = _heard(OPENAI, *deltas, _delta(reason="stop"))
    assert [(call.name, call.arguments) for call in heard.called()] == [ONE, TWO]
    assert heard.finish is Finish.TOOL


def test_openai_whole_answers_have_a_call_an_entry() -> None:
    calls = [_piece('{"x":1}', index=0, id="", name="a"), _piece({"y": 2}, index=0, name="b")]
    answer = {"choices": [{"message": {"content": None, "tool_calls": calls}, "finish_reason": "tool_calls"}]}
    heard = Heard()
    assert OPENAI.whole(orjson.dumps(answer), heard) == ""
    assert [(call.name, call.arguments) for call in heard.called()] == [ONE, TWO]


def test_anthropic_keeps_the_providers_own_tools_apart() -> None:
    heard = _heard(
        ANTHROPIC,
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "server_tool_use", "id": "s", "name": "w"},
        },
        {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": '{"q":1}'}},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "id": "1", "name": "a"}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": '{"x":1}'}},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
    )
    assert heard.called() == (ToolCall("1", *ONE),)


def test_what_nests_too_deeply_to_write_is_no_json() -> None:
    """The JSON library reads a thousand levels and writes 254: an answer of one piece must not fail for it."""
    block = b'{"type":"tool_use","id":"1","name":"a","input":' + b'{"a":' * 300 + b"1" + b"}" * 300 + b"}"
    heard = Heard()
    Anthropic("tiny-1").whole(b'{"type":"message","stop_reason":"tool_use","content":[%s]}' % block, heard)
    assert heard.called() == (ToolCall("1", "a", "(nested too deeply)"),)


def test_a_call_cut_before_its_arguments_is_not_one_without_arguments() -> None:
    heard = _heard(OPENAI, _delta(_piece("", index=0, id="1", name="a"), reason="length"))
    assert heard.called() == (ToolCall("1", "a", ""),)


@pytest.mark.parametrize("calls", [7, "text", [7], [{"function": 7}], [{"function": {"name": 7}}], [{"index": []}]])
async def test_calls_of_another_shape_are_a_broken_answer(ask: Ask, calls: Any) -> None:
    event = {"choices": [{"delta": {"tool_calls": calls}, "finish_reason": "tool_calls"}]}
    with pytest.raises(ModelFailed) as failure:
        async with _server(b"data: " + orjson.dumps(event) + b"\n\n") as model:
            await _read(model.stream(ask(tools=TOOLS)))
    assert failure.value.kind is Failure.BROKEN


def test_endless_calls_are_stopped_while_they_come() -> None:
    more = _delta(_piece("x" * 1_000, index=0))
    heard = _heard(OPENAI, _delta(_piece("", index=0, id="1", name="a")), *[more] * (MOST_CHARS // 1_000 - 1))
    with pytest.raises(TooMuch):
        OPENAI.piece(orjson.dumps(more), heard)


# --- time, and ends that are none ---

HEAD = b"data: " + orjson.dumps(_delta(_piece("", index=0, id="1", name="a"))) + b"\n\n"
MORE = b"data: " + orjson.dumps(_delta(_piece(" ", index=0))) + b"\n\n"
END = b"data: " + orjson.dumps(_delta(reason="tool_calls")) + b"\n\ndata: [DONE]\n\n"


async def test_arguments_are_a_sign_of_life(ask: Ask) -> None:
    """They take longer than the wait for the first text may, yet no silence is long."""
    async with _server(HEAD, *[MORE] * 10, END, gap_s=0.3) as model:
        stream = await _read(model.stream(ask(first_token_s=2.0, gap_s=30.0, tools=TOOLS)))
    assert stream.calls == (ToolCall("1", "a", " " * 10),)


async def test_a_silence_between_arguments_ends_the_wait(ask: Ask) -> None:
    async with _server(HEAD, MORE, END, gap_s=30) as model:
        with pytest.raises(ModelFailed, match="a silence") as failure:
            await _read(model.stream(ask(first_token_s=30.0, gap_s=0.3, tools=TOOLS)))
    assert failure.value.kind is Failure.TIMED_OUT


async def test_half_a_call_is_none(ask: Ask) -> None:
    async with _server(HEAD, MORE) as model:
        stream = model.stream(ask(tools=TOOLS))
        with pytest.raises(ModelFailed) as failure:
            await anext(stream)
    assert failure.value.kind is Failure.CUT_OFF
    assert stream.calls == ()


async def _read(stream: Stream) -> Stream:
    assert [piece async for piece in stream] == []
    return stream


@asynccontextmanager
async def _server(*events: bytes, gap_s: float = 0.0) -> AsyncIterator[Model]:
    """A model behind a server that writes these events, a gap after each, and closes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        for event in events:
            writer.write(event)
            await asyncio.sleep(gap_s)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    model = model_at("openai:tiny-1", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield model
    finally:
        await model.aclose()
        server.close()
