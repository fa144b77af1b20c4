"""Jobs: promised with the transaction, done by the worker, tried again, and never another tenant's to see."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tandem import ids, jobs
from tandem.db import Database
from tandem.errors import NotFound, Problem, Unavailable
from tandem.jobs import Job, Order, Queue
from tests.cast import Cast
from tests.ground import Place

Work = Callable[[Order], Awaitable[dict[str, Any] | None]]


@contextlib.asynccontextmanager
async def working(db: Database, **kinds: Work) -> AsyncIterator[None]:
    """A worker that knows these kinds of jobs."""
    queue = Queue(db)
    for kind, work in kinds.items():
        queue.register(kind, work)
    worker = asyncio.create_task(queue.run())
    try:
        yield
    finally:
        worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Second tries without the pauses that are right elsewhere."""
    monkeypatch.setattr(jobs, "LONGEST_PAUSE_S", 0)
    monkeypatch.setattr(jobs, "POLL_S", 0.1)


async def promise(db: Database, cast: Cast, kind: str, **rest: Any) -> UUID:
    async with db.tenant(cast.acme.id) as tx:
        return await Queue(db).add(tx, kind, **rest)


async def ended(db: Database, cast: Cast, job_id: UUID, seconds: float = 60) -> Job:
    async with asyncio.timeout(seconds):
        while True:
            async with db.tenant(cast.acme.id) as tx:
                job = await jobs.get(tx, job_id)
            if job.status in ("done", "failed"):
                return job
            await asyncio.sleep(0.02)


async def listening(place: Place) -> None:
    """Until the worker hears of new jobs, and has looked for those that were there before."""
    heard = "select 1 from pg_stat_activity where datname = current_database() and query ilike 'listen %'"
    async with asyncio.timeout(60):
        with psycopg.connect(place.superuser, autocommit=True) as connection:
            while not connection.execute(heard).fetchone():
                await asyncio.sleep(0.02)
    await asyncio.sleep(0.5)


def queued(place: Place) -> list[tuple[str, dict[str, Any]]]:
    with psycopg.connect(place.superuser) as connection:
        return connection.execute("select task_name, args from procrastinate_jobs order by id").fetchall()


async def test_a_promise_that_was_rolled_back_is_none(db: Database, place: Place, cast: Cast) -> None:
    job_ids: list[UUID] = []

    async def promise_and_fail() -> None:
        async with db.tenant(cast.acme.id) as tx:
            job_ids.append(await Queue(db).add(tx, "read", document_id="d1"))
            raise KeyError

    with pytest.raises(KeyError):
        await promise_and_fail()
    assert queued(place) == []
    async with db.tenant(cast.acme.id) as tx:
        with pytest.raises(NotFound):
            await jobs.get(tx, job_ids[0])


async def test_a_promise_that_was_committed_is_kept_once(db: Database, place: Place, cast: Cast) -> None:
    done: list[Order] = []

    async def read(order: Order) -> dict[str, Any]:
        done.append(order)
        return {"passages": 3}

    async with db.tenant(cast.acme.id) as tx:
        job_id = await Queue(db).add(tx, "read", document_id="d1")
        assert (await jobs.get(tx, job_id)).status == "queued"
        assert await jobs.pending(tx, "read") == 1
    assert [args for _, args in queued(place)] == [
        {"tenant_id": str(cast.acme.id), "job_id": str(job_id), "args": {"document_id": "d1"}}
    ]
    async with working(db, read=read):
        job = await ended(db, cast, job_id)
        await asyncio.sleep(0.1)
    assert (job.status, job.progress, job.result, job.error) == ("done", 1.0, {"passages": 3}, None)
    assert job.finished_at
    assert done == [Order(cast.acme.id, job_id, {"document_id": "d1"})]
    async with db.tenant(cast.acme.id) as tx:
        assert await jobs.pending(tx, "read") == 0


async def test_a_worker_that_is_there_hears_of_it_at_once(
    db: Database, place: Place, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "POLL_S", 600)

    async def read(order: Order) -> None:
        return None

    async with working(db, read=read):
        await listening(place)
        await ended(db, cast, await promise(db, cast, "read"))


async def test_it_is_tried_again_after_an_accident(db: Database, cast: Cast) -> None:
    tries = 0

    async def read(order: Order) -> dict[str, Any]:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise OSError("the disk hiccups")
        return {"tries": tries}

    async with working(db, read=read):
        job = await ended(db, cast, await promise(db, cast, "read"))
    assert (job.status, job.result) == ("done", {"tries": 3})


