"""What each threshold would have meant for recorded traffic: answered, wrong, to people, cost; each with its interval. Pure.

handled     share of the questions whose confidence reaches the threshold (Wilson 1927)
wrong       share of wrong ones among the handled, of the answers drawn by lot (Clopper and Pearson 1934)
resolved    handled times right; its interval takes the worse and the better end of both, so it is wider than it need be
to people   everything else, a day; as if every customer took the person who is offered
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tandem.learning import reliability, risk

Floats = NDArray[np.float64]

SETTINGS: Floats = np.round(np.arange(0.0, 1.0, 0.025), 4)
"""Thresholds that are shown, the most permissive first."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Questions, row by row: the confidence in an answer (NaN where there is nothing to answer with), and the category."""

    scores: Floats
    categories: Sequence[str]
    days: float

    def of(self, category: str | None) -> "Traffic":
        """Those of one category."""
        if category is None:
            return self
        chosen = np.array([name == category for name in self.categories], bool)
        return Traffic(self.scores[chosen], [category] * int(chosen.sum()), self.days)


@dataclass(frozen=True, slots=True)
class Effort:
    """What a question that goes to people takes: minutes of an agent, and what an hour of theirs costs."""

    minutes: float
    hour: float


Interval = tuple[float, float, float]
"""A value with its least and its most."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """One threshold, or one set of rules, and what comes of it. `wrong` is None without a label above it."""

    threshold: float | None
    handled: Interval
    wrong: Interval | None
    resolved: Interval | None
    labels: int
    people_a_day: Interval
    minutes_a_day: Interval
    cost_a_day: Interval

    def as_json(self) -> dict[str, Any]:
        """For the API: every value with its least and most."""
        names = ("handled", "wrong", "resolved", "people_a_day", "minutes_a_day", "cost_a_day")
        shown = {name: _triple(getattr(self, name)) for name in names}
        return {"threshold": self.threshold, "labels": self.labels, **shown}


def at(traffic: Traffic, labelled: risk.Judged, threshold: float, effort: Effort) -> Consequence:
    """One threshold for every category."""
    return _setting(
        traffic.scores >= threshold, labelled.wrong[labelled.scores >= threshold], traffic, effort, threshold
    )


def under(traffic: Traffic, labelled: risk.Judged, rules: Mapping[str, float], effort: Effort) -> Consequence:
    """A policy's thresholds: by category, `*` for every other one."""

    def needed(categories: Sequence[str]) -> Floats:
        return np.array([rules.get(name, rules.get("*", 0.0)) for name in categories])

    passed = traffic.scores >= needed(traffic.categories)
    wrong = labelled.wrong[labelled.scores >= needed(labelled.categories)]
    return _setting(passed, wrong, traffic, effort, None)


def every(traffic: Traffic, labelled: risk.Judged, effort: Effort) -> list[Consequence]:
    """All SETTINGS."""
    return [at(traffic, labelled, float(threshold), effort) for threshold in SETTINGS]


def wilson(k: int, n: int) -> Interval:
    """A share with Wilson's interval, 95 %; without data anything is possible."""
    if not n:
        return 0.0, 0.0, 1.0
    z = 1.959964
    share, room = k / n, z * z / n
    middle = (share + room / 2) / (1 + room)
    half = z * math.sqrt(share * (1 - share) / n + room / (4 * n)) / (1 + room)
    return share, max(0.0, middle - half), min(1.0, middle + half)


def _setting(
    passed: NDArray[np.bool_], wrong: NDArray[np.bool_], traffic: Traffic, effort: Effort, threshold: float | None
) -> Consequence:
    questions, labels = len(passed), len(wrong)
    handled = wilson(int(passed.sum()), questions)
    bad: Interval | None = None
    if labels:
        bad = (float(wrong.mean()), *reliability.interval(int(wrong.sum()), labels))
    a_day = questions / traffic.days
    people = ((1 - handled[0]) * a_day, (1 - handled[2]) * a_day, (1 - handled[1]) * a_day)
    return Consequence(
        threshold,
        handled,
        bad,
        (handled[0] * (1 - bad[0]), handled[1] * (1 - bad[2]), handled[2] * (1 - bad[1])) if bad else None,
        labels,
        people,
        _times(people, effort.minutes),
        _times(people, effort.minutes * effort.hour / 60),
    )


def _times(value: Interval, factor: float) -> Interval:
    return value[0] * factor, value[1] * factor, value[2] * factor


def _triple(value: Interval | None) -> dict[str, float] | None:
    if value is None:
        return None
    return {name: round(each, 4) for name, each in zip(("value", "least", "most"), value, strict=True)}
