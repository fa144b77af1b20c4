"""The fast stage: from a message to its intents, each with the probability that the message carries it.

Heads score every intent by meaning and wording; a gate says whether the message is any of ours; a calibration makes
probabilities of both. Where examples carry one intent each, intents exclude each other: softmax of the scores times the
gate, and `unknown` has the rest. Where they carry several, each intent has a probability of its own, into which the others'
scores enter. A parent is at least as likely as its sub-intents. Weights are plain arrays (npz), never pickle.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tandem.intents import gate
from tandem.intents.features import Looks, Matrix, Wording, meaning, spots
from tandem.intents.gate import Gate
from tandem.intents.heads import Weights, sigmoid, softmax
from tandem.intents.starter import UNKNOWN

RECIPE = 9  # raise it when training changes, so that no cached weights of the old way are used


@dataclass(frozen=True, slots=True)
class Guess:
    """An intent and the probability that the message carries it."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Joint:
    """How scores become probabilities where a message may carry several intents.

    An intent's logit is pair @ (what `pairs` tells of it, 1) + (scores - mean) @ others + bias.
    """

    pair: Matrix  # (6,), or (4,) where it was learned before squares and leads counted
    mean: Matrix  # (intents,)
    others: Matrix  # (intents, intents)
    bias: Matrix  # (intents,)

    def chances(self, scores: Matrix, near: Matrix, gates: Matrix) -> Matrix:
        """Probabilities (messages, intents)."""
        base = pairs(scores, near, gates)[:, :, : len(self.pair) - 1] @ self.pair[:-1] + self.pair[-1]
        return sigmoid(np.asarray(base + (scores - self.mean) @ self.others + self.bias, np.float32))


