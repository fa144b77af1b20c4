"""The most permissive threshold that labelled traffic supports: at most so many wrong, so sure. Pure; arrays in, choices out.

For every threshold the null hypothesis is "more than `limit` of what is handled above it is wrong". Thresholds are tested from
the strictest to the most permissive with the exact binomial test, and testing stops at the first that is not rejected; the
last that was is chosen (learn then test with fixed-sequence testing: Angelopoulos, Bates, Candès, Jordan and Lei 2021; the
test's inversion is Clopper and Pearson 1934). So a wrong choice happens at most as often as one single test errs.

The thresholds are a grid that no datum moves. The first one tested is where enough labels lie above, which looks at scores
alone: as long as the share of wrong answers does not fall with the confidence, what is tested later stays as it is tested.
Several groups share the doubt equally (Bonferroni): what is said of all of them holds together.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

GRID: Floats = np.arange(199, -1, -1) / 200
"""Thresholds, the strictest first."""

NOTHING = 1.0
"""The threshold that lets nothing pass: a confidence is below 1."""

START = 3
"""The first test has so many times the fewest labels with which any could succeed: at the fewest, one wrong answer ends it."""

OWN = 8
"""A category is tested by itself from so many times the fewest labels on; the others are pooled. With fewer, alone, little would be
handled that the pool supports (best of 2, 4, 6 and 8 in `bench/thresholds.py`)."""

MOST_LABELS = 1_000_000
"""Beyond it nobody would label."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Answers drawn by lot and judged: confidence, whether it was wrong, category; row by row."""

    scores: Floats
    wrong: Flags
    categories: Sequence[str]

    def of(self, names: frozenset[str]) -> "Judged":
        """Those of some categories."""
        chosen = np.array([name in names for name in self.categories], bool)
        return Judged(self.scores[chosen], self.wrong[chosen], list(compress(self.categories, chosen)))


@dataclass(frozen=True, slots=True)
class Choice:
    """What the labels of one group support. `threshold` is None when nothing does; `bound` is the upper one at `sure`.

    `labels` and `wrong` are those at the threshold, of all `of`. `needed`: how many more labels of the group it would take if
    the shares stay as they are; None where no number would do, 0 where none is needed.
    """

    categories: tuple[str, ...]
    threshold: float | None
    labels: int
    wrong: int
    of: int
    bound: float
    sure: float
    needed: int | None


def fewest(limit: float, doubt: float) -> int:
    """Labels without a single wrong one that the test needs: the smallest n with (1 - limit)^n <= doubt."""
    return math.ceil(math.log(doubt) / math.log1p(-limit))


def upper(wrong: int, labels: int, sure: float) -> float:
    """Clopper and Pearson's upper bound of the share of wrong ones; 1 without labels."""
    from scipy.special import betaincinv

    return 1.0 if wrong >= labels else float(betaincinv(wrong + 1, labels - wrong, sure))


def counts(scores: Floats, wrong: Flags, grid: Floats = GRID) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """At or above each threshold: labels, and wrong ones among them. The grid falls."""
    order = np.argsort(-scores, kind="stable")
    falling = -scores[order]
    total = np.searchsorted(falling, -grid, side="right")
    summed = np.concatenate([[0], np.cumsum(wrong[order], dtype=np.int64)])
    return total.astype(np.int64), summed[total]


