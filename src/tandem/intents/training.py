"""Learning a classifier from examples, and what it does on examples that it has not seen.

Examples are held out in folds, and in each fold some intents are left out altogether: what is written for them is foreign to
the fold, which teaches the gate what is near and yet not ours, even where nobody gave examples of `unknown`. On the held-out
scores everything else is fitted: how sharp the softmax is, the gate, and the one threshold.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tandem.intents import features, gate, heads, spelling
from tandem.intents.classifier import Classifier, Joint, nearness, pairs
from tandem.intents.features import Looks, Matrix
from tandem.intents.gate import Gate
from tandem.intents.heads import Heads, Rows, Spots, Weights, sigmoid, softmax
from tandem.intents.starter import UNKNOWN, Example

FOLDS = 5
SEED = 20261120

MANY = 3000
"""Examples from which one fold is held out instead of all in turn, and letters are left out: words suffice, and time counts."""

ENOUGH_UNKNOWN = 30
"""Examples of `unknown` from which they alone teach the gate; below, left-out intents do too, and where these are too few to leave
one out, messages that are nobody's business here."""

FOREIGN = 0.1
"""Share of messages that are none of ours, which the gate's probabilities assume."""

UNKNOWN_HELD = 3
"""Of FOLDS: the share of the examples of `unknown` that is held out where there is time for one fold only."""

SEVERAL = 0.02
"""Share of examples with more than one intent from which on intents do not exclude each other."""

MOST_NEIGHBOURS = 6000
"""Examples kept for the neighbours: more take longer to compare than a message has time."""

SLOW_SHARE = 0.2
"""Share of the traffic that the fast stage leaves to a model, where there is one (S3: about 80 % stays fast)."""

RIDGE_SHARP = 12.0
"""What scores between 0 and 1 are multiplied by before a softmax, until held-out examples say more; a logistic's need nothing."""

CAUTION = 10.0
"""What held-out examples have to outweigh: a few easy ones would otherwise make the softmax as sharp as can be."""

OTHERS = 10.0
"""Penalty on what other intents' scores say of an intent. Chosen on ten folds of NLU++ among 0.3, 1, 3, 10."""

SURPRISING = 100.0
"""Labels are doubted where more of them are so many times less likely than another than the probabilities themselves foretell: right
labels, however hard, are not (starter set, HINT3's training part, natcs, bitext), and with 1 in 20 wrong they are."""

