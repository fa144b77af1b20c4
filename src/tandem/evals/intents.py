"""Understanding measured: learn from examples as the worker does, understand messages as a turn does, and compare.

Only the training files teach, and choose the threshold; what a test row should have been is looked at when it has been answered.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydantic
from numpy.typing import NDArray

from tandem.embedding.minilm import MiniLM
from tandem.errors import Malformed
from tandem.intents import report, training, understanding
from tandem.intents.models import Classifiers, Ready
from tandem.intents.starter import UNKNOWN, Example
from tandem.intents.understanding import Understood


class Line(pydantic.BaseModel):
    """A text with its intent or intents; `unknown` is out of scope."""

    model_config = pydantic.ConfigDict(frozen=True, extra="ignore")

    text: str = pydantic.Field(min_length=1)
    intent: str | None = None
    intents: list[str] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The intents; none given is `unknown`."""
        return tuple(self.intents or ([self.intent] if self.intent else [UNKNOWN]))


@dataclass(frozen=True, slots=True)
class Row:
    """A message, what it is about, how it was understood, and how long that took."""

    example: Example
    found: Understood
    fast: bool
    ms: float

    @property
    def unknown(self) -> float:
        """The confidence of `unknown`."""
        return next(guess.confidence for guess in self.found.guesses if guess.name == UNKNOWN)

    @property
    def confidence(self) -> float:
        """Of what is asserted, the likeliest where that is several."""
        return max(guess.confidence for guess in self.found.guesses if guess.name in self.found.asserted)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of all of them; `threshold` is the one that training chose."""

    rows: tuple[Row, ...]
    threshold: float
    train_s: float

    def figures(self) -> dict[str, Any]:
        """Shares over the rows in scope or out of it, and over all. `ece` is of the asserted reading's confidence."""
        truth = [set(row.example.intents) for row in self.rows]
        said = [set(row.found.asserted) for row in self.rows]
        right = np.array([t == s for t, s in zip(truth, said, strict=True)])
        inside = np.array([t != {UNKNOWN} for t in truth])
        rejected = np.array([s == {UNKNOWN} for s in said])
        unknown = np.array([row.unknown for row in self.rows])
        confidence = np.array([row.confidence for row in self.rows])
        hit = np.array([bool(t & s) for t, s in zip(truth, said, strict=True)])
        times = np.sort([row.ms for row in self.rows])
        return {
            "rows": len(self.rows),
            "threshold": round(self.threshold, 4),
            "accuracy_in_scope": _share(right[inside]),
            "unknown_recall": _share(rejected[~inside]),
            "unknown_precision": _share(~inside[rejected]),
            "auroc": _auroc(unknown[~inside], unknown[inside]),
            "ece": report.calibration_error(confidence, hit),
            "micro_f1": _micro_f1(truth, said),
            "exact": _share(right),
            "mcc": _mcc(["+".join(sorted(t)) for t in truth], ["+".join(sorted(s)) for s in said]),
            "fast_share": _share(np.array([row.fast for row in self.rows])),
            "train_s": round(self.train_s, 1),
            "ms_mean": round(float(times.mean()), 2),
            "ms_p95": round(float(times[int(0.95 * (len(times) - 1))]), 2),
        }

    def table(self) -> str:
        """The figures for people."""
        return "\n".join(f"{name:18} {'-' if value is None else value}" for name, value in self.figures().items())

    def lines(self) -> list[dict[str, Any]]:
        """One object for each message, in order."""
        return [
            {
                "intents": [
                    {"name": guess.name, "confidence": round(guess.confidence, 4)}
                    for guess in row.found.guesses
                    if guess.confidence >= 0.01 or guess.name == UNKNOWN
                ],
                "asserted": list(row.found.asserted),
                "confidence": round(row.confidence, 4),
            }
            for row in self.rows
        ]


def load(paths: Sequence[Path]) -> list[Example]:
    """The files, in JSON Lines. Raises Malformed with the file and the line."""
    found = []
    for path in paths:
        for number, text in enumerate(path.read_bytes().split(b"\n"), 1):
            if text.strip():
                found.append(_example(f"{path.name}, line {number}", text))
    if not found:
        raise Malformed("There is no example in these files.")
    return found


def _example(where: str, text: bytes) -> Example:
    try:
        line = Line.model_validate_json(text)
    except pydantic.ValidationError as problem:
        raise Malformed(f"{where}: {json.dumps([e['msg'] for e in problem.errors()[:3]])}") from problem
    return Example(line.text, line.names)


async def run(embedder: MiniLM, train: Sequence[Example], test: Sequence[Example]) -> Outcome:
    """Learn from one and understand the other, message by message. Raises Malformed where there is nothing to learn."""
    classifiers = Classifiers(embedder)
    began = time.perf_counter()
    looks = await classifiers.looks([example.text for example in train])
    try:
        trained = training.train(train, looks, foreign=await classifiers.foreign())
    except ValueError as problem:
        raise Malformed("The training files have no example of an intent.") from problem
    train_s = time.perf_counter() - began
    ready = Ready("eval", trained.classifier, True, embedder, {})
    await understanding.read(ready, "warm up", 0.5)
    rows = [await _row(ready, example) for example in test]
    return Outcome(tuple(rows), trained.classifier.threshold, train_s)


async def _row(ready: Ready, example: Example) -> Row:
    began = time.perf_counter()
    found = await understanding.read(ready, example.text, 0.5)
    ms = (time.perf_counter() - began) * 1000
    return Row(example, found, not ready.classifier.is_unsure(found.guesses), ms)


def _share(values: NDArray[Any]) -> float | None:
    return round(float(values.mean()), 4) if len(values) else None


def _auroc(yes: NDArray[Any], no: NDArray[Any]) -> float | None:
    """The share of pairs in which the row out of scope has the higher confidence of `unknown`; ties count half."""
    if not len(yes) or not len(no):
        return None
    pairs = np.subtract.outer(yes, no)
    return round(float((pairs > 0).mean() + 0.5 * (pairs == 0).mean()), 4)


def _micro_f1(truth: Sequence[set[str]], said: Sequence[set[str]]) -> float | None:
    """Over all intents together; `unknown` is none."""
    wanted, told = [t - {UNKNOWN} for t in truth], [s - {UNKNOWN} for s in said]
    both = sum(len(t & s) for t, s in zip(wanted, told, strict=True))
    total = sum(map(len, wanted)) + sum(map(len, told))
    return round(2 * both / total, 4) if total else None


def _mcc(truth: Sequence[str], said: Sequence[str]) -> float | None:
    """Matthews' correlation for many classes (Gorodkin 2004), `unknown` being one."""
    names = {name: place for place, name in enumerate(sorted({*truth, *said}))}
    table = np.zeros((len(names), len(names)))
    for t, s in zip(truth, said, strict=True):
        table[names[t], names[s]] += 1
    right, total, of_truth, of_said = table.trace(), table.sum(), table.sum(1), table.sum(0)
    below = np.sqrt((total**2 - (of_said**2).sum()) * (total**2 - (of_truth**2).sum()))
    return round(float((right * total - of_truth @ of_said) / below), 4) if below else None
