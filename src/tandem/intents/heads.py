"""Heads over meaning and wording, fitted in one of two ways.

One intent a message: multinomial logistic regression by L-BFGS, which tells many like intents apart best (starter set, held
out: 0.838 right, ridge 0.782). Several a message: one-vs-rest logistic regression that also finds the tokens which speak of an
intent (the logarithm of the sum of their exponentiated scores, a soft maximum), and, up to CLOSED_FORM examples, beside it a
ridge regression on 0 and 1 in its dual form, solved exactly. All end as one set of weights. Knows nothing about confidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tandem.intents.features import Matrix

Rows = NDArray[np.int64]

CLOSED_FORM = 3000
"""Examples up to which the exact solution is quick: it takes n³/3 steps."""

RIDGE = 0.3
"""Penalty of the ridge. Chosen by cross-validation on NLU++ among 0.1, 0.3, 1."""

LOGISTIC = 0.1
"""Penalty of the logistic heads: C = 10. On the starter set, HINT3's training part and natcs 0.03 to 0.3 are alike."""

SPOTTING = (0.3, 0.1, 0.3)
"""Penalties of meaning, wording and spots where a message may carry several intents. Chosen on ten folds of NLU++ among 0.03 to 1:
micro-F1 .848 to .858, beside the ridge .852 to .865."""

SHARE_OF_RIDGE = 7.0
"""What the ridge's scores are multiplied by before the logistic's are added, and the sum divided by: both then weigh alike."""

STEPS = 60
"""Of L-BFGS. More change no decision on CLINC150."""


@dataclass(frozen=True, slots=True)
class Spots:
    """The tokens of several messages, one after the other."""

    rows: Matrix  # (tokens, 384)
    begins: Rows  # (messages,): where each begins; none is empty

    @staticmethod
    def of(each: Sequence[Matrix]) -> "Spots":
        """Message by message."""
        return Spots(np.concatenate(each), np.cumsum([0, *(len(one) for one in each[:-1])]))

    def take(self, rows: Rows) -> "Spots":
        """Those of some messages."""
        ends = np.append(self.begins[1:], len(self.rows))
        return Spots.of([self.rows[self.begins[row] : ends[row]] for row in rows])

    def owners(self) -> Rows:
        """The message of each token."""
        counts = np.diff(np.append(self.begins, len(self.rows)))
        return np.repeat(np.arange(len(counts)), counts)

    def score(self, weights: Matrix) -> tuple[Matrix, Matrix]:
        """The soft maximum over each message's tokens (messages, intents), and each token's share in it (tokens, intents)."""
        shares, owners = self.rows @ weights, self.owners()
        highest = np.maximum.reduceat(shares, self.begins, axis=0)
        np.exp(shares - highest[owners], out=shares)
        total = np.add.reduceat(shares, self.begins, axis=0)
        shares /= total[owners]
        return np.asarray(highest + np.log(total), np.float32), shares


@dataclass(frozen=True, slots=True)
class Weights:
    """Scores are meaning @ dense + wording @ sparse + bias, one column an intent; `loud` times the soft maximum of `spots` is added."""

    dense: Matrix
    sparse: Matrix
    bias: Matrix
    spots: Matrix | None = None
    loud: float = 1.0

    def score(self, meaning: Matrix, columns: NDArray[np.int64], values: Matrix, tokens: Matrix | None) -> Matrix:
        """The scores of one message. `tokens` is needed with `spots` only."""
        scores = meaning @ self.dense + self.bias
        if len(columns):
            scores = scores + values @ self.sparse[columns].astype(np.float32)
        if self.spots is not None and tokens is not None:
            scores = scores + self.loud * Spots(tokens, np.zeros(1, np.int64)).score(self.spots)[0][0]
        return np.asarray(scores, np.float32)

    def score_all(self, meaning: Matrix, wording: Any, spots: Spots | None) -> Matrix:
        """The scores of several messages."""
        scores = meaning @ self.dense + wording @ self.sparse + self.bias
        if self.spots is not None and spots is not None:
            scores = scores + self.loud * spots.score(self.spots)[0]
        return np.asarray(scores, np.float32)