CONTRADICTED = 10.0
LEAST_TRUST = 0.1
"""Then an example counts in full until another intent is CONTRADICTED times as likely as its own to heads that have not seen it, and
less by as much above, down to LEAST_TRUST. On HINT3's training part, natcs and bitext with 1 label in 10 wrong, 3 spares as many and
doubts more right ones; 30 finds fewer."""

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What came of the examples that were held out, in input order of `rows`."""

    rows: Rows
    chances: Matrix  # (rows, intents)
    known: Matrix  # (rows,)
    ours: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Trained:
    """A classifier, and the probabilities of the held-out examples."""

    classifier: Classifier
    held_out: HeldOut
    truth: Matrix
    names: tuple[str, ...]


@dataclass(slots=True)
class _Folded:
    """What the folds gather."""

    scores: list[Matrix] = field(default_factory=list)
    signs_of: list[tuple[Matrix, Matrix, Matrix, Matrix]] = field(default_factory=list)
    rows: list[Rows] = field(default_factory=list)
    ours: list[NDArray[np.bool_]] = field(default_factory=list)
    left_out: list[NDArray[np.bool_]] = field(default_factory=list)


def train(
    examples: Sequence[Example],
    looks: Sequence[Looks],
    *,
    parents: dict[str, str] | None = None,
    foreign: Sequence[Looks] = (),
    progress: Progress = lambda share: None,
) -> Trained:
    """Learn from examples and how they look, row by row. `foreign`: messages that are nobody's business here.

    Raises ValueError without an intent. Seconds for a thousand examples, some two minutes for 15,000.
    """
    names = tuple(sorted({name for example in examples for name in example.intents} - {UNKNOWN}))
    if not names:
        raise ValueError("there is no example of an intent")
    truth = _truth(examples, names)
    several = float((truth[:, :-1].sum(axis=1) > 1).mean()) >= SEVERAL
    work = _Work(examples, looks, foreign, names, truth, several=several)
    progress(0.1)
    held = work.hold_out(progress)
    calibrated = _Calibration(work, held)
    progress(0.8)
    fitted = work.fit()
    progress(0.95)
    kept = work.neighbours()
    classifier = Classifier(
        names,
        tuple(
            names.index(up) if (up := (parents or {}).get(name, "")) in names and up != name else -1 for name in names
        ),
        work.centre,
        work.middle,
        work.wording,
        fitted,
        work.vectors[kept],
        truth[kept, :-1],
        work.strangers,
        calibrated.gate,
        calibrated.sharp,
        calibrated.joint,
        calibrated.threshold,
        calibrated.unsure,
        spelling.learn([example.text for example in examples]),
    )
    return Trained(classifier, calibrated.held_out, truth, names)


def _truth(examples: Sequence[Example], names: Sequence[str]) -> Matrix:
    """One column an intent, and the last for `unknown`."""
    at = {name: place for place, name in enumerate((*names, UNKNOWN))}
    truth = np.zeros((len(examples), len(at)), np.float32)
    for row, example in enumerate(examples):
        for name in example.intents:
            truth[row, at[name]] = 1
    truth[truth[:, :-1].any(axis=1), -1] = 0
    return truth


class _Work:
    """The examples as arrays."""

    def __init__(
        self,
        examples: Sequence[Example],
        looks: Sequence[Looks],
        foreign: Sequence[Looks],
        names: tuple[str, ...],
        truth: Matrix,
        *,
        several: bool,
    ) -> None:
        self.names, self.truth, self.several, self.count = names, truth, several, len(examples)
        self.known: NDArray[np.bool_] = np.asarray(truth[:, :-1].any(axis=1), np.bool_)
        everyone = [*looks, *foreign]
        texts = [one.text for one in everyone]
        few = len(examples) <= MANY
        self.wording = features.learn_wording(texts[: self.count], letters=few, at_least=1 if few else 2)
        self.centre = features.centre_of(looks)
        meaning = np.stack([features.meaning(one, self.centre) for one in everyone])
        self.vectors = np.stack([one.vector for one in everyone])
        self.words, self.total = features.word_table(self.wording, texts)
        wording = features.table(self.wording, texts)
        padded = np.concatenate((truth, np.zeros((len(foreign), truth.shape[1]), np.float32)))
        padded[self.count :, -1] = 1
        self.padded = padded
        self.middle = features.middle_of(looks)
        spots = Spots.of([features.spots(one, self.middle) for one in everyone]) if several else None
        self._heads = Heads(meaning, wording, padded, spots)
        self.trust = self._trust()
        weighted = padded.copy()
        weighted[: self.count] *= self.trust[:, None]
        self._heads = Heads(meaning, wording, weighted, spots)
        self.strangers = self.vectors[: self.count][~self.known]

    def _trust(self) -> Matrix:
        """How far each label is believed, LEAST_TRUST to 1; all are where there is no time, or several intents may be right."""
        trust = np.ones(self.count, np.float32)
        if self.several or self.count > MANY or len(self.names) < 2:
            return trust
        scores = np.zeros(self.truth.shape, np.float32)
        fold_of = _folds(self.truth, np.random.default_rng(SEED + 1))
        for fold in range(FOLDS):
            rows, held = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
            scores[held] = self._heads.scores(rows, held, np.arange(self.truth.shape[1]))
        known, own = scores[self.known, :-1], self.truth[self.known, :-1] > 0
        chances = softmax(known * _sharpness(known, self.truth[self.known, :-1], 1.0))
        ratio = np.where(own, 0, chances).max(axis=1) / np.maximum(np.where(own, chances, 0).max(axis=1), 1e-9)
        rare = np.where(chances * SURPRISING < chances.max(axis=1, keepdims=True), chances, 0).sum(axis=1)
        if (ratio > SURPRISING).mean() > rare.mean():
            trust[self.known] = np.clip(CONTRADICTED / np.maximum(ratio, 1e-9), LEAST_TRUST, 1)
        return trust

    def fit(self) -> Weights:
        """Heads of all examples."""
        return self._heads.fit(np.arange(self.count), np.arange(self.truth.shape[1]))

    def neighbours(self) -> Rows:
        """The examples in scope that are kept: all, or as many of each intent, at random."""
        rows = np.flatnonzero(self.known)
        if len(rows) <= MOST_NEIGHBOURS:
            return rows
        return np.sort(np.random.default_rng(SEED).permutation(rows)[:MOST_NEIGHBOURS])

    def hold_out(self, progress: Progress) -> _Folded:
        """The scores of examples by heads that have not seen them."""
        chance = np.random.default_rng(SEED)
        fold_of = _folds(self.truth, chance)
        group_of = chance.permutation(len(self.names)) % FOLDS
        few = (~self.known).sum() < ENOUGH_UNKNOWN
        leaves_out = few and len(self.names) >= FOLDS
        foreign = np.arange(self.count, len(self.padded) if few and not leaves_out else self.count)
        gathered = _Folded()
        folds = range(FOLDS) if self.count <= MANY else range(1)
        if len(folds) == 1:  # of few foreign examples one fold would be too few to judge by
            fold_of[~self.known] = np.where(fold_of[~self.known] < UNKNOWN_HELD, 0, 1)
        for fold in folds:
            held, group = np.asarray(fold_of == fold), np.asarray((group_of == fold) & leaves_out)
            self._fold(gathered, held, group, foreign)
            progress(0.1 + 0.7 * (fold + 1) / len(folds))
        return gathered

    def _fold(self, gathered: _Folded, held: NDArray[np.bool_], out: NDArray[np.bool_], foreign: Rows) -> None:
        columns = np.append(np.flatnonzero(~out), len(self.names))
        of_left_out: NDArray[np.bool_] = np.asarray(self.truth[:, :-1][:, out].any(axis=1), np.bool_)
        rows = np.flatnonzero(~held & ~of_left_out)
        ask = np.concatenate((np.flatnonzero(held | of_left_out), foreign))
        scores = np.full((len(ask), self.truth.shape[1]), -1e3, np.float32)
        scores[:, columns] = self._heads.scores(rows, ask, columns)
        near = rows[self.known[rows]]
        cosines = self.vectors[ask] @ self.vectors[near].T
        strange_rows = rows[~self.known[rows]]
        strange = (self.vectors[ask] @ self.vectors[strange_rows].T).max(axis=1, initial=0.0)
        familiar = self._familiar(rows, ask)
        gathered.scores.append(scores)
        gathered.rows.append(ask)
        inside = np.zeros(len(ask), bool)
        own: NDArray[np.bool_] = np.asarray(ask < self.count, np.bool_)
        inside[own] = self.known[ask[own]] & ~of_left_out[ask[own]]
        gathered.ours.append(inside)
        gathered.left_out.append(~inside & (~own | self.known[np.minimum(ask, self.count - 1)]))
        gathered.signs_of.append((cosines, self.truth[near, :-1], strange, familiar))

    def _familiar(self, rows: Rows, ask: Rows) -> Matrix:
        """The share of the words, by weight, that stand in `rows` too."""
        there = np.asarray((self.words[rows] != 0).sum(axis=0)).ravel() > 0
        return np.asarray(self.words[ask] @ there.astype(np.float32), np.float32) / self.total[ask]


def _folds(truth: Matrix, chance: np.random.Generator) -> NDArray[np.int64]:
    """A fold for each example, spread over the folds intent by intent."""
    fold = np.zeros(len(truth), np.int64)
    main = truth.argmax(axis=1)
    start = 0
    for intent in np.unique(main):
        rows = chance.permutation(np.flatnonzero(main == intent))
        fold[rows] = (np.arange(len(rows)) + start) % FOLDS
        start += len(rows)
    return fold


class _Calibration:
    """What the held-out scores teach."""

    def __init__(self, work: _Work, held: _Folded) -> None:
        self._work = work
        rows, ours = np.concatenate(held.rows), np.concatenate(held.ours)
        believed = np.append(work.trust, 1)[np.minimum(rows, work.count)] >= 1
        scores = np.concatenate(held.scores)
        truth = work.padded[rows]
        usual = RIDGE_SHARP if work.several and work.count <= heads.CLOSED_FORM else 1.0
        self.sharp = _sharpness(scores[ours & believed, :-1], truth[ours & believed, :-1], usual)
        signs = np.concatenate(
            [gate.signs(s, *parts, self.sharp) for s, parts in zip(held.scores, held.signs_of, strict=True)]
        )
        self.gate: Gate = gate.fit(signs[ours & believed], signs[~ours & believed], FOREIGN)
        gates = self.gate.logit(signs)
        near = None
        if work.several:
            near = np.concatenate([nearness(parts[0], parts[1]) for parts in held.signs_of])
        whole = ~np.concatenate(held.left_out)  # seen by heads that know all their intents
        self.joint = (
            _joint(scores[whole, :-1], near[whole], gates[whole], truth[whole, :-1]) if near is not None else None
        )
        if self.joint is None:
            chances = softmax(scores[:, :-1] * self.sharp) * sigmoid(gates)[:, None]
        else:
            assert near is not None
            chances = self.joint.chances(scores[:, :-1], near, gates)
        chances = np.asarray(chances, np.float32)
        self.threshold = (
            best_threshold(chances[believed], truth[believed], ours[believed])
            if self.joint is None
            else _threshold_of_several(chances[whole], truth[whole, :-1])
        )
        certain = chances.max(axis=1) if self.joint else np.maximum(chances.max(axis=1), 1 - sigmoid(gates))
        seen = rows < work.count
        self.unsure = float(np.quantile(certain[whole & seen], SLOW_SHARE)) if (whole & seen).any() else 0.5
        self.held_out = HeldOut(rows[whole], chances[whole], sigmoid(gates)[whole], ours[whole])


def _sharpness(scores: Matrix, truth: Matrix, usual: float) -> float:
    """What scores are multiplied by so that their softmax is calibrated: least cross entropy, by search."""
    if len(scores) == 0 or scores.shape[1] < 2:
        return usual
    chosen = truth / np.maximum(truth.sum(axis=1, keepdims=True), 1)

    def cost(sharp: float) -> float:
        missed = -float((np.log(np.maximum(softmax(scores * sharp * usual), 1e-9)) * chosen).sum())
        return missed + CAUTION * float(np.log(sharp)) ** 2

    return usual * min((float(sharp) for sharp in np.geomspace(0.2, 5, 60)), key=cost)


def _joint(scores: Matrix, near: Matrix, gates: Matrix, truth: Matrix) -> Joint:
    """First one function for every intent, then what the others' scores add to each."""
    told = pairs(scores, near, gates)
    shared = heads.logistic(told.reshape(-1, told.shape[2]), None, truth.reshape(-1, 1), several=True)
    pair = np.append(shared.dense[:, 0], shared.bias[0]).astype(np.float32)
    base = told @ pair[:-1] + pair[-1]
    mean = scores.mean(axis=0)
    added = heads.logistic(
        np.asarray(scores - mean, np.float32),
        None,
        truth,
        several=True,
        penalty=(OTHERS, OTHERS, OTHERS),
        offset=base.astype(np.float32),
    )
    return Joint(pair, mean, added.dense, added.bias)


