"""A conversation as most providers take it: the customer's side and the assistant's in turn, the customer's first.

What one side said twice in a row goes as one message, and results of calls stand together in one. Knows no provider.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from tandem.llm.model import Called, Message, PromptMessage, Result


def in_turn(
    messages: Iterable[Message],
    said: Callable[[PromptMessage | Called], dict[str, Any]],
    result: Callable[[Result], dict[str, Any]],
    key: str = "content",
) -> list[dict[str, Any]]:
    """The messages as a provider writes them; results are a list under `key`, of a message of the user's."""
    sent: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    for message in _joined(messages):
        if not isinstance(message, Result):
            results = []
            sent.append(said(message))
            continue
        if not results:
            sent.append({"role": "user", key: results})
        results.append(result(message))
    return sent


def _joined(messages: Iterable[Message]) -> list[Message]:
    """Without what the assistant said before the customer said anything, and with neighbours of one side joined."""
    joined: list[Message] = []
    for message in messages:
        before = joined[-1] if joined else None
        if not isinstance(message, PromptMessage):
            joined.append(message)
        elif isinstance(before, PromptMessage) and before.role == message.role:
            joined[-1] = replace(before, text=f"{before.text}\n\n{message.text}")
        elif before is not None or message.role == "user":
            joined.append(message)
    return joined