class Heads:
    """The examples of one training, from which heads are fitted on some of them. `spots`: where several intents may be carried."""

    def __init__(self, meaning: Matrix, wording: Any, truth: Matrix, spots: Spots | None) -> None:
        self._meaning, self._wording, self._truth, self._spots = meaning, wording, truth, spots
        self._kernel: NDArray[np.float64] | None = None
        if spots is not None and len(truth) <= CLOSED_FORM:
            alike = meaning @ meaning.T + np.asarray((wording @ wording.T).todense())
            self._kernel = alike.astype(np.float64)

    def scores(self, rows: Rows, of: Rows, columns: NDArray[np.int64]) -> Matrix:
        """Scores of the examples `of` by heads fitted on `rows`, for the intents `columns` alone."""
        fitted = self.fit(rows, columns)
        spots = None if self._spots is None else self._spots.take(of)
        return fitted.score_all(self._meaning[of], self._wording[of], spots)

    def fit(self, rows: Rows, columns: NDArray[np.int64]) -> Weights:
        """Heads of these examples, for these intents."""
        meaning, wording, truth = self._meaning[rows], self._wording[rows], self._truth[np.ix_(rows, columns)]
        if self._spots is None:
            return logistic(meaning, wording, truth, several=False)
        spotting = logistic(meaning, wording, truth, several=True, penalty=SPOTTING, spots=self._spots.take(rows))
        if self._kernel is None:
            return spotting
        dual, mean = _ridge(self._kernel[np.ix_(rows, rows)], truth)
        return Weights(
            np.asarray(meaning.T @ dual + spotting.dense / SHARE_OF_RIDGE, np.float32),
            np.asarray(wording.T @ dual + spotting.sparse / SHARE_OF_RIDGE, np.float32),
            np.asarray(mean + spotting.bias / SHARE_OF_RIDGE, np.float32),
            spotting.spots,
            1 / SHARE_OF_RIDGE,
        )


def _ridge(kernel: NDArray[np.float64], truth: Matrix) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from scipy import linalg

    mean = truth.mean(axis=0, dtype=np.float64)
    solved = linalg.cho_solve(linalg.cho_factor(kernel + RIDGE * np.eye(len(kernel))), truth - mean)
    return np.asarray(solved), mean


def logistic(
    meaning: Matrix,
    wording: Any,
    truth: Matrix,
    *,
    several: bool,
    penalty: tuple[float, float, float] = (LOGISTIC, LOGISTIC, LOGISTIC),
    spots: Spots | None = None,
    offset: Matrix | None = None,
) -> Weights:
    """Logistic regression of `truth` (examples, intents): over all intents together, or, with `several`, each by itself.

    A row of `truth` below 1 counts less. `wording` may be None. `penalty` is that of meaning, wording and spots. `offset` is added
    to the scores and not learned.
    """
    from scipy import optimize

    width, of_words = meaning.shape[1], 0 if wording is None else wording.shape[1]
    deep = 0 if spots is None else spots.rows.shape[1]
    turned = None if wording is None else wording.T.tocsr()
    owners = None if spots is None else spots.owners()
    parts = (slice(width), slice(width, width + of_words), slice(width + of_words, width + of_words + deep))
    shape = (width + of_words + deep + 1, truth.shape[1])
    penalties = np.full((shape[0], 1), 1e-3, np.float32)
    for part, size in zip(parts, penalty, strict=True):
        penalties[part] = size
    loss = _each if several else _together

    def cost(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(shape).astype(np.float32)
        dense, sparse, spotting = (weights[part] for part in parts)
        scores = meaning @ dense + weights[-1]
        if offset is not None:
            scores += offset
        if wording is not None:
            scores += wording @ sparse
        spotted = None if spots is None else spots.score(spotting)
        if spotted is not None:
            scores += spotted[0]
        value, excess = loss(scores, truth)
        slope = np.empty_like(weights)
        slope[parts[0]], slope[-1] = meaning.T @ excess, excess.sum(axis=0)
        if turned is not None:
            slope[parts[1]] = turned @ excess
        if spots is not None and spotted is not None:
            slope[parts[2]] = spots.rows.T @ (spotted[1] * excess[owners])
        slope += penalties * weights
        return value + 0.5 * float((penalties * weights**2).sum()), slope.astype(np.float64).ravel()

    start = np.zeros(shape[0] * shape[1])
    best = optimize.minimize(
        cost, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS, "maxcor": 8, "ftol": 1e-7}
    )
    weights = best.x.reshape(shape).astype(np.float32)
    dense, sparse, spotting = (weights[part] for part in parts)
    return Weights(dense, sparse, weights[-1], spotting if spots is not None else None)


def _together(scores: Matrix, truth: Matrix) -> tuple[float, Matrix]:
    """Cross entropy of the softmax, and its slope."""
    scores = scores - scores.max(axis=1, keepdims=True)
    powers = np.exp(scores)
    total = powers.sum(axis=1, keepdims=True)
    counted = truth.sum(axis=1, keepdims=True)
    value = float((np.log(total) * counted).sum() - (truth * scores).sum())
    return value, np.asarray(powers / total * counted - truth, np.float32)


def _each(scores: Matrix, truth: Matrix) -> tuple[float, Matrix]:
    """Cross entropy of every intent by itself, and its slope."""
    value = float((np.logaddexp(0, scores) - truth * scores).sum())
    return value, np.asarray(sigmoid(scores) - truth, np.float32)


def sigmoid(scores: Matrix) -> Matrix:
    """1 / (1 + e^-x), without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * scores)), np.float32)


def softmax(scores: Matrix) -> Matrix:
    """Row by row."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)
