"""The Gemini wire: generateContent, and streamGenerateContent as server-sent events. Knows nothing about HTTP or time.

https://ai.google.dev/api/generate-content, version v1beta.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from tandem.llm.alternating import in_turn
from tandem.llm.calls import as_text, sent_arguments, sent_name
from tandem.llm.model import Called, Finish, Prompt, PromptMessage, Result, Tool, ToolCall
from tandem.llm.sse import Events
from tandem.llm.wire import ErrorEvent, Heard, count_or_none, error_kind, text_or_nothing

BASE_URL = "https://generativelanguage.googleapis.com/v1beta"

_FILTERED = "SAFETY RECITATION LANGUAGE BLOCKLIST PROHIBITED_CONTENT SPII IMAGE_SAFETY".split()
_FINISH = {"STOP": Finish.STOP, "MAX_TOKENS": Finish.LENGTH} | dict.fromkeys(_FILTERED, Finish.FILTERED)

# Thoughts count as output and come before the first word, so a model thinks as little as it can be made to.
_THINKING: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("gemini-2.5-flash", "", {"thinkingBudget": 0}),
    ("gemini-2.5-pro", "", {"thinkingBudget": 128}),  # it does not do without
    ("gemini-3", "flash", {"thinkingLevel": "minimal"}),
    ("gemini-3", "", {"thinkingLevel": "low"}),
)
_UNSIGNED_IS_FINE = ("gemini-1", "gemini-2", "gemma")
_NO_SIGNATURE = "skip_thought_signature_validator"
"""Google's own word for a call that came without a signature, such as one of another provider's model."""


@dataclass(frozen=True, slots=True)
class Google:
    """The wire for one model."""

    model: str

    def path(self, *, stream: bool) -> str:
        """Whether it streams is said by the address."""
        name = self.model if "/" in self.model else f"models/{self.model}"
        return f"/{quote(name, safe='/')}:" + ("streamGenerateContent?alt=sse" if stream else "generateContent")

    def headers(self, api_key: str | None) -> dict[str, str]:
        """The key has its own header here."""
        return {"x-goog-api-key": api_key} if api_key else {}

    def events(self) -> Events:
        """Server-sent ones."""
        return Events()

    def body(self, prompt: Prompt, *, stream: bool) -> dict[str, Any]:
        """The system text stands beside the conversation, in which the assistant is called model."""
        config: dict[str, Any] = {"maxOutputTokens": prompt.max_tokens, "temperature": prompt.temperature}
        for begin, within, thinking in _THINKING:
            if self.model.startswith(begin) and within in self.model:
                config["thinkingConfig"] = thinking
                break
        body: dict[str, Any] = {
            "contents": in_turn(prompt.messages, self._content, _result, key="parts"),
            "generationConfig": config,
        }
        if prompt.system:
            body["systemInstruction"] = {"parts": [{"text": prompt.system}]}
        if prompt.tools:
            body["tools"] = [{"functionDeclarations": [_tool(tool) for tool in prompt.tools]}]
        return body

    def piece(self, data: bytes, heard: Heard) -> str:
        """One event, which looks like a whole answer."""
        return _text(orjson.loads(data), heard)

    def whole(self, data: bytes, heard: Heard) -> str:
        """The first candidate's text."""
        return _text(orjson.loads(data), heard)

    def _content(self, message: PromptMessage | Called) -> dict[str, Any]:
        if not isinstance(message, Called):
            return {"role": "user" if message.role == "user" else "model", "parts": [{"text": message.text}]}
        text = [{"text": message.text}] if message.text.strip() else []
        return {"role": "model", "parts": [*text, *map(self._call, message.calls)]}

    def _call(self, call: ToolCall) -> dict[str, Any]:
        function = {"id": call.id, "name": sent_name(call.name), "args": sent_arguments(call.arguments)}
        signature = call.signature or ("" if self.model.startswith(_UNSIGNED_IS_FINE) else _NO_SIGNATURE)
        return {"functionCall": function} | ({"thoughtSignature": signature} if signature else {})


def _result(result: Result) -> dict[str, Any]:
    said = {"error" if result.is_error else "output": result.content}
    return {"functionResponse": {"id": result.call_id, "name": sent_name(result.name), "response": said}}


def _tool(tool: Tool) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "parametersJsonSchema": tool.input_schema}


def _text(answer: dict[str, Any], heard: Heard) -> str:
    if error := answer.get("error"):
        raise ErrorEvent(error_kind(error.get("status")))
    if usage := answer.get("usageMetadata"):
        _count(usage, heard)
    if (answer.get("promptFeedback") or {}).get("blockReason"):
        heard.finish = Finish.FILTERED
    text = ""
    for candidate in (answer.get("candidates") or ())[:1]:
        for part in (candidate.get("content") or {}).get("parts") or ():
            text += _part(part, heard)
        if reason := candidate.get("finishReason"):
            heard.finish = _FINISH.get(reason, Finish.OTHER)
    return text


def _part(part: dict[str, Any], heard: Heard) -> str:
    """Its text, unless it is a thought; a call comes whole."""
    if (call := part.get("functionCall")) is not None:
        place = object()  # no two calls share one
        heard.calls.begin(place, call.get("id"), call.get("name"))
        heard.calls.sign(place, part.get("thoughtSignature"))
        if "args" in call:
            heard.calls.more(place, as_text(call["args"]))
        return ""
    return "" if part.get("thought") else text_or_nothing(part.get("text"))


def _count(usage: dict[str, Any], heard: Heard) -> None:
    """Each event tells the sums so far. Thoughts are paid as output."""
    if (given := count_or_none(usage.get("promptTokenCount"))) is not None:
        heard.input_tokens = given
    written = [count_or_none(usage.get(name)) for name in ("candidatesTokenCount", "thoughtsTokenCount")]
    if any(count is not None for count in written):
        heard.output_tokens = sum(count or 0 for count in written)
    heard.cached_input_tokens = count_or_none(usage.get("cachedContentTokenCount")) or heard.cached_input_tokens
