"""What the stub was asked: one request of any wire, reduced to what an answer needs.

Knows nothing about HTTP or behaviours. Lenient where real providers are lenient (text as a string or as parts),
strict where they are strict (no messages is an error).
"""

import html
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tandem.llm.stub import tooling
from tandem.llm.stub.tooling import NotARequest, Offered


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage the prompt gave: its number, title and text."""

    n: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request understood: `turns` are (role, text) pairs without the system text; results of calls have role tool."""

    model: str
    system: str
    turns: tuple[tuple[str, str], ...]
    stream: bool
    stream_usage: bool
    max_tokens: int | None
    tools: tuple[Offered, ...] = ()

    @property
    def last(self) -> str:
        """The text of the last user message."""
        return next((text for role, text in reversed(self.turns) if role == "user"), "")

    @property
    def whole(self) -> str:
        """Everything the prompt holds, system text first."""
        return "\n".join([self.system, *(text for _, text in self.turns)])

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages between `<passage n="1" title="…">` and `</passage>`, wherever they stand."""
        return tuple(_passage(found) for found in _PASSAGE.finditer(self.whole))

    @property
    def question(self) -> str:
        """What the customer wants to know: the last user message after its passages and without tags."""
        rest = self.last.rpartition("</passage>")[2]
        return html.unescape(_TAG.sub(" ", rest)).strip()


_PASSAGE = re.compile(r'<passage\s+n="(\d+)"([^>]*)>(.*?)</passage>', re.S)
_TITLE = re.compile(r'title="([^"]*)"')
_TAG = re.compile(r"</?[a-z_]+[^<>]*>")


def _passage(found: re.Match[str]) -> Passage:
    title = _TITLE.search(found[2])
    return Passage(int(found[1]), html.unescape(title[1]) if title else "", html.unescape(found[3]).strip())


def by_openai(body: dict[str, Any], path: str) -> Asked:
    """Reads a chat-completions body."""
    turns = _turns(body)
    return Asked(
        model=str(body.get("model", "")),
        system="\n".join(text for role, text in turns if role in ("system", "developer")),
        turns=tuple(turn for turn in turns if turn[0] not in ("system", "developer")),
        stream=bool(body.get("stream")),
        stream_usage=bool((body.get("stream_options") or {}).get("include_usage")),
        max_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
        tools=tooling.by_openai(body),
    )


def by_anthropic(body: dict[str, Any], path: str) -> Asked:
    """Reads a messages body; that wire insists on max_tokens."""
    if not isinstance(body.get("max_tokens"), int):
        raise NotARequest("max_tokens: field required")
    return Asked(
        model=str(body.get("model", "")),
        system=_text(body.get("system", "")),
        turns=tuple(_turns(body)),
        stream=bool(body.get("stream")),
        stream_usage=True,
        max_tokens=body["max_tokens"],
        tools=tooling.by_anthropic(body),
    )


def by_google(body: dict[str, Any], path: str) -> Asked:
    """Reads a generateContent body; the path says which model, and whether it streams."""
    turns = [(_googles_role(each), _text(each.get("parts"))) for each in _checked(body.get("contents"))]
    return Asked(
        model=unquote(path.rpartition("/")[2].partition(":")[0]),
        system=_text((body.get("systemInstruction") or {}).get("parts", "")),
        turns=tuple(turns),
        stream=path.endswith(":streamGenerateContent"),
        stream_usage=True,
        max_tokens=(body.get("generationConfig") or {}).get("maxOutputTokens"),
        tools=tooling.by_google(body),
    )


def by_bedrock(body: dict[str, Any], path: str) -> Asked:
    """Reads a Converse body; the path says which model, and whether it streams."""
    if any(not part.get("text", "x").strip() for each in body["messages"] for part in each["content"]):
        raise NotARequest("The text field in the ContentBlock object is blank.")
    return Asked(
        model=unquote(path.split("/")[-2]),
        system=_text(body.get("system", "")),
        turns=tuple(_turns(body)),
        stream=path.endswith("/converse-stream"),
        stream_usage=True,
        max_tokens=(body.get("inferenceConfig") or {}).get("maxTokens"),
        tools=tooling.by_bedrock(body),
    )


def _googles_role(content: dict[str, Any]) -> str:
    if any("functionResponse" in part for part in content["parts"]):
        return "tool"
    return {"model": "assistant"}.get(content["role"], "user")


def _turns(body: dict[str, Any]) -> list[tuple[str, str]]:
    return [(_role(each), _text(each.get("content"))) for each in _checked(body.get("messages"))]


def _checked(messages: object) -> list[dict[str, Any]]:
    if not isinstance(messages, list) or not messages or not all(isinstance(each, dict) for each in messages):
        raise NotARequest("messages: at least one message is needed")
    return messages


def _role(message: dict[str, Any]) -> str:
    """Its role; user messages that begin with a result are no customer's."""
    content = message.get("content")
    first = content[0] if isinstance(content, list) and content else None
    is_result = isinstance(first, dict) and (first.get("type") == "tool_result" or "toolResult" in first)
    return "tool" if is_result else str(message.get("role"))


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "\n".join(_part(part) for part in content if isinstance(part, dict))


def _part(part: dict[str, Any]) -> str:
    """Its text, also that of a result."""
    if "functionResponse" in part:
        return str(next(iter(part["functionResponse"]["response"].values()), ""))
    result = part.get("toolResult", part)
    return _text(result["content"]) if "content" in result else str(part.get("text", ""))
