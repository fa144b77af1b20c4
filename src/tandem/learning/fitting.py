"""Fitting what the parts of a confidence weigh to a tenant's own outcomes. Pure; seconds for thousands of rows.

Logistic regression with a Gaussian prior centred on the weights in force at the start, those that are shipped: few outcomes
move them little (a maximum a posteriori estimate by Newton's method). Outcomes of other sources than the lot are a biased
choice: each source has an intercept of its own, so that it teaches what the parts weigh and not how often we are wrong
(Prentice and Pyke 1979). With enough outcomes the result is calibrated once more on what each fold has not seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tandem.answering import score
from tandem.answering.score import NAMES, SHIPPED, Scoring

Floats = NDArray[np.float64]

DRAWN = "review"
"""The source whose answers were drawn by lot."""

ENOUGH = 50
"""Outcomes from which a fit is tried at all."""

OF_EACH = 5
"""Right ones and wrong ones among them, at least."""

TYPICAL: Mapping[str, float] = {
    "retrieval": 1.5,
    "meaning": 0.15,
    "wording": 0.25,
    "standing_out": 0.1,
    "intent": 0.25,
    "sentiment": 0.4,
    "sentiment_trend": 0.5,
    "frustration": 0.3,
    "failures_before": 0.7,
    "flagged": 0.3,
}
"""A typical deviation of each part, as seen in the public questions and the demo's conversations."""

SPREAD = 0.5
"""Standard deviation of the prior, in log-odds for a typical deviation of a part: weights stay within a factor of e or so."""

BIAS_SPREAD = 1.5
"""The same of the intercept, which differs most from one knowledge to the next."""

SOURCE_SPREAD = 3.0
"""The same of a source's own intercept: that of a source with wrong ones alone is large."""

PLATT_FROM = 200
ISOTONIC_FROM = 1000
"""Outcomes from which a second calibration is tried: two numbers (Platt 1999), or any rising curve, which below a thousand
is worse than none (Niculescu-Mizil and Caruana 2005)."""

FOLDS = 5
STEPS = 50


@dataclass(frozen=True, slots=True)
class Outcome:
    """A labelled answer: its parts, whether it was right, and who said so."""

    parts: Mapping[str, float]
    right: bool
    source: str


@dataclass(frozen=True, slots=True)
class Fit:
    """A scoring with how it did on what it had not seen, beside the one it would replace: mean log loss, lower is better.

    `gain` is the mean difference, `error` its standard error; it is `better` when the gain is larger than the error.
    """

    scoring: Scoring
    calibration: str
    loss: float
    before: float
    gain: float
    error: float
    outcomes: int
    wrong: int

    @property
    def better(self) -> bool:
        """Whether it may replace the one in force."""
        return self.gain > self.error

    def as_json(self) -> dict[str, Any]:
        """As it is stored and shown."""
        names = ("calibration", "loss", "before", "gain", "error", "outcomes", "wrong")
        found = {name: getattr(self, name) for name in names}
        return {name: round(value, 5) if isinstance(value, float) else value for name, value in found.items()}


def lacking(outcomes: Sequence[Outcome]) -> str:
    """Why there is no fit yet, in words; empty when there is enough."""
    wrong = sum(not each.right for each in outcomes)
    few = min(wrong, len(outcomes) - wrong)
    if len(outcomes) >= ENOUGH and few >= OF_EACH:
        return ""
    return (
        f"Not enough outcomes yet: using defaults ({len(outcomes)} of {ENOUGH} outcomes,"
        f" {wrong} wrong and {len(outcomes) - wrong} right of at least {OF_EACH} each)."
    )


def fit(outcomes: Sequence[Outcome], in_force: Scoring, version: int, *, seed: int = 0) -> Fit:
    """The best of plain, Platt and isotonic by folds, and how it compares with what is in force."""
    right = np.array([each.right for each in outcomes], float)
    folds = np.random.default_rng(seed).permutation(len(outcomes)) % FOLDS
    unseen = np.zeros(len(outcomes))
    for number in range(FOLDS):
        learned = map_fit([o for o, f in zip(outcomes, folds, strict=True) if f != number])
        for at in np.flatnonzero(folds == number).tolist():
            unseen[at] = score.probability(outcomes[at].parts, learned)
    drawn = np.array([each.source == DRAWN for each in outcomes])
    judged = drawn if _both(right[drawn]) else np.ones(len(outcomes), bool)
    name, bent = _calibrated(unseen[judged], right[judged], folds[judged])
    now = np.array([score.probability(each.parts, in_force) for each in outcomes])[judged]
    gains = _losses(now, right[judged]) - _losses(bent, right[judged])
    scoring = _finished(map_fit(outcomes), name, unseen[judged], right[judged], version)
    return Fit(
        scoring,
        name,
        float(_losses(bent, right[judged]).mean()),
        float(_losses(now, right[judged]).mean()),
        float(gains.mean()),
        float(gains.std() / np.sqrt(len(gains))),
        len(outcomes),
        int((1 - right).sum()),
    )


def map_fit(outcomes: Sequence[Outcome], around: Scoring = SHIPPED) -> Scoring:
    """Maximum a posteriori weights around others; sources but the lot have an intercept of their own."""
    sources = sorted({each.source for each in outcomes} - {DRAWN})
    own = np.array([[each.source == name for name in sources] for each in outcomes], float).reshape(len(outcomes), -1)
    parts = np.array([[each.parts.get(name, 0.0) for name in NAMES] for each in outcomes])
    x = np.hstack([np.ones((len(outcomes), 1)), parts, own])
    centre = np.array([around.bias, *(around.weights.get(name, 0.0) for name in NAMES), *np.zeros(len(sources))])
    spread = np.array([BIAS_SPREAD, *(SPREAD / TYPICAL[name] for name in NAMES), *[SOURCE_SPREAD] * len(sources)])
    found = _newton(x, np.array([each.right for each in outcomes], float), centre, spread**-2.0, np.ones(len(outcomes)))
    weights = {name: round(float(value), 4) for name, value in zip(NAMES, found[1:], strict=False)}
    return Scoring(around.version, round(float(found[0]), 4), weights)


