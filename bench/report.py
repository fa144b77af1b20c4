"""Figures: a table for the terminal, JSON for the record, and docs/benchmarks.md made of that JSON.

python -m bench.report        writes docs/benchmarks.md from bench/results/*.json
"""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured: every value, what it is held to, and the same of a peer in the same run."""

    what: str
    how: str
    unit: str
    values: Sequence[float]
    budget: str = ""
    against: Sequence[float] = ()
    peer: str = ""

    def row(self) -> dict[str, Any]:
        """What is kept of it."""
        kept: dict[str, Any] = {
            "what": self.what,
            "how": self.how,
            "unit": self.unit,
            "budget": self.budget,
            **_summary(self.values),
        }
        if self.against:
            kept["peer"] = {"name": self.peer, **_summary(self.against)}
            kept["ratio"] = _rounded(kept["p50"] / kept["peer"]["p50"]) if kept["peer"]["p50"] else None
        return kept


@dataclass(frozen=True, slots=True)
class Result:
    """What one benchmark found."""

    name: str
    figures: Sequence[Figure]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where and when, without which no figure means anything."""

    cores: int
    processor: str
    memory_gb: int
    python: str
    commit: str
    date: str
    load_before: float = field(default=0.0)


def milliseconds(seconds: Iterable[float]) -> list[float]:
    """Seconds as milliseconds."""
    return [value * 1000 for value in seconds]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies, by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def here() -> Circumstances:
    """This machine, this commit, today."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], stdout=subprocess.PIPE, text=True, check=False
    ).stdout.strip()
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    date = datetime.now(UTC).strftime("%Y-%m-%d")
    return Circumstances(
        os.cpu_count() or 1,
        _processor(),
        round(memory),
        platform.python_version(),
        commit,
        date,
        round(os.getloadavg()[0], 1),
    )


def table(result: Result) -> str:
    """For the terminal."""
    lines = [f"{'':<48}{'p50':>10}{'p95':>10}{'p99':>10}{'floor p50':>11}{'ratio':>7}  budget"]
    for row in (figure.row() for figure in result.figures):
        peer = row.get("peer", {})
        cells = (row["p50"], row["p95"], row["p99"], peer.get("p50", ""), row.get("ratio", ""))
        widths = (10, 10, 10, 11, 7)
        numbers = "".join(f"{_shown(cell):>{width}}" for cell, width in zip(cells, widths, strict=True))
        lines += [f"{row['what'][:47]:<48}{numbers}  {row['budget']} {row['unit']}", f"  {row['how']}"]
    return "\n".join(lines)


def write(result: Result, where: Circumstances) -> None:
    """Keep it as JSON."""
    RESULTS.mkdir(exist_ok=True)
    kept = {"bench": result.name, "machine": asdict(where), "figures": [figure.row() for figure in result.figures]}
    (RESULTS / f"{result.name}.json").write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


def page() -> str:
    """docs/benchmarks.md, made of what was kept."""
    parts = [HEAD]
    for path in sorted(each for each in RESULTS.glob("*.json") if not each.name.endswith(".local.json")):
        kept = json.loads(path.read_text())
        if "figures" in kept:
            parts.append(_section(kept))
    return "\n".join(parts)


def _section(kept: dict[str, Any]) -> str:
    where = kept["machine"]
    lines = [
        f"## {kept['bench']}\n",
        f"{where['cores']} cores, {where['processor']}, {where['memory_gb']} GB, Python {where['python']}; commit {where['commit']},"
        f" {where['date']}; load average before the run {where['load_before']}.\n",
        "| figure | median | p95 | p99 | unit | budget | beside it, in the same run | ratio |",
        "|---|---:|---:|---:|---|---|---|---:|",
    ]
    lines += [_line(row) for row in kept["figures"]]
    return "\n".join(lines) + "\n"


def _line(row: dict[str, Any]) -> str:
    peer = row.get("peer")
    beside = f"{peer['name']}: {_shown(peer['p50'])} / {_shown(peer['p99'])}" if peer else ""
    numbers = [_shown(row[key]) if row["n"] != 1 or key == "p50" else "" for key in ("p50", "p95", "p99")]
    ratio = _shown(row["ratio"]) if peer else ""
    return f"| {row['what']}; {row['how']} | {' | '.join(numbers)} | {row['unit']} | {row['budget']} | {beside} | {ratio} |"


HEAD = """# Benchmarks

Made by `python -m bench.report` from `bench/results/*.json`; `make bench` measures anew. Absolute times differ from machine
to machine, and on a shared one from minute to minute: look at the ratios. A peer's figures are its median / p99.
"""


def _summary(values: Sequence[float]) -> dict[str, Any]:
    if not values:
        return {"n": 0, "p50": None, "p95": None, "p99": None}
    return {
        "n": len(values),
        "p50": _rounded(statistics.median(values)),
        "p95": _rounded(percentile(values, 0.95)),
        "p99": _rounded(percentile(values, 0.99)),
    }


def _rounded(value: float) -> float:
    return round(value, 1 if abs(value) >= 10 else 3)


def _shown(value: object) -> str:
    return "-" if value is None else f"{value:,.10g}" if isinstance(value, int | float) else str(value)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    PAGE.write_text(page())
