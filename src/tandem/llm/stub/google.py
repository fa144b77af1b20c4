"""Google's generateContent as a provider writes it: see `wire`. Calls come whole; every event looks like an answer."""

from typing import Any

import orjson

from tandem.llm.stub.asked import Asked, by_google
from tandem.llm.stub.said import ToolCall
from tandem.llm.stub.wire import Ending, Wire, event, parsed
from tandem.llm.stub.wires import identified

_REASON = {"stop": "STOP", "length": "MAX_TOKENS", "tool": "STOP", "filtered": "SAFETY"}
_STATUS = {
    "rate_limit_error": (429, "RESOURCE_EXHAUSTED"),
    "server_error": (500, "INTERNAL"),
    "overloaded_error": (503, "UNAVAILABLE"),
    "authentication_error": (400, "INVALID_ARGUMENT"),
    "invalid_request_error": (400, "INVALID_ARGUMENT"),
}
_SIGNING = ("gemini-3-flash-preview",)
_INFO = "type.googleapis.com/google.rpc."


def _answer(parts: list[dict[str, Any]], reason: str | None = None, **more: Any) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if reason is not None:
        candidate["finishReason"] = reason
    return {"candidates": [candidate], "modelVersion": "stub", "responseId": "stub"} | more


_HEAD, _TAIL = event(_answer([{"text": "@"}])).split(b'"@"')


def _piece(text: str) -> bytes:
    return _HEAD + orjson.dumps(text) + _TAIL


def _call(asked: Asked, call: ToolCall) -> dict[str, Any]:
    function = {**identified(call), "name": call.name, "args": parsed(call.arguments)}
    return {"functionCall": function} | ({"thoughtSignature": "c3R1Yg=="} if asked.model in _SIGNING else {})


def _usage(end: Ending) -> dict[str, int]:
    return {
        "promptTokenCount": end.input_tokens,
        "candidatesTokenCount": end.output_tokens,
        "totalTokenCount": end.input_tokens + end.output_tokens,
    }


def _closing(asked: Asked, end: Ending) -> list[bytes]:
    calls = [event(_answer([_call(asked, call)])) for call in end.calls]
    return [*calls, event(_answer([{"text": ""}], _REASON[end.reason], usageMetadata=_usage(end)))]


def _whole(asked: Asked, text: str, end: Ending) -> bytes:
    parts = ([{"text": text}] if text else []) + [_call(asked, call) for call in end.calls]
    return orjson.dumps(_answer(parts, _REASON[end.reason], usageMetadata=_usage(end)))


def _error(kind: str, message: str) -> bytes:
    code, status = _STATUS.get(kind, (500, "INTERNAL"))
    details: list[dict[str, str]] = []
    if kind == "authentication_error":
        details = [{"@type": _INFO + "ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}]
    return orjson.dumps({"error": {"code": code, "message": message, "status": status, "details": details}})


GOOGLE = Wire(
    name="google",
    read=by_google,
    opening=lambda asked: [],
    piece=_piece,
    closing=_closing,
    whole=_whole,
    error=_error,
    failing=lambda kind, message: b"data: " + _error(kind, message) + b"\n\n",
    broken=b'data: {"candidates": [{"content": {"parts": [{"text": "and\n\n',
    statuses={"authentication_error": 400},
)
