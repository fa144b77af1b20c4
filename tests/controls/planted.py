"""`python -m tests.controls.planted FAULT serve …`: Tandem's command line with one well-known mistake planted in it.

The product has no switch for any of this: the mistake is put into the running process before it starts. Each is a bug
that real products have had, and the crash harness must find it; `test_controls_crash` sees that it does.
"""

import asyncio
import dataclasses
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from tandem import app, cli, db, ids
from tandem.answering import receiving
from tandem.answering.desk import Desk
from tandem.answering.job import Job
from tandem.answering.receiving import Incoming, Received
from tandem.conversations import log, threads, turns
from tandem.conversations.threads import Conversation
from tandem.db import Tx
from tandem.db.queries import Query
from tandem.events import Event, Passing
from tandem.hot.postgres import PostgresBus
from tandem.jobs import Queue
from tandem.web.api import chat

LATE_S = 5.0
"""How much later than it should the mistaken program does its second half: a kill fits in between."""

FEW = 4
"""Connections of a small house."""

_tasks = set[asyncio.Task[None]]()


def promises_after_commit() -> None:
    """The job is put into the queue once the request's transaction has been committed, and so by chance."""
    add = Queue.add

    async def add_later(queue: Queue, tx: Tx, kind: str, **promised: Any) -> UUID:
        async def later() -> None:
            await asyncio.sleep(LATE_S)
            async with queue._db.tenant(tx.tenant_id) as own:
                await add(queue, own, kind, **promised)

        def promised_now() -> None:
            _soon(later())

        tx.after_commit(promised_now)
        return ids.new()

    _put(Queue, "add", add_later)


def new_key_per_try() -> None:
    """Every try of a message gets a key of its own from the server, so that none is ever known again."""
    receive = Desk.receive

    async def forgetful(desk: Desk, incoming: Incoming) -> Received:
        return await receive(desk, dataclasses.replace(incoming, client_message_id=f"try-{ids.new()}"))

    _put(Desk, "receive", forgetful)


def acknowledges_before_commit() -> None:
    """`accepted` goes out while the transaction that stores the message is still open."""
    early = dict[UUID, Sequence[log.News]]()
    stored = dict[UUID, asyncio.Task[None]]()
    append_later, until_done = log.append_later, chat._until_done

    def noted(tx: Tx, hub: Any, conversation_id: Any, news: Sequence[log.News], floor: Any = None) -> None:
        if news[0].kind in ("accepted", "reopened"):
            early[conversation_id] = news
        append_later(tx, hub, conversation_id, news, floor)

    async def receive(desk: Desk, incoming: Incoming) -> Received:
        held = desk._db.tenant(incoming.tenant_id)
        received = await receiving.store(await held.__aenter__(), desk._hub, incoming, incoming.text.strip())

        async def later() -> None:
            await asyncio.sleep(LATE_S)
            await held.__aexit__(None, None, None)
            if received.turn is not None:
                desk.begin(Job(incoming.tenant_id, received.turn))

        stored[received.message_id] = _soon(later())
        return received

    async def shown(parts: Any, caller: Any, received: Received) -> AsyncIterator[Event | Passing]:
        for seq, news in enumerate(early.pop(received.conversation_id, ()), received.after + 1):
            yield Event(caller.tenant_id, received.conversation_id, seq, news.kind, news.for_staff, news.data)
        await stored.pop(received.message_id)
        async for item in until_done(parts, caller, received):
            if not isinstance(item, Event) or item.kind != "accepted":
                yield item

    _put(log, "append_later", noted)
    _put(Desk, "receive", receive)
    _put(chat, "_until_done", shown)


def ignores_the_floor() -> None:
    """A turn writes what it has thought, whoever has taken the conversation over meanwhile."""
    mine = ContextVar[Any]("mine")
    owned, write = threads.owned, Desk._write

    def blind(*asked: Any, **how: Any) -> Conversation:
        found = owned(*asked, **how)
        row = mine.get(None)
        return dataclasses.replace(found, turn_id=row.id, turn_attempt=row.attempt) if row else found

    async def written(desk: Desk, job: Any, *outcome: Any) -> None:
        mine.set(job.row)
        await write(desk, job, *outcome)

    fenced = log.Q.append_with_floor
    condition = b"where id = %(id)s and turn_id = %(turn_id)s and turn_attempt = %(attempt)s"
    assert condition in fenced.sql
    open_to_all = fenced.sql.replace(
        condition, b"where id = %(id)s and %(turn_id)s::uuid is not null and %(attempt)s::int > 0"
    )
    log.Q._found["append_with_floor"] = Query(fenced.name, fenced.row, fenced.purpose, open_to_all)
    _put(threads, "owned", blind)
    _put(Desk, "_write", written)


def never_adopts() -> None:
    """A dead process's turns are left lying."""

    async def idle(_: Desk) -> int:
        return 0

    _put(Desk, "adopt_abandoned", idle)


def loses_notices() -> None:
    """No mistake but a misfortune: every notice to other processes is lost."""

    async def lost(_: PostgresBus, payloads: list[bytes]) -> None:
        return

    _put(PostgresBus, "send", lost)


def few_connections() -> None:
    """No mistake either but a small house: four connections to the database, and patience to wait for one."""
    _put(app, "POOL", FEW)
    _put(db, "PATIENCE_S", 60.0)


FAULTS: dict[str, Callable[[], None]] = {
    fault.__name__: fault
    for fault in (
        promises_after_commit,
        new_key_per_try,
        acknowledges_before_commit,
        ignores_the_floor,
        never_adopts,
        loses_notices,
        few_connections,
    )
}


def _put(room: object, name: str, mistaken: object) -> None:
    assert hasattr(room, name), f"{room} has no {name} any more"
    setattr(room, name, mistaken)


def _soon(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    task = asyncio.get_running_loop().create_task(work)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return task


if __name__ == "__main__":
    assert turns.SILENT_S > LATE_S
    FAULTS[sys.argv[1]]()
    cli.main(sys.argv[2:])
