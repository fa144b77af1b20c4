"""What a provider's wire format must be able to do, and what is learned while listening to one answer.

Knows no particular provider and no HTTP client: a wire turns a prompt into a request, and events into text.
To add a provider, copy `openai.py`, change it, and name it in `choose.py`.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

from tandem.llm.calls import Calls
from tandem.llm.failures import Failure
from tandem.llm.model import Finish, Prompt, ToolCall, Usage


@dataclass(slots=True)
class Heard:
    """What an answer has told about itself so far; a wire fills it in while reading."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_input_tokens: int | None = None
    finish: Finish | None = None
    over: bool = False  # the provider has said that nothing more comes
    calls: Calls = field(default_factory=Calls)

    @property
    def usage(self) -> Usage:
        """The tokens counted so far."""
        return Usage(self.input_tokens, self.output_tokens, self.cached_input_tokens)

    def called(self) -> tuple[ToolCall, ...]:
        """The calls of an answer that has ended. Some servers say `stop` where they wait for results: TOOL it is."""
        if self.calls and self.finish is Finish.STOP:
            self.finish = Finish.TOOL
        return self.calls.finished(cut=self.finish is not Finish.TOOL)


class ErrorEvent(Exception):
    """The provider reported an error inside its answer."""

    def __init__(self, kind: Failure) -> None:
        super().__init__(kind.value)
        self.kind = kind


class Framing(Protocol):
    """Cuts bytes into events. Raises NotEvents."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of the events completed by this chunk, in order."""

    def end(self) -> None:
        """The stream has ended."""


class Wire(Protocol):
    """One provider's format. Reading raises ErrorEvent, TooMuch, or whatever a wrong shape provokes (`SHAPE_ERRORS`)."""

    def path(self, *, stream: bool) -> str:
        """What is appended to the base URL, encoded as it is sent."""

    def headers(self, api_key: str | None) -> dict[str, str]:
        """How the key is shown, and what else this provider wants."""

    def body(self, prompt: Prompt, *, stream: bool) -> dict[str, Any]:
        """The request as JSON."""

    def events(self) -> "Framing":
        """What cuts a new stream into events."""

    def piece(self, data: bytes, heard: Heard) -> str:
        """The text in one event's data, "" when it has none; notes calls, usage and finish in `heard`."""

    def whole(self, data: bytes, heard: Heard) -> str:
        """The text of an answer that was not streamed; notes calls, usage and finish in `heard`."""


# orjson raises a ValueError on bad JSON; the others come from reaching into a shape that is not there.
SHAPE_ERRORS = (ValueError, TypeError, KeyError, IndexError, AttributeError)


def text_or_nothing(value: object) -> str:
    """The value when it is text, "" when it is null. Raises TypeError on anything else."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def count_or_none(value: object) -> int | None:
    """The value when it is a count of tokens, else None: a wrong count must not cost a good answer."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


_TOO_MANY = ("rate_limit", "RESOURCE_EXHAUSTED", "throttling")


def error_kind(code: object) -> Failure:
    """What an error reported inside an answer means, by the provider's short code."""
    too_many = isinstance(code, str) and any(each in code for each in _TOO_MANY)
    return Failure.RATE_LIMITED if too_many else Failure.OVERLOADED
