"""What is due by the clock: a run of each source whose time has come is promised. Called each minute by the worker."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tandem import jobs
from tandem.db import Database, Queries
from tandem.ids import DocumentId
from tandem.jobs import Queue
from tandem.knowledge.sources import sources
from tandem.knowledge.sources.sync import withdraw

Q = Queries("tandem.knowledge.sources")


@dataclass(frozen=True, slots=True)
class Due:
    """A source whose time has come."""

    tenant_id: UUID
    source_id: UUID


@dataclass(frozen=True, slots=True)
class Left:
    """A document that is still there."""

    id: DocumentId


async def promise_due(db: Database, queue: Queue) -> int:
    """Promise a run of every source that is due; how many. Two workers that do it at once promise each once."""
    async with db.nobody() as tx:
        due = await tx.all(Q.due, Due)
    count = 0
    for each in due:
        async with db.tenant(each.tenant_id) as tx:
            if await tx.maybe(Q.still_due, int, id=each.source_id):
                await sources.ask(tx, queue, await sources.get(tx, each.source_id))
                count += 1
    return count


class Removal:
    """The work of the job `knowledge.source_removal`: the documents of a source that was removed are withdrawn."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def __call__(self, order: jobs.Order) -> dict[str, Any]:
        """Withdraw them all; cut off and started again it goes on with those that are left."""
        source_id, count = UUID(order.args["source_id"]), 0
        while True:
            async with self._db.tenant(order.tenant_id) as tx:
                left = await tx.all(Q.documents_left, Left, id=source_id, most=50)
            if not left:
                return {"removed": count}
            for row in left:
                async with self._db.tenant(order.tenant_id) as tx:
                    count += await withdraw(tx, row.id)
