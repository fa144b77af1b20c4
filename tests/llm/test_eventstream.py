"""AWS's frames, cut anywhere and damaged anywhere."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.llm.eventstream import Frames
from tandem.llm.sse import LARGEST_EVENT, NotEvents
from tandem.llm.stub.frames import frame

SEED = 20


def _frame(name: str, payload: bytes) -> bytes:
    return frame({":event-type": name, ":content-type": "application/json", ":message-type": "event"}, payload)


STREAM = [_frame("messageStart", b'{"role":"assistant"}'), _frame("contentBlockDelta", b'{"p":"\xc3\xa9"}')]
EVENTS = [b'{"messageStart":{"role":"assistant"}}', b'{"contentBlockDelta":{"p":"\xc3\xa9"}}']


def test_a_published_frame() -> None:
    """The empty message of AWS's event-stream test vectors: its lengths and sums are theirs, not ours."""
    frames = Frames()
    assert frames.feed(bytes.fromhex("000000100000000005c248eb7d98c8ff")) == [b'{"error":{}}']


def test_a_published_frame_with_a_header() -> None:
    """Their `payload_one_str_header`: a content type, and a payload."""
    data = (
        bytes.fromhex("0000003d0000002007fd8396")
        + b"\x0ccontent-type\x07\x00\x10application/json"
        + b"{'foo':'bar'}"
        + bytes.fromhex("8d9c08b1")
    )
    assert Frames().feed(data) == [b"{\"error\":{'foo':'bar'}}"]


@given(st.lists(st.integers(0, 300), max_size=20))
def test_it_does_not_matter_where_it_is_cut(cuts: list[int]) -> None:
    whole = b"".join(STREAM)
    frames, at, found = Frames(), 0, []
    for cut in [*sorted(cuts), len(whole)]:
        found += frames.feed(whole[at:cut])
        at = max(at, cut)
    frames.end()
    assert found == EVENTS


def test_an_exception_has_its_name() -> None:
    headers = {":exception-type": "throttlingException", ":message-type": "exception"}
    assert Frames().feed(frame(headers, b'{"message":"x"}')) == [b'{"throttlingException":{"message":"x"}}']


def test_any_wrong_byte_is_noticed() -> None:
    whole, dice = b"".join(STREAM), random.Random(SEED)
    for at in range(len(whole)):
        wrong = bytearray(whole)
        wrong[at] ^= dice.randrange(1, 256)
        assert _is_refused(bytes(wrong)), f"byte {at} of seed {SEED}"


def _is_refused(data: bytes) -> bool:
    try:
        Frames().feed(data)
    except NotEvents:
        return True
    return False


@pytest.mark.parametrize("data", [b"<html><body>Welcome</body></html>", b"data: {}\n\ndata: {}\n\n", bytes(12)])
def test_anything_else_is_no_stream(data: bytes) -> None:
    with pytest.raises(NotEvents):
        Frames().feed(data)


def test_a_few_bytes_are_no_stream_either() -> None:
    frames = Frames()
    assert frames.feed(b"hello") == []
    with pytest.raises(NotEvents):
        frames.end()


def test_a_frame_that_is_too_long_is_not_waited_for() -> None:
    with pytest.raises(NotEvents):
        Frames().feed(_frame("contentBlockDelta", b"x" * LARGEST_EVENT)[:100])


@pytest.mark.parametrize("name", ['x":1,"y', "a b", "\n"])
def test_a_name_is_a_name(name: str) -> None:
    with pytest.raises(NotEvents):
        Frames().feed(_frame(name, b"{}"))
