"""The endpoint elsewhere: a real HTTP server on loopback that can misbehave."""

from collections.abc import Iterator

import numpy as np
import pytest

from tandem import embedding
from tandem.embedding import endpoint
from tests.embedding.endpoint_stub import Stub, well


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    monkeypatch.setattr(endpoint, "PAUSES", (0.0, 0.0))
    stub = Stub()
    yield stub
    stub.server.shutdown()
    stub.server.server_close()


async def test_it_works(stub: Stub) -> None:
    embedder = embedding.load(stub.spec, api_key="a-key")
    assert (embedder.model_name, embedder.dimensions) == ("small-3", 384)
    texts = ["x" * (i % 150) for i in range(150)]
    vectors = await embedder.embed_passages(texts)
    assert vectors.dtype == np.float32
    assert [int(row.argmax()) for row in vectors] == [len(text) or 1 for text in texts]
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert np.array_equal(embedder.embed_passages_sync(texts), vectors)
    assert np.array_equal(await embedder.embed_query("xxx"), embedder.embed_query_sync("xxx"))
    path, key, body = stub.asked[0]
    assert (path, key, body["model"], body["dimensions"]) == ("/v1/embeddings", "Bearer a-key", "small-3", 384)
    assert embedder.count_tokens("Where is my parcel?") == 5
    assert (await embedder.embed_passages([])).shape == (0, 384)
    await embedder.aclose()


@pytest.mark.parametrize("status", [429, 503])
async def test_it_tries_again_when_the_endpoint_is_busy(stub: Stub, status: int) -> None:
    stub.answer = lambda body: well(body) if len(stub.asked) % 3 == 0 else (status, {})
    embedder = embedding.load(stub.spec)
    assert (await embedder.embed_query("abc")).argmax() == 3
    assert embedder.embed_query_sync("abc").argmax() == 3
    assert len(stub.asked) == 6


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((401, {"error": "no key"}), "status 401"),
        ((500, {}), "status 500"),
        ((200, {"data": []}), "gave 0 vectors"),
        ((200, {"data": [{"index": 0, "embedding": [1.0] * 1536}]}), "1536 numbers"),
        ((200, {"data": [{"index": 0, "embedding": [0.0] * 384}]}), "without a direction"),
        ((200, {"data": [{"index": 0, "embedding": ["a"] * 384}]}), "not what the protocol says"),
        ((200, "nonsense"), "not what the protocol says"),
    ],
)
async def test_it_refuses_what_is_not_a_vector(stub: Stub, answer: tuple[int, object], sentence: str) -> None:
    embedder = embedding.load(stub.spec)
    assert (await embedder.embed_query("abc")).shape == (384,)
    stub.answer = lambda body: answer
    with pytest.raises(embedding.CannotEmbed, match=sentence):
        await embedder.embed_query("abc")
    with pytest.raises(embedding.CannotEmbed, match=sentence):
        embedder.embed_query_sync("abc")


async def test_it_says_when_nobody_is_there(stub: Stub) -> None:
    stub.server.shutdown()
    stub.server.server_close()
    with pytest.raises(embedding.CannotEmbed, match="does not answer"):
        await embedding.load(stub.spec).embed_query("abc")


@pytest.mark.parametrize("spec", ["", "bert", "openai:small", "openai:@https://host/v1", "openai:small@ftp://host"])
def test_it_refuses_a_spec_that_names_nothing(spec: str) -> None:
    with pytest.raises(embedding.CannotEmbed, match="choose `minilm` or"):
        embedding.load(spec)
