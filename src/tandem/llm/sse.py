"""Reads server-sent events out of bytes as they arrive. Knows nothing of HTTP, JSON or models.

Only `data` matters to the model wires (both repeat the event's name inside it), so only that is returned.
"""

LARGEST_EVENT = 1_000_000  # bytes; a token's event has 200

_FIELDS = (b"data", b"event", b"id", b"retry", b":")


class NotEvents(ValueError):
    """The bytes are no event stream. Carries nothing of them."""


class Events:
    """Feed it chunks cut anywhere; it returns the data of each event that became whole."""

    __slots__ = ("_rest", "_seen")

    def __init__(self) -> None:
        self._rest = b""
        self._seen = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of the events completed by this chunk, in order. Raises NotEvents."""
        buffer = self._rest + chunk
        if b"\r" in buffer:
            buffer = buffer.replace(b"\r\n", b"\n")
        *whole, self._rest = buffer.split(b"\n\n")
        if len(self._rest) > LARGEST_EVENT:
            raise NotEvents
        found = [data for event in whole if (data := _data(event)) is not None]
        self._seen = self._seen or bool(found)
        return found

    def end(self) -> None:
        """The stream has ended. Raises NotEvents when bytes came and not one event: a page, say, not a stream."""
        if self._rest.strip() and not self._seen:
            raise NotEvents


def _data(event: bytes) -> bytes | None:
    """The data lines of one event joined; None when it has none (a comment, a bare name)."""
    if event.startswith(b"data: ") and b"\n" not in event:
        return event[6:]
    lines = event.strip(b"\n").split(b"\n")
    if not all(line.startswith(_FIELDS) for line in lines if line):
        raise NotEvents
    data = [line[5:].removeprefix(b" ") for line in lines if line.startswith(b"data:")]
    return b"\n".join(data) if data else None
