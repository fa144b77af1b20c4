"""The only room that knows the database driver.

`async with db.tenant(tenant_id) as tx:` is one transaction in which the database itself lets nothing of another
tenant through. It commits at the end of the block, and only then do the callbacks of `tx.after_commit` run.
Knows nothing about what the tables mean.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from uuid import UUID

import orjson
import psycopg
import psycopg_pool
from psycopg.types.json import Jsonb, set_json_dumps, set_json_loads

from tandem.db.queries import Queries, Query
from tandem.db.rows import builder
from tandem.db.wire import Connection, Result, Statement, Wire
from tandem.errors import Problem, Unavailable

__all__ = ["RECONNECT_S", "Database", "Down", "Jsonb", "Later", "Missing", "Queries", "Query", "Tx", "Unique"]

T = TypeVar("T")
log = logging.getLogger(__name__)

PATIENCE_S = 5.0
"""How long a transaction may wait for a database that is restarting before it gives up (fault table F3: ready in 5 s)."""

RECONNECT_S = 3.0
"""The pool's own tries at a lost connection, ever slower, end after this; from then on every transaction asks anew, so
that the first after an outage of any length gets through (fault table F4: recovery in 10 s)."""

OPENING_S = 30.0
"""How long a program that starts waits for a database that is restarting."""

HELD_S = 10
"""A transaction that does nothing for so long is ended by the server: its process was paused, and others wait for its
locks (fault table F23). Ours last milliseconds."""

BEGIN: Statement = (b"begin", {})
READ: Statement = (b"begin read only", {})
SET_TENANT = b"select set_config('tandem.tenant', %(tenant)s::uuid::text, true)"

Renew = Callable[[Connection], Awaitable[Connection]]

set_json_loads(orjson.loads)
set_json_dumps(lambda value: orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z))  # times as the API writes them


class Down(Unavailable):
    """The database does not answer, and whether a transaction was committed is not known. Look again before you repeat it."""

    def __init__(self) -> None:
        super().__init__("The database does not answer just now. Try again in a moment.")


class Missing(Problem):
    """A query that must find one row found none. The caller turns it into its own error."""

    status, code, title = 404, "not_found", "Not found"


class Unique(Problem):
    """A row with this key is there already. `constraint` (in extra) names the rule."""

    status, code, title = 409, "conflict", "This exists already"


class Later:
    """An answer that comes with a later round trip of its transaction, the commit's at the latest."""

    __slots__ = ("result",)
    result: Result

    def all(self, row: type[T]) -> list[T]:
        """Every row."""
        build = builder(row)  # type: ignore[arg-type]  # a class is hashable
        return [build(found) for found in self.result.rows]

    def maybe(self, row: type[T]) -> T | None:
        """The first row, or None."""
        rows = self.result.rows
        return builder(row)(rows[0]) if rows else None  # type: ignore[arg-type]

    def one(self, row: type[T]) -> T:
        """The row. Raises Missing when there is none."""
        found = self.maybe(row)
        if found is None:
            raise Missing
        return found


