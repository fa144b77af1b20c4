"""Search on a corpus with questions whose right documents are known: the product's own splitting, embedding, search and ranking,
in a database of its own that is gone afterwards.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, TypeVar
from uuid import UUID

import numpy as np
import pydantic

from tandem import ids, jobs
from tandem.db import Database, place
from tandem.embedding import Embedders
from tandem.errors import Malformed
from tandem.ids import TenantId
from tandem.jobs import Queue
from tandem.knowledge import documents, questions, search
from tandem.knowledge.documents import Labels, Written
from tandem.knowledge.finding import CANDIDATES, Finder
from tandem.knowledge.ingest import Ingest
from tandem.knowledge.questions import Question
from tandem.knowledge.reading import Format
from tandem.knowledge.search import Hit
from tandem.settings import Settings
from tandem.tenants import companies
from tandem.tenants.sealing import open_sealer

DEPTHS = (1, 5, 10, 20)
"""Of recall: the share of a question's right documents among so many."""


class Stage(StrEnum):
    """How far the search goes: an ablation of the product's own, which is `reranked`."""

    TEXT = "text"
    VECTORS = "vectors"
    FUSED = "fused"
    RERANKED = "reranked"


class Entry(pydantic.BaseModel):
    """A document of the corpus."""

    model_config = pydantic.ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    id: str
    title: str = ""
    text: str


class Message(pydantic.BaseModel):
    """What was said before a question."""

    model_config = pydantic.ConfigDict(frozen=True, extra="ignore")

    role: Literal["user", "assistant", "agent"]
    text: str


class Query(pydantic.BaseModel):
    """A question, its right documents, and what was said before it. `answerable` is None where that is in between."""

    model_config = pydantic.ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    id: str
    text: str
    relevant: list[str] = []
    history: list[Message] = []
    answerable: bool | None = None


Line = TypeVar("Line", Entry, Query)


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one question: documents in order, and the probability that they hold the answer."""

    query: Query
    ranked: tuple[str, ...]
    quality: float
    ms: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of all of them."""

    rows: tuple[Row, ...]
    stage: Stage

    def figures(self) -> dict[str, Any]:
        """Means over the questions that have right documents; `quality_auroc` over those known to be answerable or not."""
        judged = [row for row in self.rows if row.query.relevant]
        times = sorted(row.ms for row in self.rows) or [0.0]
        return {
            "stage": str(self.stage),
            "queries": len(self.rows),
            "judged": len(judged),
            **{f"recall@{depth}": _mean([_recall(row, depth) for row in judged]) for depth in DEPTHS},
            "mrr@10": _mean([_reciprocal_rank(row) for row in judged]),
            "ndcg@10": _mean([_ndcg(row) for row in judged]),
            "quality_auroc": _auroc(
                [row.quality for row in self.rows if row.query.answerable is True],
                [row.quality for row in self.rows if row.query.answerable is False],
            ),
            "ms_mean": round(sum(times) / len(times), 2),
            "ms_p95": round(times[int(0.95 * (len(times) - 1))], 2),
        }

    def table(self) -> str:
        """The figures for people."""
        return "\n".join(f"{name:14} {'-' if value is None else value}" for name, value in self.figures().items())

    def lines(self) -> list[dict[str, Any]]:
        """One object for each question, in order."""
        return [{"id": row.query.id, "ranked": row.ranked, "quality": round(row.quality, 4)} for row in self.rows]


def load(corpus: Sequence[Path], queries: Sequence[Path]) -> tuple[list[Entry], list[Query]]:
    """The files of both, in JSON Lines. Raises Malformed with the file and the line."""
    entries = {entry.id: entry for _, entry in _lines(corpus, Entry)}
    asked = []
    for where, query in _lines(queries, Query):
        if missing := [id for id in query.relevant if id not in entries]:
            raise Malformed(f"{where}: the corpus has no document {missing[0]!r}.")
        asked.append(query)
    return list(entries.values()), asked


async def run(
    settings: Settings,
    models: Embedders,
    entries: Sequence[Entry],
    asked: Sequence[Query],
    stage: Stage = Stage.RERANKED,
) -> Outcome:
    """Import the corpus as a company of its own and search it with each question."""
    with tempfile.TemporaryDirectory(prefix="tandem-eval-") as folder:
        apart = replace(settings, data_dir=Path(folder), database_url="")
        with place.hold(apart) as where:
            db = Database(where.app_url)
            await db.open()
            try:
                made = await companies.create(db, open_sealer(apart), "Evaluation")
                await fill(db, models, made.tenant_id, entries)
                return await ask(db, models, made.tenant_id, asked, stage)
            finally:
                await db.close()


