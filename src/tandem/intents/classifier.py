"""The fast stage: a linear head on the sentence embedding, and a gate that says whether the message is any of ours.

head: multinomial logistic regression over the intents. gate: logistic regression on the head's top probability and
the mean cosine to the five nearest examples, fitted on out-of-fold predictions, with the `unknown` examples as the
negatives. An intent's confidence is head times gate; `unknown` has the rest. Weights are plain arrays (npz), never pickle.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tandem.intents.starter import UNKNOWN, Example

Matrix = NDArray[np.float32]

RECIPE = 1  # raise it when training changes, so that no cached weights of the old way are used
NEIGHBOURS = 5
INVERSE_PENALTY = 20.0
"""C of the head. Chosen by 5-fold cross-validation on the starter set among 1, 5, 20, 100."""
FOLDS = 5
SEED = 20261120


@dataclass(frozen=True, slots=True)
class Guess:
    """An intent and the probability that the message carries it."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Classifier:
    """What was learned. `classify` takes some 50 µs."""

    names: tuple[str, ...]
    head: Matrix  # (dimensions + 1, intents), the last row the bias
    examples: Matrix  # (examples in scope, dimensions), normalised
    gate: tuple[float, float, float]  # bias, weight of the top probability, weight of the neighbours

    def classify(self, embedding: Matrix) -> tuple[Guess, ...]:
        """Every intent and `unknown`, likeliest first; the confidences sum to 1."""
        inner = _softmax(embedding @ self.head[:-1] + self.head[-1])
        known = _gate(self.gate, float(inner.max()), _nearness(self.examples @ embedding))
        guesses = [Guess(name, float(p) * known) for name, p in zip(self.names, inner, strict=True)]
        guesses.append(Guess(UNKNOWN, 1.0 - known))
        return tuple(sorted(guesses, key=lambda guess: -guess.confidence))

    def to_bytes(self) -> bytes:
        """For storing."""
        buffer = io.BytesIO()
        np.savez(
            buffer,
            names=np.array(self.names),
            head=self.head,
            examples=self.examples.astype(np.float16),
            gate=np.array(self.gate),
        )
        return buffer.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> "Classifier":
        """What to_bytes wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            gate = arrays["gate"]
            return Classifier(
                tuple(str(name) for name in arrays["names"]),
                arrays["head"],
                arrays["examples"].astype(np.float32),
                (float(gate[0]), float(gate[1]), float(gate[2])),
            )


def train(examples: Sequence[Example], embeddings: Matrix) -> Classifier:
    """Learn from examples and their embeddings, row by row. Takes a second or two for a thousand."""
    labels = np.array([example.intents[0] for example in examples])
    known = labels != UNKNOWN
    names = tuple(sorted(set(labels[known].tolist())))
    head = _fit_head(embeddings[known], labels[known], names)
    gate = _fit_gate(embeddings, labels, known, names)
    return Classifier(names, head, embeddings[known], gate)


def _fit_head(x: Matrix, labels: NDArray[Any], names: tuple[str, ...]) -> Matrix:
    from sklearn.linear_model import LogisticRegression  # takes half a second to import: only who trains pays

    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=500, class_weight="balanced").fit(x, labels)
    weights = np.vstack([model.coef_.T, model.intercept_])
    if len(names) == 2:  # the library keeps one column for two classes
        weights = np.hstack([-weights / 2, weights / 2])
    order = [list(model.classes_).index(name) for name in names]
    return np.asarray(weights[:, order], dtype=np.float32)


def _fit_gate(
    x: Matrix, labels: NDArray[Any], known: NDArray[np.bool_], names: tuple[str, ...]
) -> tuple[float, float, float]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    if known.all() or len(names) < 2:
        return (
            -4.0,
            4.0,
            8.0,
        )  # nothing out of scope to learn from: half-way at a top probability of 0.5 and a cosine of 0.25
    smallest = min(np.unique(labels, return_counts=True)[1])
    features, truth = [], []
    for train_rows, test_rows in StratifiedKFold(
        max(2, min(FOLDS, int(smallest))), shuffle=True, random_state=SEED
    ).split(x, labels):
        inside = train_rows[known[train_rows]]
        head = _fit_head(x[inside], labels[inside], tuple(sorted(set(labels[inside].tolist()))))
        for row in test_rows:
            top = float(_softmax(x[row] @ head[:-1] + head[-1]).max())
            features.append((top, _nearness(x[inside] @ x[row])))
            truth.append(bool(known[row]))
    model = LogisticRegression(C=10.0, class_weight="balanced").fit(np.array(features), np.array(truth))
    return float(model.intercept_[0]), float(model.coef_[0][0]), float(model.coef_[0][1])


def _nearness(cosines: Matrix) -> float:
    count = min(NEIGHBOURS, len(cosines))
    return float(np.partition(cosines, len(cosines) - count)[-count:].mean())


def _gate(gate: tuple[float, float, float], top: float, nearness: float) -> float:
    return float(1.0 / (1.0 + np.exp(-(gate[0] + gate[1] * top + gate[2] * nearness))))


def _softmax(scores: Matrix) -> Matrix:
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum(), dtype=np.float32)
