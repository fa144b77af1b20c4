"""JSON out by orjson, and what comes in: strict models that name the wrong field."""

from typing import Annotated, Any

import orjson
import pydantic
from starlette.responses import Response


class JSON(Response):
    """An answer in JSON. Times are RFC 3339 in UTC."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The bytes."""
        return dumps(content)


def dumps(content: Any) -> bytes:
    """JSON bytes; times end in Z."""
    return orjson.dumps(content, default=str, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def plain(text: str) -> str:
    """A text that can be stored: no NUL, no half of a surrogate pair, nothing but tab and line ends among the controls."""
    if any((c < " " and c not in "\n\r\t") or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("must be text, without control characters")
    return text


Text = Annotated[str, pydantic.AfterValidator(plain)]
"""Text from outside."""


class Input(pydantic.BaseModel):
    """What a request may carry: nothing that is not named, and no text that cannot be stored."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)

    @pydantic.model_validator(mode="before")
    @classmethod
    def _all_text_is_plain(cls, data: Any) -> Any:
        _check(data, 0)
        return data


class Nothing(Input):
    """An empty body."""


def _check(data: Any, depth: int) -> None:
    if depth > 20:
        raise ValueError("is nested too deeply")
    if isinstance(data, str):
        plain(data)
    elif isinstance(data, dict):
        for key, value in data.items():
            _check(key, depth + 1)
            _check(value, depth + 1)
    elif isinstance(data, list):
        for value in data:
            _check(value, depth + 1)
