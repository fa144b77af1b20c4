"""Fits and judges the weights of a turn's confidence (`answering/score.py`, SHIPPED) through the very pipeline.

    python -m bench.confidence [--data PATH] --samples FILE

PATH is a folder of public sets in Tandem's file formats (see docs/benchmarks.md); what was seen with them is written to FILE,
and without PATH read from there. Every question is asked of its own collection and of the others, with nothing held back, and
quoted to without a model. Right: a right passage is cited, and of the demo's golden questions every fact is said too. A
question that its collection cannot answer, and every one put to another collection, is answered wrong whatever is quoted.
Each collection is judged by a fit that has not seen it; of the golden questions every second one fits and the others judge.
"""

import argparse
import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import evidence_quality
from bench.evidence_quality import GROUPS, Asked
from tandem import embedding
from tandem.answering import parts, score
from tandem.answering.tools import Tools
from tandem.answering.turn import Said, Turn
from tandem.db import Database, place
from tandem.evals import asking, retrieval
from tandem.evals import turns as golden
from tandem.ids import TenantId
from tandem.intents.models import Classifiers
from tandem.learning import fitting, reliability
from tandem.settings import Settings
from tandem.tenants import companies, policy
from tandem.tenants.sealing import open_sealer

Floats = NDArray[np.float64]

NOTHING_HELD_BACK = {
    "thresholds": {"answer": 0.0},
    "always_escalate": [],
    "attempt_then_escalate": [],
    "escalate_words": [],
}

FLOOR = 0.5
"""`thresholds.answer`: what has less evidence is not answered. It fits all the same, and is judged apart."""

FITTED = ("retrieval", "meaning", "wording")
"""The parts that public questions tell something about; the others weigh nothing."""

COMPARED = (FITTED, ("retrieval",), ("retrieval", "meaning"), (*FITTED, "standing_out"), (*FITTED, "intent"))

UNCLEAR = "help"
"""It judges and does not fit: where it cites another article than the one whose title was asked for, that often answers too."""

CLEAN = "former_title"
"""Of the help centre's questions those that have one right article; what another article called a link to it often has several."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A question as it would have been answered. `kind`: `own`, `unanswerable` or `elsewhere`; `half` 0 fits, 1 judges."""

    group: str
    kind: str
    half: int
    quality: float
    parts: Mapping[str, float]
    right: bool


async def collect(data: Path) -> list[Sample]:
    """Every sample."""
    with tempfile.TemporaryDirectory(prefix="tandem-eval-") as folder:
        settings = replace(Settings(), data_dir=Path(folder), database_url="")
        with place.hold(settings) as where:
            db = Database(where.app_url)
            await db.open()
            try:
                return await _collected(db, settings, data)
            finally:
                await db.close()


async def _collected(db: Database, settings: Settings, data: Path) -> list[Sample]:
    models = embedding.load_all()
    tools, sealer = Tools(db, models, Classifiers(models.shipped), None), open_sealer(settings)
    talks, _ = retrieval.load([data / f"mtrag_un/{name}_corpus.jsonl" for name in ("clapnq", "fiqa")], [])
    center, _ = retrieval.load([data / "arduino_help_center/corpus.jsonl"], [])
    known: dict[str, TenantId] = {}
    for name, entries in (("golden", evidence_quality.demo()), ("talks", talks), ("help", center)):
        known[name] = (await companies.create(db, sealer, name)).tenant_id
        await retrieval.fill(db, models, known[name], entries)
        async with db.tenant(known[name]) as tx:
            await policy.change(tx, NOTHING_HELD_BACK, "bench")
    clean = {r["id"] for r in rows(data / "arduino_help_center/queries.jsonl") if r["kind"] == CLEAN}
    says = {case.id: case.expect.says for case in golden.load()}
    found: list[Sample] = []
    for group, asked in evidence_quality.questions_of(data):
        if group == "help" and asked.id not in clean:
            continue
        own = "talks" if group in ("clapnq", "fiqa") else group
        for name, tenant_id in known.items():
            turn = await asking.ask(tools, tenant_id, asked.text, [Said(s.role, s.text) for s in asked.history])
            found += sample(group, asked, turn, name == own, says.get(asked.id, []))
    return found


