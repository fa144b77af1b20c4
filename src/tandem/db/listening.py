"""A connection of its own that LISTENs."""

from collections.abc import AsyncGenerator

import psycopg


async def listen(conninfo: str, channel: str) -> AsyncGenerator[str | None]:
    """None once it listens, then every payload; ends when the connection is lost (the caller comes back)."""
    try:
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
            await connection.execute(psycopg.sql.SQL("listen {}").format(psycopg.sql.Identifier(channel)))
            yield None
            async for notice in connection.notifies():
                yield notice.payload
    except psycopg.OperationalError:
        return
