"""Work that a request promises and the worker does: enqueued on the caller's transaction, so that it is promised exactly
when everything else in it is true.

procrastinate runs the queue, on the same PostgreSQL; the table `jobs` is what a tenant may see of it. A job's arguments
are ids only. Knows nothing about what a job does: each package registers its own.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import procrastinate
from procrastinate.exceptions import ConnectorException
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from tandem import ids
from tandem.db import RECONNECT_S, Database, Jsonb, Queries, Tx
from tandem.errors import NotFound, Problem, Unavailable
from tandem.ids import TenantId

Q = Queries("tandem.jobs")
log = logging.getLogger(__name__)

TRIES = 5
"""A poisonous job is given up after so many tries (fault table F24)."""

STALLED_S = 20
"""A job whose worker has been silent for this long is started again (fault table F2: within 30 s)."""

POLL_S = 2.0
"""Between two looks for jobs that no notice told of: second tries, and those behind a lock."""

REVIVE_S = 5
AT_ONCE = 2
"""Jobs that a worker has in hand at a time, of all the kinds that have no number of their own."""

LONGEST_PAUSE_S = 60
"""Between two tries of a job that waits for something which does not answer; it never gives up."""


@dataclass(frozen=True, slots=True)
class Job:
    """A promised piece of work."""

    id: UUID
    kind: str
    status: str
    progress: float
    result: dict[str, Any] | None
    error: str | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pending:
    """A count."""

    pending: int


@dataclass(frozen=True, slots=True)
class Order:
    """What a job's code gets: whose job, which one, and the ids it was promised with."""

    tenant_id: TenantId
    job_id: UUID
    args: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a job's code returns that has written its end (`done`) in the transaction of what it did: both are there, or neither."""


Work = Callable[[Order], Awaitable[dict[str, Any] | Kept | None]]


class Patience(BaseRetryStrategy):
    """When a failed job is tried again: at doubling intervals, TRIES times; what waits for a part to answer, for ever."""

    def get_retry_decision(self, *, exception: BaseException, job: procrastinate.jobs.Job) -> RetryDecision | None:
        """See procrastinate."""
        if job.attempts + 1 >= TRIES and not isinstance(exception, Unavailable):
            return None
        return RetryDecision(retry_in={"seconds": min(LONGEST_PAUSE_S, 2 ** min(job.attempts + 1, 10))})


