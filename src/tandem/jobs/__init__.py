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
QUEUE = "tandem"

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


Work = Callable[[Order], Awaitable[dict[str, Any] | None]]


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
                conninfo=db.conninfo, min_size=1, max_size=4, reconnect_timeout=RECONNECT_S
            )
        )
        self._in_hand: set[int | None] = set()
        self._workers: set[int | None] = set()

    async def add(self, tx: Tx, kind: str, *, lock: str | None = None, priority: int = 0, **args: str) -> UUID:
        """Promise a job on this transaction; its id. Jobs with the same `lock` run one after another, in order."""
        job_id = ids.new()
        await tx.run(Q.add_job, id=job_id, kind=kind)
        deferrer = self._app.configure_task(
            kind, lock=lock, priority=priority, queue=QUEUE, connection=tx.connection, allow_unknown=True
        )
        await deferrer.defer_async(tenant_id=str(tx.tenant_id), job_id=str(job_id), args={**args})
        return job_id

    def register(self, kind: str, work: Work) -> None:
        """The code of a kind of job.

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

        self._app.task(name=kind, queue=QUEUE, retry=Patience(), pass_context=True)(run)

    async def run(self, *, concurrency: int = 2) -> None:
        """Work until cancelled; jobs in hand are finished first. Jobs of dead workers are taken up again.

        Goes on when the database has been away; what was in hand then is taken up again too.
        """
        async with self._app.open_async():
            reviving = asyncio.create_task(self._revive())
            try:
                while True:
                    try:
                        await self._work(concurrency)
                    except ConnectorException:
                        log.warning("the queue does not answer; the worker begins anew")
                    await asyncio.sleep(1)
            finally:
                reviving.cancel()

    async def _work(self, concurrency: int) -> None:
        await self._app.run_worker_async(
            queues=[QUEUE],
            concurrency=concurrency,
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
        await self._finish(order, "done", result=result)

    async def _finish(
        self, order: Order, status: str, *, result: dict[str, Any] | None = None, error: str | None = None
    ) -> None:
        async with self._db.tenant(order.tenant_id) as tx:
            await tx.run(
                Q.finish_job,
                id=order.job_id,
                status=status,
                result=Jsonb(result) if result is not None else None,
                error=error,
            )


async def get(tx: Tx, job_id: UUID) -> Job:
    """One job. Raises NotFound."""
    found = await tx.maybe(Q.job, Job, id=job_id)
    if found is None:
        raise NotFound("There is no such job.")
    return found


async def pending(tx: Tx, kind: str) -> int:
    """How many jobs of a kind have not ended."""
    return (await tx.one(Q.pending, Pending, kind=kind)).pending


async def progress(tx: Tx, job_id: UUID, share: float) -> None:
    """How far a job is, from 0 to 1."""
    await tx.run(Q.set_progress, id=job_id, progress=share)


__all__ = ["Job", "Order", "Queue", "get", "pending", "progress"]
