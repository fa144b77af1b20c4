"""Linear heads over meaning and wording, fitted in one of two ways.

One intent a message: multinomial logistic regression by L-BFGS, which tells many like intents apart best (starter set, held
out: 0.838 right, ridge 0.782). Several a message: ridge regression on 0 and 1 in its dual form, solved exactly, up to CLOSED_FORM
examples; above, one-vs-rest logistic regression. All end as one matrix of weights. Knows nothing about confidence.
"""

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

STEPS = 60
"""Of L-BFGS. More change no decision on CLINC150."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Scores are meaning @ dense + wording @ sparse + bias; one column an intent."""

    dense: Matrix
    sparse: Matrix
    bias: Matrix

    def score(self, meaning: Matrix, columns: NDArray[np.int64], values: Matrix) -> Matrix:
        """The scores of one message."""
        scores = meaning @ self.dense + self.bias
        if len(columns):
            scores = scores + values @ self.sparse[columns].astype(np.float32)
        return np.asarray(scores, np.float32)


class Heads:
    """The examples of one training, from which heads are fitted on all of them or on some."""

    def __init__(self, meaning: Matrix, wording: Any, truth: Matrix, *, several: bool) -> None:
        self._meaning, self._wording, self._truth, self._several = meaning, wording, truth, several
        self._kernel: NDArray[np.float64] | None = None
        if several and len(truth) <= CLOSED_FORM:
            alike = meaning @ meaning.T + np.asarray((wording @ wording.T).todense())
            self._kernel = alike.astype(np.float64)

    def scores(self, rows: Rows, of: Rows, columns: NDArray[np.int64]) -> Matrix:
        """Scores of the examples `of` by heads fitted on `rows`, for the intents `columns` alone."""
        truth = self._truth[np.ix_(rows, columns)]
        if self._kernel is not None:
            dual, mean = _ridge(self._kernel[np.ix_(rows, rows)], truth)
            return np.asarray(self._kernel[np.ix_(of, rows)] @ dual + mean, np.float32)
        fitted = logistic(self._meaning[rows], self._wording[rows], truth, several=self._several)
        return np.asarray(
            self._meaning[of] @ fitted.dense + self._wording[of] @ fitted.sparse + fitted.bias, np.float32
        )

    def fit(self) -> Weights:
        """Heads of all examples."""
        if self._kernel is None:
            return logistic(self._meaning, self._wording, self._truth, several=self._several)
        dual, mean = _ridge(self._kernel, self._truth)
        dense = np.asarray(self._meaning.T @ dual, np.float32)
        return Weights(dense, np.asarray(self._wording.T @ dual, np.float32), np.asarray(mean, np.float32))


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
    penalty: float = LOGISTIC,
    offset: Matrix | None = None,
    steps: int = STEPS,
) -> Weights:
    """Logistic regression of `truth` (examples, intents): over all intents together, or, with `several`, each by itself.

    `wording` may be None. `offset` is added to the scores and not learned.
    """
    from scipy import optimize

    width, of_words = meaning.shape[1], 0 if wording is None else wording.shape[1]
    turned = None if wording is None else wording.T.tocsr()
    shape = (width + of_words + 1, truth.shape[1])
    penalties = np.full((shape[0], 1), penalty, np.float32)
    penalties[-1] = 1e-3
    loss = _each if several else _together

    def cost(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(shape).astype(np.float32)
        scores = meaning @ weights[:width] + weights[-1]
        if offset is not None:
            scores += offset
        if wording is not None:
            scores += wording @ weights[width:-1]
        value, excess = loss(scores, truth)
        slope = np.empty_like(weights)
        slope[:width], slope[-1] = meaning.T @ excess, excess.sum(axis=0)
        if turned is not None:
            slope[width:-1] = turned @ excess
        slope += penalties * weights
        return value + 0.5 * float((penalties * weights**2).sum()), slope.astype(np.float64).ravel()

    start = np.zeros(shape[0] * shape[1])
    best = optimize.minimize(
        cost, start, jac=True, method="L-BFGS-B", options={"maxiter": steps, "maxcor": 8, "ftol": 1e-7}
    )
    weights = best.x.reshape(shape).astype(np.float32)
    return Weights(weights[:width], weights[width:-1], weights[-1])


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