def plain(parts: Sequence[Mapping[str, float]], right: Sequence[bool], used: Sequence[str], share: Floats) -> Scoring:
    """Weights of some parts without a prior to speak of, each row counting its share: how the shipped ones are made."""
    x = np.array([[1.0, *(each[name] for name in used)] for each in parts])
    loose = np.full(x.shape[1], 1e-3)
    found = _newton(x, np.array(right, float), np.zeros(x.shape[1]), loose, share)
    weights = dict.fromkeys(NAMES, 0.0) | {name: float(value) for name, value in zip(used, found[1:], strict=True)}
    return Scoring(score.VERSION, float(found[0]), weights)


def _newton(x: Floats, y: Floats, centre: Floats, precision: Floats, share: Floats) -> Floats:
    """Minimises log loss plus precision/2 times the squared distance from the centre; halves a step that makes it worse."""

    def cost(beta: Floats) -> float:
        z = x @ beta
        return float(share @ (np.logaddexp(0, z) - y * z) + 0.5 * precision @ (beta - centre) ** 2)

    beta = centre.copy()
    for _ in range(STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(x @ beta, -30, 30)))
        slope = x.T @ (share * (p - y)) + precision * (beta - centre)
        curvature = (x * (share * p * (1 - p))[:, None]).T @ x + np.diag(precision)
        step = np.linalg.solve(curvature, slope)
        size = 1.0
        while cost(beta - size * step) > cost(beta) and size > 1e-6:
            size /= 2
        beta = beta - size * step
        if np.abs(size * step).max() < 1e-8:
            break
    return beta


def _calibrated(unseen: Floats, right: Floats, folds: NDArray[Any]) -> tuple[str, Floats]:
    """Which second calibration loses least on folds that it has not seen, none included; and its probabilities there."""
    tried = {"none": unseen}
    if len(right) >= PLATT_FROM:
        tried["platt"] = _across(unseen, right, folds, _platt)
    if len(right) >= ISOTONIC_FROM:
        tried["isotonic"] = _across(unseen, right, folds, _isotonic)
    name = min(tried, key=lambda each: float(_losses(tried[each], right).mean()))
    return name, tried[name]


def _across(unseen: Floats, right: Floats, folds: NDArray[Any], learn: Any) -> Floats:
    found = unseen.copy()
    for number in range(FOLDS):
        held = folds == number
        if held.any() and _both(right[~held]):
            found[held] = learn(unseen[~held], right[~held])(unseen[held])
    return found


def _finished(learned: Scoring, name: str, unseen: Floats, right: Floats, version: int) -> Scoring:
    """The weights with the second calibration in them, or upon them."""
    if name == "platt":
        slope, shift = _platt_numbers(unseen, right)
        weights = {each: round(slope * value, 4) for each, value in learned.weights.items()}
        return Scoring(version, round(slope * learned.bias + shift, 4), weights)
    corners = _corners(unseen, right) if name == "isotonic" else ()
    return Scoring(version, learned.bias, learned.weights, corners)


def _platt_numbers(p: Floats, right: Floats) -> tuple[float, float]:
    z = np.array([score.logit(float(each)) for each in p])
    x = np.stack([z, np.ones(len(z))], axis=1)
    slope, shift = _newton(x, right, np.array([1.0, 0.0]), np.array([1.0, 0.1]), np.ones(len(z)))
    return max(0.05, float(slope)), float(shift)


def _platt(p: Floats, right: Floats) -> Any:
    slope, shift = _platt_numbers(p, right)
    return lambda new: np.array([score.logistic(slope * score.logit(float(each)) + shift) for each in new])


def _isotonic(p: Floats, right: Floats) -> Any:
    corners = _corners(p, right)
    xs, ys = np.array([x for x, _ in corners]), np.array([y for _, y in corners])
    return lambda new: np.interp(new, xs, ys)


def _corners(p: Floats, right: Floats) -> tuple[tuple[float, float], ...]:
    """Pool adjacent violators; one corner in the middle of each level. A level of right ones alone is not certain (Laplace)."""
    order = np.argsort(p, kind="stable")
    levels: list[list[float]] = []  # sum of right, count, sum of p
    for x, y in zip(p[order], right[order], strict=True):
        levels.append([float(y), 1.0, float(x)])
        while len(levels) > 1 and levels[-2][0] * levels[-1][1] >= levels[-1][0] * levels[-2][1]:
            last = levels.pop()
            levels[-1] = [a + b for a, b in zip(levels[-1], last, strict=True)]
    shares = [(k + 1) / (n + 2) if k in (0.0, n) else k / n for k, n, _ in levels]
    rising = np.maximum.accumulate(shares).tolist()
    return tuple((round(x / n, 4), round(y, 4)) for (_, n, x), y in zip(levels, rising, strict=True))


def _losses(p: Floats, right: Floats) -> Floats:
    kept = np.clip(p, score.LEAST, score.MOST)
    return np.asarray(-np.where(right > 0.5, np.log(kept), np.log(1 - kept)))


def _both(right: Floats) -> bool:
    return bool(len(right)) and 0 < right.sum() < len(right)
