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


def by_google(body: dict[str, Any]) -> tuple[Offered, ...]:
    """The tools offered by a generateContent body, its calls and results checked; ids may be left out there."""
    check(_google_pairs(body["contents"]), at_once=True)
    declared = [each for tool in body.get("tools") or () for each in tool["functionDeclarations"]]
    return tuple(_offered(each["name"], each["parametersJsonSchema"]) for each in declared)


def by_bedrock(body: dict[str, Any]) -> tuple[Offered, ...]:
    """The tools offered by a Converse body, its calls and results checked."""
    pairs = list(_bedrock_pairs(body["messages"]))
    check(pairs, at_once=True)
    specs = [tool["toolSpec"] for tool in (body.get("toolConfig") or {}).get("tools") or ()]
    if not specs and any(calls or results for calls, results in pairs):
        raise NotARequest("The toolConfig field must be defined when using toolUse and toolResult content blocks.")
    return tuple(_offered(each["name"], each["inputSchema"]["json"]) for each in specs)


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


def _google_pairs(contents: list[dict[str, Any]]) -> Iterator[tuple[_Ids, _Ids]]:
    for content in contents:
        calls = [part["functionCall"] for part in content["parts"] if "functionCall" in part]
        for call in calls:
            _named(call["name"])
            _object(call["args"])
        results = [part["functionResponse"] for part in content["parts"] if "functionResponse" in part]
        for result in results:
            _object(result["response"])
        yield [call["id"] for call in calls], [result["id"] for result in results]


def _bedrock_pairs(messages: list[dict[str, Any]]) -> Iterator[tuple[_Ids, _Ids]]:
    for message in messages:
        calls = [block["toolUse"] for block in message["content"] if "toolUse" in block]
        for call in calls:
            _named(call["name"])
            _named(call["toolUseId"])
            _object(call["input"])
        results = [block["toolResult"] for block in message["content"] if "toolResult" in block]
        yield [call["toolUseId"] for call in calls], [result["toolUseId"] for result in results]


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
