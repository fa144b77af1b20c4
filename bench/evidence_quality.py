"""Fits and judges the probability that the found passages hold the answer (`knowledge/ranking.py`, QUALITY).

    python -m bench.evidence_quality [--data PATH] --samples FILE

PATH is a folder of public sets in Tandem's file formats (help centre and conversational retrieval; see docs/benchmarks.md);
what was seen with them is written to FILE, and without PATH read from there. Positives: questions with a right passage in
their own collection. Negatives: questions marked unanswerable, questions put to another collection, and conversational
questions whose right passages were taken away. Each collection is judged by a fit that has not seen it.
"""

import argparse
import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pydantic
from numpy.typing import NDArray

from tandem import embedding
from tandem.answering import evidence
from tandem.db import Database, place
from tandem.embedding import Embedders
from tandem.evals import retrieval
from tandem.evals import turns as golden
from tandem.evals.retrieval import Entry, Query
from tandem.ids import TenantId
from tandem.knowledge import questions, ranking, search
from tandem.knowledge.finding import CANDIDATES, Finder, Ranked
from tandem.knowledge.reading import frontmatter
from tandem.settings import Settings
from tandem.tenants import companies
from tandem.tenants.sealing import open_sealer

USED = (("evidence",), ("sentence",), ("said",), ("evidence", "sentence"), ("evidence", "said"))
"""Sets of signals that are compared; the product's is the first. `evidence` is `ranking.evidence`, `sentence` the best sentence's
cosine, `said` the best sentence's score, by which it is quoted.
"""

WRONG = 1.25
"""What a wrong answer counts, where a person offered for nothing counts 1."""

GROUPS = ("help", "clapnq", "fiqa", "golden")
"""Collections, each with what it is asked of; `clapnq` and `fiqa` are searched together."""


class Asked(Query):
    """A question with what kind its collection says it is."""

    kind: str = "answerable"


@dataclass(frozen=True, slots=True)
class Sample:
    """A question as the product saw it. `kind` is `own`, or what makes it one without an answer: `unanswerable`, `elsewhere`, `gone`."""

    group: str
    kind: str
    signals: Mapping[str, float]

    @property
    def answerable(self) -> bool:
        """Whether the passages hold the answer."""
        return self.kind == "own"


class Desk:
    """Collections as companies, and the product's own way to search and read them."""

    def __init__(self, db: Database, models: Embedders) -> None:
        self._db, self._models, self._finder = db, models, Finder(db, models)
        self._known: dict[str, TenantId] = {}

    async def learn(self, name: str, entries: Sequence[Entry], sealer: Any) -> None:
        """Import a collection."""
        self._known[name] = (await companies.create(self._db, sealer, name)).tenant_id
        await retrieval.fill(self._db, self._models, self._known[name], entries)

    async def see(self, group: str, asked: Asked, own: str) -> list[Sample]:
        """The question put to its own collection, with and without the right passages, and to the others."""
        kinds = {"answerable": "own", "unanswerable": "unanswerable"}
        found = []
        for name in self._known:
            ranked = await self._find(self._known[name], asked)
            kind = kinds.get(asked.kind) if name == own else "elsewhere"
            if kind is not None:
                found.append(await self._sample(group, kind, asked, ranked))
            if kind == "own" and asked.relevant:
                found.append(await self._sample(group, "gone", asked, without(ranked, asked.relevant)))
        return found

    async def _find(self, tenant_id: TenantId, asked: Asked) -> Ranked:
        return await self._finder(tenant_id, question(asked), search.EVERYBODYS, CANDIDATES)

    async def _sample(self, group: str, kind: str, asked: Asked, ranked: Ranked) -> Sample:
        assert ranked.vector is not None
        read = await evidence.rank(asked.text, ranked, self._models.shipped)
        seen = {
            "evidence": ranking.evidence([passage.score for passage in ranked.passages]),
            "sentence": max((candidate.cosine for candidate in read), default=0.0),
            "said": max((candidate.score for candidate in read), default=0.0),
        }
        return Sample(group, kind, seen)


def question(asked: Query) -> questions.Question:
    """In its conversation."""
    return questions.in_context(asked.text, *questions.said_before([(said.role, said.text) for said in asked.history]))


def without(ranked: Ranked, gone: Collection[str]) -> Ranked:
    """As if these documents were not there."""
    return replace(ranked, passages=tuple(p for p in ranked.passages if p.external_id not in gone))


async def collect(data: Path) -> list[Sample]:
    """Every sample."""
    with tempfile.TemporaryDirectory(prefix="tandem-eval-") as folder:
        settings = replace(Settings(), data_dir=Path(folder), database_url="")
        with place.hold(settings) as where:
            db = Database(where.app_url)
            await db.open()
            try:
                desk, sealer = Desk(db, embedding.load_all()), open_sealer(settings)
                talks, _ = retrieval.load([data / f"mtrag_un/{name}_corpus.jsonl" for name in ("clapnq", "fiqa")], [])
                center, _ = retrieval.load([data / "arduino_help_center/corpus.jsonl"], [])
                for name, entries in (("golden", demo()), ("talks", talks), ("help", center)):
                    await desk.learn(name, entries, sealer)
                return [
                    sample
                    for group, asked in questions_of(data)
                    for sample in await desk.see(group, asked, "talks" if group in ("clapnq", "fiqa") else group)
                ]
            finally:
                await db.close()