async def test_a_problem_is_final_and_said_in_its_sentence(db: Database, cast: Cast) -> None:
    tries = 0

    async def read(order: Order) -> None:
        nonlocal tries
        tries += 1
        raise Problem("The file is password-protected. Upload it without a password.")

    async with working(db, read=read):
        job = await ended(db, cast, await promise(db, cast, "read"))
        await asyncio.sleep(0.2)
    assert (job.status, job.error) == ("failed", "The file is password-protected. Upload it without a password.")
    assert tries == 1


async def test_it_waits_for_ever_for_what_does_not_answer_just_now(db: Database, cast: Cast) -> None:
    tries = 0

    async def read(order: Order) -> dict[str, Any]:
        nonlocal tries
        tries += 1
        if tries <= jobs.TRIES:
            raise Unavailable
        return {"tries": tries}

    async with working(db, read=read):
        job = await ended(db, cast, await promise(db, cast, "read"))
    assert (job.status, job.result) == ("done", {"tries": jobs.TRIES + 1})


async def test_a_poisonous_job_is_given_up_and_others_go_on(db: Database, cast: Cast) -> None:
    tries = 0

    async def poison(order: Order) -> None:
        nonlocal tries
        tries += 1
        raise RuntimeError("secret words of a customer")

    async def read(order: Order) -> None:
        return None

    async with working(db, poison=poison, read=read):
        bad = await promise(db, cast, "poison")
        assert (await ended(db, cast, await promise(db, cast, "read"))).status == "done"
        job = await ended(db, cast, bad)
        await asyncio.sleep(0.2)
    assert (job.status, tries) == ("failed", jobs.TRIES)
    assert job.error
    assert "secret words" not in job.error


async def test_jobs_of_one_lock_run_one_after_another_in_order(db: Database, cast: Cast) -> None:
    order_of_work: list[str] = []

    async def read(order: Order) -> None:
        order_of_work.append("begins " + order.args["n"])
        await asyncio.sleep(0.05)
        order_of_work.append("ends " + order.args["n"])

    job_ids = [await promise(db, cast, "read", lock="document 1", n=str(n)) for n in range(3)]
    async with working(db, read=read):
        for job_id in job_ids:
            await ended(db, cast, job_id)
    assert order_of_work == [f"{what} {n}" for n in range(3) for what in ("begins", "ends")]


async def test_how_far_it_is_can_be_seen_meanwhile(db: Database, cast: Cast) -> None:
    half, go_on = asyncio.Event(), asyncio.Event()

    async def read(order: Order) -> None:
        async with db.tenant(order.tenant_id) as tx:
            await jobs.progress(tx, order.job_id, 0.5)
        half.set()
        await go_on.wait()

    async with working(db, read=read):
        job_id = await promise(db, cast, "read")
        async with asyncio.timeout(60):
            await half.wait()
        async with db.tenant(cast.acme.id) as tx:
            job = await jobs.get(tx, job_id)
        assert (job.status, job.progress) == ("running", 0.5)
        go_on.set()
        assert (await ended(db, cast, job_id)).status == "done"


async def test_another_tenant_cannot_see_it(db: Database, cast: Cast) -> None:
    job_id = await promise(db, cast, "read")
    async with db.tenant(cast.acme.id) as tx:
        assert (await jobs.get(tx, job_id)).kind == "read"
    async with db.tenant(cast.rival.id) as tx:
        with pytest.raises(NotFound):
            await jobs.get(tx, job_id)
        assert await jobs.pending(tx, "read") == 0


async def test_a_job_that_does_not_exist_is_not_found(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        with pytest.raises(NotFound):
            await jobs.get(tx, ids.new())


async def test_a_dead_workers_job_is_taken_up_again(
    db: Database, place: Place, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = await promise(db, cast, "read")
    script = (
        "import asyncio, sys\n"
        "from tandem.db import Database\n"
        "from tandem.jobs import Queue\n"
        "async def read(order):\n"
        "    print('begun', flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "async def main():\n"
        "    db = Database(sys.argv[1]); await db.open()\n"
        "    queue = Queue(db); queue.register('read', read)\n"
        "    await queue.run()\n"
        "asyncio.run(main())\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", script, place.app], stdout=subprocess.PIPE)
    assert worker.stdout
    assert await asyncio.to_thread(worker.stdout.readline) == b"begun\n"
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    async with db.tenant(cast.acme.id) as tx:
        assert (await jobs.get(tx, job_id)).status == "running"

    async def read(order: Order) -> dict[str, Any]:
        return {"by": "the next worker"}

    monkeypatch.setattr(jobs, "STALLED_S", 1)
    monkeypatch.setattr(jobs, "REVIVE_S", 0.2)
    async with working(db, read=read):
        job = await ended(db, cast, job_id)
    assert (job.status, job.result) == ("done", {"by": "the next worker"})
