"""What a sentence's check costs: `guard.check` on the changed pairs, each sentence beside five other passages, as in a turn.

    python -m bench.grounding_check [--rows N]

Cold: no sentence has been checked before, no passage read by the gate; warm: the passages were. Prints how many sentences needed the
model, and p50 and p99 in milliseconds, of the whole check and of those that did not need it.
"""

import argparse
import asyncio
import time
from uuid import uuid4

import numpy as np

from tandem import embedding
from tandem.answering import guard
from tandem.answering.grounding import meaning, signs, text
from tandem.answering.guard import Basis
from tandem.embedding.minilm import MiniLM
from tandem.evals import changed
from tandem.ids import DocumentId, PassageId
from tandem.knowledge.search import Found
from tandem.settings import Settings


def found(passage: str) -> Found:
    """A passage as search gives it."""
    heading, _, body = passage.partition("\n\n")
    return Found(
        PassageId(uuid4()), DocumentId(uuid4()), "article", 1, heading, None, None, "article", heading, body, 0, len(body), 0.03, 0.6, 0.1
    )  # fmt: skip


async def measured(rows: list[tuple[str, list[Found]]], embedder: MiniLM) -> tuple[list[float], list[bool]]:
    """Milliseconds of each check, and whether it needed the model."""
    times, asked = [], []
    for answer, given in rows:
        before = calls["read"]
        began = time.perf_counter()
        await guard.check(f"{answer} [1]", Basis(given, embedder))
        times.append((time.perf_counter() - began) * 1000)
        asked.append(calls["read"] > before)
    return times, asked


calls = {"read": 0}


def counted() -> None:
    """Count the calls of the model."""
    real = meaning.weakest

    async def weakest(*args: object) -> float:
        calls["read"] += 1
        return await real(*args)  # type: ignore[arg-type]

    setattr(meaning, "weakest", weakest)  # noqa: B010 (counted from outside; the type is the same)


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=400)
    asked = parser.parse_args()
    embedder = embedding.from_settings(Settings()).shipped
    await embedder.read_query("warm up")
    counted()
    known = list(changed.rows(changed.ARTICLES, 7))
    step = max(1, len(known) // asked.rows)
    rows = [
        (
            str(row["answer"]),
            [
                found(row["passages"][0]),
                *(found(known[(n * step + 7 * k) % len(known)]["passages"][0]) for k in range(1, 6)),
            ],
        )
        for n, row in enumerate(known[::step])
    ]
    for name in ("cold", "warm"):
        text.read.cache_clear()
        if name == "cold":
            signs.source.cache_clear()
            meaning.MEMORY = meaning.Memory()
        times, needed = await measured(rows, embedder)
        plain = [t for t, n in zip(times, needed, strict=True) if not n]
        print(
            f"{name}: {len(times)} sentences, model needed for {np.mean(needed):.3f};"
            f" p50 {np.percentile(times, 50):.2f} ms, p99 {np.percentile(times, 99):.2f} ms;"
            f" by words alone p50 {np.percentile(plain, 50):.2f}, p99 {np.percentile(plain, 99):.2f}"
        )


if __name__ == "__main__":
    asyncio.run(main())
