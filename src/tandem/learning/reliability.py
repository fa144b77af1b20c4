"""Does a confidence of 0.8 mean right in eight of ten? Bins with intervals, the expected calibration error, and drift. Pure.

bins    as many answers in each (Nguyen and O'Connor 2015), with Clopper and Pearson's interval of the share that was right
ECE     sum over bins of their share times |right - said| (Naeini, Cooper and Hauskrecht 2015); interval by bootstrap
drift   has the confidence stopped meaning what it says? A likelihood ratio of each judged answer, confident against less or
        more so, is multiplied up and never falls below its start (Page's CUSUM 1954, as an e-detector: Shin, Ramdas and
        Rinaldo 2022): while the confidence is right, an alarm comes once in RUN judged answers at most, on average
stability  do the confidences themselves lie elsewhere than before? sum of (a - e) ln(a / e) over ten bins; by chance it is
        (1/n + 1/m) times a chi-square of nine degrees (Yurdakul 2018), from which the limit follows
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BINS = 10
IN_A_BIN = 15
"""Fewer say too little: there are fewer bins then."""

DRAWS = 1000
"""Of the bootstrap."""

SURE = 0.95

RUN = 1000.0
"""Judged answers from one false alarm to the next, on average and at least."""

SHIFTS = (-1.0, -0.5, 0.5, 1.0)
"""Log-odds by which the confidence may be off: what the alarm looks for. Negative: it promises too much."""

BY_CHANCE = 0.001
"""How often the stability may alarm for nothing, of one look."""

NOTICEABLE = 0.1
"""A smaller instability is none, however sure (the usual lower limit of practice)."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of like confidence: what it said on average, and how many were right, with its interval."""

    low: float
    high: float
    said: float
    right: float
    least: float
    most: float
    answers: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far the confidence can be believed. `ece` is None without enough answers."""

    answers: int
    said: float
    right: float
    ece: float | None
    ece_least: float | None
    ece_most: float | None
    bins: tuple[Bin, ...]

    def as_json(self) -> dict[str, Any]:
        """For the API, to four places."""
        shown = {
            name: _short(getattr(self, name)) for name in ("answers", "said", "right", "ece", "ece_least", "ece_most")
        }
        names = ("low", "high", "said", "right", "least", "most", "answers")
        return {**shown, "bins": [{name: _short(getattr(b, name)) for name in names} for b in self.bins]}


@dataclass(frozen=True, slots=True)
class Drift:
    """Whether the confidence is off, and which way (`too_sure`, `too_modest`); `since`: how many judged answers ago it began."""

    state: str
    strength: float
    limit: float
    since: int | None


@dataclass(frozen=True, slots=True)
class Stability:
    """How far the confidences have moved, and from where on it is more than chance. None: too few."""

    index: float | None
    limit: float
    recent: int
    before: int

    @property
    def moved(self) -> bool:
        """Whether they lie elsewhere."""
        return self.index is not None and self.index > self.limit


def interval(k: int, n: int, sure: float = SURE) -> tuple[float, float]:
    """Clopper and Pearson's two-sided interval of a share; 0 to 1 without data."""
    from scipy.special import betaincinv

    doubt = (1 - sure) / 2
    least = float(betaincinv(k, n - k + 1, doubt)) if k else 0.0
    most = float(betaincinv(k + 1, n - k, 1 - doubt)) if k < n else 1.0
    return least, most


