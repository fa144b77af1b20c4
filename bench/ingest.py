"""Reading documents in while customers are answered: documents of 5 kB through the worker, and what a turn takes meanwhile.

`ingest:50000` reads in as many; by default a sample does, and the time for 50,000 is what the sample's pace gives. Each document is
made of the demo's paragraphs, drawn anew and numbered, so that no passage is another's.

Beside the pace stands what the embedding model alone would reach on all cores, by the processor time that it takes for documents
like these in the same run: no program that embeds them can be faster. Processor seconds are counted from the first document that
answers to the last; they say what a document costs where others use the machine too.
"""

import asyncio
import json
import os
import random
import tempfile
import threading
import time
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from uuid import UUID

import psycopg

from bench import processes, site, turns
from bench.report import Figure, Result, milliseconds
from tandem import embedding
from tandem.db import Database, embedded, migrate
from tandem.ids import TenantId
from tandem.jobs import Queue
from tandem.knowledge import documents, generations, passages
from tandem.knowledge.documents import Labels, Origin, Written
from tandem.knowledge.reading import Format, frontmatter

DOCUMENTS = 800
LENGTH = 5_000
"""Characters of a document, as S1 and quality.md take an article."""

WHOLE = 50_000
SEED = 20261120
BATCH = 100
MODEL = "the embedding model alone"
LOAD_S = 30
LONGEST_S = 4 * 3600
SAMPLE = 10
"""Documents that the model alone is timed with."""


def run(options: Sequence[str]) -> Result:
    """A load on an idle machine, then the same load while documents are read in."""
    count = int(options[0]) if options else DOCUMENTS
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder:
        data_dir = Path(folder)
        site.prepare(data_dir)
        with site.running(data_dir) as running:
            order = {"port": running.port, "tokens": running.sessions(turns.CUSTOMERS), "questions": turns.questions()}
            for _ in range(2):
                turns.load(order | {"crowd": 6, "once": True, "seconds": 5})
            model_s = _model_alone()
            steady = order | {"rate": turns.RATE, "seconds": LOAD_S}
            idle = turns.load(steady)
            url = embedded.ensure(data_dir).url(migrate.APP_ROLE)
            owner = embedded.ensure(data_dir).url(migrate.OWNER_ROLE)
            promising = threading.Thread(target=asyncio.run, args=(_promise(url, data_dir, count),))
            promising.start()
            began, before, pace = time.perf_counter(), _ready(owner), _Pace(running, owner, count)
            busy = turns.load(steady)
            promising.join()
            pace.wait(before)
            took = time.perf_counter() - began
        embedded.stop(data_dir)
    quiet, loud = (milliseconds(t.done - t.due for t in turns.good(found)) for found in (idle, busy))
    how = f"{count:,} documents of {LENGTH // 1000} kB, {turns.RATE} turns a second for {LOAD_S} s of it"
    ratio = _p95(loud) / _p95(quiet)
    return Result(
        "ingest" if count == DOCUMENTS else f"ingest-{count}",
        [
            Figure("documents a minute", how, "1/min", [count / took * 60], "", [_cores() * 60 / model_s], MODEL),
            Figure(f"minutes for {WHOLE:,}, at this pace", how, "min", [WHOLE / count * took / 60], budget="≤ 40"),
            Figure(
                "processor time of a document, worker",
                how,
                "ms",
                [pace.worker_s / pace.counted * 1000],
                "",
                [model_s * 1000],
                MODEL,
            ),
            Figure(
                "processor time of a document, PostgreSQL",
                f"{how}; turns of it included",
                "ms",
                [pace.postgres_s / pace.counted * 1000],
            ),
            Figure("own time of a turn, nothing else to do", f"{turns.RATE} turns a second", "ms", quiet),
            Figure("own time of a turn, documents coming in", how, "ms", loud),
            Figure("its p95, of the idle one's", how, "times", [ratio], budget="< 1.5"),
            Figure("errors", how, "turns", [len(busy) - len(turns.good(busy))], budget="0"),
        ],
    )


class _Pace:
    """What the worker and PostgreSQL use until the last document answers."""

    def __init__(self, running: site.Site, owner: str, count: int) -> None:
        self._running, self._owner, self._count = running, owner, count
        self._began = self._used()
        self.counted, self.worker_s, self.postgres_s = count, 0.0, 0.0

    def wait(self, before: int) -> None:
        """Until all of them answer."""
        until = time.perf_counter() + LONGEST_S
        while _ready(self._owner) < before + self._count:
            assert time.perf_counter() < until, "the documents were not read in"
            time.sleep(0.5)
        worker, postgres = self._used()
        self.worker_s, self.postgres_s = worker - self._began[0], postgres - self._began[1]

    def _used(self) -> tuple[float, float]:
        return processes.usage(self._running.worker).cpu_s, processes.usage(self._running.postgres).cpu_s


def _model_alone() -> float:
    """Processor seconds that the model takes for the passages of one document, one thread, as it is in the worker."""
    drawn, paragraphs, model = random.Random(SEED), _paragraphs(), embedding.load_all().shipped
    bodies = [_article(drawn, paragraphs, n) for n in range(SAMPLE)]
    split = [passages.split(body, title="Article", count_tokens=model.count_tokens) for body in bodies]
    texts = [generations.embedded(passage.heading, passage.text) for found in split for passage in found]
    began = time.thread_time()
    for text in texts:
        model.embed_query_sync(text)
    return (time.thread_time() - began) / SAMPLE


def _cores() -> int:
    return len(os.sched_getaffinity(0))


async def _promise(url: str, data_dir: Path, count: int) -> None:
    """The documents, saved as an import saves them."""
    tenant_id = TenantId(await _tenant(data_dir))
    drawn, paragraphs, db = random.Random(SEED), _paragraphs(), Database(url, size=2)
    await db.open()
    queue = Queue(db)
    for begin in range(0, count, BATCH):
        async with db.tenant(tenant_id) as tx:
            for n in range(begin, min(begin + BATCH, count)):
                content = Written(Format.MARKDOWN, _article(drawn, paragraphs, n))
                labels = Labels(f"Article {n}")
                await documents.save(tx, queue, labels, content, Origin("bench"), external_id=f"bench-{n}")
    await db.close()


async def _tenant(data_dir: Path) -> UUID:
    made = json.loads((data_dir / "demo.json").read_text())["rival"]["tenant_id"]
    return UUID(made)


def _paragraphs() -> list[str]:
    """The demo's articles in paragraphs, tables and lists."""
    folder = resources.files("tandem.demo").joinpath("articles")
    texts = (entry.read_text("utf-8") for entry in sorted(folder.iterdir(), key=lambda entry: entry.name))
    return [part.strip() for text in texts for part in frontmatter.take(text)[1].split("\n\n") if part.strip()]


def _article(drawn: random.Random, paragraphs: Sequence[str], n: int) -> str:
    """About LENGTH characters in four sections."""
    text = f"# Article {n}\n"
    for section in range(1, 5):
        text += f"\n## Part {section} of {n}\n"
        while len(text) < section * LENGTH // 4:
            text += f"\n{drawn.choice(paragraphs)} (See {n}.{section}.{len(text)}.)\n"
    return text


def _ready(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "select count(*) from documents where status = 'ready' and source = 'bench'"
        ).fetchone()
    return int(found[0]) if found else 0


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]