def best_threshold(chances: Matrix, truth: Matrix, ours: NDArray[np.bool_]) -> float:
    """The lowest confidence within one standard error of the best mean of two shares: ours asserted rightly, and foreign not at all.

    Both count alike, for what share is foreign differs from tenant to tenant. The lowest, since customers write less like the
    examples than these are like each other, and since a handful of foreign examples tells no threshold from the next (the
    one-standard-error rule, Breiman et al. 1984).
    """
    top, right = chances.max(axis=1), truth[np.arange(len(chances)), chances.argmax(axis=1)] > 0
    if ours.all() or not ours.any():
        return 0.5
    candidates = np.linspace(0.02, 0.98, 193)
    asserted = np.array([((top >= t) & right)[ours].mean() for t in candidates])
    rejected = np.array([(top < t)[~ours].mean() for t in candidates])
    best = int((asserted + rejected).argmax())
    error = np.hypot(_error(asserted[best], ours.sum()), _error(rejected[best], (~ours).sum()))
    return float(candidates[asserted + rejected >= asserted[best] + rejected[best] - error].min())


def _error(share: float, count: int) -> float:
    """The standard error of a share; one success and one failure are added, so that it is not 0 where all are alike."""
    smoothed = (share * count + 1) / (count + 2)
    return float(np.sqrt(smoothed * (1 - smoothed) / count))


def _threshold_of_several(chances: Matrix, truth: Matrix) -> float:
    """Half the best micro-F1, which is where probabilities are best cut for it (Lipton et al. 2014).

    The place of the best itself is not taken: hardly anything changes around it, so that it falls here or there by chance.
    """
    total = float(truth.sum())
    candidates = np.linspace(0.1, 0.9, 161)
    best = max(2 * (truth * (chances >= t)).sum() / max(1.0, total + (chances >= t).sum()) for t in candidates)
    return float(np.clip(best / 2, 0.1, 0.5))
