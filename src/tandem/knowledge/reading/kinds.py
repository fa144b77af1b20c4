"""What kind of file this is, by its bytes first. The name only chooses between kinds of text.

Refuses files that are two things at once, and names in plain words the kinds Tandem does not read.
"""

import re
from dataclasses import dataclass

from tandem.knowledge.reading import charset
from tandem.knowledge.reading.document import Format
from tandem.knowledge.reading.errors import Unreadable, UnsafeFile

PDF_MAGIC = b"%PDF-"
ZIP_MAGIC = b"PK\x03\x04"
ZIP_END = b"PK\x05\x06"
ZIP_END_BYTES = 22
HEADER_REACH = 1024
"""PDF readers accept the header anywhere in the first kilobyte, which is what makes polyglots possible."""

FOREIGN = (
    (
        b"\xd0\xcf\x11\xe0",
        "This is an old Word or a password-protected Office file. Save it as .docx without a password.",
    ),
    (b"{\\rtf", "This is a rich text (RTF) file. Save it as .docx or PDF."),
    (b"PK\x05\x06", "This is an empty archive, not a document."),
    (b"\x1f\x8b", "This is a compressed archive, not a document. Send the files in it."),
    (b"7z\xbc\xaf", "This is a compressed archive, not a document. Send the files in it."),
    (b"Rar!", "This is a compressed archive, not a document. Send the files in it."),
    (b"\x89PNG", "This is a picture, not a document."),
    (b"\xff\xd8\xff", "This is a picture, not a document."),
    (b"GIF8", "This is a picture, not a document."),
    (b"\x7fELF", "This is a program, not a document."),
    (b"MZ\x90", "This is a program, not a document."),
)
TWO_THINGS = "This file is two formats in one, which ordinary documents never are."
NOT_THAT = "This file is named or sent as {0}, but its contents are not."
ENDINGS = {
    "md": Format.MARKDOWN,
    "markdown": Format.MARKDOWN,
    "txt": Format.TEXT,
    "text": Format.TEXT,
    "html": Format.HTML,
    "htm": Format.HTML,
    "xhtml": Format.HTML,
    "pdf": Format.PDF,
    "docx": Format.DOCX,
    "csv": Format.CSV,
    "tsv": Format.CSV,
}
SPOKEN = {Format.PDF: "a PDF", Format.DOCX: "a Word document", Format.HTML: "a web page"}
TEXTUAL = (Format.MARKDOWN, Format.TEXT, Format.HTML, Format.CSV)

PAGE = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
FRAGMENT = re.compile(
    r"\s*(?:<!--.{0,2000}?-->\s*)*<(?:p|div|h[1-6]|ul|ol|table|section|article|main|header|span|blockquote|pre|dl)\b[^<>]*>",
    re.I | re.S,
)
CLOSING = re.compile(r"</(?:p|div|h[1-6]|ul|ol|li|table|section|article|main|span|blockquote|pre|dl)\s*>", re.I)
MARKED = re.compile(
    r"\A---[ \t]*\r?\n[\w .-]+:|^#{1,6} \S|^(?:```|~~~)|^\|?[ \t]*:?-{3,}:?[ \t]*\||\[[^\]\n]+\]\(https?://", re.M
)


@dataclass(frozen=True, slots=True)
class Found:
    """The kind that was found and, for kinds of text, the decoded text."""

    format: Format
    text: str = ""


def decide(data: bytes, *, name: str, declared: Format | None) -> Found:
    """The kind of this file. Raises Unreadable for foreign kinds, UnsafeFile for two kinds in one."""
    ending = ENDINGS.get(name.rpartition(".")[2].lower())
    if data.startswith(PDF_MAGIC):
        found = _pdf(data)
    elif data.startswith(ZIP_MAGIC):
        found = _docx(data)
    else:
        found = _text(data, declared or ending)
    _agree(found.format, declared)
    return found


def _pdf(data: bytes) -> Found:
    if _ends_as_zip(data):
        raise UnsafeFile(TWO_THINGS)
    return Found(Format.PDF)


def _docx(data: bytes) -> Found:
    """An archive; whether it really is a Word document is for `archive` to say."""
    if PDF_MAGIC in data[:HEADER_REACH]:
        raise UnsafeFile(TWO_THINGS)
    return Found(Format.DOCX)


def _text(data: bytes, hint: Format | None) -> Found:
    for magic, sentence in FOREIGN:
        if data.startswith(magic):
            raise Unreadable(sentence)
    if _ends_as_zip(data) or (PDF_MAGIC in data[:HEADER_REACH] and b"%%EOF" in data):
        raise UnsafeFile(TWO_THINGS)
    if hint in (Format.PDF, Format.DOCX):
        raise Unreadable(NOT_THAT.format(SPOKEN[hint]))
    text = charset.decode(data)
    return Found(_textual(text, hint), text)


def _textual(text: str, hint: Format | None) -> Format:
    """A whole web page is one whatever it is called; otherwise the name decides, otherwise the looks."""
    if PAGE.match(text):
        return Format.HTML
    if hint in TEXTUAL:
        return hint
    if FRAGMENT.match(text) and CLOSING.search(text):
        return Format.HTML
    return Format.MARKDOWN if MARKED.search(text) else Format.TEXT


def _agree(found: Format, declared: Format | None) -> None:
    """What the sender declared must be true, except that one kind of text may pass for another."""
    if declared is None or declared == found or (declared in TEXTUAL and found in TEXTUAL):
        return
    raise Unreadable(NOT_THAT.format(SPOKEN.get(declared, "text")))


def _ends_as_zip(data: bytes) -> bool:
    """Whether an archive's end record closes the file: then some program will open it as an archive."""
    at = data.rfind(ZIP_END, max(0, len(data) - ZIP_END_BYTES - 65_535))
    if at < 0 or at + ZIP_END_BYTES > len(data):
        return False
    return at + ZIP_END_BYTES + int.from_bytes(data[at + 20 : at + 22], "little") <= len(data)
