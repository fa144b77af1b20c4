"""The shipped model: what its vectors say, and that it is the published one."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from tandem import embedding
from tandem.embedding import cache, graph, tokens, weights
from tandem.embedding.loading import default_cache_dir
from tandem.embedding.minilm import LONGEST, MiniLM

QUESTION = "How do I cancel my subscription?"
PARAPHRASES = {
    QUESTION: "I want to stop my monthly plan.",
    "Where is my parcel?": "My package has not been delivered yet.",
    "I forgot my password": "I can't log in because I don't remember my login details",
}
SHORT_AND_LONG = ["Hello", QUESTION, "Refunds take five working days. " * 20, "", "Where is my parcel?", "a " * 600]


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM.load(default_cache_dir())


def test_a_paraphrase_is_nearer_than_another_subject(minilm: MiniLM) -> None:
    for text, paraphrase in PARAPHRASES.items():
        others = [other for other in PARAPHRASES.values() if other != paraphrase]
        vectors = minilm.embed_passages_sync([paraphrase, *others])
        cosines = vectors @ minilm.embed_query_sync(text)
        assert cosines[0] > cosines[1:].max() + 0.15, text


def test_vectors_have_length_one_and_keep_their_order(minilm: MiniLM) -> None:
    vectors = minilm.embed_passages_sync(SHORT_AND_LONG)
    assert vectors.shape == (len(SHORT_AND_LONG), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for text, vector in zip(SHORT_AND_LONG, vectors, strict=True):
        assert np.array_equal(vector, minilm.embed_query_sync(text))  # its neighbours make no difference


def test_the_same_text_gives_the_same_vector(minilm: MiniLM) -> None:
    again = MiniLM.load(default_cache_dir())
    assert np.array_equal(minilm.embed_query_sync(QUESTION), again.embed_query_sync(QUESTION))


async def test_it_works_off_the_event_loop(minilm: MiniLM) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1

    ticking = asyncio.create_task(tick())
    vectors = await minilm.embed_passages(SHORT_AND_LONG * 4)
    query = await minilm.embed_query(QUESTION)
    ticking.cancel()
    assert vectors.shape == (len(SHORT_AND_LONG) * 4, 384)
    assert np.array_equal(vectors[1], query)
    assert ticks > 5
    assert (await minilm.embed_passages([])).shape == (0, 384)


def test_what_is_longer_than_the_model_reads_is_cut(minilm: MiniLM) -> None:
    kept = "one two three " * 200
    assert minilm.count_tokens(kept) == 600
    assert len(tokens.encode(kept, LONGEST)) == 256
    assert np.array_equal(minilm.embed_query_sync(kept), minilm.embed_query_sync(kept + "and something else entirely"))


def test_int8_stays_near_the_exact_model(minilm: MiniLM) -> None:
    exact = graph.build(weights.tensors(weights.content("model.safetensors")))
    session = onnxruntime.InferenceSession(exact.SerializeToString(), providers=["CPUExecutionProvider"])
    cosines = []
    for text in [*PARAPHRASES, *PARAPHRASES.values()]:
        ids = np.array([tokens.encode(text, LONGEST)])
        (vector,) = session.run(["embedding"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
        cosines.append(vector @ minilm.embed_query_sync(text))
    assert np.mean(cosines) > 0.985  # per channel 0.9945 was measured, a whole tensor at once 0.962


def test_it_refuses_weights_that_are_not_the_published_ones(tmp_path: Path) -> None:
    assert weights.content("tokenizer.json")
    changed = weights.content("tokenizer.json").replace(b"hello", b"hallo", 1)
    (tmp_path / "tokenizer.json").write_bytes(changed)
    with pytest.raises(embedding.CannotEmbed, match="not the published file"):
        weights.content("tokenizer.json", tmp_path)
    with pytest.raises(embedding.CannotEmbed, match="cannot be read"):
        weights.content("model.safetensors", tmp_path)


def test_it_throws_away_a_built_model_that_has_changed(tmp_path: Path) -> None:
    default = default_cache_dir()
    built = next(default.glob(f"{cache.PREFIX}*.onnx"))
    shutil.copy(built, tmp_path)
    assert cache.model(tmp_path) == built.read_bytes()
    with open(tmp_path / built.name, "r+b") as file:
        file.seek(1_000_000)
        file.write(b"changed")
    assert cache._find(tmp_path) is None
    assert not list(tmp_path.glob("*.onnx"))


def test_two_processes_may_build_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tandem.embedding", "--cache", str(tmp_path)]
    both = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait(300) for process in both] == [0, 0]
    assert len(list(tmp_path.glob("*.onnx"))) == 1
    assert {path.suffix for path in tmp_path.iterdir()} == {".onnx", ".lock"}