class Tx:
    """One open transaction. It begins with its first statement, in the same round trip."""

    __slots__ = ("_begin", "_callbacks", "_is_explicit", "_renew", "_tenant_id", "_unsent", "connection", "returned")

    def __init__(self, connection: Connection, begin: list[Statement], tenant_id: UUID | None, renew: Renew) -> None:
        self.connection = connection
        self.returned: Connection | None = None
        self._renew = renew
        self._begin: list[Statement] | None = begin
        self._is_explicit = bool(begin)
        self._tenant_id = tenant_id
        self._unsent: list[tuple[Statement, Later]] = []
        self._callbacks: list[Callable[[], None]] = []

    @property
    def tenant_id(self) -> UUID:
        """Whose transaction this is."""
        assert self._tenant_id is not None, "this transaction has no tenant"
        return self._tenant_id

    async def all(self, query: Query, row: type[T], /, **values: Any) -> list[T]:
        """Every row that the query finds."""
        return (await self._do(query, values)).all(row)

    async def maybe(self, query: Query, row: type[T], /, **values: Any) -> T | None:
        """The first row, or None."""
        return (await self._do(query, values)).maybe(row)

    async def one(self, query: Query, row: type[T], /, **values: Any) -> T:
        """The row. Raises Missing when there is none."""
        found = await self.maybe(query, row, **values)
        if found is None:
            raise Missing(f"{query.name} found nothing")
        return found

    async def run(self, query: Query, /, **values: Any) -> int:
        """Do it; returns how many rows it touched."""
        return (await self._do(query, values)).result.touched

    async def many(self, query: Query, rows: list[dict[str, Any]], /) -> None:
        """Do it once for each of the rows, in one round trip."""
        self._unsent += [((query.sql, row), Later()) for row in rows]
        await self.flush()

    def later(self, query: Query, /, **values: Any) -> Later:
        """Do it in its order, in one round trip with what comes next, the commit at the latest; an error shows there."""
        answer = Later()
        self._unsent.append(((query.sql, values), answer))
        return answer

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call this once the transaction is safely in the database; never, if it is not."""
        self._callbacks.append(callback)

    def committed(self) -> None:
        """Run what waited for the commit. Called by Database alone."""
        for callback in self._callbacks:
            callback()

    async def _do(self, query: Query, values: dict[str, Any]) -> Later:
        answer = self.later(query, **values)
        await self.flush()
        return answer

    async def flush(self) -> None:
        """Send what waits to be sent, and wait for the answers."""
        unsent, self._unsent = self._unsent, []
        statements = [statement for statement, _ in unsent]
        try:
            if self._begin is not None:
                results = await self._first(statements)
            else:
                results = await self.connection.wire.send(statements)
            for (_, answer), result in zip(unsent, results, strict=True):
                answer.result = result
        except psycopg.errors.UniqueViolation as problem:
            raise Unique(constraint=problem.diag.constraint_name) from problem

    async def _first(self, statements: list[Statement]) -> list[Result]:
        """The first round trip; on another connection when this one turns out to be dead, for then nothing was done yet."""
        begin, deadline = self._begin or [], time.monotonic() + PATIENCE_S
        while True:
            try:
                self._begin = None  # an error of a statement leaves a transaction to roll back
                return (await self.connection.wire.send([*begin, *statements]))[len(begin) :]
            except psycopg.OperationalError:
                if not self.connection.closed or time.monotonic() > deadline:
                    raise
                self._begin = begin
                self.returned = self.connection
                self.connection = await self._renew(self.connection)

    async def commit(self) -> None:
        """Make it last. Called by Database alone."""
        if not self._is_explicit:
            return
        if self._begin is not None:
            if not self._unsent:
                return
            if self._begin[0] is not READ:
                await (
                    self.flush()
                )  # by itself, so that it can be tried anew; a commit cannot, but where nothing changes
        done = Later()
        self._unsent.append(((b"commit", {}), done))
        await self.flush()
        if done.result.tag != b"COMMIT":
            raise RuntimeError("A statement of this transaction failed and its error was swallowed: nothing was kept.")

    async def roll_back(self) -> None:
        """Undo it. Called by Database alone."""
        self._unsent = []
        if self._is_explicit and self._begin is None and not self.connection.closed:
            with contextlib.suppress(psycopg.Error, asyncio.CancelledError):  # the wire has closed the connection then
                await self.connection.wire.send([(b"rollback", {})])


class _Latest(deque[Connection]):
    """Connections at rest: who comes takes the one that was given back last. Its plans and caches are warm in the server; taken in
    turn, as the library does, they have all cooled down (10 % of PostgreSQL's time at 20 turns a second)."""

    def popleft(self) -> Connection:
        """The last one."""
        return self.pop()


class Database:
    """A pool of connections in the program's own role, which owns no table and cannot pass row-level security."""

    def __init__(self, conninfo: str, *, size: int = 10) -> None:
        self.conninfo = conninfo
        self._returning: set[asyncio.Future[None]] = set()
        self._pool = psycopg_pool.AsyncConnectionPool(
            conninfo,
            min_size=min(2, size),
            max_size=size,
            open=False,
            configure=_configure,
            name="tandem",
            timeout=PATIENCE_S,
            reconnect_timeout=RECONNECT_S,
        )
        self._pool._pool = _Latest()

    async def open(self) -> None:
        """Connect. Raises Down when the database has not answered for OPENING_S."""
        await self._pool.open()
        deadline = time.monotonic() + OPENING_S
        while True:
            try:
                await self._pool.putconn(await self._connection())
                return
            except Down:
                if time.monotonic() > deadline:
                    await self._pool.close()
                    raise

    async def close(self) -> None:
        """Give every connection back."""
        await self._pool.close()

    @asynccontextmanager
    async def tenant(self, tenant_id: UUID) -> AsyncIterator[Tx]:
        """A transaction for one tenant. Commits when the block ends well, rolls back when it raises."""
        async with self._transaction([BEGIN, (SET_TENANT, {"tenant": tenant_id})], tenant_id) as tx:
            yield tx

    @asynccontextmanager
    async def reading(self, tenant_id: UUID) -> AsyncIterator[Tx]:
        """The same where nothing is changed: questions asked with `later` take one round trip together with the commit."""
        async with self._transaction([READ, (SET_TENANT, {"tenant": tenant_id})], tenant_id) as tx:
            yield tx

    @asynccontextmanager
    async def nobody(self) -> AsyncIterator[Tx]:
        """A transaction without a tenant: log-in identities, processes, limits; any tenant's table is an error."""
        async with self._transaction([BEGIN], None) as tx:
            yield tx

    async def alone(self, query: Query, /, **values: Any) -> Later:
        """One statement without a tenant that is its own transaction, in one round trip; it may happen twice, should the
        connection be lost under it."""
        async with self._transaction([], None) as tx:
            answer = tx.later(query, **values)
            await tx.flush()
        return answer

    @asynccontextmanager
    async def _transaction(self, begin: list[Statement], tenant_id: UUID | None) -> AsyncIterator[Tx]:
        tx = Tx(await self._connection(), begin, tenant_id, self._renewed)
        try:
            try:
                yield tx
                await tx.commit()
            except BaseException:
                await tx.roll_back()
                raise
        except psycopg.OperationalError as problem:
            raise Down from problem
        finally:
            if tx.connection is not tx.returned:
                await self._give_back(tx.connection)
        tx.committed()

    async def _connection(self) -> Connection:
        cancelled = _cancellations()
        try:
            connection = await self._pool.getconn()
        except (psycopg_pool.PoolTimeout, psycopg_pool.PoolClosed) as problem:
            raise Down from problem
        if _cancellations() > cancelled:  # up to Python 3.11 the pool swallows one that comes with the connection
            await self._give_back(connection)
            raise asyncio.CancelledError
        return connection

    async def _give_back(self, connection: Connection) -> None:
        """To the pool, to the end even when we are cancelled: half returned it would be lost, and one who waits with it."""
        returning = asyncio.ensure_future(self._pool.putconn(connection))
        self._returning.add(returning)
        returning.add_done_callback(self._returning.discard)
        await asyncio.shield(returning)

    async def _renewed(self, dead: Connection) -> Connection:
        """Another connection for one that a restarted database left dead."""
        await self._give_back(dead)
        await asyncio.sleep(0.05)
        return await self._connection()


def _cancellations() -> int:
    """How often somebody has asked this task to stop."""
    task = asyncio.current_task()
    return task.cancelling() if task else 0


async def _configure(connection: Connection) -> None:
    await connection.set_autocommit(True)  # begin and commit are ours
    connection.prepare_threshold = 2
    await connection.execute(f"set idle_in_transaction_session_timeout = '{HELD_S}s'".encode())
    connection.wire = Wire(connection)
