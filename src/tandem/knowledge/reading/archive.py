"""Whether a ZIP archive is a Word document and safe to unpack, from its directory alone.

Knows nothing about what the parts say. The bounds are far above real documents: a 500-page manual with
pictures has some hundred parts, XML compresses about 10 to 30 times, and a bomb 1,000 times.
"""

import re
import stat
from io import BytesIO
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from tandem.knowledge.reading.errors import Unreadable, UnsafeFile

MOST_ENTRIES = 5_000
MOST_BYTES = 120_000_000
MOST_XML_BYTES = 40_000_000
MOST_RATIO = 120
RATIO_FREE_BYTES = 1_000_000
"""Below this size a high ratio is harmless: an empty style sheet compresses well."""

MAIN_PART = "word/document.xml"
OTHER_KINDS = {
    "xl/workbook.xml": "This is an Excel workbook. Save what matters as a document or PDF.",
    "ppt/presentation.xml": "This is a PowerPoint presentation. Save it as PDF.",
    "META-INF/container.xml": "This is an e-book (EPUB). Save it as PDF or DOCX.",
    "content.xml": "This is an OpenDocument file. Save it as .docx or PDF.",
}
ARCHIVE = "This is an archive, not a Word document. Send the files in it one by one."
DAMAGED = "This Word document is damaged: its container cannot be opened."
LOCKED = "This Word document is protected by a password. Save it without one."
BOMB = "This file unpacks to far more than a document would."
TRICK = "This file holds parts with forbidden names or positions, which no word processor writes."
ODD_NAME = re.compile(r"(?:^|/)\.\.(?:/|$)|^/|\\|[\x00-\x1f]|^[A-Za-z]:")


def check(data: bytes) -> None:
    """Raises UnsafeFile for bombs and tricks, Unreadable for what is damaged or no Word document."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            comment = archive.comment
    except (BadZipFile, LargeZipFile, NotImplementedError, ValueError, OverflowError, OSError):
        raise Unreadable(DAMAGED) from None
    _check_sizes(entries)
    _check_places(entries, data, len(comment))
    names = {entry.filename for entry in entries}
    if MAIN_PART not in names or "[Content_Types].xml" not in names:
        raise Unreadable(next((said for part, said in OTHER_KINDS.items() if part in names), ARCHIVE))
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable(LOCKED)


def _check_sizes(entries: list[ZipInfo]) -> None:
    xml = sum(entry.file_size for entry in entries if entry.filename.endswith((".xml", ".rels")))
    too_much = sum(entry.file_size for entry in entries) > MOST_BYTES or xml > MOST_XML_BYTES
    if too_much or len(entries) > MOST_ENTRIES or any(map(_is_bomb, entries)):
        raise UnsafeFile(BOMB)


def _is_bomb(entry: ZipInfo) -> bool:
    return entry.file_size > RATIO_FREE_BYTES and entry.file_size > MOST_RATIO * max(entry.compress_size, 1)


def _check_places(entries: list[ZipInfo], data: bytes, comment: int) -> None:
    """Names stay inside, no links, no name twice, no entry inside another, nothing before or behind."""
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) < len(names) or any(map(_is_odd, entries)):
        raise UnsafeFile(TRICK)
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise UnsafeFile(TRICK)
        end = entry.header_offset + 30 + len(entry.filename) + entry.compress_size
    if data.rfind(b"PK\x05\x06") + 22 + comment != len(data):
        raise UnsafeFile(TRICK)


def _is_odd(entry: ZipInfo) -> bool:
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    return is_link or bool(ODD_NAME.search(entry.orig_filename)) or len(entry.filename) > 255
