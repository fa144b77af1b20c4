"""`.venv/bin/python -m bench.injection [--write] [--public FOLDER]` learns the injection heads and says how well they do.

Cross-validated by line (no sentence of a line is learned from when it is asked about) and by family (none of its kind is); then,
with --public, on the prompt_injection sets of that folder (leolee99/InjecGuard, microsoft/BIPIA; both MIT), which nothing was
learned from. --write stores the weights in src/tandem/intents/injection.json.
"""

import argparse
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from bench.injection import sentences
from tandem.embedding.loading import default_cache_dir
from tandem.embedding.minilm import MiniLM
from tandem.intents import injection
from tandem.intents.injection import ALONE, CALMING, FEATURES, NAMES, Heads, look

Matrix = NDArray[np.float32]
L2_WORDS = 1e-3
HARMLESS = 3.0
"""How much more a false alarm weighs than an attack that is missed, for the words."""

C_KINDS, SCALE = 3.0, 2.0
SHIFT = 0.0
"""Added to the evidence of the embedding. These five are chosen among a few on the public messages: those are development data."""

PROSE = 2500
"""Paragraphs of prose."""

MIXED = 0.15
"""Share of the attacks that are also learned behind a harmless sentence, as they stand in mails and documents."""


@dataclass(frozen=True, slots=True)
class Example:
    """One training sentence: its text, whether it attacks, and the line and family it is of."""

    text: str
    attack: bool
    group: str
    family: str


def examples() -> list[Example]:
    """All of them, the same every time."""
    found = [
        Example(text, attack, f"{name}:{line}", f"{'attack' if attack else 'harmless'}:{family}")
        for name, attack in (("attacks.txt", True), ("harmless.txt", False))
        for family, lines in sentences.families(name).items()
        for text, line in lines
    ]
    starters = sentences.starters()
    found += [Example(text, False, f"starter:{n % 50}", "harmless:starter") for n, text in enumerate(starters)]
    chance = random.Random(3)
    prose = sentences.prose()
    chance.shuffle(prose)
    found += [Example(text, False, f"prose:{n % 50}", "harmless:prose") for n, text in enumerate(prose[:PROSE])]
    attacks = [one for one in found if one.attack]
    harmless = [one.text for one in found if not one.attack]
    for one in chance.sample(attacks, int(MIXED * len(attacks))):
        found.append(Example(f"{chance.choice(harmless)} {one.text}", True, one.group, one.family))
    for _ in range(300):
        found.append(
            Example(
                " ".join(chance.sample(harmless, chance.randint(2, 5))), False, f"several:{_ % 50}", "harmless:several"
            )
        )
    return found


def learn(windows: Matrix, vectors: Matrix, found: list[Example]) -> Heads:
    """Both heads: one of the words, against all that is harmless; one of the embedding, that tells the families apart."""
    words, words_bias = fitted(windows, np.array([one.attack for one in found]), L2_WORDS)
    kinds = LogisticRegression(C=C_KINDS, max_iter=300).fit(SCALE * vectors, [one.family for one in found])
    attacks = sum(name.startswith("attack") for name in kinds.classes_)  # sorted by name, and so they are the first
    bias = kinds.intercept_ + SHIFT * (np.arange(len(kinds.classes_)) < attacks)
    return Heads(words, words_bias, (SCALE * kinds.coef_).astype(np.float32), bias.astype(np.float32), attacks)


