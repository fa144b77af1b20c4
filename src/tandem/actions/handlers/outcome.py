"""What is asked of a handler, and what became of it."""

from dataclasses import dataclass
from typing import Any, Literal, Self

from tandem.actions.storing import storable

ERROR_CHARS = 300


@dataclass(frozen=True, slots=True)
class Order:
    """One request. `message_id` names it, and of a change it is the key under which it is done once.

    `customer`: the company's own id of the customer who is served. `secrets` sign it, newest first.
    """

    url: str
    body: dict[str, Any]
    message_id: str
    changes: bool
    customer: str | None
    timeout_s: float
    secrets: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """`done` with a result; `failed`: for certain nothing was done; `unreached`: nobody has heard of it, now; `unknown`: sent, and
    nobody has said what became of it."""

    kind: Literal["done", "failed", "unreached", "unknown"]
    result: dict[str, Any] | None = None
    error: str = ""

    @classmethod
    def done(cls, answer: Any) -> Self:
        """It was done; lists and single values get a name."""
        answer = storable(answer)
        if isinstance(answer, dict):
            return cls("done", answer)
        return cls("done", {"items": answer} if isinstance(answer, list) else {"value": answer})

    @classmethod
    def failed(cls, error: str) -> Self:
        """It was not done, for certain."""
        return cls("failed", None, storable(error)[:ERROR_CHARS])

    @classmethod
    def unknown(cls, error: str) -> Self:
        """It may have been done."""
        return cls("unknown", None, storable(error)[:ERROR_CHARS])
