"""all-MiniLM-L6-v2 on this machine: onnxruntime, int8, one thread a call, off the event loop.

English. Other languages lean on text search.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import numpy as np

from tandem.embedding import cache, tokens
from tandem.embedding.embedder import DIMENSIONS, CannotEmbed, Reading, Vector, Vectors

LONGEST = 256  # tokens the model was trained on; what is longer is cut
REMEMBERED = 256  # readings of queries, 40 kB each on average: 10 MB
PASSAGE_THREADS = 2  # while nobody asks a worker has both cores of a small machine, and yields when somebody does
SLOW_FUSION = "SkipLayerNormFusion"
"""onnxruntime would put adding and normalising together again: 3.1 ms of a passage of 133 tokens instead of 0.6 (`graph`)."""

QUERY_THREADS = 2  # a query takes about a millisecond, so two cores serve over a thousand a second


class MiniLM:
    """The shipped model. Queries and passages have threads of their own, so that ingestion never delays an answer."""

    model_name = "all-MiniLM-L6-v2/int8"
    dimensions = DIMENSIONS

    def __init__(self, model: bytes) -> None:
        self._session = _session(model)
        self._queries = ThreadPoolExecutor(QUERY_THREADS, thread_name_prefix="embed-query")
        self._passages = ThreadPoolExecutor(PASSAGE_THREADS, thread_name_prefix="embed-passages")
        self._recent: OrderedDict[str, Reading] = OrderedDict()

    @classmethod
    def load(cls, cache_dir: Path) -> Self:
        """The model from the cache, built first where the cache has none."""
        tokens.tokenizer()
        return cls(cache.model(cache_dir))

    async def embed_query(self, text: str) -> Vector:
        """See `Embedder`."""
        return (await self.read_query(text)).vector

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder`. One by one, as `embed_passages_sync`, on as many cores as there are threads for it."""
        loop = asyncio.get_running_loop()
        found = await asyncio.gather(*(loop.run_in_executor(self._passages, self.embed_query_sync, t) for t in texts))
        return np.stack(found) if found else np.empty((0, DIMENSIONS), np.float32)

    def embed_query_sync(self, text: str) -> Vector:
        """See `Embedder`."""
        ids = np.array([tokens.encode(text, LONGEST)], np.int64)
        vector: Vector = self._session.run(["embedding"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
        return vector

    def embed_passages_sync(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder`. One by one: together they gain nothing on one thread, and would colour each other's numbers.

        (int8 chooses its scale for all numbers of a run, so a text's vector would depend on its neighbours.)
        """
        if not texts:
            return np.empty((0, DIMENSIONS), np.float32)
        return np.stack([self.embed_query_sync(text) for text in texts])

    def read_sync(self, text: str) -> Reading:
        """The text token by token, in the calling thread."""
        found, places = tokens.encode_with_places(text, LONGEST)
        ids = np.array([found], np.int64)
        vector, read = self._session.run(
            ["embedding", "tokens"], {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        )
        return Reading(vector[0], read[0], np.array(places, np.int32))

    async def read_query(self, text: str) -> Reading:
        """See `Reader`. The last texts are remembered: a turn reads its message more than once, and the one before it again."""
        reading = self._recent.pop(text, None)
        if reading is None:
            reading = await asyncio.get_running_loop().run_in_executor(self._queries, self.read_sync, text)
        self._recent[text] = reading
        while len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)
        return reading

    async def read_passages(self, texts: Sequence[str]) -> list[Reading]:
        """See `Reader`. One by one, as `embed_passages_sync`."""
        loop = asyncio.get_running_loop()
        return list(await asyncio.gather(*(loop.run_in_executor(self._passages, self.read_sync, t) for t in texts)))

    def count_tokens(self, text: str) -> int:
        """See `Embedder`."""
        return tokens.count(text)

    async def aclose(self) -> None:
        """See `Embedder`."""
        self._queries.shutdown(wait=False, cancel_futures=True)
        self._passages.shutdown(wait=False, cancel_futures=True)


def _session(model: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"], disabled_optimizers=[SLOW_FUSION]
        )
    except Exception as problem:  # onnxruntime raises its own classes, without a common one it documents
        raise CannotEmbed(f"onnxruntime cannot load the embedding model: {problem}") from problem
