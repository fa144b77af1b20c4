"""AWS's event frames, out of bytes as they arrive. Knows nothing of HTTP, models or what the events say.

    total length, length of the headers, CRC-32 of these two · headers · payload · CRC-32 of all before

Lengths and sums are four bytes, big-endian. https://smithy.io/2.0/aws/amazon-eventstream.html
"""

import struct
import zlib
from functools import lru_cache

from tandem.llm.sse import LARGEST_EVENT, NotEvents

_PRELUDE = struct.Struct(">III")
_SUM = struct.Struct(">I")
_LEAST = _PRELUDE.size + _SUM.size
_SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}  # of header values by their type; 6 and 7 tell their own
_TEXT = 7


class Frames:
    """Feed it chunks cut anywhere; it returns each event that became whole as JSON: `{"NAME": payload}`.

    NAME is the event's or exception's type, and `error` where a frame has no payload but an error of its own.
    """

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The events completed by this chunk, in order. Raises NotEvents, also where a sum is wrong."""
        buffer, at, found = self._rest + chunk, 0, []
        while (size := _size(buffer, at)) and len(buffer) - at >= size:
            found.append(_event(buffer[at : at + size]))
            at += size
        self._rest = buffer[at:]
        return found

    def end(self) -> None:
        """The stream has ended. Raises NotEvents when fewer bytes came than the head of a frame has."""
        if 0 < len(self._rest) < _PRELUDE.size:
            raise NotEvents


def _size(buffer: bytes, at: int) -> int:
    """Of the frame that begins here; 0 while that is not known. Its sum is checked before it is believed."""
    if len(buffer) - at < _PRELUDE.size:
        return 0
    total, headers, told = _PRELUDE.unpack_from(buffer, at)
    if zlib.crc32(buffer[at : at + 8]) != told or not _LEAST + headers <= total <= LARGEST_EVENT:
        raise NotEvents
    size: int = total
    return size


def _event(frame: bytes) -> bytes:
    if zlib.crc32(frame[:-4]) != _SUM.unpack_from(frame, len(frame) - 4)[0]:
        raise NotEvents
    end = _PRELUDE.size + _PRELUDE.unpack_from(frame)[1]
    return b'{"%s":%s}' % (_name(frame[_PRELUDE.size : end]), frame[end:-4] or b"{}")


@lru_cache(maxsize=64)  # all frames of a kind have the same headers
def _name(head: bytes) -> bytes:
    """Of the event, out of the headers of its frame. Raises NotEvents."""
    headers = _headers(head)
    name = headers.get(b":event-type") or headers.get(b":exception-type") or b"error"
    if not name.replace(b"-", b"").isalnum():
        raise NotEvents
    return name


def _headers(data: bytes) -> dict[bytes, bytes]:
    """Those that are text. Raises NotEvents."""
    found, at = {}, 0
    try:
        while at < len(data):
            name = data[at + 1 : (at := at + 1 + data[at])]
            kind = data[at]
            at += 1
            if (size := _SIZES.get(kind)) is None:
                size = int.from_bytes(data[at : at + 2])
                at += 2
            if kind == _TEXT:
                found[name] = data[at : at + size]
            at += size
    except IndexError:
        raise NotEvents from None
    if at != len(data):
        raise NotEvents
    return found
