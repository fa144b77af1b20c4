"""How many tokens a call took: as the provider counted them, or by estimate where it did not say."""

from dataclasses import dataclass

import orjson

from tandem.llm.account import OK
from tandem.llm.failures import Failure
from tandem.llm.model import Called, Prompt, Result, Usage

CHARS_A_TOKEN = 4  # English has four; other languages fewer, so that there the estimate is too low


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a call took. `cached` are those of `given` that the provider read from its cache."""

    given: int
    cached: int
    written: int
    estimated: bool


_NOTHING_DONE = frozenset(
    {Failure.UNREACHABLE, Failure.REFUSED, Failure.RATE_LIMITED, Failure.OVERLOADED, Failure.BROKEN}
)
"""Without a word of an answer these cost nothing: no provider charges for an error."""


def spent_tokens(outcome: str, usage: Usage, prompt: Prompt, chars: int) -> Tokens:
    """The tokens of a call that ended so, after `chars` characters of text and calls.

    Of an answer that was not finished the provider's count is the one that it gave at the begin, if any; the estimate
    holds where it is larger.
    """
    if outcome in _NOTHING_DONE and not chars and usage.input_tokens is None:
        return Tokens(0, 0, 0, estimated=True)
    by_length = -(-chars // CHARS_A_TOKEN)
    given, written = usage.input_tokens, usage.output_tokens
    if outcome != OK:
        written = None
        by_length = max(by_length, usage.output_tokens or 0)
    return Tokens(
        given=_given(prompt) if given is None else given,
        cached=usage.cached_input_tokens or 0,
        written=by_length if written is None else written,
        estimated=given is None or written is None,
    )


def _given(prompt: Prompt) -> int:
    chars = len(prompt.system)
    for message in prompt.messages:
        if isinstance(message, Result):
            chars += len(message.content)
        else:
            chars += len(message.text)
        if isinstance(message, Called):
            chars += sum(len(call.name) + len(call.arguments) for call in message.calls)
    for tool in prompt.tools:
        chars += len(tool.name) + len(tool.description) + len(orjson.dumps(tool.input_schema))
    return -(-chars // CHARS_A_TOKEN)
