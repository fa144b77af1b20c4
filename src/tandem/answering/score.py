"""How likely the assistant's handling is to be right: named parts in, one probability out. Pure; knows no turn, no table.

A logistic function of the parts, and where a tenant has labelled enough a curve upon it. The weights shipped are fitted on
public questions through the very pipeline (`bench/confidence.py`; figures in docs/decisions/0012-confidence.md). A part that
no public data tells anything about weighs nothing until a tenant's own outcomes say so.
"""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NAMES = (
    "retrieval",
    "meaning",
    "wording",
    "standing_out",
    "intent",
    "sentiment",
    "sentiment_trend",
    "frustration",
    "failures_before",
    "flagged",
)
"""The parts, in the order in which they are shown. What each is: `answering/parts.py`."""

LEAST, MOST = 0.0001, 0.9999
"""Nothing is ever impossible or certain; a threshold of 1 holds everything back."""

VERSION = 0
"""The version of the weights that are shipped; a tenant's own count from 1."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """Weights of the parts, in log-odds for one unit of each. `curve`: corners (x, y), both rising, of what x really means."""

    version: int
    bias: float
    weights: Mapping[str, float]
    curve: tuple[tuple[float, float], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For storing."""
        return {"bias": self.bias, "weights": dict(self.weights), "curve": [list(corner) for corner in self.curve]}


SHIPPED = Scoring(VERSION, -4.14, dict.fromkeys(NAMES, 0.0) | {"retrieval": 0.54, "meaning": 7.19, "wording": 1.85})
"""By `bench/confidence.py`: public conversations over two collections, and every second golden question of the demo."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A probability with everything that made it. `version` is that of the weights, `threshold` what it was held against."""

    probability: float
    parts: Mapping[str, float]
    weighed: Mapping[str, float]
    version: int
    category: str
    threshold: float

    @property
    def is_enough(self) -> bool:
        """Whether the answer may be given."""
        return self.probability >= self.threshold

    def as_json(self) -> dict[str, Any]:
        """As the turn's record keeps it."""
        return {
            "probability": self.probability,
            "parts": dict(self.parts),
            "weighed": dict(self.weighed),
            "version": self.version,
            "category": self.category,
            "threshold": self.threshold,
        }


def stored(version: int | None, body: Mapping[str, Any] | None) -> Scoring:
    """A tenant's own scoring; the one shipped where there is none, or one that this program cannot read."""
    try:
        if version is None or body is None:
            return SHIPPED
        weights = {name: float(body["weights"].get(name, 0.0)) for name in NAMES}
        curve = tuple((float(x), float(y)) for x, y in body["curve"])
        found = Scoring(version, float(body["bias"]), weights, curve)
    except (KeyError, TypeError, ValueError, AttributeError):
        return SHIPPED
    numbers = (found.bias, *weights.values(), *itertools.chain.from_iterable(curve))
    return found if all(map(math.isfinite, numbers)) else SHIPPED


def weighed(parts: Mapping[str, float], scoring: Scoring) -> dict[str, float]:
    """What each part adds to the log-odds."""
    return {name: round(scoring.weights.get(name, 0.0) * parts.get(name, 0.0), 4) for name in NAMES}


def probability(parts: Mapping[str, float], scoring: Scoring) -> float:
    """That the handling is right, to four places. A part that is missing counts as 0."""
    total = scoring.bias + sum(scoring.weights.get(name, 0.0) * parts.get(name, 0.0) for name in NAMES)
    plain = logistic(total)
    return round(min(MOST, max(LEAST, _bent(plain, scoring.curve))), 4)


def logistic(x: float) -> float:
    """1 / (1 + exp(-x)), for any x."""
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))


def logit(p: float) -> float:
    """Log-odds; of 0 and 1 those of LEAST and MOST."""
    kept = min(MOST, max(LEAST, p))
    return math.log(kept / (1.0 - kept))


def _bent(x: float, curve: tuple[tuple[float, float], ...]) -> float:
    """Straight lines from corner to corner; level before the first and after the last."""
    if not curve:
        return x
    for (x0, y0), (x1, y1) in itertools.pairwise(curve):
        if x < x0:
            return y0
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0) if x1 > x0 else y1
    return curve[0][1] if x < curve[0][0] else curve[-1][1]
