"""Importing a folder of files: each is a document named by its path, renewed when its content has changed."""

import asyncio
import re
from collections.abc import Sequence
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


TOGETHER = 20
"""Files that are saved in one transaction. A first value, kept low: while it lasts nobody else changes the knowledge."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a folder. `failed` names files and says why."""

    added: int
    unchanged: int
    failed: tuple[tuple[str, str], ...]


Found = tuple[str, str, Labels, Written]
"""A file's name, and the document that it is: its external id, what is said about it, its content."""


async def import_folder(db: Database, queue: Queue, tenant_id: TenantId, root: Path) -> Imported:
    """Every file below `root` in a known format, some in a transaction: cut off, it goes on where it was."""
    importing = _Importing(db, queue, tenant_id)
    importing.base, paths = await asyncio.to_thread(_files, root)
    for begin in range(0, len(paths), TOGETHER):
        held: list[Found] = []
        for path in paths[begin : begin + TOGETHER]:
            name = path.relative_to(importing.base).as_posix()
            try:
                held.append((name, *await asyncio.to_thread(_read, path, name)))
            except (Problem, OSError) as problem:
                importing.failed.append((name, problem.detail if isinstance(problem, Problem) else str(problem)))
            if held and held[-1][3].file is not None:  # many megabytes, maybe
                await importing.save(held)
                held = []
        await importing.save(held)
    return Imported(importing.added, importing.unchanged, tuple(importing.failed))


class _Importing:
    """One import, and what has become of its files so far."""

    def __init__(self, db: Database, queue: Queue, tenant_id: TenantId) -> None:
        self._db, self._queue, self._tenant_id = db, queue, tenant_id
        self.base = Path()
        self.added = self.unchanged = 0
        self.failed: list[tuple[str, str]] = []

    async def save(self, held: Sequence[Found]) -> None:
        """All in one transaction; where one of them fails, each in its own."""
        if not held:
            return
        try:
            async with self._db.tenant(self._tenant_id) as tx:
                origin = Origin(self.base.name)
                saved = [
                    await documents.save(tx, self._queue, labels, content, origin, external_id=external_id)
                    for _, external_id, labels, content in held
                ]
        except Problem as problem:
            if len(held) == 1:
                self.failed.append((held[0][0], problem.detail))
                return
            for each in held:
                await self.save([each])
        else:
            self.added += sum(each.changed for each in saved)
            self.unchanged += sum(not each.changed for each in saved)


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
