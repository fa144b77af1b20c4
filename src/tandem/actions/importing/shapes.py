"""Schemas of other people's documents as JSON Schema draft 2020-12 that stands alone: references are written out.

Of OpenAPI 3.0 come `nullable` and the old `exclusiveMinimum`. What leads out of the document, comes back to itself or grows
without end is refused, and so is what would mean something else once objects are closed (schemas.strict).
"""

import re
from typing import Any
from urllib.parse import unquote

from tandem.actions import schemas

MOST_NODES = 2_000
"""Schemas within one operation, references written out: ten times what a person fills in."""

MOST_OF_DOCUMENT = 200_000
"""Schemas in all: what it costs to read a document has an end, however its references multiply."""

DEEPEST = 24
LONGEST_CHAIN = 10
TEXT_CHARS = 200

DATA = frozenset(("enum", "const", "default"))
LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
INNER = frozenset(("items", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else"))
MAPS = frozenset(("patternProperties", "dependentSchemas"))
PLAIN = frozenset(
    (
        "type", "format", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
        "maxLength", "minItems", "maxItems", "uniqueItems", "minContains", "maxContains", "minProperties", "maxProperties",
        "dependentRequired",
    )
)  # fmt: skip


class Unfit(ValueError):
    """This cannot be an action: the rest of a sentence that begins with its name."""


class Shapes:
    """The schemas of one document. `left_out` collects what was not understood, and left out without harm."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.left_out: list[str] = []
        self._document = document
        self._nodes = self._all = 0

    def begin(self) -> None:
        """The next operation."""
        self.left_out = []
        self._nodes = 0

    def whole(self, part: object) -> dict[str, Any]:
        """A part of the document, with what it refers to in its place. Raises Unfit."""
        for _ in range(LONGEST_CHAIN):
            self._count()
            if not isinstance(part, dict):
                raise Unfit("it is described in a way that the format does not have")
            if "$ref" not in part:
                return part
            part = self._pointed(part["$ref"])
        raise Unfit("it refers to itself")

    def schema(self, part: object) -> dict[str, Any]:
        """A schema that stands alone. Raises Unfit."""
        return self._schema(part, (), 0)

    def _count(self) -> None:
        self._nodes += 1
        self._all += 1
        if self._nodes > MOST_NODES:
            raise Unfit("its input is too large")
        if self._all > MOST_OF_DOCUMENT:
            raise Unfit("the document is too large to be read to its end")

    def _pointed(self, reference: object) -> Any:
        """What a JSON pointer (RFC 6901) within the document points to."""
        if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
            raise Unfit(f"it refers to something outside of the document, {str(reference)[:100]}")
        found: Any = self._document
        for step in unquote(reference[2:]).split("/") if reference != "#" else ():
            step = step.replace("~1", "/").replace("~0", "~")
            if isinstance(found, dict) and step in found:
                found = found[step]
            elif isinstance(found, list) and step.isascii() and step.isdigit() and int(step[:9]) < len(found):
                found = found[int(step[:9])]
            else:
                raise Unfit(f"it refers to {reference[:100]}, which is not there")
        return found

    def _schema(self, part: object, within: tuple[str, ...], depth: int) -> dict[str, Any]:
        self._count()
        if depth > DEEPEST:
            raise Unfit("its input is nested too deeply")
        if isinstance(part, bool):
            return {} if part else {"not": {}}
        if not isinstance(part, dict):
            raise Unfit("its input is described in a way that the format does not have")
        if "$ref" in part:
            return self._referred(part, within, depth)
        found: dict[str, Any] = {}
        for key, value in part.items():
            if key in DATA or (key in PLAIN and key != "pattern"):
                found[key] = value
            elif key == "pattern" and isinstance(value, str):
                found |= self._pattern(value)
            elif key == "description" and isinstance(value, str):
                found[key] = " ".join(value[: 4 * TEXT_CHARS].split())[:TEXT_CHARS]
            elif key in LISTS and isinstance(value, list):
                found[key] = [self._schema(one, within, depth + 1) for one in value]
            elif key in INNER:
                inner = value if isinstance(value, bool) else self._schema(value, within, depth + 1)
                found[key] = _typed(inner) if key == "items" and isinstance(inner, dict) else inner
            elif key in MAPS and isinstance(value, dict):
                found[key] = {name: self._schema(one, within, depth + 1) for name, one in value.items()}
        found |= self._properties(part, within, depth)
        return _closed(_nullable(_old_bounds(_merged(found)), part.get("nullable") is True))

    def _referred(self, part: dict[str, Any], within: tuple[str, ...], depth: int) -> dict[str, Any]:
        reference = str(part["$ref"])
        if reference in within:
            raise Unfit("its input refers to itself, and may be nested without end")
        there = self._schema(self._pointed(part["$ref"]), (*within, reference), depth + 1)
        beside = {key: value for key, value in part.items() if key != "$ref"}
        return _merged({"allOf": [there, self._schema(beside, within, depth + 1)]}) if beside else there

    def _properties(self, part: dict[str, Any], within: tuple[str, ...], depth: int) -> dict[str, Any]:
        """Properties, without those that only the server sets."""
        found: dict[str, Any] = {}
        own, needed = part.get("properties"), part.get("required")
        fixed: set[object] = set()
        if isinstance(own, dict):
            fixed = {name for name, one in own.items() if self._is_read_only(one)}
            found["properties"] = {
                name: _typed(self._schema(one, within, depth + 1)) for name, one in own.items() if name not in fixed
            }
        if isinstance(needed, list):
            named = [name for name in needed if isinstance(name, str) and name not in fixed]
            found |= {"required": named} if named else {}
        return found

    def _is_read_only(self, part: object) -> bool:
        return isinstance(part, dict) and (
            part.get("readOnly") is True or ("$ref" in part and self.whole(part).get("readOnly") is True)
        )

    def _pattern(self, pattern: str) -> dict[str, str]:
        """The pattern, where it runs here and cannot run for ever; the service checks its own in any case."""
        try:
            fits = len(pattern) <= schemas.LONGEST_PATTERN and not schemas.NESTED.search(pattern)
            re.compile(pattern if fits else "")
        except (re.error, RecursionError, OverflowError):
            fits = False
        if not fits:
            self.left_out.append(f"the pattern {pattern[:60]!r}")
        return {"pattern": pattern} if fits else {}


def _merged(whole: dict[str, Any]) -> dict[str, Any]:
    """`allOf` of objects as one object: each would be closed for itself, and none of them would take what the others name."""
    for part in whole.pop("allOf", []):
        for key, value in part.items():
            if key not in whole or whole[key] == value:
                whole[key] = value
            elif key == "properties":
                whole[key] = _together(whole[key], value)
            elif key == "required":
                whole[key] = list(dict.fromkeys([*whole[key], *value]))
            elif key != "description":
                raise Unfit(f"its input combines schemas that each say something about {key!r}")
    alternatives = whole.get("anyOf", []) + whole.get("oneOf", [])
    if "properties" in whole and any(one.get("type") == "object" and "properties" in one for one in alternatives):
        raise Unfit("its input has properties of its own beside those of alternatives")
    return whole


def _together(own: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    doubled = next((name for name in others if name in own and own[name] != others[name]), None)
    if doubled is not None:
        raise Unfit(f"its input describes {str(doubled)[:60]!r} twice, and differently")
    return own | others


def _old_bounds(schema: dict[str, Any]) -> dict[str, Any]:
    """In OpenAPI 3.0 an exclusive bound is a yes or no beside the bound."""
    for old, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(old), bool) and schema.pop(old) and bound in schema:
            schema[old] = schema.pop(bound)
    return schema


def _nullable(schema: dict[str, Any], nullable: bool) -> dict[str, Any]:
    """In OpenAPI 3.0 null is not a type but a word beside it."""
    if not nullable:
        return schema
    kind = schema.get("type")
    if isinstance(kind, str) and "const" not in schema:
        schema = schema | {"type": [kind, "null"]}
        if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
        return schema
    return {"anyOf": [schema, {"type": "null"}]} if schema and "type" not in schema else schema


def _typed(schema: dict[str, Any]) -> dict[str, Any]:
    """What has properties is an object, also where the document does not say so."""
    return {"type": "object"} | schema if "properties" in schema else schema


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    """An object that may be null is closed like any other; schemas.strict looks for plain ones."""
    if "properties" in schema and isinstance(schema.get("type"), list):
        schema.setdefault("additionalProperties", False)
    return schema
