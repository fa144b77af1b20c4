"""The calls in one answer, put together out of the pieces that a provider sends; and calls as they can be sent back.

Knows no provider. Judges nothing: broken arguments and unheard-of names are passed on, only their amount is limited.
"""

import re
import uuid
from dataclasses import dataclass
from typing import Any

import orjson

from tandem.llm.failures import Failure
from tandem.llm.model import ToolCall

MOST_CALLS = 32  # in one answer; models ask for one to five at a time, so more is a fault or an attack
MOST_CHARS = 64_000  # of ids, names and arguments in one answer: sixteen thousand tokens, and no form is that long


class TooMuch(Exception):
    """The answer holds more calls, or longer ones, than anybody needs."""

    kind = Failure.TOO_LONG


@dataclass(slots=True)
class _Call:
    id: str
    name: str
    arguments: list[str]
    signature: str = ""


class Calls:
    """Tell it what comes, then read `finished`. Text where text is due, or TypeError; TooMuch beyond the limits."""

    __slots__ = ("_all", "_at", "_signed", "chars")

    def __init__(self) -> None:
        self._all: list[_Call] = []
        self._at: dict[object, _Call] = {}
        self._signed = 0
        self.chars = 0
        """Characters heard so far; it grows while a provider is at work on its calls."""

    def begin(self, index: object, call_id: object, name: object) -> None:
        """The head of the call at this place in the answer. The same head again, or an empty one, changes nothing.

        Some servers give no place, or the same to all calls: then a name with another id begins another call. Some
        give each piece of a call an id of its own, but no name.
        """
        call_id, name = _text(call_id), _text(name)
        known = self._at.get(index)
        if known is None or (name and (call_id != known.id if call_id else index is None)):
            self._add(index, call_id, name)

    def more(self, index: object, arguments: object) -> None:
        """A piece of the arguments of the call at this place; passed over when no call has begun there."""
        if (call := self._at.get(index)) is not None and (text := _text(arguments)):
            self._count(len(text))
            call.arguments.append(text)

    def sign(self, index: object, signature: object) -> None:
        """The provider's own mark on the call at this place."""
        if (call := self._at.get(index)) is not None and (text := _text(signature)):
            self._signed += len(text)
            if self._signed > MOST_CHARS:
                raise TooMuch
            call.signature = text

    def finished(self, *, cut: bool) -> tuple[ToolCall, ...]:
        """All calls in the order they began. Without arguments they have `{}`, unless the answer was `cut` there."""
        seen: set[str] = set()
        return tuple(
            ToolCall(
                _own_id(call.id, seen), call.name, "".join(call.arguments) or ("" if cut else "{}"), call.signature
            )
            for call in self._all
        )

    def __bool__(self) -> bool:
        return bool(self._all)

    def _add(self, index: object, call_id: str, name: str) -> None:
        if len(self._all) == MOST_CALLS:
            raise TooMuch
        self._count(len(call_id) + len(name))
        self._at[index] = call = _Call(call_id, name, [])
        self._all.append(call)

    def _count(self, chars: int) -> None:
        self.chars += chars
        if self.chars > MOST_CHARS:
            raise TooMuch


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _own_id(call_id: str, seen: set[str]) -> str:
    """The id, or an invented one when it is missing or another call of this answer has it."""
    own = call_id if call_id and call_id not in seen else f"call_{uuid.uuid4().hex}"
    seen.add(own)
    return own


# --- calls as providers take them back ---

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")


def sent_name(name: str) -> str:
    """A name that providers take: one that a model invented may hold anything, and they answer 400 to that."""
    return _NOT_IN_NAMES.sub("_", name)[:64] or "_"


def sent_arguments(arguments: str) -> dict[str, Any]:
    """The arguments as the object that providers insist on; a text that is none becomes the value of INVALID_JSON.

    That key is Anthropic's advice for its fine-grained tool streaming; servers that parse what they are sent back
    would refuse the conversation otherwise.
    """
    try:
        value = orjson.loads(arguments)
        orjson.dumps(value)  # reads deeper nesting than it writes
    except (ValueError, TypeError):
        return {"INVALID_JSON": arguments}
    return value if isinstance(value, dict) else {"INVALID_JSON": arguments}


def as_text(arguments: object) -> str:
    """Arguments that came parsed, as JSON text; text stays what it is. What nests too deeply to write is no JSON."""
    if isinstance(arguments, str):
        return arguments
    try:
        return orjson.dumps(arguments).decode()
    except TypeError:
        return "(nested too deeply)"