class Queue:
    """The queue of one program. `add` in any of them; `run` in the worker."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(
                conninfo=db.conninfo, min_size=1, max_size=6, reconnect_timeout=RECONNECT_S
            )
        )
        self._at_once: dict[str, int | None] = {}
        self._in_hand: set[int | None] = set()
        self._workers: set[int | None] = set()

    async def add(self, tx: Tx, kind: str, *, lock: str | None = None, priority: int = 0, **args: str) -> UUID:
        """Promise a job on this transaction; its id. Jobs with the same `lock` run one after another, in order.

        Goes with the transaction's next round trip, without one of its own.
        """
        job_id = ids.new()
        tx.later(Q.add_job, id=job_id, kind=kind)
        order = {"tenant_id": str(tx.tenant_id), "job_id": str(job_id), "args": {**args}}
        tx.later(Q.defer_job, kind=kind, lock=lock, priority=priority, order=Jsonb(order))
        return job_id

    def register(self, kind: str, work: Work, *, at_once: int | None = None) -> None:
        """The code of a kind of job. With `at_once` a worker does so many of them at a time, beside all others.

        A Problem it raises is the admin's to read and final, but for Unavailable, which is waited out; anything else
        is tried again a few times.
        """

        async def run(context: procrastinate.JobContext, tenant_id: str, job_id: str, args: dict[str, Any]) -> None:
            order = Order(TenantId(UUID(tenant_id)), UUID(job_id), args)
            self._workers.add(context.job.worker_id)
            self._in_hand.add(context.job.id)
            try:
                await self._do(work, order, last=context.job.attempts + 1 >= TRIES)
            finally:
                self._in_hand.discard(context.job.id)

        self._app.task(name=kind, queue=kind, retry=Patience(), pass_context=True)(run)
        self._at_once[kind] = at_once

    async def run(self) -> None:
        """Work until cancelled; jobs in hand are finished first. Jobs of dead workers are taken up again.

        Goes on when the database has been away; what was in hand then is taken up again too.
        """
        async with self._app.open_async():
            reviving = asyncio.create_task(self._revive())
            try:
                async with asyncio.TaskGroup() as lanes:
                    for kinds, at_once in self._lanes():
                        lanes.create_task(self._lane(kinds, at_once))
            finally:
                reviving.cancel()

    async def _lane(self, kinds: list[str], at_once: int) -> None:
        while True:
            try:
                await self._work(kinds, at_once)
            except ConnectorException:
                log.warning("the queue does not answer; the worker begins anew")
            await asyncio.sleep(1)

    def _lanes(self) -> list[tuple[list[str], int]]:
        """Which kinds are done side by side, and how many at a time: thousands of one kind never stand before another."""
        shared = [kind for kind, at_once in self._at_once.items() if at_once is None]
        own = [([kind], at_once) for kind, at_once in self._at_once.items() if at_once is not None]
        return own + ([(shared, AT_ONCE)] if shared else [])

    async def _work(self, kinds: list[str], at_once: int) -> None:
        await self._app.run_worker_async(
            queues=kinds,
            concurrency=at_once,
            install_signal_handlers=False,
            fetch_job_polling_interval=POLL_S,
            update_heartbeat_interval=5.0,
            shutdown_graceful_timeout=15,
            delete_jobs="successful",
        )

    async def _revive(self) -> None:
        """Give the jobs that nobody works on back to the queue, now and again."""
        unattended: set[int | None] = set()
        while True:
            try:
                unattended = await self._revive_once(unattended)
            except ConnectorException:
                log.warning("the queue does not answer; unattended jobs are looked for later")
            await asyncio.sleep(REVIVE_S)

    async def _revive_once(self, seen: set[int | None]) -> set[int | None]:
        """Jobs of dead workers, and our own that ended without the queue hearing of it: those once they were `seen` before."""
        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
            await manager.retry_job(job)
        doing = await manager.list_jobs_async(status="doing")
        unattended = {job.id: job for job in doing if job.worker_id in self._workers and job.id not in self._in_hand}
        for job_id in seen & set(unattended):
            await manager.retry_job(unattended[job_id])
        return set(unattended)

    async def _do(self, work: Work, order: Order, *, last: bool) -> None:
        async with self._db.tenant(order.tenant_id) as tx:
            await tx.run(Q.start_job, id=order.job_id)
        try:
            result = await work(order)
        except Unavailable:
            raise
        except Problem as problem:
            await self._finish(order, "failed", error=problem.detail)
            return
        except Exception:
            if last:
                await self._finish(order, "failed", error="It failed again and again; the operator's log says why.")
            raise
        if not isinstance(result, Kept):
            await self._finish(order, "done", result=result)

    async def _finish(
        self, order: Order, status: str, *, result: dict[str, Any] | None = None, error: str | None = None
    ) -> None:
        async with self._db.tenant(order.tenant_id) as tx:
            await tx.run(Q.finish_job, id=order.job_id, status=status, result=_json(result), error=error)


async def get(tx: Tx, job_id: UUID) -> Job:
    """One job. Raises NotFound."""
    found = await tx.maybe(Q.job, Job, id=job_id)
    if found is None:
        raise NotFound("There is no such job.")
    return found


async def pending(tx: Tx, kind: str) -> int:
    """How many jobs of a kind have not ended."""
    return (await tx.one(Q.pending, Pending, kind=kind)).pending


def done(tx: Tx, order: Order, result: dict[str, Any]) -> None:
    """The job ends well with this transaction; its code then returns `Kept`."""
    tx.later(Q.finish_job, id=order.job_id, status="done", result=_json(result), error=None)


def _json(result: dict[str, Any] | None) -> Jsonb | None:
    return Jsonb(result) if result is not None else None


async def progress(tx: Tx, job_id: UUID, share: float) -> None:
    """How far a job is, from 0 to 1."""
    await tx.run(Q.set_progress, id=job_id, progress=share)


def reaches(tx: Tx, order: Order, share: float) -> None:
    """The same with the transaction's next round trip."""
    tx.later(Q.set_progress, id=order.job_id, progress=share)


__all__ = ["Job", "Kept", "Order", "Queue", "done", "get", "pending", "progress", "reaches"]
