"""Importing a folder of files: each is a document named by its path, renewed when its content has changed."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from tandem.db import Database
from tandem.errors import Problem
from tandem.ids import TenantId
from tandem.jobs import Queue
from tandem.knowledge import documents
from tandem.knowledge.documents import Labels, Origin, Written
from tandem.knowledge.reading import FileTooLarge, Format, Unreadable, frontmatter

FORMATS = {
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".txt": Format.TEXT,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".pdf": Format.PDF,
    ".docx": Format.DOCX,
    ".csv": Format.CSV,
}


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a folder. `failed` names files and says why."""

    added: int
    unchanged: int
    failed: tuple[tuple[str, str], ...]


async def import_folder(db: Database, queue: Queue, tenant_id: TenantId, root: Path) -> Imported:
    """Every file below `root` in a known format, each in a transaction of its own: cut off, it goes on where it was."""
    added = unchanged = 0
    failed: list[tuple[str, str]] = []
    base, paths = await asyncio.to_thread(_files, root)
    for path in paths:
        name = path.relative_to(base).as_posix()
        try:
            external_id, labels, content = await asyncio.to_thread(_read, path, name)
            async with db.tenant(tenant_id) as tx:
                saved = await documents.save(tx, queue, labels, content, Origin(base.name), external_id=external_id)
        except (Problem, OSError) as problem:
            failed.append((name, problem.detail if isinstance(problem, Problem) else str(problem)))
            continue
        added += saved.changed
        unchanged += not saved.changed
    return Imported(added, unchanged, tuple(failed))


def _files(root: Path) -> tuple[Path, list[Path]]:
    """The folder that names are relative to, and the files in it, in order."""
    if root.is_file():
        return root.parent, [root]
    return root, sorted(path for path in root.rglob("*") if path.is_file() and path.suffix.lower() in FORMATS)


def _read(path: Path, name: str) -> tuple[str, Labels, Written]:
    """A file as a document: its id, what is said about it, its content."""
    size, most = path.stat().st_size, documents.FILE_BYTES
    if size > most:
        raise FileTooLarge(f"{size / 1048576:.0f} MB; {most // 1048576} MB are the most that Tandem reads.")
    data, format = path.read_bytes(), FORMATS.get(path.suffix.lower(), Format.TEXT)
    if format is Format.MARKDOWN:
        meta, body = _front_matter(data)
        if body.strip():
            return meta.get("external_id", name), _labelled(meta, body, path), Written(format, body)
    return name, Labels(path.name), Written(format, file=data, file_name=path.name)


def _front_matter(data: bytes) -> tuple[dict[str, str], str]:
    """What stands above a Markdown text, and the text; nothing for another encoding, which the worker's reader knows."""
    try:
        return frontmatter.take(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return {}, ""


def _labelled(meta: dict[str, str], body: str, path: Path) -> Labels:
    first = next((line[2:].strip() for line in body.splitlines() if line.startswith("# ")), None)
    audience = meta.get("audience", "public")
    if not re.match(documents.AUDIENCE, audience):
        raise Unreadable(f"Its audience is {audience!r}; it takes public, verified, staff or tier:NAME.")
    return Labels(
        meta.get("title") or first or path.stem,
        meta.get("category"),
        audience,
        meta.get("source_url"),
    )
