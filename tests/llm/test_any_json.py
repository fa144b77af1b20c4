"""Whatever a provider sends as JSON, a wire reads it or says in its known ways that it cannot."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.llm.anthropic import Anthropic
from tandem.llm.bedrock import Bedrock
from tandem.llm.calls import TooMuch
from tandem.llm.google import Google
from tandem.llm.openai import OpenAI
from tandem.llm.refusals import read
from tandem.llm.wire import SHAPE_ERRORS, ErrorEvent, Heard, Wire

WIRES = (OpenAI("m", official=False), Anthropic("m"), Google("m"), Bedrock("m"))
NAMES = (
    "candidates content parts text functionCall name args id thought thoughtSignature finishReason usageMetadata error status"
    " promptTokenCount promptFeedback blockReason details reason retryDelay"
    " choices delta message tool_calls function arguments index finish_reason usage prompt_tokens prompt_tokens_details"
    " type content_block content_block_delta partial_json message_start stop_reason input_tokens message_delta"
    " contentBlockDelta contentBlockStart contentBlockIndex start toolUse toolUseId input messageStop stopReason metadata"
    " output inputTokens throttlingException"
).split()

LEAVES = (
    st.none() | st.booleans() | st.integers(-5, 2**60) | st.floats(allow_nan=False) | st.sampled_from(["", "x", *NAMES])
)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=25,
)


def _nested(names: list[str], leaf: Any, wrap: list[bool]) -> Any:
    """A path of names down to something, some of the steps through a list: what random trees seldom hit upon."""
    for name, in_list in zip(names, wrap, strict=False):
        leaf = {name: [leaf] if in_list else leaf}
    return leaf


PATHS = st.builds(
    _nested, st.lists(st.sampled_from(NAMES), max_size=7), ANYTHING, st.lists(st.booleans(), min_size=7, max_size=7)
)


@pytest.mark.parametrize("wire", WIRES, ids=lambda wire: type(wire).__name__)
@given(said=ANYTHING | PATHS)
def test_it_is_read_or_refused(wire: Wire, said: Any) -> None:
    for reading in (wire.piece, wire.whole):
        heard = Heard()
        text = _read(reading, said, heard)
        assert text is None or isinstance(text, str)
        assert heard.usage.input_tokens is None or heard.usage.input_tokens >= 0
        assert all(call.id and isinstance(call.arguments, str) for call in heard.called())


def _read(reading: Callable[[bytes, Heard], str], said: Any, heard: Heard) -> str | None:
    try:
        return reading(orjson.dumps(said), heard)
    except (ErrorEvent, TooMuch, *SHAPE_ERRORS):
        return None


@given(said=ANYTHING | PATHS)
def test_a_refusal_is_read_or_says_nothing(said: Any) -> None:
    code, wait = read({}, orjson.dumps({"error": said}))
    assert code is None or code.replace("_", "").isalpha()
    assert wait is None or wait >= 0
