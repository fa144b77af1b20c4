"""The operator's reranker: a real HTTP server on loopback that speaks Cohere's shape, and can misbehave."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tandem import embedding
from tandem.db import Database
from tandem.embedding import CannotEmbed
from tandem.embedding.minilm import MiniLM
from tandem.embedding.reranker import Reranker
from tandem.knowledge.finding import Finder
from tandem.knowledge.questions import alone
from tandem.settings import Settings
from tests import library
from tests.cast import Cast
from tests.embedding.endpoint_stub import Stub
from tests.ground import Ground, Place

QUESTION = "How long is the warranty of a grinder?"


def by_length(body: dict[str, Any]) -> tuple[int, object]:
    """The shortest text is the best, the answer sorted by score as the protocol has it."""
    longest = max(map(len, body["documents"]))
    results = [
        {"index": i, "relevance_score": 1 - len(text) / (longest + 1)} for i, text in enumerate(body["documents"])
    ]
    return 200, {"id": "1", "results": sorted(results, key=lambda result: -result["relevance_score"])}


@pytest.fixture
def stub() -> Iterator[Stub]:
    stub = Stub()
    stub.answer = by_length
    yield stub
    stub.server.shutdown()
    stub.server.server_close()


@pytest.fixture
async def reranker(stub: Stub) -> AsyncIterator[Reranker]:
    found = Reranker("rerank-v3.5", f"http://127.0.0.1:{stub.server.server_port}/v2", "secret")
    yield found
    await found.aclose()


@pytest.fixture
def place(ground: Ground, cast: Cast, embedder: MiniLM) -> Iterator[Place]:
    with library.copy(ground, cast, embedder) as place:
        yield place


async def test_it_speaks_the_protocol(stub: Stub, reranker: Reranker) -> None:
    assert await reranker.scores("why?", ["longer", "short"]) == pytest.approx([1 / 7, 2 / 7])
    path, authorization, body = stub.asked[0]
    assert (path, authorization) == ("/v2/rerank", "Bearer secret")
    assert body == {"model": "rerank-v3.5", "query": "why?", "documents": ["longer", "short"], "top_n": 2}


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}),
        (429, {"message": "slow down"}),
        (200, []),
        (200, {"results": [{"index": 0, "relevance_score": 0.5}]}),
        (200, {"results": [{"index": 0, "relevance_score": "high"}, {"index": 1, "relevance_score": 0.1}]}),
        (200, {"results": [{"index": 7, "relevance_score": 0.5}, {"index": 1, "relevance_score": 0.1}]}),
    ],
)
async def test_nonsense_is_no_order(stub: Stub, reranker: Reranker, answer: tuple[int, object]) -> None:
    stub.answer = lambda _: answer
    assert await reranker.scores("why?", ["a", "b"]) is None


async def test_nobody_there_is_no_order() -> None:
    assert await Reranker("m", "http://127.0.0.1:9/v2").scores("why?", ["a"]) is None


async def test_what_was_found_comes_in_its_order_and_in_ours_without_it(
    db: Database, cast: Cast, embedder: MiniLM, stub: Stub, reranker: Reranker
) -> None:
    ours = library.together(embedder)
    theirs = embedding.Embedders(embedder, None, embedder, reranker)
    plain = await Finder(db, ours)(cast.rival.id, alone(QUESTION), None, 8)
    ranked = await Finder(db, theirs)(cast.rival.id, alone(QUESTION), None, 8)
    assert [p.passage_id for p in ranked.passages] != [p.passage_id for p in plain.passages]
    assert [len(p.heading) + len(p.text) for p in ranked.passages] == sorted(
        len(p.heading) + len(p.text) for p in plain.passages
    )
    assert ranked.passages[0].score == ranked.passages[0].why["reranker"]
    assert ranked.quality == plain.quality
    stub.answer = lambda _: (500, {})
    again = await Finder(db, theirs)(cast.rival.id, alone(QUESTION), None, 8)
    assert [p.passage_id for p in again.passages] == [p.passage_id for p in plain.passages]


def test_a_setting_that_names_none_is_refused() -> None:
    with pytest.raises(CannotEmbed, match="names no reranker"):
        embedding.from_settings(Settings(reranker="somebody"))
