"""`python -m tests.knowledge.importing ROLE URL TENANT FOLDER [FAULT]`: an import, or a worker, that can be killed.

`killed` does so in the middle of an import, again and again, and says what is lost or doubled afterwards. A FAULT is a
well-known mistake that is put into the running process: `tests/controls` sees that it is noticed.
"""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from tandem import embedding, jobs
from tandem.db import Database
from tandem.ids import TenantId
from tandem.jobs import Queue
from tandem.knowledge import documents, folder, ingest, storing
from tandem.knowledge.ingest import Ingest
from tests.ground import Place

LATE_S = 3.0
"""So much later a mistaken program stores what it has acknowledged: a kill fits in between."""

STALLED_S = 6
"""A dead worker's jobs are taken up again after this; a living one is heard of every 5 s."""

PATIENCE_S = 400


def killed(place: Place, tenant_id: TenantId, root: Path, count: int, seed: int, fault: str = "") -> list[str]:
    """Import `count` articles while importer and worker are killed, and what is wrong in the end."""
    drawn = random.Random(seed)
    for n in range(count):
        (root / f"{n}.md").write_text(
            f"# Article {n}\n\nPart {n} costs {n % 97} euros.\n\n## Delivery\n\nIt ships in {n % 9 + 1} days.\n"
        )
    own = [fault] if fault else []

    def begin(role: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.knowledge.importing", role, place.app, str(tenant_id), str(root), *own]
        return subprocess.Popen(command, cwd=Path(__file__).parents[2])

    importer, worker = begin("import"), begin("work")
    try:
        for share in sorted(drawn.uniform(0.1, 0.9) for _ in range(2)):
            _until(place, tenant_id, "documents", int(share * count))
            _kill(importer)
            importer = begin("import")
        for share in sorted(drawn.uniform(0.1, 0.7) for _ in range(2)):
            ready = int(share * count)
            _until(place, tenant_id, "documents where status = 'ready'", ready, lambda: _is_over(place, importer))
            _kill(worker)
            worker = begin("work")
        assert importer.wait(PATIENCE_S) == 0
        _settled(place)
    finally:
        _kill(importer)
        _kill(worker)
    return findings(place, tenant_id, count)


def findings(place: Place, tenant_id: TenantId, count: int) -> list[str]:
    """What is lost or doubled, in sentences."""
    wanted = {
        "documents": count,
        "documents where status = 'ready' and live_version = 1 and passages = 1": count,
        "document_versions": count,
        "passages where live": count,
        "passages": count,
        "passage_vectors where live": count,
        "jobs where status = 'done' and kind = 'knowledge.ingest'": count,
        "(select distinct p.text from passages p) t": count,
    }
    found = {what: _count(place, tenant_id, what) for what in wanted}
    wrong = [f"{found[what]} {what}, not {number}" for what, number in wanted.items() if found[what] != number]
    said = _count(place, tenant_id, f"vocabulary where lexeme = 't_{tenant_id}' and passages = {count}")
    return wrong if said == 1 else [*wrong, "the vocabulary counts otherwise"]


def _count(place: Place, tenant_id: TenantId, what: str) -> int:
    """Of the tenant's own rows, as the program sees them."""
    with psycopg.connect(place.app) as connection:
        connection.execute("select set_config('tandem.tenant', %s, true)", [str(tenant_id)])
        found = connection.execute(f"select count(*) from {what}".encode()).fetchone()
    return int(found[0]) if found else 0


def _until(place: Place, tenant_id: TenantId, what: str, number: int, over: Callable[[], bool] = lambda: False) -> None:
    until = time.monotonic() + PATIENCE_S
    while _count(place, tenant_id, what) < number and time.monotonic() < until and not over():
        time.sleep(0.02)


def _is_over(place: Place, importer: subprocess.Popen[bytes]) -> bool:
    """Everything has come and nothing is promised any more: what does not answer now never will."""
    return importer.poll() is not None and _nothing_promised(place)


def _settled(place: Place) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and not _nothing_promised(place):
        time.sleep(0.2)


def _nothing_promised(place: Place) -> bool:
    with psycopg.connect(place.superuser) as connection:
        left = connection.execute("select from procrastinate_jobs where status in ('todo', 'doing')")
        return left.fetchone() is None


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


# ---------------------------------------------------------------- the process


def saves_without_a_name() -> None:
    """An article that comes again is taken for a new one."""
    save = documents.save

    async def nameless(*args: Any, **named: Any) -> documents.Saved:
        return await save(*args, **{**named, "external_id": None})

    setattr(documents, "save", nameless)  # noqa: B010  # as everywhere where a mistake is planted


def ends_before_it_is_stored() -> None:
    """The job ends as soon as its document has been embedded; it is stored a little later."""
    store, late = storing.Storing.store, set[asyncio.Task[None]]()

    async def acknowledged(self: storing.Storing, read: storing.Read) -> None:
        async def later() -> None:
            await asyncio.sleep(LATE_S)
            await store(self, read)

        if read.meant or not read.pieces:
            late.add(asyncio.create_task(later()))

    setattr(storing.Storing, "store", acknowledged)  # noqa: B010


FAULTS: dict[str, Callable[[], None]] = {
    fault.__name__: fault for fault in (saves_without_a_name, ends_before_it_is_stored)
}


async def _main(role: str, url: str, tenant: str, root: str) -> None:
    db = Database(url)
    await db.open()
    queue = Queue(db)
    if role == "import":
        await folder.import_folder(db, queue, TenantId(UUID(tenant)), Path(root))
    else:
        setattr(jobs, "STALLED_S", STALLED_S)  # noqa: B010
        setattr(jobs, "REVIVE_S", 0.5)  # noqa: B010
        queue.register(documents.INGEST, Ingest(db, embedding.load_all()), at_once=ingest.AT_ONCE)
        await queue.run()


if __name__ == "__main__":
    for name in sys.argv[5:]:
        FAULTS[name]()
    asyncio.run(_main(*sys.argv[1:5]))
