"""The shop's database: one SQLite file, every change in a transaction that has the file to itself.

The only module that speaks to SQLite; it knows no orders.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]

BUSY_S = 30.0
"""A writer waits so long for another; the busiest test has 20 at once, each of a few milliseconds."""


class Books:
    """One connection, for one request. Statements are constants; what varies comes as values."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self, statement: str, *values: object) -> list[Row]:
        """Every row."""
        return [dict(row) for row in self._connection.execute(statement, values)]

    def maybe(self, statement: str, *values: object) -> Row | None:
        """The first row, or None."""
        row = self._connection.execute(statement, values).fetchone()
        return dict(row) if row else None

    def run(self, statement: str, *values: object) -> int:
        """Does it; how many rows it touched."""
        return self._connection.execute(statement, values).rowcount


@contextlib.contextmanager
def reading(path: Path) -> Iterator[Books]:
    """One consistent look."""
    with _connection(path) as connection, _transaction(connection, "begin"):
        yield Books(connection)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[Books]:
    """One change, whole or not at all; nobody else writes meanwhile."""
    with _connection(path) as connection, _transaction(connection, "begin immediate"):
        yield Books(connection)


def prepare(path: Path) -> None:
    """The file with its tables, readable by its owner alone. Done again it changes nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(0o600)
    with _connection(path) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.executescript(resources.files("tandem.demo.shop").joinpath("tables.sql").read_text("utf-8"))


@contextlib.contextmanager
def _connection(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("pragma foreign_keys = on")
        yield connection


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")
