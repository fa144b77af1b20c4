"""Hybrid search over 100,000 passages of many tenants: how many a second, how fast, and how much of the exact answer it finds.

One tenant has most of them, many have few, as in life. Texts are a word model's; a sample of them has real MiniLM
embeddings, the others jittered copies of those, so that every question has neighbours. The folder with the data is kept and used again.
`search:1000000` takes ten times as many passages, and some ten times as long to prepare.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
import psycopg
import psycopg.sql
from numpy.typing import NDArray

from bench.report import Figure, Result
from bench.words import TOPICS, Words
from tandem import embedding, ids
from tandem.db import Database, embedded, migrate
from tandem.db.queries import Query
from tandem.ids import TenantId
from tandem.knowledge import generations, questions, search
from tandem.knowledge.finding import Finder, Index

SEED = 20261120
PASSAGES = 100_000
SHARES = ((1, 60_000), (1, 20_000), (1, 5_000), (10, 1_000), (50, 100))
"""How many tenants have how many of 100,000 passages."""

SAMPLE = 800
JITTER = 0.45
"""Length of the noise added to a unit vector: cosines of 0.9 between copies, 0.2 and less between topics."""

CONNECTIONS = 8
MEASURED_S = 6.0
QUESTIONS = 200
RECALLED = 40
KEPT = Path(__file__).parent.parent / ".build" / "bench"

Vector = NDArray[np.float32]
WHO = search.audiences(verified=False)
INDEX = Index(1, "all-MiniLM-L6-v2/int8")
VECTOR_ONLY = Query(
    "vector_only", None, "The bare neighbours as the planner likes: no words, no ranking, no row-level security.",
    b"select passage_id from passage_vectors where tenant_id = %(tenant)s and live"
    b" order by embedding <=> %(meaning)s::text::halfvec(384) limit 8",
)  # fmt: skip
RECALL = Query(
    "recall", None, "The ten nearest by the product's own search, exact or not.",
    b"select passage_id from search_passages('', %(meaning)s::text::halfvec(384), 1, %(who)s::text[], 10, null, %(exact_below)s)",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant and how many passages it has."""

    id: UUID
    size: int


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of whom."""

    tenant: UUID
    text: str
    meaning: Vector


def run(options: Sequence[str]) -> Result:
    """Prepare what is not there, then a few seconds for each size of tenant."""
    count = int(options[0]) if options else PASSAGES
    data_dir = KEPT / f"search-{count}"
    data_dir.mkdir(parents=True, exist_ok=True)
    with embedded.hold(data_dir):
        address = embedded.ensure(data_dir, settings={"shared_buffers": "512MB", "maintenance_work_mem": "1GB"})
        migrate.prepare_embedded(address.owner_url, address.url(migrate.OWNER_ROLE))
        corpus = Corpus(count)
        with psycopg.connect(address.url(migrate.OWNER_ROLE), autocommit=True) as owner:
            corpus.load(owner)
        figures = asyncio.run(_measure(corpus, address.url(migrate.APP_ROLE), address.url(migrate.OWNER_ROLE)))
    embedded.stop(data_dir)
    return Result("search" if count == PASSAGES else f"search-{count}", figures)


# ---------------------------------------------------------------- what is searched


class Corpus:
    """Tenants, passages and questions, the same for the same count."""

    def __init__(self, count: int) -> None:
        self.rng = np.random.default_rng(SEED)
        self.words = Words(SEED)
        self.tenants = [
            Tenant(UUID(int=(n << 64) + place), size * count // PASSAGES)
            for place, (many, size) in enumerate(SHARES, 1)
            for n in range(1, many + 1)
        ]
        self.topics = self.rng.integers(0, TOPICS, SAMPLE)
        self.texts = [self.words.passage(int(topic)) for topic in self.topics]
        self.models = embedding.load_all()
        meant = asyncio.run(generations.read(self.models, [("An article", text) for text in self.texts]))
        self.vectors = np.stack([vector for vector, _ in meant])
        self.details = [details.packed() for _, details in meant]

    def load(self, owner: psycopg.Connection[tuple[object, ...]]) -> None:
        """Put it into the database, unless it is there; indexes are made afterwards, which is faster."""
        wanted = sum(tenant.size for tenant in self.tenants)
        if owner.execute("select count(*) from passages").fetchone() == (wanted,):
            return
        owner.execute("truncate tenants cascade")
        names = ("passages_by_word", "passage_vectors_by_meaning")
        made = [owner.execute("select pg_get_indexdef(%s::regclass)", [name]).fetchone() for name in names]
        for name in names:
            owner.execute(psycopg.sql.SQL("drop index {}").format(psycopg.sql.Identifier(name)))
        for tenant in self.tenants:
            with owner.transaction():
                self._load(owner, tenant)
        for found in made:
            assert found is not None
            owner.execute(str(found[0]).replace(" ON ONLY ", " ON ").encode())
        owner.execute("vacuum analyze")

    def _load(self, owner: psycopg.Connection[tuple[object, ...]], tenant: Tenant) -> None:
        owner.execute(
            "insert into tenants (tenant_id, name, slug, widget_key, identity_secret) values (%s, 'Bench', 'bench', 'none', '')",
            [tenant.id],
        )
        owner.execute(
            "insert into knowledge_states (tenant_id, release, passages) values (%s, 1, %s)", [tenant.id, tenant.size]
        )
        documents = [ids.new() for _ in range(0, tenant.size, 20)]
        with owner.cursor() as cursor:
            with cursor.copy(
                "copy documents (tenant_id, id, title, format, status, version, live_version, passages) from stdin"
            ) as copy:
                for document in documents:
                    copy.write_row((tenant.id, document, "An article", "markdown", "ready", 1, 1, 20))
            with cursor.copy(
                "copy document_versions (tenant_id, document_id, version, title, format, content_hash, ready) from stdin"
            ) as copy:
                for document in documents:
                    copy.write_row((tenant.id, document, 1, "An article", "markdown", b"", True))
            places = self.rng.integers(0, SAMPLE, tenant.size)
            passages = [ids.new() for _ in range(tenant.size)]
            with cursor.copy(
                "copy passages (tenant_id, id, document_id, version, ordinal, heading, text, start,"
                ' "end", audience, live, hash) from stdin'
            ) as copy:
                for n, place in enumerate(places):
                    text = self.words.passage(int(self.topics[place]))
                    row = (tenant.id, passages[n], documents[n // 20], 1, n % 20, "An article", text, 0, len(text))
                    copy.write_row((*row, "public", True, b""))
            with cursor.copy(
                "copy passage_vectors (tenant_id, generation, passage_id, document_id, version, audience, live,"
                " embedding, details) from stdin"
            ) as copy:
                for n, place in enumerate(places):
                    meaning = search.as_text(self._near(int(place)))
                    found = (tenant.id, 1, passages[n], documents[n // 20], 1, "public", True)
                    copy.write_row((*found, meaning, self.details[place]))
            cursor.execute(
                "insert into vocabulary (tenant_id, lexeme, passages) select p.tenant_id, w.lexeme, count(*)"
                " from passages p, unnest(p.tsv) w where p.tenant_id = %s group by 1, 2",
                [tenant.id],
            )

    def questions(self, tenant: Tenant, count: int = QUESTIONS) -> list[Question]:
        """Questions about what the sample is about."""
        places = self.rng.integers(0, SAMPLE, count)
        return [Question(tenant.id, self.words.question(int(self.topics[p])), self._near(int(p))) for p in places]

    def _near(self, place: int) -> Vector:
        noise = np.asarray(self.rng.standard_normal(self.vectors.shape[1]), np.float32)
        vector = self.vectors[place] + JITTER * noise / np.linalg.norm(noise)
        near: Vector = np.asarray(vector / np.linalg.norm(vector), np.float32)
        return near


# ---------------------------------------------------------------- measuring


async def _measure(corpus: Corpus, app_url: str, owner_url: str) -> list[Figure]:
    app, owner = Database(app_url, size=CONNECTIONS), Database(owner_url, size=CONNECTIONS)
    await app.open()
    await owner.open()
    figures = []
    finder = Finder(app, corpus.models)
    by_size = {tenant.size: tenant for tenant in corpus.tenants}
    for size, tenant in sorted(by_size.items()):
        asked = corpus.questions(tenant)
        how = f"a tenant of {size:,} among {sum(t.size for t in corpus.tenants):,}, {CONNECTIONS} connections"
        figures += await _both(finder, owner, asked, how, budget=False)
        recall = [await _recall(app, question) for question in asked[:RECALLED]]
        figures.append(Figure("recall@10 of exact, mean", how, "share", [float(np.mean(recall))], budget="≥ 0.95"))
    sizes = np.array([tenant.size for tenant in corpus.tenants], float)
    mixed = corpus.rng.choice(len(sizes), QUESTIONS, p=sizes / sizes.sum())
    asked = [corpus.questions(corpus.tenants[int(n)], 1)[0] for n in mixed]
    figures += await _both(finder, owner, asked, f"tenants by their size, {CONNECTIONS} connections", budget=True)
    await app.close()
    await owner.close()
    return figures


async def _both(finder: Finder, owner: Database, asked: list[Question], how: str, *, budget: bool) -> list[Figure]:
    """The search and its floor, right after another."""
    a_second, times = await _pressed(lambda question: _search(finder, question), asked)
    floor_second, floor_times = await _pressed(lambda question: _bare(owner, question), asked)
    peer = "bare vector query"
    goal = "≥ 300" if budget else ""
    return [
        Figure("searches a second", how, "1/s", [a_second], budget=goal, against=[floor_second], peer=peer),
        Figure("search", how, "ms", times, budget="p95 ≤ 50" if budget else "", against=floor_times, peer=peer),
    ]


async def _pressed(ask: Callable[[Question], Awaitable[None]], asked: list[Question]) -> tuple[float, list[float]]:
    """All connections busy for some seconds: questions a second, and each one's milliseconds."""
    times: list[float] = []
    took = 0.0

    async def one(questions: Iterator[Question], until: float) -> None:
        for question in questions:
            began = time.perf_counter()
            if began > until:
                return
            await ask(question)
            times.append((time.perf_counter() - began) * 1000)

    for seconds in (1.0, MEASURED_S):  # the first warms caches
        times.clear()
        turning, began = _turning(asked), time.perf_counter()
        await asyncio.gather(*(one(turning, began + seconds) for _ in range(CONNECTIONS)))
        took = time.perf_counter() - began
    return len(times) / took, times


def _turning(asked: list[Question]) -> Iterator[Question]:
    while True:
        yield from asked


async def _search(finder: Finder, question: Question) -> None:
    """As a turn searches: both stages. The question is embedded the first time it is asked, in the second that warms."""
    ranked = await finder(TenantId(question.tenant), questions.alone(question.text), WHO, 8, index=INDEX)
    assert ranked.passages


async def _bare(owner: Database, question: Question) -> None:
    async with owner.reading(question.tenant) as tx:
        tx.later(VECTOR_ONLY, tenant=question.tenant, meaning=search.as_text(question.meaning))


async def _recall(app: Database, question: Question) -> float:
    """The share of the ten nearest that the search's own way finds."""
    meaning = search.as_text(question.meaning)
    async with app.reading(question.tenant) as tx:
        found = tx.later(RECALL, meaning=meaning, who=WHO, exact_below=5000)
        exact = tx.later(RECALL, meaning=meaning, who=WHO, exact_below=2_000_000_000)
    nearest = set(exact.result.rows)
    return len(nearest & set(found.result.rows)) / len(nearest)
