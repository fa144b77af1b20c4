"""The Anthropic messages wire. Knows nothing about HTTP or time."""

from dataclasses import dataclass
from typing import Any

import orjson

from tandem.llm.model import Finish, Prompt
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


@dataclass(frozen=True, slots=True)
class Anthropic:
    """The wire for one model."""

    model: str
    path: str = "/v1/messages"

    def headers(self, api_key: str | None) -> dict[str, str]:
        """The key has its own header here, and the version of the format is fixed."""
        key = {"x-api-key": api_key} if api_key else {}
        return {"anthropic-version": VERSION, **key}

    def body(self, prompt: Prompt, *, stream: bool) -> dict[str, Any]:
        """The system text stands beside the conversation."""
        body: dict[str, Any] = {
            "model": self.model,
            "max_tokens": prompt.max_tokens,
            "system": prompt.system,
            "messages": [{"role": message.role, "content": message.text} for message in prompt.messages],
        }
        if not self.model.startswith(_NO_TEMPERATURE):
            body["temperature"] = min(prompt.temperature, 1.0)  # this provider's scale ends at 1
        if stream:
            body["stream"] = True
        return body

    def piece(self, data: bytes, heard: Heard) -> str:
        """One event, told apart by its type; types this version does not know are passed over."""
        event = orjson.loads(data)
        match event["type"]:
            case "content_block_delta":
                return text_or_nothing(event["delta"].get("text"))
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
        """The text blocks joined."""
        answer = orjson.loads(data)
        if answer["type"] == "error":
            raise ErrorEvent(error_kind(answer["error"].get("type")))
        _finish(answer, heard)
        _count(answer.get("usage") or {}, heard)
        return "".join(block["text"] for block in answer["content"] if block["type"] == "text")


def _finish(holder: dict[str, Any], heard: Heard) -> None:
    if reason := holder.get("stop_reason"):
        heard.finish = _FINISH.get(reason, Finish.OTHER)


def _count(usage: dict[str, Any], heard: Heard) -> None:
    """Input is told first, output last; tokens read from or written to a prompt cache are input too."""
    told = [count_or_none(usage.get(f"{kind}input_tokens")) for kind in ("", "cache_creation_", "cache_read_")]
    if told[0] is not None:
        heard.input_tokens = sum(count for count in told if count is not None)
    if (output := count_or_none(usage.get("output_tokens"))) is not None:
        heard.output_tokens = output