async def fill(db: Database, models: Embedders, tenant_id: TenantId, entries: Sequence[Entry]) -> None:
    """The corpus as documents of the tenant, read and embedded here and now."""
    queue, ingest = Queue(db), Ingest(db, models)
    for entry in entries:
        content = Written(Format.MARKDOWN, entry.text)
        async with db.tenant(tenant_id) as tx:
            saved = await documents.save(tx, queue, Labels(entry.title or entry.id), content, external_id=entry.id)
        args = {"document_id": str(UUID(int=saved.id.int)), "version": str(saved.version)}
        await ingest(jobs.Order(tenant_id, saved.job_id or ids.new(), args))


async def ask(
    db: Database, models: Embedders, tenant_id: TenantId, asked: Sequence[Query], stage: Stage = Stage.RERANKED
) -> Outcome:
    """Search what the tenant knows with each question."""
    return Outcome(tuple([await _row(db, models, tenant_id, query, stage) for query in asked]), stage)


async def _row(db: Database, models: Embedders, tenant_id: TenantId, query: Query, stage: Stage) -> Row:
    before, reply = questions.said_before([(said.role, said.text) for said in query.history])
    question = questions.in_context(query.text, before, reply)
    began = time.perf_counter()
    found, quality = await _find(db, models, tenant_id, question, stage)
    ms = (time.perf_counter() - began) * 1000
    ranked = dict.fromkeys(hit.external_id or "" for hit in found)
    return Row(query, tuple(ranked), quality, ms)


async def _find(
    db: Database, models: Embedders, tenant_id: TenantId, question: Question, stage: Stage
) -> tuple[Sequence[Hit], float]:
    finder = Finder(db, models)
    if stage is Stage.RERANKED:
        ranked = await finder(tenant_id, question, search.EVERYBODYS, CANDIDATES)
        return ranked.passages, ranked.quality
    text = "" if stage is Stage.VECTORS else question.text
    meaning = None if stage is Stage.TEXT else await finder.meaning(tenant_id, question)
    async with db.reading(tenant_id) as tx:
        now = await search.state(tx)
        found = search.search_later(tx, text, meaning, search.EVERYBODYS, CANDIDATES, generation=now.generation)
    hits = found.all(Hit)
    return hits, hits[0].cosine or 0.0 if hits else 0.0


def _recall(row: Row, depth: int) -> float:
    right = set(row.query.relevant)
    return len(right & set(row.ranked[:depth])) / len(right)


def _reciprocal_rank(row: Row) -> float:
    right = set(row.query.relevant)
    return next((1 / place for place, id in enumerate(row.ranked[:10], 1) if id in right), 0.0)


def _ndcg(row: Row) -> float:
    """Normalised discounted cumulative gain with gains of 0 and 1 (Järvelin and Kekäläinen 2002)."""
    right = set(row.query.relevant)
    gain = sum(1 / np.log2(place + 1) for place, id in enumerate(row.ranked[:10], 1) if id in right)
    return float(gain / sum(1 / np.log2(place + 1) for place in range(1, min(len(right), 10) + 1)))


def _auroc(yes: Sequence[float], no: Sequence[float]) -> float | None:
    """The share of pairs in which the answerable question has the higher quality; ties count half. None without both."""
    if not yes or not no:
        return None
    pairs = np.subtract.outer(np.array(yes), np.array(no))
    return round(float((pairs > 0).mean() + 0.5 * (pairs == 0).mean()), 4)


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def _lines(paths: Sequence[Path], shape: type[Line]) -> Iterator[tuple[str, Line]]:
    """Each line with where it stands."""
    seen: set[str] = set()
    for path in paths:
        for number, text in enumerate(path.read_bytes().split(b"\n"), 1):
            if text.strip():
                where = f"{path.name}, line {number}"
                line = _line(where, text, shape)
                if line.id in seen:
                    raise Malformed(f"{where}: the id {line.id!r} is taken by a line before it.")
                seen.add(line.id)
                yield where, line


def _line(where: str, text: bytes, shape: type[Line]) -> Line:
    try:
        return shape.model_validate_json(text)
    except pydantic.ValidationError as problem:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in problem.errors()[:3])
        raise Malformed(f"{where}: {wrong.removeprefix(': ')}") from problem
