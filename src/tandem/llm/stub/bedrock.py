"""Bedrock's Converse as a provider writes it: see `wire`. Streams are frames, and errors have their name in a header."""

from typing import Any

import orjson

from tandem.llm.stub.asked import Asked, by_bedrock
from tandem.llm.stub.frames import frame
from tandem.llm.stub.said import ToolCall
from tandem.llm.stub.wire import Ending, Wire, in_pieces, parsed

_REASON = {"stop": "end_turn", "length": "max_tokens", "tool": "tool_use", "filtered": "content_filtered"}
_NAMES = {
    "rate_limit_error": "ThrottlingException",
    "server_error": "InternalServerException",
    "overloaded_error": "ServiceUnavailableException",
    "authentication_error": "AccessDeniedException",
    "invalid_request_error": "ValidationException",
}


def _event(name: str, data: bytes) -> bytes:
    headers = {":event-type": name, ":content-type": "application/json", ":message-type": "event"}
    return frame(headers, data)


def _named(name: str, **data: Any) -> bytes:
    return _event(name, orjson.dumps(data | {"p": "abcdefgh"}))  # as much padding as it takes to hide lengths


def _piece(text: str) -> bytes:
    delta = b'{"contentBlockIndex":0,"delta":{"text":%s},"p":"abcdefghijk"}' % orjson.dumps(text)
    return _event("contentBlockDelta", delta)


def _use(call: ToolCall) -> dict[str, Any]:
    return {**({"toolUseId": call.id} if call.id else {}), "name": call.name}


def _usage(end: Ending) -> dict[str, int]:
    return {
        "inputTokens": end.input_tokens,
        "outputTokens": end.output_tokens,
        "totalTokens": end.input_tokens + end.output_tokens,
    }


def _closing(asked: Asked, end: Ending) -> list[bytes]:
    events = [_named("contentBlockStop", contentBlockIndex=0)]
    for index, call in enumerate(end.calls, 1):
        pieces = in_pieces(call.arguments)
        events += [
            _named("contentBlockStart", contentBlockIndex=index, start={"toolUse": _use(call)}),
            *(_named("contentBlockDelta", contentBlockIndex=index, delta={"toolUse": {"input": x}}) for x in pieces),
            _named("contentBlockStop", contentBlockIndex=index),
        ]
    return [
        *events,
        _named("messageStop", stopReason=_REASON[end.reason]),
        _named("metadata", usage=_usage(end), metrics={"latencyMs": 1}),
    ]


def _whole(asked: Asked, text: str, end: Ending) -> bytes:
    content: list[dict[str, Any]] = [{"text": text}] if text else []
    content += [{"toolUse": _use(call) | {"input": parsed(call.arguments)}} for call in end.calls]
    return orjson.dumps(
        {
            "output": {"message": {"role": "assistant", "content": content}},
            "stopReason": _REASON[end.reason],
            "usage": _usage(end),
            "metrics": {"latencyMs": 1},
        }
    )


def _error(kind: str, message: str) -> bytes:
    return orjson.dumps({"message": message})


def _failing(kind: str, message: str) -> bytes:
    name = _NAMES[kind][0].lower() + _NAMES[kind][1:]
    headers = {":exception-type": name, ":content-type": "application/json", ":message-type": "exception"}
    return frame(headers, _error(kind, message))


BEDROCK = Wire(
    name="bedrock",
    read=by_bedrock,
    opening=lambda asked: [_named("messageStart", role="assistant")],
    piece=_piece,
    closing=_closing,
    whole=_whole,
    error=_error,
    failing=_failing,
    broken=_event("contentBlockDelta", b'{"contentBlockIndex":0,"delta":{"text":"and'),
    kind="application/vnd.amazon.eventstream",
    statuses={"authentication_error": 403},
    error_headers=lambda kind: {"x-amzn-ErrorType": f"{_NAMES[kind]}:http://internal.amazon.com/coral/"},
)
