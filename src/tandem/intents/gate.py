"""Is the message any of ours? The signs of it, and a logistic function of them.

The heads alone cannot tell: they were never shown everything that is none of our business. So the nearest examples, the
share of known words and the scores' height and distance have a say.
"""

from dataclasses import dataclass

import numpy as np

from tandem.intents.features import Matrix
from tandem.intents.heads import sigmoid, softmax

NEIGHBOURS = 5
SIGNS = 9
"""Numbers in a row of signs."""

PENALTY = 10.0
"""Of the gate's logistic regression, on standardised signs. Chosen among 0.1, 1, 10, 50 by the AUROC on intents left out of
the training parts of CLINC150 and HINT3, of natcs and of bitext; 1 and 50 are within 0.002."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A logistic function of the signs. Weights apply to the signs less `mean`, over `spread`."""

    mean: Matrix
    spread: Matrix
    weights: Matrix
    bias: float

    def logit(self, rows: Matrix) -> Matrix:
        """The log odds that each message is ours."""
        return np.asarray((rows - self.mean) / self.spread @ self.weights + self.bias, np.float32)


BY_HAND = Gate(np.zeros(SIGNS, np.float32), np.ones(SIGNS, np.float32), np.eye(SIGNS, dtype=np.float32)[3] * 12.0, -5.0)
"""Where too little is known to fit one: by the nearest examples alone, half-way at a cosine of 0.42."""


def signs(scores: Matrix, cosines: Matrix, owners: Matrix, strange: Matrix, familiar: Matrix, sharp: float) -> Matrix:
    """The signs, row by row.

    `scores` (messages, intents + 1), the last column that of `unknown`; `cosines` to the examples in scope (messages,
    examples), whose intents are `owners` (examples, intents); `strange`: the best cosine to an example of `unknown`;
    `familiar`: the share of the words that is known; `sharp`: what scores are multiplied by before the softmax.
    """
    known = scores[:, :-1]
    if known.shape[1] > 1:
        second, first = np.partition(known, known.shape[1] - 2, axis=1)[:, -2:].T
    else:
        first, second = known[:, 0], np.zeros(len(known), np.float32)
    likely = softmax(known * sharp).max(axis=1).clip(1e-4, 1 - 1e-4)
    count = min(NEIGHBOURS, cosines.shape[1])
    nearest = np.argpartition(cosines, cosines.shape[1] - count, axis=1)[:, -count:]
    near = np.take_along_axis(cosines, nearest, axis=1)
    top = known.argmax(axis=1)
    agreeing = owners[nearest, top[:, None]].mean(axis=1)
    best = near.max(axis=1)
    columns = (
        first * sharp,
        np.log(likely / (1 - likely)),
        near.mean(axis=1),
        best,
        (first - second) * sharp,
        scores[:, -1] * sharp,
        familiar,
        strange - best,
        agreeing,
    )
    return np.stack(columns, axis=1).astype(np.float32)


def fit(ours: Matrix, foreign: Matrix, share: float) -> Gate:
    """A gate that tells the rows apart; `share` of the traffic is taken to be foreign, whatever there is of either."""
    if len(ours) < 2 * NEIGHBOURS or len(foreign) < NEIGHBOURS:
        return BY_HAND
    rows = np.concatenate((ours, foreign))
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    truth = np.concatenate((np.ones(len(ours), np.float32), np.zeros(len(foreign), np.float32)))
    most = max(len(ours), len(foreign))
    weight = np.where(truth > 0, (1 - share) * most / len(ours), share * most / len(foreign)).astype(np.float32)
    fitted = _weighted((rows - mean) / spread, truth, weight)
    return Gate(mean, spread, fitted[:-1], float(fitted[-1]))


def _weighted(rows: Matrix, truth: Matrix, weight: Matrix) -> Matrix:
    """Logistic regression by Newton's steps; the last number is the bias."""
    table = np.column_stack((rows, np.ones(len(rows)))).astype(np.float64)
    penalty = np.full(table.shape[1], PENALTY)
    penalty[-1] = 1e-6
    weights = np.zeros(table.shape[1])
    for _ in range(30):
        chance = np.asarray(sigmoid(np.asarray(table @ weights, np.float32)), np.float64)
        slope = table.T @ (weight * (chance - truth)) + penalty * weights
        bend = (table * (weight * chance * (1 - chance) + 1e-9)[:, None]).T @ table + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        weights -= step
        if float(np.abs(step).max()) < 1e-6:
            break
    return weights.astype(np.float32)
