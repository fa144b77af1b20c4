"""Server-sent events out of bytes cut anywhere."""

import pytest

from tandem.llm.sse import LARGEST_EVENT, Events, NotEvents

STREAM = b': hello\n\nevent: a\ndata: {"x": "\xc3\xa9"}\n\ndata: 1\r\n\r\ndata:2\ndata: 3\nid: 7\n\nevent: bare\n\n'


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_chunks_may_be_cut_anywhere(size: int) -> None:
    events = Events()
    found = [data for at in range(0, len(STREAM), size) for data in events.feed(STREAM[at : at + size])]
    assert found == ['{"x": "é"}'.encode(), b"1", b"2\n3"]
    events.end()


def test_it_refuses_what_is_no_stream() -> None:
    with pytest.raises(NotEvents):
        Events().feed(b"<html>\n\n</html>")
    events = Events()
    events.feed(b"<html>")
    with pytest.raises(NotEvents):
        events.end()


def test_it_refuses_an_event_without_end() -> None:
    with pytest.raises(NotEvents):
        Events().feed(b"data: " + b"x" * LARGEST_EVENT)


def test_half_an_event_at_the_end_is_passed_over() -> None:
    events = Events()
    assert events.feed(b"data: 1\n\nda") == [b"1"]
    events.end()
