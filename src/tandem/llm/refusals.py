"""What a provider says when it refuses: its short code and how long to wait, wherever it has put them. Never its words."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from tandem.llm.wire import SHAPE_ERRORS

LONGEST_WAIT_S = 3_600.0

_CODE = re.compile(r"[a-z_]{3,48}")
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)s")


def read(headers: Mapping[str, str], body: bytes) -> tuple[str | None, float | None]:
    """The code, in small letters, if it looks like one; and the seconds to wait, at most an hour."""
    try:
        said = orjson.loads(body)
        error = (said[0] if isinstance(said, list) else said)["error"]
        found = [code for code in _codes(error) if isinstance(code, str)]
        wait = _retry_delay(error)
    except SHAPE_ERRORS:
        found, wait = [headers.get("x-amzn-ErrorType", "")], None
    names = (_CAPITAL.sub("_", code.partition(":")[0]).lower() for code in found)
    told = _seconds(headers.get("Retry-After"))
    return next((name for name in names if _CODE.fullmatch(name)), None), wait if told is None else told


def _codes(error: dict[str, Any]) -> Iterator[object]:
    """The most telling first: Google's reasons, OpenAI's code, everybody's type, Google's status."""
    for detail in error.get("details") or ():
        yield detail.get("reason")
    yield from (error.get("code"), error.get("type"), error.get("status"))


def _retry_delay(error: dict[str, Any]) -> float | None:
    """Google says it in the body, as `34s`."""
    for detail in error.get("details") or ():
        if found := _SECONDS.fullmatch(str(detail.get("retryDelay"))):
            return min(LONGEST_WAIT_S, float(found[1]))
    return None


def _seconds(value: str | None) -> float | None:
    """Retry-After in seconds; the form with a date is rare here and read as None."""
    try:
        return min(LONGEST_WAIT_S, max(0.0, float(value))) if value else None
    except ValueError:
        return None
