"""An embedding endpoint that speaks OpenAI's protocol, wherever it is: `POST BASE_URL/embeddings`."""

import asyncio
import time
from collections.abc import Sequence

import httpx
import numpy as np

from tandem.embedding import tokens
from tandem.embedding.embedder import DIMENSIONS, CannotEmbed, Vector, Vectors

BATCH = 64  # texts in one request; endpoints take up to 2,048, but a lost answer costs less this way
TIMEOUT = httpx.Timeout(20.0, connect=5.0)  # seconds
PAUSES = (0.25, 1.0)  # seconds before the second and the third try
WORTH_RETRYING = {429, 500, 502, 503, 504}


class Endpoint:
    """A model elsewhere. Asks for 384 dimensions and refuses vectors of another width."""

    dimensions = DIMENSIONS

    def __init__(self, model: str, base_url: str, api_key: str = "") -> None:
        self.model_name = model
        self._url = f"{base_url}/embeddings"
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._async = httpx.AsyncClient(timeout=TIMEOUT, headers=headers)
        self._sync = httpx.Client(timeout=TIMEOUT, headers=headers)

    async def embed_query(self, text: str) -> Vector:
        """See `Embedder`."""
        vector: Vector = (await self.embed_passages([text]))[0]
        return vector

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder`."""
        return _together([await self._ask(batch) for batch in _batches(texts)])

    def embed_query_sync(self, text: str) -> Vector:
        """See `Embedder`."""
        vector: Vector = self.embed_passages_sync([text])[0]
        return vector

    def embed_passages_sync(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder`."""
        return _together([self._ask_sync(batch) for batch in _batches(texts)])

    def count_tokens(self, text: str) -> int:
        """See `Embedder`."""
        return tokens.count(text)

    async def aclose(self) -> None:
        """See `Embedder`."""
        self._sync.close()
        await self._async.aclose()

    async def _ask(self, batch: Sequence[str]) -> Vectors:
        body = self._body(batch)
        for pause in PAUSES:
            answer = await _attempt(self._async, self._url, body)
            if answer is not None and answer.status_code not in WORTH_RETRYING:
                return _vectors(answer, len(batch))
            await asyncio.sleep(pause)
        return _vectors(await _attempt(self._async, self._url, body), len(batch))

    def _ask_sync(self, batch: Sequence[str]) -> Vectors:
        body = self._body(batch)
        for pause in PAUSES:
            answer = _attempt_sync(self._sync, self._url, body)
            if answer is not None and answer.status_code not in WORTH_RETRYING:
                return _vectors(answer, len(batch))
            time.sleep(pause)
        return _vectors(_attempt_sync(self._sync, self._url, body), len(batch))

    def _body(self, batch: Sequence[str]) -> dict[str, object]:
        # Some endpoints refuse an empty text; a blank means as little.
        texts = [text or " " for text in batch]
        return {"model": self.model_name, "input": texts, "dimensions": DIMENSIONS, "encoding_format": "float"}


async def _attempt(client: httpx.AsyncClient, url: str, body: dict[str, object]) -> httpx.Response | None:
    try:
        return await client.post(url, json=body)
    except httpx.HTTPError:
        return None


def _attempt_sync(client: httpx.Client, url: str, body: dict[str, object]) -> httpx.Response | None:
    try:
        return client.post(url, json=body)
    except httpx.HTTPError:
        return None


def _batches(texts: Sequence[str]) -> list[Sequence[str]]:
    return [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]


def _together(parts: list[Vectors]) -> Vectors:
    return np.concatenate(parts) if parts else np.empty((0, DIMENSIONS), np.float32)


def _vectors(answer: httpx.Response | None, wanted: int) -> Vectors:
    """The vectors in an answer, in the order of the texts, brought to length 1. Trusts nothing in it."""
    if answer is None:
        raise CannotEmbed("The embedding endpoint does not answer.")
    if answer.status_code != 200:
        raise CannotEmbed(f"The embedding endpoint answers with status {answer.status_code}.")
    try:
        entries = sorted(answer.json()["data"], key=lambda entry: int(entry["index"]))
        vectors = np.array([entry["embedding"] for entry in entries], np.float32)
    except (KeyError, TypeError, ValueError) as problem:
        raise CannotEmbed("The embedding endpoint's answer is not what the protocol says.") from problem
    if vectors.shape != (wanted, DIMENSIONS):
        found = vectors.shape[-1] if vectors.ndim == 2 else 0
        raise CannotEmbed(
            f"The embedding endpoint gave {len(vectors)} vectors of {found} numbers for {wanted} texts;"
            f" Tandem needs {DIMENSIONS}: choose a model that has, or can be asked for, {DIMENSIONS} dimensions."
        )
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise CannotEmbed("The embedding endpoint gave a vector without a direction.")
    normalised: Vectors = vectors / lengths
    return normalised
