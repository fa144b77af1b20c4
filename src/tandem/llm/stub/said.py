"""What the stub says, before any wire: text, and the calls it asks for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call the model asks for; `arguments` is what it writes, JSON or not. Without an `id` the wire numbers it."""

    name: str
    arguments: str
    id: str | None = None  # "" leaves it out, as careless servers do


@dataclass(frozen=True, slots=True)
class Reply:
    """What to send: text, and the calls after it. `tokens` or `forever` say it again and again, whatever is asked for."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    forever: bool = False
    tokens: int | None = None
