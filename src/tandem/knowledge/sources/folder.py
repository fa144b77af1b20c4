"""A folder of this machine, below one that the operator opened by TANDEM_SOURCE_FOLDERS. Links are not followed."""

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pydantic

from tandem.knowledge.sources import files, listing
from tandem.knowledge.sources.listing import Content, Gone, Item, Page, Position, Reach, SourceMisset

BATCH = 100


class Settings(listing.Settings):
    """`path`: the folder, as this machine calls it."""

    path: str = pydantic.Field(min_length=1, max_length=1000)


class Folder:
    """Every file below the folder whose kind is known, by its path; a file of the same size and time is the same."""

    def __init__(self, settings: Settings, reach: Reach) -> None:
        self._path = settings.path
        self._folders = reach.folders
        self._root = Path()
        self._after = ""

    async def pages(self, position: Position | None) -> AsyncGenerator[Page, None]:
        """See `Connector`."""
        self._root = inside(self._path, self._folders)
        self._after = position["after"] if position else ""
        found = await asyncio.to_thread(_files, self._root)
        rest = [item for item in found if item.key > self._after]
        for begin in range(0, len(rest), BATCH):
            batch = rest[begin : begin + BATCH]
            self._after = batch[-1].key
            yield Page(tuple(batch))

    def position(self) -> Position:
        """See `Connector`."""
        return {"after": self._after}

    async def content(self, item: Item) -> Content:
        """See `Connector`."""
        return await asyncio.to_thread(_read, self._root / item.key, item.key)


def inside(path: str, folders: Sequence[Path]) -> Path:
    """The real folder behind a path. Raises SourceMisset unless it is below one of those that are open to sources."""
    real = Path(path).resolve()
    if not Path(path).is_absolute() or not any(real.is_relative_to(folder.resolve()) for folder in folders):
        raise SourceMisset(f"{path} is not below a folder that the operator opened by TANDEM_SOURCE_FOLDERS.")
    if not real.is_dir():
        raise SourceMisset(f"There is no folder {path}.")
    return real


def _files(root: Path) -> list[Item]:
    found: list[Item] = []
    for folder, subfolders, names in os.walk(root, followlinks=False):
        subfolders.sort()
        for name in names:
            path = Path(folder, name)
            key = path.relative_to(root).as_posix()
            if not files.is_known(key) or path.is_symlink() or not _storable(key):
                continue
            about = path.stat()
            found.append(Item(key, mark=f"{about.st_mtime_ns} {about.st_size}"))
    return sorted(found, key=lambda item: item.key)


def _read(path: Path, key: str) -> Content:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        raise Gone from None
    except OSError as problem:
        raise SourceMisset(f"{key}: {problem.strerror}.") from None
    with os.fdopen(handle, "rb") as file:
        files.refuse_too_large(os.fstat(handle).st_size)
        return files.content(key, file.read(), None)


def _storable(key: str) -> bool:
    return key.isprintable()
