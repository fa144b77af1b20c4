"""The sentence gate measured: answers with their passages, judged by the very functions that judge a model's draft.

What a row should have been is looked at when it has been judged.
"""

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydantic

from tandem.answering.grounding import judging
from tandem.answering.grounding.judging import Answer
from tandem.embedding import Reader
from tandem.errors import Malformed


class Line(pydantic.BaseModel):
    """An answer, what it may rest on, and whether it does. `kind` groups rows, such as what was changed in them."""

    model_config = pydantic.ConfigDict(frozen=True, extra="ignore")

    id: str
    passages: list[str]
    answer: str
    supported: bool
    question: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line, what became of it, and how long that took."""

    line: Line
    found: Answer
    ms: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of all of them, in order."""

    rows: tuple[Row, ...]

    def figures(self) -> dict[str, Any]:
        """Shares over all rows; `auroc` is of the score. `stopped` has the share of rows of each kind that were not supported."""
        truth = [row.line.supported for row in self.rows]
        said = [row.found.supported for row in self.rows]
        times = np.sort([row.ms for row in self.rows])
        kinds = self._stopped()
        return {
            "rows": len(self.rows),
            "balanced_accuracy": _mean([_recall(truth, said, True), _recall(truth, said, False)]),
            "macro_f1": _mean([_f1(truth, said, True), _f1(truth, said, False)]),
            "auroc": auroc([row.found.score for row in self.rows], truth),
            "ms_mean": round(float(times.mean()), 2),
            "ms_p95": round(float(times[int(0.95 * (len(times) - 1))]), 2),
            **({"stopped": kinds} if kinds else {}),
        }

    def _stopped(self) -> dict[str, float]:
        kinds = Counter(row.line.kind for row in self.rows if row.line.kind)
        stopped = Counter(row.line.kind for row in self.rows if row.line.kind and not row.found.supported)
        return {kind: round(stopped[kind] / count, 4) for kind, count in kinds.items()}

    def table(self) -> str:
        """The figures for people."""
        figures = self.figures()
        stopped = figures.pop("stopped", {})
        lines = [f"{name:18} {'-' if value is None else value}" for name, value in figures.items()]
        return "\n".join([*lines, *(f"stopped {kind:10} {share}" for kind, share in stopped.items())])

    def lines(self) -> list[dict[str, Any]]:
        """One object for each row, in order."""
        return [
            {
                "id": row.line.id,
                "score": round(row.found.score, 4),
                "supported": row.found.supported,
                "sentences": [
                    {
                        "text": each.text,
                        "kind": each.kind,
                        "score": round(each.score, 4),
                        "supported": each.supported,
                        "reason": each.reason,
                    }
                    for each in row.found.sentences
                ],
            }
            for row in self.rows
        ]


def load(paths: Sequence[Path]) -> list[Line]:
    """The files, in JSON Lines. Raises Malformed with the file and the line."""
    found = []
    for path in paths:
        for number, text in enumerate(path.read_bytes().split(b"\n"), 1):
            if text.strip():
                found.append(_line(f"{path.name}, line {number}", text))
    if not found:
        raise Malformed("There is no answer in these files.")
    return found


def _line(where: str, text: bytes) -> Line:
    try:
        return Line.model_validate_json(text)
    except pydantic.ValidationError as problem:
        raise Malformed(f"{where}: {json.dumps([e['msg'] for e in problem.errors()[:3]])}") from problem


async def run(reader: Reader, lines: Sequence[Line]) -> Outcome:
    """Judge each answer by its passages."""
    await reader.read_query("warm up")
    return Outcome(tuple([await _row(reader, line) for line in lines]))


async def _row(reader: Reader, line: Line) -> Row:
    began = time.perf_counter()
    found = await judging.judge(line.answer, [("", passage) for passage in line.passages], reader)
    return Row(line, found, (time.perf_counter() - began) * 1000)


def auroc(scores: Sequence[float], truth: Sequence[bool]) -> float | None:
    """The share of pairs in which the supported answer has the higher score; ties count half. None without both kinds."""
    values, yes = np.array(scores), np.array(truth, bool)
    if yes.all() or not yes.any():
        return None
    pairs = np.subtract.outer(values[yes], values[~yes])
    return round(float((pairs > 0).mean() + 0.5 * (pairs == 0).mean()), 4)


def _recall(truth: Sequence[bool], said: Sequence[bool], of: bool) -> float | None:
    there = [s for t, s in zip(truth, said, strict=True) if t is of]
    return sum(s is of for s in there) / len(there) if there else None


def _f1(truth: Sequence[bool], said: Sequence[bool], of: bool) -> float | None:
    both = sum(t is of and s is of for t, s in zip(truth, said, strict=True))
    total = sum(t is of for t in truth) + sum(s is of for s in said)
    return 2 * both / total if total else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 4) if known else None
