"""Does the chosen threshold keep its promise? Labels drawn again and again from worlds whose truth is known.

    python -m bench.thresholds [--draws 500] [--json]

In each draw `learning/risk.py` chooses from fresh labels, and the choice is held against the truth: how many are really wrong
above it, and how much it lets the assistant handle, beside the best threshold that somebody who knew the truth could choose.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tandem.learning import risk
from tandem.learning.risk import GRID, Judged

Floats = NDArray[np.float64]

SURE = 0.95
DRAWS = 500
SEED = 20261120
TRUTH = 400_000
"""Answers by which a world's own figures are known, to a tenth of a point."""


@dataclass(frozen=True, slots=True)
class World:
    """Confidences are Beta(a, b); an answer is right with the confidence's log-odds times `slope` plus `shift`."""

    name: str
    a: float
    b: float
    slope: float = 1.0
    shift: float = 0.0

    def scores(self, count: int, rng: np.random.Generator) -> Floats:
        """Confidences of so many answers."""
        return np.asarray(np.clip(rng.beta(self.a, self.b, count), 1e-4, 0.9999))

    def wrong(self, scores: Floats) -> Floats:
        """The probability that each is wrong."""
        odds = np.log(scores / (1 - scores))
        return np.asarray(1 / (1 + np.exp(self.slope * odds + self.shift)))


CALIBRATED = World("calibrated", 5.0, 0.5)
"""As the floor on the evidence leaves it: some nine of ten right (decision 12)."""

WORLDS = (
    CALIBRATED,
    World("too sure", 5.0, 0.5, shift=-0.7),
    World("too modest", 3.0, 1.0, slope=1.6, shift=0.5),
    World("says little", 8.0, 2.0, slope=0.4, shift=2.0),
)

MANY = (
    World("returns", 5.0, 0.5),
    World("orders", 6.0, 0.6),
    World("repairs", 4.0, 1.0),
    World("rest", 5.0, 0.8, shift=-0.5),
)
"""Categories, of which the last is rare."""

SHARES = (0.4, 0.35, 0.2, 0.05)

Chooser = Callable[[Floats, NDArray[np.bool_], float, float], int | None]
"""Confidences, wrong or not, limit, doubt: a place on the grid, or None."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Over all draws: the share that broke the limit, the mean share handled, the best possible, the share without a threshold."""

    broken: float
    handled: float
    best: float
    none: float


@cache
def truth(world: World) -> tuple[Floats, Floats]:
    """At each threshold of the grid: what is handled, and what of it is wrong."""
    scores = world.scores(TRUTH, np.random.default_rng(SEED))
    order = np.argsort(-scores)
    total = np.searchsorted(-scores[order], -GRID, side="right")
    summed = np.concatenate([[0.0], np.cumsum(world.wrong(scores[order]))])
    return total / TRUTH, summed[total] / np.maximum(total, 1)


def best(world: World, limit: float) -> float:
    """The largest share that can be handled within the limit by who knows the truth."""
    handled, wrong = truth(world)
    return float(handled[wrong <= limit].max(initial=0.0))


def simulate(world: World, limit: float, labels: int, choose: Chooser = risk.place, draws: int = DRAWS) -> Kept:
    """One world, one limit, so many labels."""
    rng, (handled, wrong) = np.random.default_rng(SEED), truth(world)
    places = []
    for _ in range(draws):
        scores = world.scores(labels, rng)
        places.append(choose(scores, rng.random(labels) < world.wrong(scores), limit, 1 - SURE))
    found = [place for place in places if place is not None]
    return Kept(
        sum(bool(wrong[place] > limit) for place in found) / draws,
        float(sum(handled[place] for place in found)) / draws,
        best(world, limit),
        1 - len(found) / draws,
    )


def by_category(limit: float, labels: int, draws: int = DRAWS) -> Kept:
    """Several categories at once: broken when any of them is above the limit. A pool is held against its own mixture."""
    rng = np.random.default_rng(SEED)
    broken, handled, none = 0, 0.0, 0
    for _ in range(draws):
        choices = risk.choose(_labels(labels, rng), limit, SURE)
        broken += any(_breaks(choice, limit) for choice in choices)
        handled += sum(_handled(choice) for choice in choices)
        none += all(choice.threshold is None for choice in choices)
    possible = sum(share * best(world, limit) for world, share in zip(MANY, SHARES, strict=True))
    return Kept(broken / draws, handled / draws, possible, none / draws)


def _labels(labels: int, rng: np.random.Generator) -> Judged:
    which = rng.choice(len(MANY), labels, p=SHARES)
    scores, wrong = np.zeros(labels), np.zeros(labels, bool)
    for number, world in enumerate(MANY):
        mine = which == number
        scores[mine] = world.scores(int(mine.sum()), rng)
        wrong[mine] = rng.random(int(mine.sum())) < world.wrong(scores[mine])
    return Judged(scores, wrong, [MANY[number].name for number in which])


def _mixture(choice: risk.Choice) -> tuple[float, float]:
    """Of a choice's categories together: what is handled of all traffic, and what of that is wrong."""
    assert choice.threshold is not None
    place = int(np.searchsorted(-GRID, -choice.threshold))
    parts = [
        (share * truth(world)[0][place], truth(world)[1][place])
        for world, share in zip(MANY, SHARES, strict=True)
        if world.name in choice.categories
    ]
    handled = float(sum(share for share, _ in parts))
    return handled, float(sum(share * wrong for share, wrong in parts)) / max(handled, 1e-9)


def _breaks(choice: risk.Choice, limit: float) -> bool:
    return choice.threshold is not None and _mixture(choice)[1] > limit


def _handled(choice: risk.Choice) -> float:
    return _mixture(choice)[0] if choice.threshold is not None else 0.0


def rows(draws: int) -> Iterator[dict[str, float | str]]:
    """Everything that is printed: how labels help, then how little it matters what the confidence is worth."""
    for limit in (0.02, 0.05):
        for labels in (1000, 4000, 16000):
            yield _row(CALIBRATED.name, limit, labels, simulate(CALIBRATED, limit, labels, draws=draws))
            yield _row("four categories", limit, labels, by_category(limit, labels, draws))
        for world in WORLDS[1:]:
            yield _row(world.name, limit, 4000, simulate(world, limit, 4000, draws=draws))


def _row(name: str, limit: float, labels: int, kept: Kept) -> dict[str, float | str]:
    figures = {name: round(getattr(kept, name), 4) for name in ("broken", "handled", "best", "none")}
    return {"world": name, "limit": limit, "labels": labels, **figures}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for row in rows(options.draws):
        line = json.dumps(row) if options.json else "  ".join(f"{name} {value}" for name, value in row.items())
        print(line, flush=True)


if __name__ == "__main__":
    main()