def sample(group: str, asked: Asked, turn: Turn, is_own: bool, says: Sequence[str]) -> list[Sample]:
    """What became of the question; nothing when it is not clear whether it has an answer, or nothing was quoted."""
    kind = {"unanswerable": "unanswerable"}.get(asked.kind, "own") if is_own else "elsewhere"
    unclear = kind == "own" and not asked.relevant
    if unclear or not turn.draft.proves:
        return []
    cited = {c.passage.external_id for c in turn.draft.citations}
    said = turn.draft.text.replace("**", "").lower()
    right = kind == "own" and bool(cited & set(asked.relevant)) and all(each.lower() in said for each in says)
    half = sum(asked.id.encode()) % 2
    return [Sample(group, kind, half, turn.evidence.quality, parts.of(turn), right)]


def judge(samples: Sequence[Sample], used: Sequence[str]) -> None:
    """Figures of what each fit has not seen, and the fit that is shipped."""
    p, share = np.zeros(len(samples)), weights(samples)
    for group in GROUPS:
        held = np.array([each.group == group for each in samples])
        p[held] = predicted(fitted([s for s in samples if s.group != group], used), samples)[held]
    fits = [s for s in samples if s.group != "golden" or s.half == 0]
    shipped = fitted(fits, used)
    print(f"{' + '.join(used)}: bias {shipped.bias:.2f}, {', '.join(f'{n} {shipped.weights[n]:.2f}' for n in used)}")
    passes = np.array([s.quality >= FLOOR for s in samples])
    clear = np.array([s.group != UNCLEAR for s in samples])
    half = np.array([s.group == "golden" and s.half == 1 for s in samples])
    said = predicted(shipped, samples)
    print("  collection unseen       ", figures(samples, p, share, clear))
    print("    of what is answered   ", figures(samples, p, share, clear & passes))
    for group in GROUPS:
        mine = np.array([s.group == group for s in samples])
        print(f"      {group:20}", figures(samples, p, share, mine & passes))
    print("  golden, the half unseen ", figures(samples, said, share, half))
    print("    of what is answered   ", figures(samples, said, share, half & passes), "\n")


def figures(samples: Sequence[Sample], p: Floats, share: Floats, chosen: NDArray[np.bool_]) -> str:
    """For people; each row counts by its share."""
    right = np.array([s.right for s in samples], float)[chosen]
    quality = np.array([s.quality for s in samples])[chosen]
    p, share = p[chosen], share[chosen]
    found = {
        "n": len(p),
        "right": np.average(right, weights=share),
        "said": np.average(p, weights=share),
        "ECE": reliability.expected_error(p, right, share),
        "AUROC": area(p, right, share),
        "evidence's": area(quality, right, share),
        "Brier": np.average((p - right) ** 2, weights=share),
    }
    return "  ".join(f"{name} {value:.3f}" for name, value in found.items())


def area(p: Floats, right: Floats, share: Floats) -> float:
    """AUROC of right answers over wrong ones."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(right, p, sample_weight=share)) if 0 < right.sum() < len(right) else float("nan")


def fitted(samples: Sequence[Sample], used: Sequence[str]) -> score.Scoring:
    """A logistic function of these parts."""
    samples = [s for s in samples if s.group != UNCLEAR]
    return fitting.plain([s.parts for s in samples], [s.right for s in samples], used, weights(samples))


def predicted(scoring: score.Scoring, samples: Sequence[Sample]) -> Floats:
    """The probability of each."""
    return np.array([score.probability(s.parts, scoring) for s in samples])


def weights(samples: Sequence[Sample]) -> Floats:
    """Every collection counts alike, and in each as many questions that have an answer as have none (decision 6)."""
    keys = [(s.group, s.kind) for s in samples]
    counts = Counter(keys)

    def weight(group: str, kind: str) -> float:
        alone = kind == "own" or len({k for g, k in counts if g == group and k != "own"}) == 1
        return (0.5 if alone else 0.25) / counts[group, kind]

    found = np.array([weight(*key) for key in keys])
    return np.asarray(found / found.mean())


def rows(path: Path) -> list[dict[str, Any]]:
    """A JSON Lines file."""
    return evidence_quality.rows(path)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--samples", type=Path, required=True)
    options = parser.parse_args()
    if options.data:
        seen = asyncio.run(collect(options.data))
        options.samples.write_text("".join(json.dumps(asdict(each)) + "\n" for each in seen))
    samples = [Sample(**row) for row in rows(options.samples)]
    print(Counter((s.group, s.kind, s.quality >= FLOOR, s.right) for s in samples))
    for used in COMPARED:
        judge(samples, used)


if __name__ == "__main__":
    main()
