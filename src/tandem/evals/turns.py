"""Golden cases: a question with its history, and what must and must never come of it."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import pydantic

from tandem.answering.tools import Tools
from tandem.answering.turn import Said, Turn
from tandem.errors import Malformed
from tandem.evals import asking
from tandem.ids import TenantId


class Expected(pydantic.BaseModel):
    """What a case expects; what is not named is not looked at. `cites` is met by any one of its documents; empty means none at all."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    route: str | None = None
    intent: str | None = None
    cites: list[str] | None = None
    action: str | None = None
    says: list[str] = []
    never_says: list[str] = []
    escalated: bool | None = None
    outcome: str | None = None


class Case(pydantic.BaseModel):
    """One golden case."""

    model_config = pydantic.ConfigDict(frozen=True, extra="ignore")

    id: str
    group: str = "all"
    messages: list[dict[str, str]] = pydantic.Field(min_length=1)
    expect: Expected


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one case; `wrong` is empty when all was as expected."""

    case: Case
    turn: Turn
    wrong: tuple[str, ...]
    ms: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a suite."""

    results: tuple[Row, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether every case was as expected."""
        return not any(row.wrong for row in self.results)

    def figures(self) -> dict[str, Any]:
        """Shares of cases that were as expected, in all and by group, and times in milliseconds."""
        groups: dict[str, list[bool]] = defaultdict(list)
        for row in self.results:
            groups[row.case.group].append(not row.wrong)
        times = sorted(row.ms for row in self.results)
        return {
            "cases": len(self.results),
            "passed": sum(not row.wrong for row in self.results),
            "share": round(sum(not row.wrong for row in self.results) / max(1, len(self.results)), 4),
            "by_group": {name: f"{sum(found)}/{len(found)}" for name, found in groups.items()},
            "ms_mean": round(sum(times) / max(1, len(times)), 2),
            "ms_p95": round(times[int(0.95 * (len(times) - 1))], 2) if times else 0.0,
        }

    def rows(self) -> list[dict[str, Any]]:
        """One object for each case, in the suite's order."""
        return [
            {
                "id": row.case.id,
                "passed": not row.wrong,
                "wrong": list(row.wrong),
                "outcome": row.turn.settled.kind,
                "route": row.turn.way.kind,
                "intents": list(row.turn.heard.asserted),
                "confidence": round(row.turn.settled.confidence, 4),
                "cites": _cited(row.turn),
                "response": row.turn.draft.text,
            }
            for row in self.results
        ]

    def table(self) -> str:
        """For people: the groups, then every case that was not as expected."""
        figures = self.figures()
        lines = [f"{name:18} {score}" for name, score in figures["by_group"].items()]
        lines.append(
            f"{'all':18} {figures['passed']}/{figures['cases']}   mean {figures['ms_mean']} ms, p95 {figures['ms_p95']} ms"
        )
        for row in self.results:
            if row.wrong:
                lines.append(f"\n{row.case.id}: {row.case.messages[-1]['text']}")
                lines += [f"  {sentence}" for sentence in row.wrong]
                lines.append(f"  said: {row.turn.draft.text[:240]!r}")
        return "\n".join(lines)


def load(path: Path | None = None) -> list[Case]:
    """The cases of a file, or the demo's golden set. Raises Malformed, naming the line."""
    text = (
        path.read_text("utf-8") if path else resources.files("tandem.demo").joinpath("golden.jsonl").read_text("utf-8")
    )
    cases = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                cases.append(Case.model_validate_json(line))
            except pydantic.ValidationError as problem:
                raise Malformed(
                    f"Line {number} is not a case: {problem.errors()[0]['msg']} ({problem.errors()[0]['loc']})"
                ) from problem
    return cases


async def run(tools: Tools, tenant_id: TenantId, cases: Sequence[Case]) -> Outcome:
    """Every case through the pipeline, one after another."""
    results = []
    for case in cases:
        *before, last = case.messages
        history = [Said(message["role"], message["text"]) for message in before]
        began = time.perf_counter()
        turn = await asking.ask(tools, tenant_id, last["text"], history)
        results.append(Row(case, turn, tuple(_wrong(case.expect, turn)), (time.perf_counter() - began) * 1000))
    return Outcome(tuple(results))


def _wrong(expected: Expected, turn: Turn) -> list[str]:
    said = turn.draft.text.replace("**", "").lower()
    cited = _cited(turn)
    found = [
        _differs("route", expected.route, turn.way.kind),
        _differs("outcome", expected.outcome, turn.settled.kind),
        _differs("escalated", expected.escalated, turn.settled.kind == "handover"),
    ]
    if expected.intent is not None and expected.intent not in turn.heard.asserted:
        found.append(f"intent: expected {expected.intent}, found {'+'.join(turn.heard.asserted)}")
    if expected.cites is not None and not (set(expected.cites) & set(cited) if expected.cites else not cited):
        found.append(
            f"cites: expected {' or '.join(expected.cites) or 'nothing'}, found {', '.join(cited) or 'nothing'}"
        )
    if expected.action is not None and expected.action not in [call.tool for call in turn.acted.calls]:
        found.append(f"action: expected {expected.action}")
    found += [f"does not say {text!r}" for text in expected.says if text.lower() not in said]
    found += [f"says {text!r}" for text in expected.never_says if text.lower() in said]
    return [sentence for sentence in found if sentence]


def _differs(name: str, expected: object, found: object) -> str:
    return f"{name}: expected {expected}, found {found}" if expected is not None and expected != found else ""


def _cited(turn: Turn) -> list[str]:
    return list(dict.fromkeys(c.passage.external_id or str(c.passage.document_id) for c in turn.draft.citations))
