"""AWS's event frames as a provider writes them: see `tandem.llm.eventstream`, which reads them, and is not used here."""

import struct
import zlib


def frame(headers: dict[str, str], payload: bytes) -> bytes:
    """One frame with these headers, all of them text."""
    head = b"".join(_header(name.encode(), value.encode()) for name, value in headers.items())
    prelude = struct.pack(">II", 12 + len(head) + len(payload) + 4, len(head))
    body = prelude + struct.pack(">I", zlib.crc32(prelude)) + head + payload
    return body + struct.pack(">I", zlib.crc32(body))


def _header(name: bytes, value: bytes) -> bytes:
    return bytes([len(name)]) + name + b"\x07" + struct.pack(">H", len(value)) + value