def demo() -> list[Entry]:
    """The demo's public articles."""
    found = []
    for entry in resources.files("tandem.demo").joinpath("articles").iterdir():
        meta, body = frontmatter.take(entry.read_text("utf-8"))
        if meta.get("audience") == "public":
            found.append(Entry(id=meta["external_id"], title=meta["title"], text=body))
    return found


def questions_of(data: Path) -> Iterator[tuple[str, Asked]]:
    """Every question with the collection it belongs to."""
    files = {
        "help": "arduino_help_center/queries.jsonl",
        "clapnq": "mtrag_un/clapnq_queries.jsonl",
        "fiqa": "mtrag_un/fiqa_queries.jsonl",
    }
    known = pydantic.TypeAdapter(Asked)
    for group, name in files.items():
        for line in rows(data / name):
            yield group, known.validate_python(line | ({"kind": "answerable"} if group == "help" else {}))
    for case in golden.load():
        if case.group in ("answerable", "follow_up", "unanswerable"):
            kind = "unanswerable" if case.group == "unanswerable" else "answerable"
            said = {"history": case.messages[:-1], "text": case.messages[-1]["text"]}
            yield (
                "golden",
                known.validate_python({"id": case.id, "kind": kind, "relevant": case.expect.cites or [], **said}),
            )


def rows(path: Path) -> list[dict[str, Any]]:
    """A JSON Lines file."""
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line.strip()]


def judge(samples: Sequence[Sample], used: Sequence[str]) -> None:
    """Figures of each collection by a fit of the others, and the fit of all."""
    probabilities = np.zeros(len(samples))
    for group in GROUPS:
        model = fitted([sample for sample in samples if sample.group != group], used)
        held = np.array([sample.group == group for sample in samples])
        probabilities[held] = model.predict_proba(inputs(samples, used)[held])[:, 1]
    model = fitted(samples, used)
    coefficients = ", ".join(f"{name} {value:.2f}" for name, value in zip(used, model.coef_[0], strict=True))
    print(f"{' + '.join(used)}: bias {model.intercept_[0]:.2f}, {coefficients}")
    clear = [at for at, sample in enumerate(samples) if is_clear(sample)]
    share = weights([samples[at] for at in clear])
    right = np.array([samples[at].answerable for at in clear])
    print(f"  held out: Brier {np.average((probabilities[clear] - right) ** 2, weights=share):.4f}")
    for groups in (("help",), ("clapnq",), ("fiqa",), ("clapnq", "fiqa"), ("golden",)):
        print(f"  {'+'.join(groups):12}", *passes(samples, probabilities, groups))
    for low in np.arange(0.0, 1.0, 0.2):
        within = (probabilities[clear] >= low) & (probabilities[clear] < low + 0.2)
        if within.any():
            said = np.average(probabilities[clear][within], weights=share[within])
            print(f"  of {said:.2f} {np.average(right[within], weights=share[within]):.2f} are", end="")
    print("\n")


def passes(samples: Sequence[Sample], probabilities: NDArray[np.float64], groups: Collection[str]) -> Iterator[str]:
    """The share of each kind that is likelier than not, and how well it is told apart from what has an answer."""
    from sklearn.metrics import roc_auc_score

    kinds = np.array([sample.kind if sample.group in groups else "" for sample in samples])
    own = probabilities[kinds == "own"]
    for kind in ("own", "unanswerable", "gone", "elsewhere"):
        chosen = probabilities[kinds == kind]
        if len(chosen):
            told = [*np.ones(len(own)), *np.zeros(len(chosen))]
            area = "" if kind == "own" else f" (AUROC {roc_auc_score(told, [*own, *chosen]):.3f})"
            yield f"{kind} {np.mean(chosen >= 0.5):.2f}{area}"


def fitted(samples: Sequence[Sample], used: Sequence[str]) -> Any:
    """A logistic function of these signals."""
    from sklearn.linear_model import LogisticRegression

    clear = [sample for sample in samples if is_clear(sample)]
    answerable = [sample.answerable for sample in clear]
    return LogisticRegression(C=1000, max_iter=5000).fit(inputs(clear, used), answerable, sample_weight=weights(clear))


def is_clear(sample: Sample) -> bool:
    """Of a help centre's questions whose own article is gone a neighbouring one often answers: no clean negatives."""
    return sample.kind != "gone" or sample.group in ("clapnq", "fiqa")


def weights(samples: Sequence[Sample]) -> NDArray[np.float64]:
    """Every collection counts alike, and in each as many with an answer as without; of these half are strangers, half near."""
    kinds = {"own": "own", "elsewhere": "elsewhere"}
    keys = [(sample.group, kinds.get(sample.kind, "near")) for sample in samples]
    counts = Counter(keys)

    def weight(group: str, kind: str) -> float:
        alone = kind == "own" or (group, "near") not in counts
        return (1.0 if kind == "own" else WRONG) * (0.5 if alone else 0.25) / counts[group, kind]

    found: NDArray[np.float64] = np.array([weight(*key) for key in keys])
    return np.asarray(found / found.mean())


def inputs(samples: Sequence[Sample], used: Sequence[str]) -> NDArray[np.float64]:
    """The signals, (len(samples), len(used))."""
    return np.array([[sample.signals[name] for name in used] for sample in samples])


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--samples", type=Path, required=True)
    options = parser.parse_args()
    if options.data:
        seen = asyncio.run(collect(options.data))
        options.samples.write_text("".join(json.dumps(asdict(sample)) + "\n" for sample in seen))
    samples = [Sample(**row) for row in rows(options.samples)]
    for used in USED:
        judge(samples, used)


if __name__ == "__main__":
    main()
