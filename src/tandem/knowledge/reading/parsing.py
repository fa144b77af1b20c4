"""From bytes to a document: which kind it is, and the parser that reads it. Runs in the child only.

Knows nothing about processes; `prepare` does the imports, so that `parse` can run with every file closed.
"""

import importlib

from tandem.knowledge.reading import charset, frontmatter, kinds
from tandem.knowledge.reading.cleaning import clean, clean_line
from tandem.knowledge.reading.document import Format, Limits, ReadDocument
from tandem.knowledge.reading.errors import FileTooLarge, Unreadable

PACKAGE = "tandem.knowledge.reading"
EMPTY = "This file is empty: there is no text in it."
TITLE_CHARACTERS = 300
"""A title is a line for lists and headings; anything longer is a mistake of the file."""


def prepare(data: bytes) -> None:
    """Import what a file beginning like this one needs. Looks at no more than its first bytes."""
    if data.startswith(kinds.PDF_MAGIC):
        importlib.import_module(f"{PACKAGE}.pdf")
    elif data.startswith(kinds.ZIP_MAGIC):
        importlib.import_module(f"{PACKAGE}.word")
    else:
        importlib.import_module(f"{PACKAGE}.markdown")
        importlib.import_module(f"{PACKAGE}.questions")
    charset.prepare(data)


def parse(data: bytes, *, name: str, declared: Format | None, limits: Limits) -> ReadDocument:
    """Read the file. Raises the problems of `errors`; anything a parser trips over is a damaged file."""
    if not data.strip():
        raise Unreadable(EMPTY)
    found = kinds.decide(data, name=name, declared=declared)
    document = _read(found, data, limits)
    if not document.body.strip():
        raise Unreadable(EMPTY)
    if len(document.body.encode()) > limits.text_bytes:
        raise FileTooLarge(f"This file holds more than {limits.text_bytes / 1e6:g} MB of text.")
    return document


def _read(found: kinds.Found, data: bytes, limits: Limits) -> ReadDocument:
    match found.format:
        case Format.PDF:
            from tandem.knowledge.reading import pdf

            title, body, pages = pdf.read(data, limits)
            return _document(found.format, body, title, pages=pages)
        case Format.DOCX:
            from tandem.knowledge.reading import word

            title, body = word.read(data)
            return _document(found.format, body, title)
        case Format.HTML:
            from tandem.knowledge.reading import webpage

            title, body = webpage.read(found.text)
            return _document(found.format, body, title)
        case Format.MARKDOWN:
            from tandem.knowledge.reading import markdown

            meta, rest = frontmatter.take(found.text)
            return _document(found.format, markdown.normalise(rest), None, meta=meta)
        case Format.CSV:
            from tandem.knowledge.reading import questions

            return _document(found.format, questions.read(found.text), None)
        case Format.TEXT:
            from tandem.knowledge.reading import markdown

            return _document(found.format, markdown.from_text(found.text), None)


def _document(
    format: Format,
    body: str,
    title: str | None,
    *,
    pages: int | None = None,
    meta: dict[str, str] | None = None,
) -> ReadDocument:
    body = clean(body)
    chosen = (meta or {}).get("title") or _first_heading(body) or title
    chosen = clean_line(chosen)[:TITLE_CHARACTERS] if chosen else None
    return ReadDocument(chosen or None, body, format, pages, meta or {})


def _first_heading(body: str) -> str | None:
    """The first heading of level 1 that is not inside a code fence."""
    fenced = False
    for line in body.split("\n"):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and line.startswith("# "):
            return line[2:]
    return None
