"""The ground that every test stands on: one PostgreSQL for the whole run, a migrated template, clones that cost 20 ms.

The processes of a parallel run share the server and the template; whoever comes first makes them, under a file lock.
Knows nothing about what is in the tables; `tests.cast` fills the template.
"""

import contextlib
import fcntl
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg
import psycopg.conninfo
from psycopg import sql

from tandem.db import embedded, migrate
from tandem.db.embedded import locks, places

# Nobody pulls the plug on these data: a test that is about crashes starts a server of its own.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "autovacuum": "off",
}


MEMORY = Path("/dev/shm")
PREFIX = "tandem-tests-"
NEEDED = 6 * 2**30
"""Bytes that must be free there for the data to go into memory; a run uses up to two."""


class Server(Protocol):
    """A PostgreSQL to test on, and how to reach one of its databases as whom."""

    def superuser(self, database: str) -> str:
        """As somebody who may do everything."""

    def owner(self, database: str) -> str:
        """As the owner of the tables, who migrates."""

    def app(self, database: str) -> str:
        """As the program, which owns nothing."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """Tandem's own PostgreSQL, where each role logs in by itself."""

    address: embedded.Address

    def superuser(self, database: str) -> str:
        return self.address.url("postgres", database)

    def owner(self, database: str) -> str:
        return self.address.url(migrate.OWNER_ROLE, database)

    def app(self, database: str) -> str:
        return self.address.url(migrate.APP_ROLE, database)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A server somebody else runs (TANDEM_TEST_DATABASE_URL, a superuser's): the one login changes its role."""

    url: str

    def superuser(self, database: str) -> str:
        return self._as(None, database)

    def owner(self, database: str) -> str:
        return self._as(migrate.OWNER_ROLE, database)

    def app(self, database: str) -> str:
        return self._as(migrate.APP_ROLE, database)

    def _as(self, role: str | None, database: str) -> str:
        options = f"-c role={role}" if role else ""
        return psycopg.conninfo.make_conninfo(self.url, dbname=database, options=options)


@dataclass(frozen=True, slots=True)
class Place:
    """One database: its connection strings by role."""

    name: str
    superuser: str
    owner: str
    app: str


@dataclass(frozen=True, slots=True)
class Ground:
    """The server, with a template to clone."""

    server: Server
    folder: Path
    run: str
    numbers: "itertools.count[int]"

    @property
    def template(self) -> Place:
        """The database that clones are made of. Nobody connects to it once it is ready."""
        return self.place(f"tandem_{self.run}_template")

    def place(self, name: str) -> Place:
        """How to reach a database of this server."""
        return Place(name, self.server.superuser(name), self.server.owner(name), self.server.app(name))

    def prepare_template(self, fill: Callable[[Place], str]) -> str:
        """The template, migrated and filled by the first who comes; what `fill` returned, kept for everybody."""
        kept = self.folder / f"{self.template.name}.json"
        with locked(self.folder / "template.lock"):
            if not kept.exists():
                self.drop(self.template)
                self.create(self.template)
                migrate.prepare_embedded(self.template.superuser, self.template.owner)
                kept.write_text(fill(self.template))
        return kept.read_text()

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[Place]:
        """A new database, cloned from the template of this name, and gone at the end."""
        place = self.place(f"tandem_{self.run}_{os.getpid()}_{next(self.numbers)}")
        self.create(place, template)
        try:
            yield place
        finally:
            self.drop(place)

    def create(self, place: Place, template: str = "template1") -> None:
        """Make a database. Copying files takes 20 ms, writing them to the log 150."""
        name, source = sql.Identifier(place.name), sql.Identifier(template)
        self._run(sql.SQL("create database {} template {} strategy file_copy").format(name, source))

    def drop(self, place: Place) -> None:
        """Remove a database, whoever is connected to it."""
        self._run(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(place.name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.server.superuser("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def kept(folder: Path) -> Path:
    """Where the servers of a run keep their data: in memory where there is plenty, else below the run's folder.

    A clone is a copy of a thousand small files, which takes 25 ms in memory and up to half a second on a busy disk.
    Whoever asks first decides for all processes of the run: how much memory is free changes from one to the next.
    """
    decided = folder / "postgres-is-in"
    with locked(folder / "postgres-is-in.lock"):
        if not decided.exists():
            decided.write_text(str(_roomiest(folder)))
    return Path(decided.read_text())


def _roomiest(folder: Path) -> Path:
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < NEEDED or _free_memory() < NEEDED:
        return folder
    return MEMORY / f"{PREFIX}{os.getuid()}-{'-'.join(folder.parts[-2:])}"


def clear(folder: Path) -> None:
    """What a run, and any that was killed before it, has left in memory. Another run may be clearing up at the same time."""
    for data in kept(folder).glob("postgres-*"):
        with contextlib.suppress(FileNotFoundError):
            embedded.stop(data, timeout=20)
    for left in MEMORY.glob(f"{PREFIX}{os.getuid()}-*"):
        with contextlib.suppress(FileNotFoundError):
            if all(_is_deserted(data) for data in left.glob("postgres-*")):
                shutil.rmtree(left, ignore_errors=True)


def _is_deserted(data: Path) -> bool:
    """Whether nobody uses this server, nor is about to: a run holds it before it starts it."""
    where = places.of(data)
    return locks.is_free(where.users_lock) and locks.is_free(where.supervisor_lock)


def _free_memory() -> int:
    """Bytes that can be used without swapping."""
    with open("/proc/meminfo") as lines:
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable")), 0)


@contextmanager
def stand(folder: Path, run: str, major: int, elsewhere: str | None) -> Iterator[Ground]:
    """The ground: a server somebody named, or our own, stopped when the last of us has gone."""
    if elsewhere:
        yield Ground(Elsewhere(elsewhere), folder, run, itertools.count())
        return
    data = kept(folder) / f"postgres-{major}"
    with embedded.hold(data):
        address = embedded.ensure(data, major=major, linger=3, settings=FAST)
        yield Ground(Embedded(address), folder, f"{run}_{major}", itertools.count())


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Alone among the processes of this run."""
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
