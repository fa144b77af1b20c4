"""What Tandem asks of a language model, whoever provides it: a prompt in, text, calls of tools and usage out.

Knows no provider, no wire format and no HTTP. Everything above this package speaks to `Model` only.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Protocol, Self

FIRST_TOKEN_S = 5.0  # a customer is answered, quoted to or queued within 8 s (F11); this leaves time for plan B
GAP_S = 3.0  # silence between two pieces after which a stream counts as dead; healthy ones pause < 1 s


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message of the conversation so far, word for word."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Tool:
    """What the model may ask for. `input_schema` is a JSON Schema of type object.

    Providers take names of `[a-zA-Z0-9_-]`, at most 64 characters.
    """

    name: str
    description: str
    input_schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call the model asks for. Nothing here is checked: not the name, not the arguments.

    `arguments` is the model's own text, which should be a JSON object and may be anything; a call without any has
    `{}`. Where a provider sends them parsed, they are written as JSON anew. `id` is never empty, and no two calls of an
    answer share one: what the provider left out is invented. `signature` is a mark of the provider's own that has to go
    back with the call; most have none.
    """

    id: str
    name: str
    arguments: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Called:
    """The assistant's message that asked for calls, at least one. A `Result` for each of them has to follow next."""

    text: str
    calls: tuple[ToolCall, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a call. Not every wire has a word for `is_error`, so `content` has to say it too."""

    call_id: str
    name: str
    content: str
    is_error: bool


Message = PromptMessage | Called | Result


@dataclass(frozen=True, slots=True)
class Prompt:
    """What to ask, and how long and how much to listen. Times in seconds; a wait ends at the earliest limit.

    `timeout_s` bounds the whole answer, `first_token_s` the wait for the first text or call, `gap_s` each silence after
    it. `max_tokens` is sent to the provider and enforced here too. Whoever sends a conversation with calls offers their
    tools again: some providers refuse it otherwise. `public_system` says that the system text holds published words
    alone: instructions and articles, nothing of a customer's, so that no personal data is looked for there.
    """

    system: str
    messages: tuple[Message, ...]
    max_tokens: int
    temperature: float
    timeout_s: float
    first_token_s: float = FIRST_TOKEN_S
    gap_s: float = GAP_S
    tools: tuple[Tool, ...] = ()
    public_system: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them; None where it did not say. The cached ones are among the input."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_input_tokens: int | None = None


class Finish(StrEnum):
    """Why a provider stopped. After LENGTH the last sentence, or the last call's arguments, may be a fragment."""

    STOP = "stop"  # it had said everything
    LENGTH = "length"  # max_tokens was reached
    TOOL = "tool"  # it waits for the results of its calls; also when none were offered and it calls all the same
    FILTERED = "filtered"  # its own safety filter stopped it
    OTHER = "other"  # a reason this version does not know


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer. Its calls may be of tools that were not offered."""

    text: str
    usage: Usage
    finish: Finish
    model: str
    calls: tuple[ToolCall, ...] = ()


class Stream(Protocol):
    """One answer arriving: iterate for pieces of text (a token or a few each), then read what it took.

    Nothing is sent before the first step. It belongs to one task; whoever stops early calls `aclose()`
    (`contextlib.aclosing` does), which closes the connection so that the provider stops writing.
    Iterating raises ModelFailed; what came before stays valid text but is no finished answer.
    """

    def __aiter__(self) -> Self: ...

    def __anext__(self) -> Awaitable[str]: ...

    @property
    def model(self) -> str:
        """The name of the model asked."""

    @property
    def usage(self) -> Usage:
        """Complete once the stream is exhausted; until then whatever is known."""

    @property
    def finish(self) -> Finish | None:
        """Why the provider stopped; None until it has."""

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls it asks for, of tools offered or not; empty until the stream is exhausted, and after a failure."""

    @property
    def first_token_ms(self) -> float | None:
        """Milliseconds from the first step to the first text; None before it."""

    async def aclose(self) -> None:
        """Ends the stream and its connection; harmless when it has ended already."""


class Model(Protocol):
    """A language model that can be asked. Safe for many answers at once on one event loop."""

    @property
    def name(self) -> str:
        """Provider and model, such as `openai:gpt-4.1-mini`; goes into the turn record."""

    def stream(self, prompt: Prompt) -> Stream:
        """The answer as it is written. Never retries once a byte of the answer has come."""

    async def complete(self, prompt: Prompt) -> Completion:
        """The answer in one piece. Raises ModelFailed."""

    async def aclose(self) -> None:
        """Closes the pooled connections; the model cannot be asked afterwards."""
