"""The OpenAI chat-completions wire, spoken also by Azure, vLLM, Ollama, llama.cpp, OpenRouter and many more.

Knows nothing about HTTP or time. Leans on the fields that all of these share.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from tandem.llm.calls import as_text, sent_arguments, sent_name
from tandem.llm.failures import Failure
from tandem.llm.model import Called, Finish, Message, Prompt, Result, Tool, ToolCall
from tandem.llm.sse import Events
from tandem.llm.wire import ErrorEvent, Heard, count_or_none, error_kind, text_or_nothing

BASE_URL = "https://api.openai.com/v1"

_FINISH = {
    "stop": Finish.STOP,
    "length": Finish.LENGTH,
    "tool_calls": Finish.TOOL,
    "function_call": Finish.TOOL,
    "content_filter": Finish.FILTERED,
}
# OpenAI's own reasoning models answer 400 to a temperature other than 1.
_NO_TEMPERATURE = ("o1", "o3", "o4", "gpt-5")


# These think at length before the first word unless they are told not to; later ones are told by default.
_THINKS = re.compile(r"gpt-5(-mini|-nano)?(-\d{4}-\d\d-\d\d)?")
# Azure's deployments are OpenAI's models behind OpenAI's interface.
_OFFICIAL = ("api.openai.com", ".openai.azure.com", ".services.ai.azure.com")


def is_official(base_url: str) -> bool:
    """Whether OpenAI's own models answer there, and not a server that imitates them."""
    return (urlsplit(base_url).hostname or "").endswith(_OFFICIAL)


@dataclass(frozen=True, slots=True)
class OpenAI:
    """The wire for one model; `official` is OpenAI itself, which has renamed a field the others still know."""

    model: str
    official: bool

    def path(self, *, stream: bool) -> str:
        """The same for both kinds."""
        return "/chat/completions"

    def headers(self, api_key: str | None) -> dict[str, str]:
        """Servers on one's own machine often need no key."""
        return {"Authorization": f"Bearer {api_key}"} if api_key else {}

    def events(self) -> Events:
        """Server-sent ones."""
        return Events()

    def body(self, prompt: Prompt, *, stream: bool) -> dict[str, Any]:
        """The system text first, then the conversation."""
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": "system", "content": prompt.system}, *map(_message, prompt.messages)],
            "max_completion_tokens" if self.official else "max_tokens": prompt.max_tokens,
        }
        if not (self.official and self.model.startswith(_NO_TEMPERATURE)):
            body["temperature"] = prompt.temperature
        if self.official and _THINKS.fullmatch(self.model):
            body["reasoning_effort"] = "minimal"
        if prompt.tools:
            body["tools"] = [_tool(tool) for tool in prompt.tools]
        if stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        return body

    def piece(self, data: bytes, heard: Heard) -> str:
        """One chunk: usually a delta; the last ones bring the finish reason and the usage."""
        if data == b"[DONE]":
            heard.over = True
            return ""
        event = _checked(orjson.loads(data))
        if usage := event.get("usage"):
            _count(usage, heard)
        text = ""
        for choice in event["choices"]:
            if reason := choice.get("finish_reason"):
                heard.finish = _FINISH.get(reason, Finish.OTHER)
            delta = choice.get("delta") or {}
            text += text_or_nothing(delta.get("content"))
            if calls := delta.get("tool_calls"):
                _hear(calls, heard)
        return text

    def whole(self, data: bytes, heard: Heard) -> str:
        """The first choice's text."""
        answer = _checked(orjson.loads(data))
        _count(answer.get("usage") or {}, heard)
        choice = answer["choices"][0]
        if reason := choice.get("finish_reason"):
            heard.finish = _FINISH.get(reason, Finish.OTHER)
        message = choice["message"]
        _hear([{**call, "index": at} for at, call in enumerate(message.get("tool_calls") or ())], heard)
        return text_or_nothing(message.get("content"))


def _message(message: Message) -> dict[str, Any]:
    match message:
        case Called(text, calls):
            return {"role": "assistant", "content": text or None, "tool_calls": [_call(call) for call in calls]}
        case Result():
            return {"role": "tool", "tool_call_id": message.call_id, "content": message.content}
        case _:
            return {"role": message.role, "content": message.text}


def _call(call: ToolCall) -> dict[str, Any]:
    arguments = orjson.dumps(sent_arguments(call.arguments)).decode()
    return {"id": call.id, "type": "function", "function": {"name": sent_name(call.name), "arguments": arguments}}


def _tool(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.input_schema}
    return {"type": "function", "function": function}


def _hear(calls: list[dict[str, Any]], heard: Heard) -> None:
    """Pieces of calls: the first of each has its id and name, the others only the place and more of the arguments."""
    for call in calls:
        index, function = call.get("index"), call.get("function") or {}
        heard.calls.begin(index, call.get("id"), function.get("name"))
        if (arguments := function.get("arguments")) is not None:
            heard.calls.more(index, as_text(arguments))


def _checked(event: dict[str, Any]) -> dict[str, Any]:
    error = event.get("error")
    if error:
        raise ErrorEvent(error_kind(error.get("type")) if isinstance(error, dict) else Failure.OVERLOADED)
    return event


def _count(usage: dict[str, Any], heard: Heard) -> None:
    heard.input_tokens = count_or_none(usage.get("prompt_tokens"))
    heard.output_tokens = count_or_none(usage.get("completion_tokens"))
    details = usage.get("prompt_tokens_details") or {}
    heard.cached_input_tokens = count_or_none(details.get("cached_tokens"))
