"""A conversation goes to a provider with its two sides in turn, whoever wrote twice."""

from dataclasses import dataclass
from typing import Any

import pytest

from tandem.llm.anthropic import Anthropic
from tandem.llm.bedrock import Bedrock
from tandem.llm.google import Google
from tandem.llm.model import Called, Message, Prompt, PromptMessage, Result, ToolCall


@dataclass(frozen=True)
class Sent:
    """Who speaks, and everything that is said."""

    role: str
    whole: str


def sent(wire: Any, *messages: Message) -> list[Sent]:
    body = wire.body(Prompt("Be kind.", messages, 10, 0.0, 5.0), stream=False)
    listed = body.get("messages") or body["contents"]
    return [Sent(each["role"].replace("model", "assistant"), str(each)) for each in listed]


def user(text: str) -> Message:
    return PromptMessage("user", text)


def assistant(text: str) -> Message:
    return PromptMessage("assistant", text)


@pytest.mark.parametrize("wire", [Anthropic("tiny-1"), Bedrock("tiny-1"), Google("tiny-1")])
def test_the_sides_take_turns_and_the_customer_begins(wire: Any) -> None:
    call = Called("", (ToolCall("c1", "look", "{}"), ToolCall("c2", "look", "{}")))
    results = (Result("c1", "look", "one", False), Result("c2", "look", "two", False))
    said = (assistant("Welcome"), user("known"), user("tent?"), assistant("Yes."), assistant("Bo here."), user("ok"))
    found = sent(wire, *said, call, *results)
    assert [each.role for each in found] == ["user", "assistant", "user", "assistant", "user"]
    assert "known" in found[0].whole
    assert "tent?" in found[0].whole
    assert "Bo here." in found[1].whole
    assert "one" in found[4].whole
    assert "two" in found[4].whole
    assert not any("Welcome" in each.whole for each in found)
