"""Statements on their way to PostgreSQL: prepared once a connection, several in one round trip.

psycopg's own cursors cost some 130 µs of processor time a statement, and a turn has about thirty; this goes straight to
libpq's pipeline mode and takes a third of that. psycopg still makes the connections and translates the values.
Knows nothing about transactions, tenants or queries' names.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result

PLACE = re.compile(rb"%(?:\((\w+)\)s|%)")
BINARY = b"/* in binary"
"""What a query says whose rows hold many bytes: as text they would be twice as many, and slow to read."""

Key = tuple[bytes, tuple[int, ...]]
"""A statement and the types of its parameters."""

Statement = tuple[bytes, Mapping[str, Any]]
"""A statement, with places like `%(name)s`, and their values."""

DONE = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)


class Connection(psycopg.AsyncConnection[Any]):
    """A connection with its wire."""

    wire: "Wire"


class Result:
    """What one statement gave."""

    __slots__ = ("_answer", "_transformer")

    def __init__(self, answer: Any, transformer: Any) -> None:
        self._answer, self._transformer = answer, transformer

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """Its rows."""
        self._transformer.set_pgresult(self._answer)
        rows: list[tuple[Any, ...]] = self._transformer.load_rows(0, self._answer.ntuples, tuple)
        return rows

    @property
    def touched(self) -> int:
        """How many rows it found or changed."""
        return self._answer.command_tuples or 0

    @property
    def tag(self) -> bytes:
        """What was done, in the server's words: `COMMIT`, `INSERT 0 1`."""
        return self._answer.command_status or b""


class Wire:
    """One connection's way there and back."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection
        self._transformer = Transformer(connection)
        self._prepared: dict[Key, bytes] = {}
        self._named = 0

    async def send(self, statements: Sequence[Statement]) -> list[Result]:
        """Do them in order, in one round trip. Raises the first one's psycopg error; what follows it is not done then.

        Cancelled or failed midway, the connection is closed: nobody could tell which answers are still under way.
        """
        pgconn = self._connection.pgconn
        ready = [self._translated(sql, values) for sql, values in statements]
        fresh: dict[Key, bytes] = {}
        steps: list[Key | None] = []
        try:
            pgconn.enter_pipeline_mode()
            for key, text, params, formats in ready:
                shape = pq.Format.BINARY if BINARY in text else pq.Format.TEXT
                name = self._prepared.get(key) or fresh.get(key)
                if name is None:
                    self._named += 1
                    fresh[key] = name = b"tandem_%d" % self._named
                    pgconn.send_prepare(name, text, key[1])
                    steps.append(key)
                pgconn.send_query_prepared(name, params, formats, shape)
                steps.append(None)
            pgconn.pipeline_sync()
            answers = await _answers(pgconn)
            pgconn.exit_pipeline_mode()
        except BaseException:
            pgconn.finish()
            raise
        results = []
        for answer, prepared in zip(answers, steps, strict=True):
            if answer.status not in DONE:
                raise error_from_result(answer, self._transformer.encoding)
            if prepared is None:
                results.append(Result(answer, self._transformer))
            else:
                self._prepared[prepared] = fresh[prepared]
        return results

    def _translated(self, sql: bytes, values: Mapping[str, Any]) -> tuple[Key, bytes, Any, Any]:
        """The statement with its values as they go over the wire."""
        text, names = _numbered(sql)
        transformer = self._transformer
        params = transformer.dump_sequence([values[name] for name in names], [PyFormat.AUTO] * len(names))
        return (sql, transformer.types or ()), text, params, transformer.formats


async def _answers(pgconn: Any) -> list[Any]:
    """Everything up to the mark that ends a round trip."""
    while pgconn.flush():
        await _ready(pgconn.socket, writing=True)
        pgconn.consume_input()
    answers: list[Any] = []
    while True:
        while pgconn.is_busy():
            await _ready(pgconn.socket)
            pgconn.consume_input()
        answer = pgconn.get_result()
        if answer is None:  # between two statements
            if pgconn.status != pq.ConnStatus.OK:
                raise psycopg.OperationalError("the connection is lost")
        elif answer.status == pq.ExecStatus.PIPELINE_SYNC:
            return answers
        else:
            answers.append(answer)


async def _ready(socket: int, *, writing: bool = False) -> None:
    """Until there is something to read, or, `writing`, room to write too."""
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    loop.add_reader(socket, _wake, ready)
    if writing:
        loop.add_writer(socket, _wake, ready)
    try:
        await ready
    finally:
        loop.remove_reader(socket)
        if writing:
            loop.remove_writer(socket)


def _wake(ready: "asyncio.Future[None]") -> None:
    if not ready.done():
        ready.set_result(None)


@cache
def _numbered(sql: bytes) -> tuple[bytes, tuple[str, ...]]:
    """`%(name)s` as `$1`, and the names in that order."""
    names: dict[str, int] = {}

    def place(found: re.Match[bytes]) -> bytes:
        if found[1] is None:
            return b"%"
        return b"$%d" % names.setdefault(found[1].decode(), len(names) + 1)

    return PLACE.sub(place, sql), tuple(names)
