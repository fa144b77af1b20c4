"""The floor under a turn: one bare route and one prepared insert, committed, on the same PostgreSQL. Nothing can be cheaper.

    python -m bench.floor PORT CONNINFO

Answers like the chat route, in three events, so that the same load generator reads it.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg_pool
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

TABLE = (
    "create table if not exists bench_floor (id bigint generated always as identity primary key, text text not null)"
)
INSERT = "insert into bench_floor (text) values (%s)"
DONE = (
    b'event: done\ndata: {"response_latency_ms":0,"resolution_state":"floor","escalated":true,"conversation_id":""}\n\n'
)


def app(conninfo: str) -> Starlette:
    """The one route."""
    pool = psycopg_pool.AsyncConnectionPool(
        conninfo, min_size=2, max_size=20, open=False, kwargs={"autocommit": True, "prepare_threshold": 1}
    )

    async def answer(request: Request) -> StreamingResponse:
        body = await request.json()
        async with pool.connection() as connection:
            await connection.execute(INSERT, [body["message"]])
        return StreamingResponse(_frames(), media_type="text/event-stream")

    async def ready(request: Request) -> StreamingResponse:
        return StreamingResponse(_frames())

    @asynccontextmanager
    async def opened(_: Starlette) -> AsyncIterator[None]:
        async with pool:
            yield

    return Starlette(routes=[Route("/floor", answer, methods=["POST"]), Route("/healthz", ready)], lifespan=opened)


async def _frames() -> AsyncIterator[bytes]:
    yield b"event: accepted\ndata: {}\n\n"
    yield b'event: delta\ndata: {"text":""}\n\n'
    yield DONE


if __name__ == "__main__":
    uvicorn.run(
        app(sys.argv[2]), host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop", log_level="warning", access_log=False
    )
