"""A file of a folder or repository as a document: its kind by its ending, its labels from what stands above a Markdown text."""

import re
from pathlib import PurePosixPath

from tandem.knowledge import documents
from tandem.knowledge.documents import Written
from tandem.knowledge.folder import FORMATS
from tandem.knowledge.reading import FileTooLarge, Format, Unreadable, frontmatter
from tandem.knowledge.sources.listing import Content


def is_known(name: str) -> bool:
    """Whether this is a file that Tandem reads, and not a hidden one."""
    path = PurePosixPath(name)
    return path.suffix.lower() in FORMATS and not any(part.startswith(".") for part in path.parts)


def refuse_too_large(size: int) -> None:
    """Raises FileTooLarge."""
    if size > documents.FILE_BYTES:
        raise FileTooLarge(
            f"It has {size / 1048576:.0f} MB; {documents.FILE_BYTES // 1048576} MB are the most that Tandem reads."
        )


def content(name: str, data: bytes, url: str | None) -> Content:
    """What the file says. Raises FileTooLarge, or Unreadable for an audience that is none."""
    refuse_too_large(len(data))
    path = PurePosixPath(name)
    kind = FORMATS[path.suffix.lower()]
    text = _utf8(data) if kind is Format.MARKDOWN else None
    if text is None or not text.strip():
        return Content(path.name, Written(kind, file=data, file_name=path.name), url)
    meta, body = frontmatter.take(text)
    first = next((line[2:].strip() for line in body.splitlines() if line.startswith("# ")), None)
    audience = meta.get("audience")
    if audience is not None and not re.match(documents.AUDIENCE, audience):
        raise Unreadable(f"Its audience is {audience!r}; it takes public, verified, staff or tier:NAME.")
    return Content(
        meta.get("title") or first or path.stem,
        Written(kind, body),
        meta.get("source_url") or url,
        meta.get("category"),
        audience,
    )


def _utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
