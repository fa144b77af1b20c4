"""Where arguments go in a request to an HTTP service of its own design: path, query, headers, body.

An argument stays what it is: in the path it is part of one segment, and it cannot begin another, end it, or lead upwards,
however often somebody on the way decodes it.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

import orjson

from tandem.actions.definition import SLOT, Request

NEVER = re.compile(r"[/\\?#%\x00-\x1f\x7f]")
"""In a segment: what ends one, what might once more be decoded into that, and what no address holds."""

UPWARDS = re.compile(r"\s*\.+\s*(;.*)?", re.DOTALL)
"""A segment of dots, also with parameters after it, which some servers leave out before they look."""

LONGEST_HEADER = 1_000


class Misfit(ValueError):
    """An argument cannot stand where it has to: a sentence for whoever made the call."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A request ready to be signed and sent; `content` is None where there is no body."""

    method: str
    url: str
    content: bytes | None
    headers: dict[str, str] = field(default_factory=dict)


def lay(url: str, request: Request | None, arguments: dict[str, Any]) -> Laid:
    """The arguments as the service wants them. Raises Misfit."""
    if request is None:
        return Laid("POST", url, orjson.dumps(arguments))
    placed: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "body": {}}
    for argument, value in arguments.items():
        where, name = request.place(argument)
        placed[where][name] = value
    filled = _with_query(_with_path(url.partition("#")[0], placed["path"]), placed["query"])
    headers = {name: _header(name, value) for name, value in placed["header"].items() if value is not None}
    carries = request.has_body and (bool(placed["body"]) or request.method != "DELETE")
    return Laid(request.method, filled, orjson.dumps(placed["body"]) if carries else None, headers)


def _with_path(url: str, values: dict[str, Any]) -> str:
    """The address with every place in its path filled."""
    head, mark, rest = url.partition("?")
    origin, slashes, path = head.partition("://")
    host, slash, path = path.partition("/")
    segments = [_segment(segment, values) for segment in path.split("/")]
    return origin + slashes + host + slash + "/".join(segments) + mark + rest


def _segment(segment: str, values: dict[str, Any]) -> str:
    if not SLOT.search(segment):
        return segment
    filled = SLOT.sub(lambda slot: quote(_value(slot[1], values.get(slot[1])), safe=""), segment)
    if UPWARDS.fullmatch(unicodedata.normalize("NFKC", unquote(filled))):
        raise Misfit("An argument that stands in an address may not lead out of its place.")
    return filled


def _value(name: str, value: object) -> str:
    text = _plain(name, value)
    if not text or NEVER.search(unicodedata.normalize("NFKC", text)):
        raise Misfit(f"{name}: this cannot stand in an address.")
    return text


def _with_query(url: str, values: dict[str, Any]) -> str:
    """Lists are named again for each value, as OpenAPI's `form` has it; None is left out."""
    pairs = [
        f"{quote(name, safe='')}={quote(_plain(name, one), safe='')}"
        for name, value in values.items()
        for one in (value if isinstance(value, list) else [value])
        if one is not None
    ]
    if not pairs:
        return url
    return url + ("&" if "?" in url else "?") + "&".join(pairs)


def _header(name: str, value: object) -> str:
    text = ",".join(_plain(name, one) for one in value) if isinstance(value, list) else _plain(name, value)
    if len(text) > LONGEST_HEADER or any(not " " <= letter <= "~" for letter in text):
        raise Misfit(f"{name}: this cannot stand in a header.")
    return text


def _plain(name: str, value: object) -> str:
    """A single value as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return orjson.dumps(value).decode()
    raise Misfit(f"{name}: a single value is needed here.")
