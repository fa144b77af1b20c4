"""Another embedding model takes over while questions are asked: each is compared with the vectors of its own model alone."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pytest

from tandem import ids, jobs
from tandem.db import Database
from tandem.embedding import Embedders, load
from tandem.embedding.minilm import MiniLM
from tandem.jobs import Queue
from tandem.knowledge import documents, finding, generations, search
from tandem.knowledge.documents import Labels, Written
from tandem.knowledge.finding import Finder, Index
from tandem.knowledge.generations import Rebuild
from tandem.knowledge.ingest import Ingest
from tandem.knowledge.questions import alone
from tandem.knowledge.reading import Format
from tandem.knowledge.search import Found
from tests import library
from tests.cast import Cast
from tests.embedding.endpoint_stub import Stub
from tests.ground import Ground, Place

QUESTIONS = (
    "What does delivery within Ireland cost?",
    "Until when can I cancel an order?",
    "How long is the warranty of a grinder?",
    "When is the roastery open?",
)

TURNED = np.random.default_rng(7).permutation(384)
"""The other model says the same in another order of numbers: its own vectors agree, those of the two models do not."""

CLOSE = 0.03
"""Two roundings to half precision differ less; vectors of two models differ by far more."""


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "BATCH", 2)


@pytest.fixture
def place(ground: Ground, cast: Cast, embedder: MiniLM) -> Iterator[Place]:
    with library.copy(ground, cast, embedder) as place:
        yield place


@pytest.fixture
async def models(embedder: MiniLM) -> AsyncIterator[Embedders]:
    stub = Stub()

    def answer(body: dict[str, Any]) -> tuple[int, object]:
        vectors = embedder.embed_passages_sync(body["input"])[:, TURNED]
        return 200, {"data": [{"index": i, "embedding": vector.tolist()} for i, vector in enumerate(vectors)]}

    stub.answer = answer
    chosen = load(stub.spec)
    yield Embedders(chosen, None, embedder)
    await chosen.aclose()
    stub.server.shutdown()
    stub.server.server_close()


class Asking:
    """Asks without a pause, each time with what the asker saw answer when it began."""

    def __init__(self, db: Database, models: Embedders, cast: Cast) -> None:
        self.find, self.tenant = Finder(db, models), cast.rival.id
        self.expected: dict[str, Found] = {}
        self.answers = 0
        self.seen: set[int] = set()
        self.wrong: list[str] = []

    async def learn(self) -> None:
        for question in QUESTIONS:
            self.expected[question] = (await self.find(self.tenant, alone(question), None, 5)).passages[0]

    async def ask(self, question: str, index: Index | None = None) -> None:
        found = (await self.find(self.tenant, alone(question), None, 5, index=index)).passages
        self.answers += 1
        self.seen |= {passage.generation for passage in found}
        best = self.expected[question]
        if len({(passage.generation, passage.release) for passage in found}) != 1:
            self.wrong.append(f"{question}: two states in one answer")
        if not found or found[0].passage_id != best.passage_id:
            self.wrong.append(f"{question}: another passage")
        elif abs((found[0].cosine or 0) - (best.cosine or 0)) > CLOSE:
            self.wrong.append(f"{question}: cosine {found[0].cosine} instead of {best.cosine}")

    async def on_and_on(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            for question in QUESTIONS:
                await self.ask(question)
            await asyncio.sleep(0)


async def begun(db: Database, models: Embedders, cast: Cast) -> jobs.Order:
    """The promise to embed everything anew."""
    async with db.tenant(cast.rival.id) as tx:
        await generations.begin(tx, Queue(db), models)
        await generations.begin(tx, Queue(db), models)  # a second worker, or a restart: promised once
    return jobs.Order(cast.rival.id, ids.new(), {"model": models.chosen.model_name})


async def state(db: Database, cast: Cast) -> search.State:
    async with db.tenant(cast.rival.id) as tx:
        return await search.state(tx)


async def test_no_answer_mixes_two_models_while_everything_is_embedded_anew(
    db: Database, models: Embedders, cast: Cast
) -> None:
    asking, stop = Asking(db, models, cast), asyncio.Event()
    await asking.learn()
    before = await state(db, cast)
    askers = [asyncio.create_task(asking.on_and_on(stop)) for _ in range(3)]
    try:
        while asking.answers < 10:
            await asyncio.sleep(0.01)
        order = await begun(db, models, cast)
        rebuilding = asyncio.create_task(Rebuild(db, models)(order))
        await written(db, models, cast)
        done = await rebuilding
        while asking.answers <= 50 or before.generation + 1 not in asking.seen:
            await asyncio.sleep(0.01)
    finally:
        stop.set()
        await asyncio.gather(*askers)
    assert not asking.wrong, asking.wrong[:5]
    assert asking.seen == {before.generation, before.generation + 1}
    assert asking.answers > 50
    after = await state(db, cast)
    assert (after.model, after.generation) == (models.chosen.model_name, before.generation + 1)
    assert done["passages"]
    found = (await Finder(db, models)(cast.rival.id, alone("Do you engrave lamps with a name?"), None, 3)).passages
    assert (found[0].title, (found[0].cosine or 0) > 0.5) == ("Engraving", True), "what came in meanwhile is there"
    await asking.ask(QUESTIONS[0], Index(before.generation, models.shipped.model_name))  # began before, searches after
    assert not asking.wrong


async def test_it_goes_on_where_it_was_cut_off(db: Database, models: Embedders, cast: Cast, place: Place) -> None:
    order = await begun(db, models, cast)
    counted = "select count(*) from passage_vectors where tenant_id = %s and generation = 2"
    cut = asyncio.create_task(Rebuild(db, models)(order))
    with psycopg.connect(place.superuser, autocommit=True) as connection:
        while not (kept := (connection.execute(counted, [cast.rival.id]).fetchone() or (0,))[0]):
            await asyncio.sleep(0.005)
    cut.cancel()
    await asyncio.gather(cut, return_exceptions=True)
    assert (await state(db, cast)).model == models.shipped.model_name, "the old one answers until the new one is whole"
    done = await Rebuild(db, models)(order)
    assert kept > 0
    assert (await state(db, cast)).model == models.chosen.model_name
    with psycopg.connect(place.superuser) as connection:
        rows = connection.execute(
            "select generation, count(*) from passage_vectors where tenant_id = %s group by 1", [cast.rival.id]
        ).fetchall()
    assert rows == [(2, 8)]
    assert int(str(done["passages"])) <= 8 - kept, "what was stored before is not embedded again"


async def test_words_find_when_the_model_that_answers_is_not_there(db: Database, models: Embedders, cast: Cast) -> None:
    await Rebuild(db, models)(await begun(db, models, cast))
    find = Finder(db, library.together(models.shipped))
    found = (await find(cast.rival.id, alone("How long is the password?"), None, 5)).passages
    assert "password" in found[0].text
    assert found[0].cosine is None


async def test_a_search_that_does_not_look_which_model_answers_is_noticed(
    db: Database, models: Embedders, cast: Cast, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bugs: the database compares a question with whatever vectors there are, and nobody looks which those were."""
    asking = Asking(db, models, cast)
    await asking.learn()
    before = Index(1, models.shipped.model_name)
    await Rebuild(db, models)(await begun(db, models, cast))
    await asking.ask(QUESTIONS[0], before)
    assert not asking.wrong
    with psycopg.connect(place.superuser) as connection:
        name = "search_passages(text,halfvec,int,text[],int,uuid,int,int)"
        (whole,) = connection.execute("select pg_get_functiondef(%s::regprocedure)", [name]).fetchone() or ("",)
        broken = whole.replace("state.generation is distinct from asked_of", "false")
        assert broken != whole
        connection.execute(broken.encode())
    monkeypatch.setattr(finding, "TRIES", 1)
    await asking.ask(QUESTIONS[0], before)
    assert asking.wrong


async def written(db: Database, models: Embedders, cast: Cast) -> UUID:
    """An article that comes in while everything is embedded anew."""
    async with db.tenant(cast.rival.id) as tx:
        content = Written(Format.MARKDOWN, "# Engraving\n\nWe engrave lamps with a name of your choice.")
        saved = await documents.save(tx, Queue(db), Labels("Engraving"), content)
    order = jobs.Order(cast.rival.id, ids.new(), {"document_id": str(UUID(int=saved.id.int)), "version": "1"})
    await Ingest(db, models)(order)
    return saved.id
