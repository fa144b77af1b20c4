"""What a request says about tools: which are offered, and whether calls and results fit together.

As strict as the real providers, who answer 400 to names, pairs and arguments of a wrong shape.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson


class NotARequest(ValueError):
    """The body is not what this wire takes; real providers answer 400."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A tool that may be called, and the JSON Schema of its arguments."""

    name: str
    schema: dict[str, Any]


_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_Ids = list[str]


def by_openai(body: dict[str, Any]) -> tuple[Offered, ...]:
    """The tools offered by a chat-completions body, its calls and results checked."""
    check(_openai_pairs(body["messages"]), at_once=False)
    functions = [tool["function"] for tool in body.get("tools") or ()]
    return tuple(_offered(each["name"], each["parameters"]) for each in functions)


def by_anthropic(body: dict[str, Any]) -> tuple[Offered, ...]:
    """The tools offered by a messages body, its calls and results checked."""
    pairs = list(_anthropic_pairs(body["messages"]))
    check(pairs, at_once=True)
    tools = body.get("tools") or ()
    if not tools and any(calls or results for calls, results in pairs):
        raise NotARequest("tools: needed where messages hold tool_use or tool_result blocks")
    return tuple(_offered(each["name"], each["input_schema"]) for each in tools)


def check(pairs: Iterable[tuple[_Ids, _Ids]], *, at_once: bool) -> None:
    """Each message's calls are answered right after it, by as many messages as it takes or by one (`at_once`)."""
    due: _Ids = []
    for calls, results in pairs:
        for answered in results:
            if answered not in due:
                raise NotARequest(f"the result of {answered} has no call before it")
            due.remove(answered)
        if due and (at_once or not results):
            raise NotARequest(f"no result follows the calls {', '.join(due)}")
        if len(set(calls)) < len(calls):
            raise NotARequest("two calls have the same id")
        due = due + calls
    if due:
        raise NotARequest(f"no result follows the calls {', '.join(due)}")


def _openai_pairs(messages: list[dict[str, Any]]) -> Iterator[tuple[_Ids, _Ids]]:
    for message in messages:
        calls = message.get("tool_calls") or ()
        for call in calls:
            _named(call["function"]["name"])
            _object(orjson.loads(call["function"]["arguments"]))
        yield [call["id"] for call in calls], [message["tool_call_id"]] if message.get("role") == "tool" else []


def _anthropic_pairs(messages: list[dict[str, Any]]) -> Iterator[tuple[_Ids, _Ids]]:
    for message in messages:
        blocks = message["content"] if isinstance(message.get("content"), list) else ()
        calls = [block for block in blocks if block["type"] == "tool_use"]
        for call in calls:
            _named(call["name"])
            _object(call["input"])
        yield (
            [call["id"] for call in calls],
            [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"],
        )


def _offered(name: str, schema: dict[str, Any]) -> Offered:
    if schema.get("type") != "object":
        raise NotARequest(f"{name}: the schema of its arguments has to be of type object")
    return Offered(_named(name), schema)


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise NotARequest(f"a tool's name has to match {_NAME.pattern}")
    return name


def _object(arguments: object) -> None:
    if not isinstance(arguments, dict):
        raise NotARequest("a call's arguments have to be an object")
