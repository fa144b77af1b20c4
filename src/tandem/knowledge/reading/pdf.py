"""PDF to lines of text with their places, one page in memory at a time; `layout` makes paragraphs of them.

Invisible text is left out: what is outside the page, too small to read, or leaves no trace when that
spot of the page is drawn. Knows nothing about Markdown.
"""

import ctypes
from collections.abc import Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from tandem.knowledge.reading import layout
from tandem.knowledge.reading.document import Limits
from tandem.knowledge.reading.errors import FileTooLarge, NeedsOcr, Unreadable
from tandem.knowledge.reading.layout import Line

DAMAGED = "This PDF is damaged: its pages cannot be opened."
LOCKED = "This PDF is protected by a password. Save it without one."
NO_TEXT = "This PDF is empty: there is no text in it."
SCANNED = "This PDF needs OCR: its pages are scanned pictures without text."
GARBLED = "This PDF needs OCR: its fonts do not say which letters they show."

LEAST_POINTS = 2.0
"""Letters lower than this cannot be read by people."""

PALE = 240
"""Red, green and blue all above this: looked at closer, by drawing the place."""

SAMPLE_POINTS = 400.0
DISTINCT_GREYS = 24
"""A spot whose darkest and lightest pixel differ by less than this shows no letters."""

GARBLED_SHARE = 0.3
"""With more unknown characters than this a text is of no use."""

LEAST_CHARACTERS_A_PAGE = 8
"""Fewer on average than this, beside pictures, is a scan with stray marks (a stamp, a page number)."""


def read(data: bytes, limits: Limits) -> tuple[str | None, str, int]:
    """The title, the Markdown and the number of pages. Raises Unreadable, NeedsOcr or FileTooLarge."""
    document = _open(data)
    count = len(document)
    if count > limits.pages:
        raise FileTooLarge(f"This PDF has {count} pages; {limits.pages} is the most. Split it.")
    pages: list[list[Line]] = []
    letters = unknown = pictures = 0
    for page, text in _pages(document):
        lines = [line for line in text if _is_seen(page, line)]
        pages.append(lines)
        here = sum(len(line.text) for line in lines)
        letters += here
        unknown += sum(map(_unknown, lines))
        pictures += here < LEAST_CHARACTERS_A_PAGE and _has_pictures(page)
        if letters > limits.text_bytes:
            raise FileTooLarge(f"This file holds more than {limits.text_bytes / 1e6:g} MB of text.")
    if not pages:
        raise Unreadable(DAMAGED)
    if unknown > GARBLED_SHARE * letters:
        raise NeedsOcr(GARBLED)
    body = layout.markdown(pages)
    if (not body.strip() or letters < LEAST_CHARACTERS_A_PAGE * len(pages)) and pictures:
        raise NeedsOcr(SCANNED)
    if not body.strip():
        raise NeedsOcr(SCANNED) if _draws_something(document) else Unreadable(NO_TEXT)
    return _title(document), body, count


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as fault:
        locked = "assword" in str(fault) or "ecurity" in str(fault)
        raise Unreadable(LOCKED if locked else DAMAGED) from None


def _pages(document: pdfium.PdfDocument) -> Iterator[tuple[pdfium.PdfPage, list[Line]]]:
    """Each page with its lines, closed again before the next one. Pages that do not open are skipped."""
    for number in range(len(document)):
        try:
            page = document[number]
        except pdfium.PdfiumError:
            continue
        text = page.get_textpage()
        yield page, _lines(text)
        text.close()
        page.close()


def _lines(text: pdfium.PdfTextPage) -> list[Line]:
    """The lines of a page in the order of its content, each with size and place."""
    whole = text.get_text_range()
    found: list[Line] = []
    at = 0
    for part in whole.split("\r\n"):
        units = len(part.encode("utf-16-le", "surrogatepass")) // 2
        if part.strip():
            lead = len(part) - len(part.lstrip())
            trail = len(part) - len(part.rstrip())
            found.append(_line(text, part.strip(), at + lead, at + units - trail - 1))
        at += units + 2
    return found


def _line(text: pdfium.PdfTextPage, words: str, first: int, last: int) -> Line:
    """A line from its words and the places of its first and last character."""
    start, end = _box(text, first), _box(text, last)
    return Line(
        text=words,
        size=round((start.top - start.bottom) * 2) / 2,
        left=start.left,
        right=max(end.right, start.right),
        top=start.top,
        bottom=min(end.bottom, start.bottom),
        pale=_is_pale(text, first),
    )


def _box(text: pdfium.PdfTextPage, index: int) -> raw.FS_RECTF:
    box = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(text.raw, max(raw.FPDFText_GetCharIndexFromTextIndex(text.raw, index), 0), box)
    return box


def _is_pale(text: pdfium.PdfTextPage, index: int) -> bool:
    """Whether a character is drawn nearly white or nearly transparent."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    at = max(raw.FPDFText_GetCharIndexFromTextIndex(text.raw, index), 0)
    if not raw.FPDFText_GetFillColor(text.raw, at, red, green, blue, alpha):
        return False
    return alpha.value < 255 - PALE or min(red.value, green.value, blue.value) > PALE


def _is_seen(page: pdfium.PdfPage, line: Line) -> bool:
    """Whether people see the line; only pale ones cost a look at the drawn page."""
    width, height = page.get_size()
    if line.size < LEAST_POINTS or line.left > width or line.right < 0 or line.bottom > height or line.top < 0:
        return False
    return not line.pale or _shows(page, line, width, height)


def _shows(page: pdfium.PdfPage, line: Line, width: float, height: float) -> bool:
    """Draw the place of a line in grey and see whether there is any difference in it."""
    right = min(line.right, line.left + SAMPLE_POINTS, width)
    crop = (max(line.left, 0), max(line.bottom, 0), max(width - right, 0), max(height - line.top, 0))
    try:
        pixels = bytes(page.render(scale=1.5, grayscale=True, crop=crop).buffer)
    except (pdfium.PdfiumError, ValueError):
        return False
    return bool(pixels) and max(pixels) - min(pixels) >= DISTINCT_GREYS


def _has_pictures(page: pdfium.PdfPage) -> bool:
    kinds = (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM)
    return any(True for _ in page.get_objects(filter=kinds, max_depth=2))


def _draws_something(document: pdfium.PdfDocument) -> bool:
    """Whether the first page has anything on it: letters turned into outlines, for example."""
    try:
        return any(True for _ in document[0].get_objects(max_depth=1))
    except pdfium.PdfiumError:
        return False


def _unknown(line: Line) -> int:
    """Characters that stand for nothing: replacement marks, private use, controls."""
    return sum(1 for c in line.text if c == "\ufffd" or "\ue000" <= c <= "\uf8ff" or (c < " " and c != "\t"))


def _title(document: pdfium.PdfDocument) -> str | None:
    """The title among the properties, unless it is what the writing program left there."""
    title = document.get_metadata_dict().get("Title", "").strip()
    leftover = title.lower().startswith(("microsoft word", "untitled", "powerpoint")) or title.lower().endswith(
        (".doc", ".docx", ".pdf", ".indd", ".tex")
    )
    return title if title and not leftover else None
