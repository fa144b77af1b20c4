"""Markdown and plain text that somebody of the tenant typed or sent as an article: read in this process, in about 1 ms.

No library parses them, only Tandem's own linear code; files, and everything in another format, go to the child.
"""

import asyncio

from tandem.knowledge.reading.document import DEFAULT, Format, ReadDocument

FORMATS = (Format.MARKDOWN, Format.TEXT)

MOST_BYTES = 200_000
"""A longer text goes to the child, where a limit ends whatever takes too long."""


def fits(data: bytes, declared: Format | None) -> bool:
    """Whether these bytes may be read here."""
    return declared in FORMATS and len(data) <= MOST_BYTES


async def read(data: bytes, *, name: str, declared: Format) -> ReadDocument:
    """As `reading.read`, off the event loop. Raises Unreadable."""
    from tandem.knowledge.reading import parsing

    return await asyncio.to_thread(parsing.parse, data, name=name, declared=declared, limits=DEFAULT)
