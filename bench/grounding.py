"""Fits the weights of the sentence gate (`answering/grounding/weighing.py`) on the demo's own articles.

    python -m bench.grounding [--judge FILE ...]

No public set teaches anything. True: sentences of a passage, word for word, in other words, cut to one of their clauses, two joined,
after a courtesy. Untrue: sentences of other passages, sentences with words of other articles in them, a true beginning with another
end, judgements, guesses, questions and remarks about the speaker around true words. Passages alone and joined by up to
three others, so that long sources are learned too. FILEs (format of `tandem eval grounding`) judge.
"""

import argparse
import asyncio
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tandem import embedding
from tandem.answering.grounding import exact, judging, kin, meaning, signs, text, weighing
from tandem.evals import changed as changing
from tandem.evals import grounding
from tandem.evals.changed import Place
from tandem.settings import Settings

Floats = NDArray[np.float64]

SIGNS = ("said", "together", "missing", "speaker", "question", "modal", "weakest")
RIDGE = 200.0
"""Strong on purpose: sentences made untrue by rule are easier to tell than those that models make up, and weights that hold for
both are small. From 100 to 400 nothing changes by more than 0.002 AUROC."""

WITHHELD = 0.03
"""Share of the true sentences that may be withheld."""

LEADS = ("Yes, ", "Sure! ", "Yes. ", "That is right. ", "I see. ", "OK, ", "")
SPEAKING = (
    "I think {}",
    "I heard that {}",
    "I love that {}",
    "I did not know that {}",
    "My friend says {}",
    "I guess {}",
    "I read that {}",
)
ASKING = ("Did you know that {}?", "Do you mean that {}?", "Have you heard that {}?", "Is it true that {}?")
JUDGING = (
    "It is great that {}",
    "{} and it is really good",
    "It is crazy that {}",
    "{}, which is the best",
    "It is amazing how {}",
)
GUESSING = ("Maybe {}", "{} probably", "{}, it might be", "{} and that should change soon", "{} I bet")
EMPTY = (
    "It is a great shop.",
    "They are really good.",
    "I like it a lot.",
    "He is a friend of mine.",
    "I do not know about that.",
    "I have never heard of it.",
    "It has been a long day for me.",
    "I would love to see that.",
    "They have some of the best people there.",
    "It was so good.",
    "My brother has one too.",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A sentence, what it is to rest on, and whether it does."""

    claim: str
    passages: tuple[tuple[str, str], ...]
    supported: bool
    kind: str


def samples(places: Sequence[Place], seed: int) -> Iterator[Sample]:
    """Every place in several true and untrue forms."""
    rng = random.Random(seed)
    for place in places:
        others = rng.sample(places, 6)
        source = [(place.heading, place.passage), *((o.heading, o.passage) for o in others[: rng.choice((0, 0, 1, 3))])]
        given = tuple(dict.fromkeys(source))
        plain = place.sentence.replace("**", "")
        bodies = {body for _, body in given}
        foreign = [o.sentence.replace("**", "") for o in others if o.passage not in bodies]
        for kind, claim in _true(plain, rng):
            yield Sample(rng.choice(LEADS) + claim if rng.random() < 0.4 else claim, given, True, kind)
        for kind, claim in _untrue(plain, foreign, rng):
            yield Sample(rng.choice(LEADS) + claim if rng.random() < 0.4 else claim, given, False, kind)


def _true(plain: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    yield "verbatim", plain if rng.random() < 0.5 else plain.lower().rstrip(".")
    if other := changing.paraphrase(plain, rng):
        yield "paraphrase", other if rng.random() < 0.5 else other.lower()
    parts = [part for part in re.split(r"[;,:] (?:and |but )?", plain.rstrip(".")) if len(part.split()) >= 5]
    if parts:
        yield "clause", rng.choice(parts)
    if akin := _akin(plain, rng):
        yield "near synonyms", akin
    words = plain.rstrip(".").split()
    if len(words) >= 9:
        yield "referring", f"{rng.choice(('it', 'they', 'this'))} {' '.join(words[-rng.randint(4, 7) :])}"
        kept = [w for w in words if len(w) > 3 or rng.random() < 0.6]
        yield "shortened", " ".join(kept)


def _akin(plain: str, rng: random.Random) -> str:
    """The sentence with up to three words exchanged for near synonyms; "" where it has none."""
    words = plain.split()
    places = [n for n, word in enumerate(words) if kin.alike(word.lower())]
    for at in rng.sample(places, min(len(places), rng.choice((1, 2, 3)))):
        words[at] = rng.choice(kin.alike(words[at].lower()))
    return " ".join(words) if places else ""


def _untrue(plain: str, foreign: Sequence[str], rng: random.Random) -> Iterator[tuple[str, str]]:
    said = f"{plain[0].lower()}{plain[1:].rstrip('.')}"
    for kind, forms in (("speaking", SPEAKING), ("asking", ASKING), ("judging", JUDGING), ("guessing", GUESSING)):
        if rng.random() < 0.35:
            yield kind, rng.choice(forms).format(said)
    if rng.random() < 0.3:
        yield "empty", rng.choice(EMPTY)
    if not foreign:
        return
    other = rng.choice(foreign)
    yield "foreign", other
    words, theirs = plain.rstrip(".").split(), other.rstrip(".").split()
    cut, begin = rng.randint(2, len(words) - 2), rng.randint(1, len(theirs) - 3)
    yield "other end", " ".join([*words[:cut], *theirs[begin : begin + rng.randint(3, 8)]])
    long = [word.strip(",.;:") for sentence in foreign for word in sentence.split() if len(word) > 4]
    changed = list(words)
    for at in rng.sample(
        [n for n, w in enumerate(words) if len(w) > 3] or [0],
        min(rng.choice((1, 2, 3)), sum(len(w) > 3 for w in words) or 1),
    ):
        changed[at] = rng.choice(long)
    yield "other words", " ".join(changed)


async def looked_at(found: Sequence[Sample], reader: Any) -> list[dict[str, float]]:
    """The signs of each."""
    read = []
    for sample in found:
        known = signs.source(sample.passages)
        units = [u for u in map(text.read, text.pieces(sample.claim)) if signs.states(u)] or [text.read(sample.claim)]
        claim = max(units, key=lambda unit: len(unit.words))
        texts = [body for _, body in sample.passages]
        weakest = await meaning.weakest(claim, judging.unknown(claim, known), texts, reader)
        read.append({**signs.read(claim, known), "weakest": weakest})
    return read


def fit(x: Floats, y: Floats, ridge: float = RIDGE) -> Floats:
    """Logistic regression by Newton's method; both classes weigh the same, the columns' spreads are made equal for the penalty."""
    spread = x.std(axis=0) + 1e-9
    z = np.hstack([np.ones((len(x), 1)), x / spread])
    share = np.where(y > 0.5, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
    beta = np.zeros(z.shape[1])
    penalty = np.diag([1e-6, *[ridge] * x.shape[1]])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(z @ beta, -30, 30)))
        slope = z.T @ (share * (p - y)) + penalty @ beta
        step = np.linalg.solve((z * (share * p * (1 - p))[:, None]).T @ z + penalty, slope)
        beta -= step
        if np.abs(step).max() < 1e-8:
            break
    return np.array([beta[0], *(beta[1:] / spread)])


def fitted(read: Sequence[dict[str, float]], y: Floats, names: Sequence[str]) -> weighing.Weighing:
    """The weights of these signs."""
    beta = fit(np.array([[each[name] for name in names] for each in read]), y)
    return weighing.Weighing(
        round(float(beta[0]), 3), {n: round(float(b), 3) for n, b in zip(names, beta[1:], strict=True)}
    )


async def main() -> None:
    """Fit, and judge what is given; then the same with each sign left out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judge", type=Path, nargs="*", default=[])
    parser.add_argument("--places", type=int, default=500)
    asked = parser.parse_args()
    reader = embedding.from_settings(Settings()).shipped
    known = list(changing.places(changing.ARTICLES))
    random.Random(1).shuffle(known)
    found = list(samples(known[: asked.places], 5))
    read, y = await looked_at(found, reader), np.array([each.supported for each in found], float)
    lines = {path.stem: grounding.load([path]) for path in asked.judge}
    judged = {name: [await _claims(line, reader) for line in each] for name, each in lines.items()}
    truth = {name: [line.supported for line in each] for name, each in lines.items()}
    for without in ("", *SIGNS):
        names = [name for name in SIGNS if name != without]
        weights = fitted(read, y, names)
        scores = np.array([weights.probability(each) for each in read])
        threshold = float(np.quantile(scores[y > 0], WITHHELD))
        aurocs = {name: _auroc(weights, judged[name], truth[name]) for name in judged}
        print(
            f"without {without}"
            if without
            else f"{weights}\nthreshold {threshold:.3f}, untrue above {(scores[y == 0] >= threshold).mean():.3f}",
            aurocs,
        )


async def _claims(line: grounding.Line, reader: Any) -> list[dict[str, float]]:
    """The signs of each statement of an answer; `trouble` is 1 where the exact comparison refuses it."""
    known = signs.source(tuple(("", passage) for passage in line.passages))
    found = []
    for claim in map(text.read, text.pieces(line.answer)):
        if signs.states(claim):
            weakest = await meaning.weakest(claim, judging.unknown(claim, known), line.passages, reader)
            trouble = float(bool(exact.trouble(claim.text, known)))
            found.append({**signs.read(claim, known), "weakest": weakest, "trouble": trouble})
    return found


def _auroc(
    weights: weighing.Weighing, answers: Sequence[Sequence[dict[str, float]]], truth: Sequence[bool]
) -> float | None:
    def score(claims: Sequence[dict[str, float]]) -> float:
        each = [weights.probability(c) * (weighing.CONTRADICTED if c["trouble"] else 1.0) for c in claims]
        return 0.5 * min(each) + 0.5 * sum(each) / len(each) if each else 0.0

    return grounding.auroc([score(claims) for claims in answers], truth)


if __name__ == "__main__":
    asyncio.run(main())
