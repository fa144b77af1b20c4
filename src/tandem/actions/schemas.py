"""JSON Schema of what an action takes, made strict, and arguments checked against it.

Strict: an object takes the properties it names and no others. No reference leads out of the schema, and no pattern of a tenant's
can hang the process: patterns are short, and so is every text they are tried on.
"""

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import jsonschema
import jsonschema.validators
import orjson
from jsonschema.protocols import Validator
from referencing import Registry

MOST_CHARS = 20_000
"""Of all arguments of a call together."""
LONGEST_TEXT = 4_000
LONGEST_PATTERN = 200
DEEPEST = 12
MOST_INTEGER = 2**53
"""The largest whole number that every JSON reader understands alike (RFC 8259)."""

NESTED = re.compile(r"[+*}]\)?[+*{]|\([^)]*[+*][^)]*\)[+*{]")
"""A repetition of a repetition: what lets a pattern run for ever."""


class Unfit(ValueError):
    """Arguments that the schema does not take: a sentence for whoever made the call."""


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """The same schema, closed. Raises ValueError with what is wrong with it."""
    if schema.get("type", "object") != "object":
        raise ValueError("the arguments of an action are an object")
    closed: dict[str, Any] = _closed({"type": "object", "properties": {}, **schema}, 0)
    try:
        jsonschema.Draft202012Validator.check_schema(closed)
    except jsonschema.SchemaError as problem:
        raise ValueError(f"not a JSON Schema: {problem.message}") from problem
    return closed


def check(schema: dict[str, Any], arguments: object) -> dict[str, Any]:
    """The arguments, if they fit. Raises Unfit."""
    if not isinstance(arguments, dict):
        raise Unfit("The arguments must be an object.")
    _plain(arguments, 0)
    if len(orjson.dumps(arguments)) > MOST_CHARS:
        raise Unfit("The arguments are too long.")
    wrong = next(iter(_validator(orjson.dumps(schema)).iter_errors(arguments)), None)
    if wrong is not None:
        where = ".".join(str(part) for part in wrong.absolute_path)
        raise Unfit(f"{where or 'arguments'}: {wrong.message[:200]}")
    return arguments


def _plain(value: object, depth: int) -> None:
    """Only what JSON can say, and says alike everywhere; no digits but 0 to 9."""
    if depth > DEEPEST:
        raise Unfit("The arguments are nested too deeply.")
    if isinstance(value, dict):
        for name, part in value.items():
            _plain(name, depth)
            _plain(part, depth + 1)
    elif isinstance(value, list):
        for part in value:
            _plain(part, depth + 1)
    elif isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise Unfit("A text in the arguments is too long.")
        if any(letter.isdecimal() and not letter.isascii() for letter in value):
            raise Unfit("Write numbers with the digits 0 to 9.")
        if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise Unfit("A text in the arguments has characters that no text has.")
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int):
        if abs(value) > MOST_INTEGER:
            raise Unfit("A number in the arguments is too large.")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise Unfit("A number in the arguments is none.")
    else:
        raise Unfit("The arguments hold something that JSON has not.")


def _closed(schema: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise ValueError("the schema is nested too deeply")
    if isinstance(schema, list):
        return [_closed(part, depth + 1) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(reference := schema.get("$ref"), str) and not reference.startswith("#"):
        raise ValueError("the schema refers to something outside of it")
    if isinstance(pattern := schema.get("pattern"), str) and (len(pattern) > LONGEST_PATTERN or NESTED.search(pattern)):
        raise ValueError(
            f"the pattern {pattern[:60]!r} may take for ever; write it without a repetition of a repetition"
        )
    inner = {
        name: {key: _closed(part, depth + 1) for key, part in value.items()}
        if name in ("properties", "$defs", "definitions") and isinstance(value, dict)
        else value
        if name in ("enum", "const", "default", "examples")
        else _closed(value, depth + 1)
        for name, value in schema.items()
    }
    if inner.get("type") == "object" and "properties" in inner:
        inner.setdefault("additionalProperties", False)
    return inner


def _pattern(_: Validator, pattern: str, value: object, __: Any) -> Iterator[jsonschema.ValidationError]:
    """As ECMA-262 reads it, whose `$` is the very end: Python's would take a line end after it."""
    exact = re.sub(r"(?<!\\)\$$", r"\\Z", pattern)
    if isinstance(value, str) and re.search(exact, value) is None:
        yield jsonschema.ValidationError(f"{value[:60]!r} does not match {pattern!r}")


STRICT: type[Validator] = jsonschema.validators.extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft202012Validator, {"pattern": _pattern}
)


@lru_cache(maxsize=512)
def _validator(schema: bytes) -> Validator:
    """Ready to use; references that lead out of the schema find nothing."""
    found: Validator = STRICT(orjson.loads(schema), registry=Registry())
    return found
