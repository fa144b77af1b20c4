"""What all wires of the stub share: how an answer ends, its tokens, and what a wire must be able to write."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from tandem.llm.stub.asked import Asked
from tandem.llm.stub.said import Reply, ToolCall

CALL_PIECE = 16  # characters of arguments in one event; providers send a token or a few
_TOKEN = re.compile(r"\s?\w{1,6}|\s?[^\w\s]|\s+")


def tokens(text: str) -> list[str]:
    """Cuts text into token-sized pieces of about four characters; joined again they are the text."""
    return _TOKEN.findall(text)


@dataclass(frozen=True, slots=True)
class Ending:
    """How an answer ends: why, what was called, and what it took."""

    reason: str  # "stop" | "length" | "tool" | "filtered"
    calls: tuple[ToolCall, ...]  # each with its id
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Wire:
    """One provider's format. `opening` and `closing` are lists of events; `piece` wraps text as one event."""

    name: str
    read: Callable[[dict[str, Any], str], Asked]  # the body, and the path
    opening: Callable[[Asked], list[bytes]]
    piece: Callable[[str], bytes]
    closing: Callable[[Asked, Ending], list[bytes]]
    whole: Callable[[Asked, str, Ending], bytes]
    error: Callable[[str, str], bytes]
    failing: Callable[[str, str], bytes]  # an event that reports an error in the middle
    broken: bytes  # an event with broken JSON
    kind: str = "text/event-stream"
    statuses: Mapping[str, int] = field(default_factory=dict)  # where they are not everybody's
    error_headers: Callable[[str], dict[str, str]] = lambda kind: {}


def ending(asked: Asked, reply: Reply, sent: int, *, cut: bool = False, filtered: bool = False) -> Ending:
    """The end of a reply of `sent` tokens; `cut` when max_tokens stopped it, `filtered` when a filter did."""
    at = len(asked.turns)  # no two calls of a conversation share an id
    calls = [] if cut or filtered else [_with_id(call, f"call_{at}_{n}") for n, call in enumerate(reply.calls, 1)]
    reason = "filtered" if filtered else "length" if cut else "tool" if calls else "stop"
    return Ending(reason, tuple(calls), max(1, len(asked.whole) // 4), sent)


def _with_id(call: ToolCall, numbered: str) -> ToolCall:
    return replace(call, id=numbered if call.id is None else call.id)


def in_pieces(arguments: str) -> list[str]:
    """The arguments of a call as they are streamed."""
    return [arguments[at : at + CALL_PIECE] for at in range(0, len(arguments), CALL_PIECE)]


def event(data: object, name: str = "") -> bytes:
    """One server-sent event."""
    head = b"event: %s\n" % name.encode() if name else b""
    return head + b"data: " + orjson.dumps(data) + b"\n\n"


def parsed(arguments: str) -> object:
    """What the JSON says; text that is none is sent as text, as servers do that imitate a wire with parsed arguments."""
    try:
        value = orjson.loads(arguments)
        orjson.dumps(value)  # reads deeper nesting than it writes
    except (ValueError, TypeError):
        return arguments
    return arguments if isinstance(value, str) else value
