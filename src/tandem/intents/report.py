"""How a classifier did on examples that it had not seen, and what is wrong with the examples themselves."""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tandem.intents import examples as examples_room
from tandem.intents.classifier import Guess
from tandem.intents.starter import UNKNOWN, Example
from tandem.intents.training import Trained

FEW = 5
"""Examples an intent should have (issue: five give a useful start)."""

SHOWN = 100
"""Warnings of a kind that are kept."""

BINS = 15
"""Of the expected calibration error (Guo et al. 2017)."""

DOUBTED = 0.1
SURE_OF_OTHER = 0.6
"""An example is likely mislabelled when its own intent has at most DOUBTED and another at least SURE_OF_OTHER, held out.
With one label in ten made wrong this lists four in ten of them and hardly another (docs/decisions/0010-intents.md)."""


def held_out_said(trained: Trained) -> dict[int, tuple[str, ...]]:
    """By row: what was asserted of each example before the heads had seen it."""
    held, classifier = trained.held_out, trained.classifier
    said = {}
    for row, chances, known in zip(held.rows, held.chances, held.known, strict=True):
        guesses = [Guess(name, float(c)) for name, c in zip(trained.names, chances, strict=True)]
        guesses.append(Guess(UNKNOWN, 1 - float(known)))
        if row < len(trained.truth):
            said[int(row)] = classifier.asserted(sorted(guesses, key=lambda guess: -guess.confidence))
    return said


def key(text: str) -> str:
    """A short name of a text."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def by_text(found: Sequence[Example], said: dict[int, tuple[str, ...]]) -> dict[str, list[str]]:
    """What was said of each text, for storing."""
    return {key(found[row].text): list(names) for row, names in said.items()}


def metrics(trained: Trained, found: Sequence[Example], said: dict[int, tuple[str, ...]]) -> dict[str, Any]:
    """Figures over the held-out examples, in all and intent by intent, with the warnings."""
    rows = sorted(said)
    right = np.array([set(said[row]) == set(found[row].intents) for row in rows])
    inside = np.array([found[row].intents != (UNKNOWN,) for row in rows])
    return {
        "examples": len(found),
        "intents": len(trained.names),
        "held_out": len(rows),
        "accuracy": _share(right),
        "accuracy_in_scope": _share(right[inside]),
        "unknown_recall": _share(right[~inside]),
        "ece": _calibration(trained),
        "threshold": round(trained.classifier.threshold, 3),
        "by_intent": _by_intent(trained, found, said),
        "warnings": warnings(trained, found),
    }


def _share(values: NDArray[np.bool_]) -> float | None:
    return round(float(values.mean()), 4) if len(values) else None


def _by_intent(
    trained: Trained, found: Sequence[Example], said: dict[int, tuple[str, ...]]
) -> dict[str, dict[str, float | int | None]]:
    shown = {}
    for name in (*trained.names, UNKNOWN):
        of = {row for row in said if name in found[row].intents}
        told = {row for row in said if name in said[row]}
        shown[name] = {
            "examples": sum(name in example.intents for example in found),
            "recall": round(len(of & told) / len(of), 4) if of else None,
            "precision": round(len(of & told) / len(told), 4) if told else None,
        }
    return shown


def _calibration(trained: Trained) -> float | None:
    held = trained.held_out
    own = held.rows < len(trained.truth)
    if not own.any():
        return None
    top = held.chances[own].max(axis=1)
    hit = trained.truth[held.rows[own], held.chances[own].argmax(axis=1)] > 0
    return calibration_error(top, hit)


def calibration_error(confidence: NDArray[Any], right: NDArray[Any]) -> float:
    """The mean distance of confidence and share of right ones over BINS of equal width, by their number."""
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    off = [
        abs(float(confidence[place == b].mean()) - float(right[place == b].mean())) * float((place == b).mean())
        for b in np.unique(place)
    ]
    return round(sum(off), 4)


def warnings(trained: Trained, found: Sequence[Example]) -> dict[str, list[dict[str, Any]]]:
    """What an admin should look at: intents with few examples, contradictions, likely wrong labels."""
    counted = {name: sum(name in example.intents for example in found) for name in trained.names}
    few = [{"intent": name, "examples": count} for name, count in counted.items() if count < FEW]
    against = [{"text": c.text, "intents": list(c.intents)} for c in examples_room.contradictions(found)]
    return {
        "few_examples": few,
        "contradictions": against[:SHOWN],
        "likely_wrong": _likely_wrong(trained, found)[:SHOWN],
    }


def _likely_wrong(trained: Trained, found: Sequence[Example]) -> list[dict[str, Any]]:
    held = trained.held_out
    doubted = []
    for row, chances, known in zip(held.rows, held.chances, held.known, strict=True):
        if row >= len(found) or (UNKNOWN in found[row].intents and 1 - known > DOUBTED):
            continue
        own = [trained.names.index(name) for name in found[row].intents if name != UNKNOWN]
        best = int(chances.argmax())
        sure = float(chances[best])
        if best not in own and sure >= SURE_OF_OTHER and all(chances[place] <= DOUBTED for place in own):
            doubted.append((sure, found[row], trained.names[best]))
    return [
        {"text": example.text, "intents": list(example.intents), "rather": name, "confidence": round(sure, 4)}
        for sure, example, name in sorted(doubted, key=lambda item: -item[0])
    ]
