"""A reranker elsewhere, in the API shape of Cohere's (`POST BASE_URL/rerank`), which others speak too: Jina, vLLM, LiteLLM.

It only puts in order what was found. When it is slow, down or answers nonsense, there is no order of its, and ours stands.
"""

import logging
import math
from collections.abc import Sequence

import httpx

log = logging.getLogger(__name__)

TIMEOUT = httpx.Timeout(1.0, connect=0.5)
"""Seconds: a customer waits for it, and the ranking on this machine is good."""


class Reranker:
    """One reranking model. `name` stands with the settings."""

    def __init__(self, model: str, base_url: str, api_key: str = "") -> None:
        self.name = model
        self._url = f"{base_url.rstrip('/')}/rerank"
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx.AsyncClient(timeout=TIMEOUT, headers=headers, trust_env=False)

    async def scores(self, question: str, texts: Sequence[str]) -> list[float] | None:
        """How much each text bears on the question, 0 to 1, in their order; None when it does not say. Never raises."""
        body = {"model": self.name, "query": question, "documents": list(texts), "top_n": len(texts)}
        try:
            answer = await self._client.post(self._url, json=body)
            if answer.status_code != 200:
                log.warning("the reranker answers with status %d", answer.status_code)
                return None
            return _in_order(answer.json(), len(texts))
        except (httpx.HTTPError, ValueError):
            log.warning("the reranker does not answer as its protocol says")
            return None

    async def aclose(self) -> None:
        """Let go of its connections."""
        await self._client.aclose()


def _in_order(answer: object, wanted: int) -> list[float]:
    """The scores by the texts' own order. Raises ValueError unless there is one number for each."""
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list):
        raise ValueError("no results")
    found: dict[int, float] = {}
    for result in results:
        index, score = (
            (result.get("index"), result.get("relevance_score")) if isinstance(result, dict) else (None, None)
        )
        if not isinstance(index, int) or not isinstance(score, int | float) or not math.isfinite(score):
            raise ValueError("not a result")
        found[index] = min(1.0, max(0.0, float(score)))
    if found.keys() != set(range(wanted)):
        raise ValueError("not every text has a score")
    return [found[index] for index in range(wanted)]