def cuts(p: Floats) -> Floats:
    """The inner borders of bins with as many answers each."""
    bins = max(1, min(BINS, len(p) // IN_A_BIN))
    return np.unique(np.quantile(p, np.arange(1, bins) / bins)) if len(p) else np.zeros(0)


def expected_error(p: Floats, right: Floats, share: Floats | None = None) -> float:
    """The ECE; rows may count by a share."""
    share = np.ones(len(p)) if share is None else share
    place = np.searchsorted(cuts(p), p, side="right")
    return float(np.abs(np.bincount(place, share * (right - p))).sum() / share.sum()) if len(p) else 0.0


def read(p: Floats, right: Floats, *, seed: int = 0) -> Reliability:
    """Bins, error and its interval."""
    n = len(p)
    if n < 2 * IN_A_BIN:
        return Reliability(n, _mean(p), _mean(right), None, None, None, ())
    least, most = _bootstrap(p, right, seed)
    return Reliability(n, _mean(p), _mean(right), expected_error(p, right), least, most, _bins(p, right))


def drift(p: Sequence[float], right: Sequence[bool]) -> Drift:
    """Judged answers in the order in which they were given. The alarm stays until the confidence is fitted anew.

    Each of the shifts is watched by itself and has its part of the limit, so that all together alarm no more than once in RUN.
    """
    limit = math.log(RUN * len(SHIFTS))
    worst, worst_shift, worst_since = 0.0, 0.0, None
    for shift in SHIFTS:
        total, begun = 0.0, 0
        for at, (said, was) in enumerate(zip(p, right, strict=True)):
            if total <= 0.0:
                total, begun = 0.0, at
            total += _likelier(said, was, shift)
            if total > worst:
                worst, worst_shift, worst_since = total, shift, begun
    alarm = worst >= limit
    state = ("too_sure" if worst_shift < 0 else "too_modest") if alarm else "steady"
    since = len(p) - worst_since if alarm and worst_since is not None else None
    return Drift(state, round(worst, 3), round(limit, 3), since)


def stability(recent: Floats, before: Floats) -> Stability:
    """Of the confidences of the last days and of the weeks before. Both need some five to a bin."""
    from scipy.special import chdtri

    n, m = len(recent), len(before)
    if min(n, m) < 5 * BINS:
        return Stability(None, NOTICEABLE, n, m)
    borders = np.quantile(before, np.arange(1, BINS) / BINS)
    a, e = (
        (np.bincount(np.searchsorted(borders, p, side="right"), minlength=BINS) + 0.5) / (len(p) + 0.5 * BINS)
        for p in (recent, before)
    )
    index = float(((a - e) * np.log(a / e)).sum())
    limit = max(NOTICEABLE, float((1 / n + 1 / m) * chdtri(BINS - 1, BY_CHANCE)))
    return Stability(round(index, 4), round(limit, 4), n, m)


def _likelier(said: float, was: bool, shift: float) -> float:
    """The logarithm of the likelihood ratio: confidence shifted in log-odds against as it is."""
    said = min(0.9999, max(0.0001, said))
    odds = said / (1 - said) * math.exp(shift)
    other = odds / (1 + odds)
    return math.log(other / said) if was else math.log((1 - other) / (1 - said))


def _bins(p: Floats, right: Floats) -> tuple[Bin, ...]:
    place = np.searchsorted(cuts(p), p, side="right")
    found = []
    for number in np.unique(place):
        mine = place == number
        k, n = int(right[mine].sum()), int(mine.sum())
        least, most = interval(k, n)
        found.append(Bin(float(p[mine].min()), float(p[mine].max()), _mean(p[mine]), k / n, least, most, n))
    return tuple(found)


def _bootstrap(p: Floats, right: Floats, seed: int) -> tuple[float, float]:
    """Percentiles of the error over resamples, the bins cut anew in none of them."""
    rng = np.random.default_rng(seed)
    place, off = np.searchsorted(cuts(p), p, side="right"), right - p
    bins = int(place.max()) + 1
    drawn = rng.integers(0, len(p), (DRAWS, len(p)))
    sums = np.zeros((DRAWS, bins))
    for number in range(bins):
        sums[:, number] = np.where(place[drawn] == number, off[drawn], 0.0).sum(axis=1)
    errors = np.abs(sums).sum(axis=1) / len(p)
    low, high = np.quantile(errors, [(1 - SURE) / 2, (1 + SURE) / 2])
    return float(low), float(high)


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else 0.0


def _short(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value
