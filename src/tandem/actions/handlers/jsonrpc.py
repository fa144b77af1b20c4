"""JSON-RPC 2.0 over one HTTP request, as the Model Context Protocol has it: the answer is JSON, or one event among others.

Knows how to find the answer to a request; not what is asked.
"""

from typing import Any

import orjson

from tandem.actions.handlers.http import UNSURE, error
from tandem.outgoing import Answer

NOT_EXECUTED = frozenset((-32700, -32600, -32601, -32602))
"""Errors of the specification (5.1) that say that the request was not understood, and so not carried out."""


class Trouble(Exception):
    """It came to nothing. `kind` is the Outcome's: for certain, nobody has heard of it, or nobody knows."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind, self.sentence = kind, sentence


class Lost(Trouble):
    """The server does not know the session (any more), and has done nothing."""


class Listening:
    """Looks for the answer to one request in an event stream, as it comes in; what else the server says is passed over.

    A stream is lines (WHATWG HTML, 9.2.6); each event's `data` is one message.
    """

    def __init__(self, number: int) -> None:
        self.found: dict[str, Any] | None = None
        self._number = number
        self._rest: list[bytes] = []
        self._data: list[bytes] = []

    def hear(self, part: bytes) -> bool:
        """Take in the next part. Whether the answer is there."""
        self._rest.append(part)
        if b"\n" in part or b"\r" in part:
            text = b"".join(self._rest)
            held = text[-1:] == b"\r"  # a line feed may follow
            *lines, rest = text[: len(text) - held].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
            self._rest = [rest + b"\r" * held]
            for line in lines:
                self._line(line)
        return self.found is not None

    def _line(self, line: bytes) -> None:
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
        elif not line and self._data:
            message = parsed(b"\n".join(self._data))
            self._data = []
            if self.found is None and answers(message, self._number):
                self.found = message


def request(method: str, params: dict[str, Any], number: int | None = None) -> bytes:
    """A request; without a number, a notification."""
    message = {"jsonrpc": "2.0", "method": method} | ({"params": params} if params else {})
    return orjson.dumps(message if number is None else message | {"id": number})


def result(answer: Answer, listening: Listening, number: int) -> dict[str, Any]:
    """What the server says to request `number`. Raises Trouble."""
    said = _said(answer, listening)
    if answer.status in (400, 404):  # an unknown session is a 404, and with many servers a 400
        raise Lost("failed", error(said) or f"It was refused ({answer.status}).")
    if 400 <= answer.status < 500 and answer.status not in UNSURE:
        raise Trouble("failed", error(said) or f"It was refused ({answer.status}).")
    if not 200 <= answer.status < 300:
        raise Trouble("unknown", f"It answers {answer.status}.")
    if not isinstance(said, dict) or not answers(said, number):
        raise Trouble("unknown", "It says nothing that answers what was asked.")
    if "error" in said:
        code = said["error"].get("code") if isinstance(said["error"], dict) else None
        kind = "failed" if code in NOT_EXECUTED else "unknown"
        raise Trouble(kind, error(said) or "It answers with an error.")
    if not isinstance(said["result"], dict):
        raise Trouble("unknown", "It says nothing that answers what was asked.")
    found: dict[str, Any] = said["result"]
    return found


def answers(message: object, number: int) -> bool:
    """Whether the message is the answer to request `number`. An error without a number is one: the server could not read it."""
    if not isinstance(message, dict) or "method" in message:
        return False
    own = message.get("id")
    if type(own) is int and own == number:
        return "result" in message or "error" in message
    return own is None and "error" in message


def parsed(text: bytes) -> Any:
    """The JSON, or None where it is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _said(answer: Answer, listening: Listening) -> Any:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return listening.found if kind == "text/event-stream" else parsed(answer.body)
