"""The Anthropic messages wire. Knows nothing about HTTP or time."""

from dataclasses import dataclass
from typing import Any

import orjson

from tandem.llm.alternating import in_turn
from tandem.llm.calls import as_text, sent_arguments, sent_name
from tandem.llm.model import Called, Finish, Prompt, PromptMessage, Result, Tool, ToolCall
from tandem.llm.sse import Events
from tandem.llm.wire import ErrorEvent, Heard, count_or_none, error_kind, text_or_nothing

BASE_URL = "https://api.anthropic.com"
VERSION = "2023-06-01"

_FINISH = {
    "end_turn": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "max_tokens": Finish.LENGTH,
    "model_context_window_exceeded": Finish.LENGTH,
    "tool_use": Finish.TOOL,
    "refusal": Finish.FILTERED,
}
# These models answer 400 to any temperature.
_NO_TEMPERATURE = (
    "claude-opus-4-7",
    "claude-opus-4-8",
    "claude-opus-5",
    "claude-sonnet-5",
    "claude-haiku-5",
    "claude-fable-5",
    "claude-mythos-5",
)


def takes_temperature(model: str) -> bool:
    """Whether a model of this name may be given one; names of other sellers have prefixes."""
    return not any(each in model for each in _NO_TEMPERATURE)


@dataclass(frozen=True, slots=True)
class Anthropic:
    """The wire for one model."""

    model: str

    def path(self, *, stream: bool) -> str:
        """The same for both kinds."""
        return "/v1/messages"

    def headers(self, api_key: str | None) -> dict[str, str]:
        """The key has its own header here, and the version of the format is fixed."""
        key = {"x-api-key": api_key} if api_key else {}
        return {"anthropic-version": VERSION, **key}

    def events(self) -> Events:
        """Server-sent ones."""
        return Events()

    def body(self, prompt: Prompt, *, stream: bool) -> dict[str, Any]:
        """The system text stands beside the conversation."""
        body: dict[str, Any] = {
            "model": self.model,
            "max_tokens": prompt.max_tokens,
            "system": prompt.system,
            "messages": in_turn(prompt.messages, _message, _result),
        }
        if takes_temperature(self.model):
            body["temperature"] = min(prompt.temperature, 1.0)  # this provider's scale ends at 1
        if prompt.tools:
            body["tools"] = [_tool(tool) for tool in prompt.tools]
        if stream:
            body["stream"] = True
        return body

    def piece(self, data: bytes, heard: Heard) -> str:
        """One event, told apart by its type; types this version does not know are passed over."""
        event = orjson.loads(data)
        match event["type"]:
            case "content_block_delta":
                delta = event["delta"]
                if (text := delta.get("text")) is not None:
                    return text_or_nothing(text)
                heard.calls.more(event.get("index"), delta.get("partial_json"))
            case "content_block_start":
                _begin(event.get("index"), event.get("content_block") or {}, heard)
            case "message_start":
                _count(event["message"].get("usage") or {}, heard)
            case "message_delta":
                _finish(event["delta"], heard)
                _count(event.get("usage") or {}, heard)
            case "message_stop":
                heard.over = True
            case "error":
                raise ErrorEvent(error_kind(event["error"].get("type")))
        return ""

    def whole(self, data: bytes, heard: Heard) -> str:
        """The text blocks joined; the others may be calls."""
        answer = orjson.loads(data)
        if answer["type"] == "error":
            raise ErrorEvent(error_kind(answer["error"].get("type")))
        _finish(answer, heard)
        _count(answer.get("usage") or {}, heard)
        for index, block in enumerate(answer["content"]):
            _begin(index, block, heard)
            if "input" in block:
                heard.calls.more(index, as_text(block["input"]))
        return "".join(block["text"] for block in answer["content"] if block["type"] == "text")


def _message(message: PromptMessage | Called) -> dict[str, Any]:
    if not isinstance(message, Called):
        return {"role": message.role, "content": message.text}
    text = [{"type": "text", "text": message.text}] if message.text.strip() else []  # blank text is refused
    return {"role": "assistant", "content": [*text, *map(_call, message.calls)]}


def _call(call: ToolCall) -> dict[str, Any]:
    return {
        "type": "tool_use",
        "id": call.id,
        "name": sent_name(call.name),
        "input": sent_arguments(call.arguments),
    }


def _result(result: Result) -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": result.call_id, "content": result.content}
    return block | ({"is_error": True} if result.is_error else {})


def _tool(tool: Tool) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "input_schema": tool.input_schema}


def _begin(index: object, block: dict[str, Any], heard: Heard) -> None:
    """A call, if this block is one; its arguments follow in pieces where the answer is streamed."""
    if block.get("type") == "tool_use":
        heard.calls.begin(index, block.get("id"), block.get("name"))


def _finish(holder: dict[str, Any], heard: Heard) -> None:
    if reason := holder.get("stop_reason"):
        heard.finish = _FINISH.get(reason, Finish.OTHER)


def _count(usage: dict[str, Any], heard: Heard) -> None:
    """Input is told first, output last; tokens read from or written to a prompt cache are input too."""
    told = [count_or_none(usage.get(f"{kind}input_tokens")) for kind in ("", "cache_creation_", "cache_read_")]
    if told[0] is not None:
        heard.input_tokens = sum(count for count in told if count is not None)
        heard.cached_input_tokens = told[2]
    if (output := count_or_none(usage.get("output_tokens"))) is not None:
        heard.output_tokens = output
