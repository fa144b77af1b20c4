"""What comes from outside made fit to be stored: no letters that a database refuses, titles of one line, addresses of the web."""

import re
from dataclasses import replace

from tandem.errors import Problem
from tandem.knowledge.reading.cleaning import clean_line
from tandem.knowledge.sources.listing import Content
from tandem.outgoing import urls

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
TITLE_CHARS, CATEGORY_CHARS, URL_CHARS = 300, 100, 2000
UNTITLED = "Without a title"


def wash(content: Content) -> Content:
    """The same content, storable."""
    text = content.written.text
    return replace(
        content,
        title=line(content.title, TITLE_CHARS) or UNTITLED,
        category=line(content.category or "", CATEGORY_CHARS) or None,
        url=url(content.url),
        written=replace(content.written, text=UNSTORABLE.sub("", text)) if text is not None else content.written,
    )


def line(text: str, most: int) -> str:
    """One line of at most so many characters."""
    return clean_line(UNSTORABLE.sub("", text))[:most].strip()


def url(text: str | None) -> str | None:
    """The address where it is one of the web, else None."""
    if not text or len(text) > URL_CHARS:
        return None
    try:
        return urls.read(text).text
    except Problem:
        return None