def place(scores: Floats, wrong: Flags, limit: float, doubt: float, grid: Floats = GRID) -> int | None:
    """Where on the grid the most permissive threshold stands that the labels support; None where none is."""
    labels, bad = counts(scores, wrong, grid)
    least = fewest(limit, doubt)
    first = max(least, min(START * least, len(scores) // 2))
    begun = int(np.searchsorted(labels, first))
    if begun == len(grid):
        return None
    passes = bad[begun:] <= allowed(len(scores), limit, doubt)[labels[begun:]]
    run = len(passes) if passes.all() else int(np.argmin(passes))
    return begun + run - 1 if run else None


@lru_cache(maxsize=64)
def allowed(most: int, limit: float, doubt: float) -> NDArray[np.int64]:
    """For 0 to `most` labels: how many may be wrong for the exact binomial test to reject "more than `limit`"; -1 when none may."""
    from scipy.special import bdtr, bdtrik

    labels = np.arange(most + 1)
    near = np.nan_to_num(np.floor(bdtrik(doubt, labels, limit)), nan=0.0)
    found = np.full(most + 1, -1.0)
    for wrong in (near - 1, near, near + 1):  # the inverse is exact to a rounding
        found = np.where((wrong >= 0) & (bdtr(np.clip(wrong, 0, labels), labels, limit) <= doubt), wrong, found)
    return np.asarray(found, dtype=np.int64)


def choose(labelled: Judged, limit: float, sure: float) -> list[Choice]:
    """For every category with labels enough its own choice, and one for the others together; all of them hold together.

    Raises ValueError unless limit and sure lie between 0 and 1.
    """
    if not (0 < limit < 1 and 0 < sure < 1):
        raise ValueError("limit and sure lie between 0 and 1")
    groups = grouped(labelled.categories, limit, 1.0 - sure)
    doubt = (1.0 - sure) / max(1, len(groups))
    return [_choice(labelled.of(frozenset(group)), group, limit, doubt) for group in groups]


def grouped(categories: Sequence[str], limit: float, doubt: float) -> list[tuple[str, ...]]:
    """The categories that can be tested alone, the largest first, and last the others as one group. Looks at no outcome."""
    tally = Counter(sorted(categories))
    falling = sorted(tally, key=lambda name: -tally[name])
    for own in range(len(falling), -1, -1):
        rest = tuple(falling[own:])
        groups = own + bool(rest)
        if not own or tally[falling[own - 1]] >= OWN * fewest(limit, doubt / groups):
            return [*((name,) for name in falling[:own]), *([rest] if rest else [])]
    return []


def _choice(group: Judged, names: tuple[str, ...], limit: float, doubt: float) -> Choice:
    at = place(group.scores, group.wrong, limit, doubt)
    labels, bad = counts(group.scores, group.wrong)
    if at is None:
        return Choice(
            names, None, 0, 0, len(group.scores), 1.0, 1.0 - doubt, needed(labels, bad, len(group.scores), limit, doubt)
        )
    n, k = int(labels[at]), int(bad[at])
    return Choice(names, float(GRID[at]), n, k, len(group.scores), upper(k, n, 1.0 - doubt), 1.0 - doubt, 0)


def needed(labels: NDArray[np.int64], bad: NDArray[np.int64], of: int, limit: float, doubt: float) -> int | None:
    """How many more labels of the group would support some threshold, if the shares seen stay as they are.

    A share that rests on few labels is drawn to one half (Jeffreys); so thresholds above which little lies promise nothing.
    """
    if not of:
        return fewest(limit, doubt)
    some = labels > 0
    wanted = _enough((bad[some] + 0.5) / (labels[some] + 1), limit, doubt)
    more = np.maximum(1, np.ceil(wanted * of / labels[some]) - of)
    best = float(more.min(initial=np.inf))
    return int(best) if best <= MOST_LABELS else None


def _enough(shares: Floats, limit: float, doubt: float) -> Floats:
    """The fewest labels with which each share of wrong ones passes the test, by bisection; infinite where none would do."""
    from scipy.special import bdtr

    low, high = np.zeros(len(shares)), np.full(len(shares), float(MOST_LABELS))
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        passes = bdtr(np.ceil(shares * middle), middle.astype(int), limit) <= doubt
        low, high = np.where(passes, low, middle), np.where(passes, middle, high)
    return np.asarray(np.where((shares < limit) & (high < MOST_LABELS), high, np.inf))


def as_rules(choices: Sequence[Choice], before: Mapping[str, float], *, otherwise_people: bool) -> dict[str, float]:
    """`thresholds.answer_by_category`: what is supported; of the others what holds `before`, or nothing passes."""
    rules = dict(before)
    for choice in choices:
        names = choice.categories if len(choice.categories) == 1 else (*choice.categories, "*")
        for name in names:
            if choice.threshold is not None:
                rules[name] = choice.threshold
            elif otherwise_people:
                rules[name] = NOTHING
    if otherwise_people and not any(len(choice.categories) > 1 for choice in choices):
        rules["*"] = NOTHING
    return rules
