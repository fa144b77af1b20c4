"""What goes into a reading and what comes out of it, as frozen records.

Knows nothing about how any format is parsed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Format(StrEnum):
    """The kinds of file that Tandem reads."""

    MARKDOWN = "markdown"
    TEXT = "text"
    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one reading may cost. The figures of the default come from threat T24 of the security page.

    `memory_bytes` is address space; the interpreter and a parser take about 50 MB of it before the
    first page. `text_bytes` bounds the result: 16 MB
    is some 5,000 dense pages. `pages` bounds a PDF; 2,000 dense ones take 6 s of processor and 110 MB. `wall_seconds` ends what
    hangs: a busy machine may take minutes over 20 s of processor, as the child yields to everybody, and that is not the file's fault.
    """

    file_bytes: int = 25_000_000
    wall_seconds: float = 180.0
    cpu_seconds: int = 20
    memory_bytes: int = 512 * 1024 * 1024
    text_bytes: int = 16_000_000
    pages: int = 5_000


DEFAULT = Limits()


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A file that was understood.

    `body` is Markdown reduced to what can be quoted: headings with `#`, `-` and `1.` lists, pipe tables,
    code fences and `[text](https://...)` links. Emphasis marks, images, raw HTML, hidden and struck-out
    text are gone. It is NFC, has `\\n` line ends, no control characters and no trailing spaces.
    `title` is the file's own: front matter, else the first heading of level 1, else its metadata.
    `pages` is known for PDF only. `meta` is the front matter of a Markdown file, keys in lower case.
    """

    title: str | None
    body: str
    format: Format
    pages: int | None = None
    meta: Mapping[str, str] = field(default_factory=dict)
