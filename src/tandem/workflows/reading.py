"""A procedure as people write it: YAML of plain values only, read with bounds, its mistakes named by line.

No anchors, aliases, tags or second documents; no key twice; `no`, `on` and dates are texts, as they look. Nothing is constructed
but mappings, lists, texts, numbers, true, false and null.
"""

import re
from functools import lru_cache
from typing import Any, Protocol

import orjson
import pydantic
import yaml

from tandem.errors import Malformed
from tandem.workflows.definition import Workflow, without_prefix

MOST_CHARS = 32_000
"""Of a document: ten times the longest that ships."""

DEEPEST = 24
"""Of nesting: six branches, each within the other."""

MOST_NODES = 4_000

UNKNOWN = "there is nothing of this name here"

WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,14})")
BROKEN = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,6}")

Where = tuple[str | int, ...]


class Mark(Protocol):
    """Where something stands; lines count from 0."""

    line: int


class _Fault(Exception):
    """Something in the document that may not be there."""

    def __init__(self, sentence: str, mark: Mark | None) -> None:
        super().__init__(sentence)
        self.sentence, self.line = sentence, mark.line + 1 if mark else 1


def read(source: str) -> Workflow:
    """The procedure. Raises Malformed: every mistake with its line, field and a sentence."""
    lines: dict[Where, int] = {(): 1}
    try:
        body = _body(source, lines)
        if not isinstance(body, dict):
            raise _Fault("a procedure is a mapping: name, title, intents, slots, steps", None)
    except _Fault as fault:
        raise _malformed([_error(fault.line, "source", fault.sentence)]) from None
    try:
        return Workflow.model_validate(body)
    except pydantic.ValidationError as problem:
        found = [
            (tuple(each["loc"]), UNKNOWN if each["type"] == "extra_forbidden" else without_prefix(each["msg"]))
            for each in problem.errors()
        ]
    raise _malformed([_error(_line(lines, where), _shown(where), sentence) for where, sentence in found[:20]])


def stored(body: dict[str, Any]) -> Workflow:
    """The procedure as it was stored."""
    return _read(orjson.dumps(body))


@lru_cache(maxsize=500)
def _read(body: bytes) -> Workflow:
    """Procedures are read with many turns and seldom written: the same text is read once."""
    return Workflow.model_validate(orjson.loads(body))


def body_of(workflow: Workflow) -> dict[str, Any]:
    """The procedure as it is stored."""
    return workflow.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _body(source: str, lines: dict[Where, int]) -> Any:
    if len(source) > MOST_CHARS:
        raise _Fault(f"the document is longer than {MOST_CHARS} characters", None)
    try:
        _scan(source)
        node = yaml.compose(source, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as problem:
        what = " ".join(part for part in (problem.context, problem.problem) if part)
        raise _Fault(f"not YAML: {what}", problem.problem_mark) from None
    except yaml.YAMLError as problem:
        raise _Fault(f"not YAML: {' '.join(str(problem).split())[:200]}", None) from None
    if node is None:
        raise _Fault("the document is empty", None)
    return _plain(node, (), lines)


def _scan(source: str) -> None:
    """What is refused before anything is built of it."""
    depth = nodes = documents = 0
    for event in yaml.parse(source, Loader=yaml.SafeLoader):
        mark = event.start_mark
        documents += isinstance(event, yaml.DocumentStartEvent)
        nodes += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or (isinstance(event, yaml.NodeEvent) and event.anchor):
            raise _Fault("anchors and aliases are not taken", mark)
        if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)) and event.tag:
            raise _Fault("tags are not taken", mark)
        if documents > 1:
            raise _Fault("one document, not several", mark)
        if depth > DEEPEST:
            raise _Fault(f"nested deeper than {DEEPEST} levels", mark)
        if nodes > MOST_NODES:
            raise _Fault(f"more than {MOST_NODES} values", mark)


def _plain(node: yaml.Node, where: Where, lines: dict[Where, int]) -> Any:
    lines[where] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return [_plain(each, (*where, number), lines) for number, each in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        body: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _Fault("a key is a text", key.start_mark)
            if key.value in body:
                raise _Fault(f"{key.value[:60]!r} stands here twice", key.start_mark)
            body[key.value] = _plain(value, (*where, key.value), lines)
            lines[(*where, key.value)] = key.start_mark.line + 1
        return body
    return _scalar(node)


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    if any(
        (letter < " " and letter not in "\n\t") or letter == "\x7f" or "\ud800" <= letter <= "\udfff" for letter in text
    ):
        raise _Fault("a text has characters that no text has", node.start_mark)
    if getattr(node, "style", None) is not None:
        return text
    if text in ("true", "false"):
        return text == "true"
    if text in ("", "~", "null"):
        return None
    return int(text) if WHOLE.fullmatch(text) else float(text) if BROKEN.fullmatch(text) else text


def _line(lines: dict[Where, int], where: tuple[Any, ...]) -> int:
    """Of the nearest thing around it that stands in the document."""
    while where not in lines and where:
        where = where[:-1]
    return lines.get(where, 1)


def _shown(where: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in where) or "source"


def _error(line: int, field: str, sentence: str) -> dict[str, Any]:
    return {"line": line, "field": field, "message": sentence}


def _malformed(errors: list[dict[str, Any]]) -> Malformed:
    first = errors[0]
    return Malformed(f"The workflow is malformed: line {first['line']}: {first['message']}", errors=errors)
