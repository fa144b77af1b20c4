"""Which characters the bytes of a text file mean: marks and declarations first, then UTF-8, then a guess.

Knows nothing about formats beyond where HTML declares its encoding.
"""

import codecs
import importlib
import re

from tandem.knowledge.reading.errors import Unreadable

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.I)
NOT_TEXT = "This file is not text: it holds binary data."
BINARY = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")

BINARY_SHARE = 0.002
"""Control characters a text may hold: stray form feeds and escapes exist in old files, 1 in 500 does not."""

GUESS_BYTES = 60_000
"""How much of the file the guess looks at; more costs time and does not change it."""

BASIC = (
    "ascii",
    "latin_1",
    "utf_8",
    "utf_8_sig",
    "utf_16",
    "utf_16_le",
    "utf_16_be",
    "utf_32_le",
    "utf_32_be",
    "cp437",
)
"""Codecs every reading may need: those of marked texts, of PDF strings and of names in archives."""

BINARY_KINDS = (b"%PDF-", b"PK\x03\x04")
CANDIDATES = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "koi8_r"),
    *("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"),
)
"""The encodings in which offices have really written files. A longer list only guesses worse."""

WESTERN_SHARE = 0.25
"""Up to this share of letters beyond ASCII a text is in a Latin script: no other needs so few of them."""

WESTERN = re.compile("[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ffŒœŠšŽžŸ€£§°©®™«»¿¡–—‘’“”„…•·\u00a0²³½¼¾ºª¢¥µ±´]")
NOT_CHARSETS = {"hex", "base64", "bz2", "zlib", "uu", "quopri", "rot13"}


def prepare(data: bytes) -> None:
    """Import what `decode` will need for these bytes, as long as files can still be opened."""
    for name in BASIC:
        codecs.lookup(name)
    if data.startswith(BINARY_KINDS) or _marked(data) or _is_utf8(data):
        return
    importlib.import_module("charset_normalizer.md")
    for name in CANDIDATES:
        codecs.lookup(name)
    if said := DECLARED.search(data[:4096]):
        _look_up(said.group(1).decode("ascii"))


def decode(data: bytes) -> str:
    """The text of a file. Raises Unreadable when it is not text in any encoding we can tell."""
    text = _decode(data)
    if len(BINARY.findall(text)) > len(text) * BINARY_SHARE:
        raise Unreadable(NOT_TEXT)
    return text


def _decode(data: bytes) -> str:
    if marked := _marked(data):
        mark, name = marked
        return data[len(mark) :].decode(name, errors="replace")
    if _is_utf8(data):
        return data.decode()
    if b"\x00" in data:
        raise Unreadable(NOT_TEXT)
    return data.decode(_declared(data) or _guess(data), errors="replace")


def _marked(data: bytes) -> tuple[bytes, str] | None:
    return next(((mark, name) for mark, name in MARKS if data.startswith(mark)), None)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _declared(data: bytes) -> str | None:
    """The encoding an HTML page names in its head, where we know it and the page is written in it."""
    said = DECLARED.search(data[:4096])
    name = said.group(1).decode("ascii") if said else ""
    name = {"iso-8859-1": "cp1252", "latin1": "cp1252"}.get(name.lower(), name)  # as browsers do
    try:
        data.decode(name or "ascii")
    except (LookupError, UnicodeDecodeError, ValueError):
        return None
    return name if name.lower() not in NOT_CHARSETS else None


def _guess(data: bytes) -> str:
    """The most plausible encoding; the Western one where it reads well, because it is by far the most usual."""
    from charset_normalizer import from_bytes

    sample = data[:GUESS_BYTES]
    high = [character for character in sample.decode("cp1252", errors="replace") if character > "\x7f"]
    if len(high) < WESTERN_SHARE * len(sample) and all(map(WESTERN.match, high)):
        return "cp1252"
    best = from_bytes(sample, cp_isolation=list(CANDIDATES), preemptive_behaviour=False).best()
    return best.encoding if best else "cp1252"


def _look_up(name: str) -> None:
    """Leave the codec in the interpreter's own cache."""
    try:
        codecs.lookup(name)
    except LookupError:
        return
