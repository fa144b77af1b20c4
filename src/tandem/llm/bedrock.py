"""The Amazon Bedrock wire: Converse, and ConverseStream in AWS's own event frames. Knows nothing about HTTP or time.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from tandem.llm.alternating import in_turn
from tandem.llm.anthropic import takes_temperature
from tandem.llm.calls import as_text, sent_arguments, sent_name
from tandem.llm.eventstream import Frames
from tandem.llm.model import Called, Finish, Prompt, PromptMessage, Result, Tool, ToolCall
from tandem.llm.wire import ErrorEvent, Heard, count_or_none, error_kind, text_or_nothing

BASE_URL = "https://bedrock-runtime.{region}.amazonaws.com"
SERVICE = "bedrock"  # in signatures

_FINISH = {
    "end_turn": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "max_tokens": Finish.LENGTH,
    "model_context_window_exceeded": Finish.LENGTH,
    "tool_use": Finish.TOOL,
    "guardrail_intervened": Finish.FILTERED,
    "content_filtered": Finish.FILTERED,
}


@dataclass(frozen=True, slots=True)
class Bedrock:
    """The wire for one model, inference profile or ARN of either."""

    model: str

    def path(self, *, stream: bool) -> str:
        """The name stands in one part of the path, whatever strokes and colons it has."""
        return f"/model/{quote(self.model, safe='')}/" + ("converse-stream" if stream else "converse")

    def headers(self, api_key: str | None) -> dict[str, str]:
        """A Bedrock API key is shown as it is; without one, requests are signed."""
        return {"Authorization": f"Bearer {api_key}"} if api_key else {}

    def events(self) -> Frames:
        """AWS's frames."""
        return Frames()

    def body(self, prompt: Prompt, *, stream: bool) -> dict[str, Any]:
        """The system text stands beside the conversation."""
        config: dict[str, Any] = {"maxTokens": prompt.max_tokens}
        if takes_temperature(self.model):
            config["temperature"] = min(prompt.temperature, 1.0)
        body: dict[str, Any] = {"messages": in_turn(prompt.messages, _message, _result), "inferenceConfig": config}
        if prompt.system.strip():  # blank text is refused
            body["system"] = [{"text": prompt.system}]
        if prompt.tools:
            body["toolConfig"] = {"tools": [_tool(tool) for tool in prompt.tools]}
        return body

    def piece(self, data: bytes, heard: Heard) -> str:
        """One event, told apart by its only name; those that this version does not know are passed over."""
        ((name, event),) = orjson.loads(data).items()
        match name:
            case "contentBlockDelta":
                return _delta(event["delta"], event.get("contentBlockIndex"), heard)
            case "contentBlockStart":
                _begin(event.get("contentBlockIndex"), event.get("start") or {}, heard)
            case "messageStop":
                _finish(event, heard)
            case "metadata":
                _count(event.get("usage") or {}, heard)
                heard.over = True
            case _ if name.endswith("Exception") or name == "error":
                raise ErrorEvent(error_kind(name))
        return ""

    def whole(self, data: bytes, heard: Heard) -> str:
        """The text blocks joined; the others may be calls."""
        answer = orjson.loads(data)
        _finish(answer, heard)
        _count(answer.get("usage") or {}, heard)
        blocks = answer["output"]["message"]["content"]
        for index, block in enumerate(blocks):
            _begin(index, block, heard)
            if "input" in (block.get("toolUse") or {}):
                heard.calls.more(index, as_text(block["toolUse"]["input"]))
        return "".join(text_or_nothing(block.get("text")) for block in blocks)


def _delta(delta: dict[str, Any], index: object, heard: Heard) -> str:
    if (text := delta.get("text")) is not None:
        return text_or_nothing(text)
    if (call := delta.get("toolUse")) is not None:
        heard.calls.more(index, call.get("input"))
    return ""


def _begin(index: object, block: dict[str, Any], heard: Heard) -> None:
    if (call := block.get("toolUse")) is not None:
        heard.calls.begin(index, call.get("toolUseId"), call.get("name"))


def _finish(holder: dict[str, Any], heard: Heard) -> None:
    if reason := holder.get("stopReason"):
        heard.finish = _FINISH.get(reason, Finish.OTHER)


def _count(usage: dict[str, Any], heard: Heard) -> None:
    """Tokens read from or written to a prompt cache are input too."""
    told = [count_or_none(usage.get(name)) for name in ("inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens")]
    if told[0] is not None:
        heard.input_tokens = sum(count for count in told if count is not None)
        heard.cached_input_tokens = told[1]
    heard.output_tokens = count_or_none(usage.get("outputTokens"))


# --- what is sent ---


def _message(message: PromptMessage | Called) -> dict[str, Any]:
    if not isinstance(message, Called):
        return {"role": message.role, "content": [{"text": message.text}]}
    text = [{"text": message.text}] if message.text.strip() else []
    return {"role": "assistant", "content": [*text, *map(_call, message.calls)]}


def _call(call: ToolCall) -> dict[str, Any]:
    use = {"toolUseId": sent_name(call.id), "name": sent_name(call.name), "input": sent_arguments(call.arguments)}
    return {"toolUse": use}


def _result(result: Result) -> dict[str, Any]:
    """Ids are held to the letters of names here."""
    status = "error" if result.is_error else "success"
    return {
        "toolResult": {
            "toolUseId": sent_name(result.call_id),
            "content": [{"text": result.content}],
            "status": status,
        }
    }


def _tool(tool: Tool) -> dict[str, Any]:
    spec = {"name": tool.name, "description": tool.description, "inputSchema": {"json": tool.input_schema}}
    return {"toolSpec": spec}
