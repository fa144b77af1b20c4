"""OpenAI chat completions and Anthropic messages as a provider writes them: whole answers, streamed events, and errors.

Knows nothing about sockets, timing or wording. As far as text, tool calls, usage and finish reasons go.
"""

from dataclasses import replace
from typing import Any

import orjson

from tandem.llm.stub.asked import Asked, by_anthropic, by_openai
from tandem.llm.stub.said import ToolCall
from tandem.llm.stub.wire import Ending, Wire, event, in_pieces, parsed


def identified(call: ToolCall) -> dict[str, str]:
    """Its id, unless a careless server leaves it out."""
    return {"id": call.id} if call.id else {}


# --- OpenAI chat completions ---

_OPENAI_REASON = {"stop": "stop", "length": "length", "tool": "tool_calls", "filtered": "content_filter"}
_OPENAI_HEAD = {"id": "chatcmpl-stub", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "stub"}


def _openai_delta(delta: dict[str, Any], reason: str | None = None) -> bytes:
    return event(_OPENAI_HEAD | {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})


_PIECE_HEAD, _PIECE_TAIL = _openai_delta({"content": "@"}).split(b'"@"')


def _openai_piece(text: str) -> bytes:
    return _PIECE_HEAD + orjson.dumps(text) + _PIECE_TAIL


def _openai_closing(asked: Asked, end: Ending) -> list[bytes]:
    events = []
    for index, call in enumerate(end.calls):
        head = {"index": index} | _openai_call(replace(call, arguments=""))
        rest = [{"index": index, "function": {"arguments": piece}} for piece in in_pieces(call.arguments)]
        events += [_openai_delta({"tool_calls": [delta]}) for delta in (head, *rest)]
    events.append(_openai_delta({}, _OPENAI_REASON[end.reason]))
    if asked.stream_usage:
        events.append(event(_OPENAI_HEAD | {"choices": [], "usage": _openai_usage(end)}))
    return [*events, b"data: [DONE]\n\n"]


def _openai_call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {**identified(call), "type": "function", "function": function}


def _openai_usage(end: Ending) -> dict[str, int]:
    return {
        "prompt_tokens": end.input_tokens,
        "completion_tokens": end.output_tokens,
        "total_tokens": end.input_tokens + end.output_tokens,
    }


def _openai_whole(asked: Asked, text: str, end: Ending) -> bytes:
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if end.calls:
        message |= {"content": text or None, "tool_calls": [_openai_call(call) for call in end.calls]}
    choice = {"index": 0, "message": message, "finish_reason": _OPENAI_REASON[end.reason]}
    head = _OPENAI_HEAD | {"object": "chat.completion", "model": asked.model}
    return orjson.dumps(head | {"choices": [choice], "usage": _openai_usage(end)})


def _openai_error(kind: str, message: str) -> bytes:
    return orjson.dumps({"error": {"message": message, "type": kind, "code": kind}})


OPENAI = Wire(
    name="openai",
    read=by_openai,
    opening=lambda asked: [_openai_delta({"role": "assistant", "content": ""})],
    piece=_openai_piece,
    closing=_openai_closing,
    whole=_openai_whole,
    error=_openai_error,
    failing=lambda kind, message: b"event: error\ndata: " + _openai_error(kind, message) + b"\n\n",
    broken=b'data: {"choices": [{"delta": {"content": "and\n\n',
)


# --- Anthropic messages ---

_ANTHROPIC_REASON = {"stop": "end_turn", "length": "max_tokens", "tool": "tool_use", "filtered": "refusal"}


def _anthropic_message(asked: Asked, **more: Any) -> dict[str, Any]:
    head = {"id": "msg_stub", "type": "message", "role": "assistant", "model": asked.model}
    return head | {"content": [], "stop_reason": None, "stop_sequence": None} | more


def _typed(kind: str, **more: Any) -> bytes:
    return event({"type": kind} | more, kind)


def _anthropic_opening(asked: Asked) -> list[bytes]:
    usage = {"input_tokens": max(1, len(asked.whole) // 4), "output_tokens": 1}
    return [
        _typed("message_start", message=_anthropic_message(asked, usage=usage)),
        _typed("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        _typed("ping"),
    ]


_BLOCK_HEAD, _BLOCK_TAIL = _typed("content_block_delta", index=0, delta={"type": "text_delta", "text": "@"}).split(
    b'"@"'
)


def _anthropic_piece(text: str) -> bytes:
    return _BLOCK_HEAD + orjson.dumps(text) + _BLOCK_TAIL


def _anthropic_closing(asked: Asked, end: Ending) -> list[bytes]:
    events = [_typed("content_block_stop", index=0)]
    for index, call in enumerate(end.calls, 1):
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in ("", *in_pieces(call.arguments))]
        events += [
            _typed("content_block_start", index=index, content_block=_anthropic_call(call, {})),
            *(_typed("content_block_delta", index=index, delta=delta) for delta in deltas),
            _typed("content_block_stop", index=index),
        ]
    stop = {"stop_reason": _ANTHROPIC_REASON[end.reason], "stop_sequence": None}
    return [
        *events,
        _typed("message_delta", delta=stop, usage={"output_tokens": end.output_tokens}),
        _typed("message_stop"),
    ]


def _anthropic_whole(asked: Asked, text: str, end: Ending) -> bytes:
    content: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
    content += [_anthropic_call(call, parsed(call.arguments)) for call in end.calls]
    usage = {"input_tokens": end.input_tokens, "output_tokens": end.output_tokens}
    stop = _ANTHROPIC_REASON[end.reason]
    return orjson.dumps(_anthropic_message(asked, content=content, stop_reason=stop, usage=usage))


def _anthropic_call(call: ToolCall, arguments: object) -> dict[str, Any]:
    return {"type": "tool_use", **identified(call), "name": call.name, "input": arguments}


def _anthropic_error(kind: str, message: str) -> bytes:
    return orjson.dumps({"type": "error", "error": {"type": kind, "message": message}})


ANTHROPIC = Wire(
    name="anthropic",
    read=by_anthropic,
    opening=_anthropic_opening,
    piece=_anthropic_piece,
    closing=_anthropic_closing,
    whole=_anthropic_whole,
    error=_anthropic_error,
    failing=lambda kind, message: b"event: error\ndata: " + _anthropic_error(kind, message) + b"\n\n",
    broken=b'event: content_block_delta\ndata: {"type": "content_block_delta", "delta": {"text": "and\n\n',
    statuses={"overloaded_error": 529},
)