@dataclass(frozen=True, slots=True)
class Classifier:
    """What was learned. `classify` takes well under a millisecond for a thousand examples."""

    names: tuple[str, ...]
    parents: tuple[int, ...]  # the place of each intent's parent in `names`, -1 without one
    centre: Matrix
    middle: Matrix
    wording: Wording
    heads: Weights  # one column an intent, the last that of `unknown`
    near: Matrix  # (examples in scope, 384)
    owners: Matrix  # (examples in scope, intents)
    strangers: Matrix  # (examples of `unknown`, 384)
    gate: Gate
    sharp: float
    joint: Joint | None
    threshold: float
    """The confidence from which an intent is asserted, as training chose it."""
    unsure: float
    """The certainty below which a slower look is worth its price: a fifth of the held-out examples were below."""
    spoken: tuple[str, ...] = ()
    """The words of the examples, commonest first: what a mistyped one may have been meant to be."""

    def classify(self, look: Looks) -> tuple[Guess, ...]:
        """Every intent and `unknown`, likeliest first."""
        columns, values = self.wording.of(look.text)
        tokens = spots(look, self.middle) if self.heads.spots is not None else None
        scores = self.heads.score(meaning(look, self.centre), columns, values, tokens)[None]
        cosines = (self.near @ look.vector)[None]
        strange = np.array([(self.strangers @ look.vector).max(initial=0.0)], np.float32)
        where, weights = self.wording.single_words(look.text)
        total = float(weights.sum())
        familiar = np.array([float(weights[where >= 0].sum()) / total if total else 0.0], np.float32)
        gates = self.gate.logit(gate.signs(scores, cosines, self.owners, strange, familiar, self.sharp))
        chances = self._chances(scores[:, :-1], cosines, gates)[0]
        rest = float(1 - sigmoid(gates)[0]) if self.joint is None else float(np.prod(1 - chances.astype(np.float64)))
        return self._told(self._with_parents(chances), rest)

    def _chances(self, scores: Matrix, cosines: Matrix, gates: Matrix) -> Matrix:
        if self.joint is None:
            return np.asarray(softmax(scores * self.sharp) * sigmoid(gates)[:, None], np.float32)
        return self.joint.chances(scores, nearness(cosines, self.owners), gates)

    def _with_parents(self, chances: Matrix) -> Matrix:
        """A message about a sub-intent is about its parent too."""
        if max(self.parents, default=-1) < 0:
            return chances
        shown = chances.copy()
        for place in _deepest_first(self.parents):
            above = self.parents[place]
            if above >= 0:
                both = shown[above] + shown[place] if self.joint is None else max(shown[above], shown[place])
                shown[above] = min(1.0, float(both))
        return shown

    def _told(self, chances: Matrix, rest: float) -> tuple[Guess, ...]:
        guesses = [Guess(name, float(chance)) for name, chance in zip(self.names, chances, strict=True)]
        guesses.append(Guess(UNKNOWN, rest))
        deep = {name: _depth(self.parents, place) for place, name in enumerate(self.names)}
        return tuple(sorted(guesses, key=lambda guess: (-guess.confidence, -deep.get(guess.name, 0))))

    def asserted(self, guesses: Sequence[Guess], threshold: float | None = None) -> tuple[str, ...]:
        """What the message is said to be about: `unknown` alone, or intents from the threshold on, the most specific of a line."""
        needed = self.threshold if threshold is None else threshold
        sure = [guess.name for guess in guesses if guess.name != UNKNOWN and guess.confidence >= needed]
        at = {name: place for place, name in enumerate(self.names)}
        above = {self.names[p] for name in sure for p in _line(self.parents, at[name])}
        sure = [name for name in sure if name not in above]
        if not sure:
            return (UNKNOWN,)
        return tuple(sure) if self.joint is not None else (sure[0],)

    def to_bytes(self) -> bytes:
        """For storing."""
        buffer = io.BytesIO()
        more: dict[str, Any] = {f"joint_{k}": getattr(self.joint, k) for k in Joint.__slots__} if self.joint else {}
        if self.heads.spots is not None:
            more |= {"spots": self.heads.spots, "loud": np.array(self.heads.loud)}
        np.savez(
            buffer,
            names=np.array(self.names, dtype=np.str_),
            parents=np.array(self.parents, np.int32),
            centre=self.centre,
            middle=self.middle,
            keys=self.wording.keys,
            idf=self.wording.idf,
            letters=np.array(self.wording.letters),
            dense=self.heads.dense,
            sparse=self.heads.sparse.astype(np.float16),
            bias=self.heads.bias,
            near=self.near.astype(np.float16),
            owners=self.owners.astype(np.bool_),
            strangers=self.strangers.astype(np.float16),
            gate_mean=self.gate.mean,
            gate_spread=self.gate.spread,
            gate_weights=self.gate.weights,
            numbers=np.array([self.gate.bias, self.sharp, self.threshold, self.unsure]),
            spoken=np.array(" ".join(self.spoken), np.str_),
            **more,
        )
        return buffer.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> "Classifier":
        """What to_bytes wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as a:
            bias, sharp, threshold, unsure = (float(number) for number in a["numbers"])
            return Classifier(
                tuple(str(name) for name in a["names"]),
                tuple(int(place) for place in a["parents"]),
                a["centre"],
                a["middle"] if "middle" in a else np.zeros(a["near"].shape[1], np.float32),
                Wording(a["keys"], a["idf"], bool(a["letters"])),
                Weights(a["dense"], a["sparse"], a["bias"], *((a["spots"], float(a["loud"])) if "spots" in a else ())),
                a["near"].astype(np.float32),
                a["owners"].astype(np.float32),
                a["strangers"].astype(np.float32),
                Gate(a["gate_mean"], a["gate_spread"], a["gate_weights"], bias),
                sharp,
                Joint(*(a[f"joint_{k}"] for k in Joint.__slots__)) if "joint_pair" in a else None,
                threshold,
                unsure,
                tuple(str(a["spoken"]).split()) if "spoken" in a else (),
            )

    def is_unsure(self, guesses: Sequence[Guess]) -> bool:
        """Whether the likeliest reading, `unknown` among them, is below `unsure`."""
        return guesses[0].confidence < self.unsure


def pairs(scores: Matrix, near: Matrix, gates: Matrix) -> Matrix:
    """What is told of each message and intent, (messages, intents, 5): its score, its neighbours, the gate, the square of the score,
    and by how much its neighbours are nearer than the nearest of another intent.
    """
    others = np.sort(near, axis=1)[:, -2:]
    lead = near - np.where(near == others[:, -1:], others[:, :1], others[:, -1:])
    columns = (scores, near, np.broadcast_to(gates[:, None], scores.shape), scores**2, lead)
    return np.stack(columns, axis=2).astype(np.float32)


def nearness(cosines: Matrix, owners: Matrix) -> Matrix:
    """The best cosine to an example of each intent. Shape (messages, intents)."""
    rows, intents = np.nonzero(owners)
    order = np.argsort(intents, kind="stable")
    there, begins = np.unique(intents[order], return_index=True)
    best = np.zeros((len(cosines), owners.shape[1]), np.float32)
    if len(there):
        best[:, there] = np.maximum.reduceat(cosines[:, rows[order]], begins, axis=1)
    return best


def _line(parents: Sequence[int], place: int) -> list[int]:
    """The places above, up to the top; a circle is cut."""
    found: list[int] = []
    while (place := parents[place]) >= 0 and place not in found:
        found.append(place)
    return found


def _depth(parents: Sequence[int], place: int) -> int:
    return len(_line(parents, place))


def _deepest_first(parents: Sequence[int]) -> list[int]:
    return sorted(range(len(parents)), key=lambda place: -_depth(parents, place))