def fitted(features: Matrix, attack: NDArray[np.bool_], l2: float) -> tuple[Matrix, float]:
    """A logistic head: both classes weigh alike, an idea never speaks against an attack but where it calms, and then never for one."""
    weight = np.where(attack, 0.5 / attack.mean(), 0.5 / (1 - attack.mean()) * HARMLESS) / len(attack)
    sign = np.where(attack, 1.0, -1.0)
    data = features.astype(np.float64)

    def loss(guess: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (data @ guess[:-1] + guess[-1])
        pull = -weight * sign / (1 + np.exp(np.clip(margin, -500, 500)))
        gradient = np.append(data.T @ pull + 2 * l2 * guess[:-1], pull.sum())
        return float((weight * np.logaddexp(0, -margin)).sum() + l2 * (guess[:-1] ** 2).sum()), gradient

    bounds = [(None if name in CALMING else 0.0, None if name in ALONE else 0.0) for name in NAMES] + [(0.0, None)] * (
        FEATURES - len(NAMES)
    )
    bounds += [(None, None)] * (features.shape[1] - FEATURES + 1)
    found = minimize(
        loss, np.zeros(features.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500}
    )
    return found.x[:-1].astype(np.float32), float(found.x[-1])


def scores(heads: Heads, texts: list[str], vectors: Matrix | None) -> NDArray[np.float64]:
    """As `injection.score` with these heads."""
    found = [injection.score(text, None if vectors is None else vectors[n], heads) for n, text in enumerate(texts)]
    return np.array(found)


def left_out(found: list[Example], windows: Matrix, vectors: Matrix, key: Callable[[Example], str], folds: int) -> None:
    """Learns without each fold and asks about it."""
    names = sorted({key(one) for one in found})
    random.Random(5).shuffle(names)
    fold_of = {name: n % folds for n, name in enumerate(names)}
    at = np.array([fold_of[key(one)] for one in found])
    attack = np.array([one.attack for one in found])
    said = np.zeros(len(found))
    for fold in range(folds):
        test = np.flatnonzero(at == fold)
        kept = np.flatnonzero(at != fold)
        heads = learn(windows[kept], vectors[kept], [found[n] for n in kept])
        said[test] = scores(heads, [found[n].text for n in test], vectors[test])
    caught, alarms = np.mean(said[attack] >= 0.5), np.mean(said[~attack] >= 0.5)
    print(f"  recall {caught:.3f}  false positives {alarms:.3f}  of {attack.sum()} and {(~attack).sum()}")
    for family in sorted({one.family for one in found}):
        mine = np.array([one.family == family for one in found])
        print(f"    {family:24} {np.mean(said[mine] >= 0.5):.3f} of {mine.sum()}")


def public(heads: Heads, folder: Path, model: MiniLM) -> None:
    """The public sets: messages by set; hidden tasks in mails, and the mails without."""
    rows = [json.loads(line) for line in (folder / "messages.jsonl").read_text().splitlines()]
    texts = [row["text"] for row in rows]
    vectors = model.embed_passages_sync(texts)
    attack = np.array([row["attack"] for row in rows])
    for name, used in (("words and embedding", vectors), ("words alone", None)):
        said = scores(heads, texts, used)
        print(
            f"messages, {name}: recall {np.mean(said[attack] >= 0.5):.3f}  false positives {np.mean(said[~attack] >= 0.5):.3f}"
        )
        if used is not None:
            for kind in sorted({row["set"] for row in rows}):
                mine = np.array([row["set"] == kind for row in rows])
                print(f"    {kind:16} {np.mean(said[mine] >= 0.5):.3f} of {mine.sum()}")
    mails = [json.loads(line)["context"] for line in (folder / "mails.jsonl").read_text().splitlines()]
    print(f"mails without attack taken for one: {np.mean(scores(heads, mails, None) >= 0.5):.3f} of {len(mails)}")
    hidden = [json.loads(line) for line in (folder / "indirect.jsonl").read_text().splitlines()]
    for kind in sorted({row["category"] for row in hidden}):
        texts = [
            f"{mails[n % len(mails)]}\n\n{row['attack']}" for n, row in enumerate(hidden) if row["category"] == kind
        ]
        print(f"    hidden: {kind:40} {np.mean(scores(heads, texts, None) >= 0.5):.2f} of {len(texts)}")


def main() -> None:
    """Learn, ask, and store."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true")
    arguments.add_argument("--public", type=Path)
    asked = arguments.parse_args()
    found = examples()
    model = MiniLM.load(default_cache_dir())
    vectors = model.embed_passages_sync([one.text for one in found])
    windows = np.stack([np.maximum.reduce(look(one.text)) for one in found])
    print("lines left out (10 folds)")
    left_out(found, windows, vectors, lambda one: one.group, 10)
    print("families left out, one by one")
    left_out(found, windows, vectors, lambda one: one.family, len({one.family for one in found}))
    heads = learn(windows, vectors, found)
    if asked.public:
        public(heads, asked.public, model)
    texts = [one.text for one in found[:2000]]
    began = time.perf_counter()
    scores(heads, texts, vectors)
    print(f"{(time.perf_counter() - began) / len(texts) * 1000:.2f} ms a message beside the embedding")
    if asked.write:
        stored = {
            "about": "Weights of tandem.intents.injection, by `python -m bench.injection --write`. Apache-2.0; see decision 0017.",
            "attacks": heads.attacks,
            "words_bias": round(heads.words_bias, 3),
            "words": [round(float(weight), 3) for weight in heads.words],
            "kinds_bias": [round(float(weight), 3) for weight in heads.kinds_bias],
            "kinds": [[round(float(weight), 3) for weight in row] for row in heads.kinds],
        }
        injection.WEIGHTS.write_text(json.dumps(stored) + "\n")


if __name__ == "__main__":
    main()
