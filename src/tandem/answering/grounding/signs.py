"""What words alone say for and against a claim being in a source: the evidences that the score weighs. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rapidfuzz.distance import LCSseq

from tandem.answering.grounding import bounds, text, vocabulary
from tandem.answering.grounding.text import Said, Word

IN_ORDER = 0.02
"""What a word in the claim's order adds to a stretch: it only decides between stretches that have the same words."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a claim may rest on: the passages as one text with their headings, and each stretch of one or two sentences."""

    whole: Said
    windows: tuple[Said, ...]
    sentences: int
    headings: frozenset[str]
    everywhere: frozenset[str]
    stand: frozenset[tuple[str, ...]]


@lru_cache(maxsize=2_000)
def source(passages: tuple[tuple[str, str], ...]) -> Source:
    """Passages, each a heading and a text, as a source. Read once; `windows` has `sentences` single ones first."""
    parts: list[Said] = []
    joined: list[Said] = []
    for _, body in passages:
        own = text.read(body).sentences
        parts.extend(own)
        joined.extend(text.read(f"{one.text} {two.text}") for one, two in pairwise(own))
    headings = text.read("\n".join(heading for heading, _ in passages))
    whole = text.read("\n".join(f"{heading}\n{body}" for heading, body in passages))
    often = Counter(root for part in parts for root in part.roots)
    everywhere = frozenset(root for root, count in often.items() if count >= max(3, 0.4 * len(parts)))
    stand = frozenset(part.order for part in (*parts, *joined))
    return Source(whole, (*parts, *joined), len(parts), headings.roots, everywhere, stand)


def claim_words(claim: Said, known: Source) -> tuple[Word, ...]:
    """The words of a claim without what only greets or agrees before it, and without lengths of time that its source says in other
    units; all of them where nothing else is left.
    """
    same = set(bounds.lengths(known.whole).values())
    said = {at for at, length in bounds.lengths(claim).items() if length in same}
    words = [word for word in claim.words if word.text not in vocabulary.FILLER]
    found = [w for at, w in enumerate(claim.words) if w.text not in vocabulary.FILLER and at not in said]
    return tuple(found if any(word.is_content for word in found) else words)


def closest(words: Sequence[Word], known: Source) -> Said:
    """The stretch that has most of what these words say; of equals the one with most of them in order, then the shortest."""
    wanted = {word.root: word.weight for word in words}
    had = [sum(weight for root, weight in wanted.items() if root in window.roots) for window in known.windows]
    most = max(had)
    near = [window for window, weight in zip(known.windows, had, strict=True) if weight >= most - IN_ORDER * len(words)]
    order = [word.root for word in words]

    def fit(window: Said) -> tuple[float, int]:
        weight = sum(weight for root, weight in wanted.items() if root in window.roots)
        return weight + IN_ORDER * LCSseq.similarity(order, window.order), -len(window.words)

    return max(near, key=fit)


def read(claim: Said, known: Source) -> dict[str, float]:
    """What words say. `said`: share of the claim's words that the source has, by weight; `together`: share of those that say
    something that one or two neighbouring sentences have; `missing`: the weight of those that are nowhere. Yes is 1, no is 0:
    `speaker` it is about who speaks, `question` it asks, `modal` it is more or less sure, than the source.
    """
    words = claim_words(claim, known)
    content = [word for word in words if word.is_content]
    window = closest(words, known)
    return {
        "said": meaning_share(words, known.whole),
        "together": meaning_share(content, window),
        "missing": sum(word.weight * (1.0 - known.whole.says(word)) for word in content),
        "speaker": float(any(w.text in vocabulary.SPEAKER and w.root not in known.whole.roots for w in claim.words)),
        "question": float(asks(claim.text)),
        "modal": float(any(w.text in vocabulary.MODAL and w.root not in window.roots for w in words)),
    }


def asks(words: str) -> bool:
    """Whether a text asks, by its end or its beginning."""
    return words.rstrip(" \"'”’)").endswith("?") or vocabulary.ASKS.match(words) is not None


def states(claim: Said) -> bool:
    """Whether a text says anything but courtesies, agreement and judgements of its own."""
    return any(word.is_content and word.text not in vocabulary.OPINION for word in claim.words)


def denies(words: str) -> bool:
    """Whether a text denies something."""
    return vocabulary.NEGATION.search(words) is not None


def share(words: Sequence[Word], roots: frozenset[str]) -> float:
    """How much of what these words say has its root among these, by weight; 0 without words."""
    total = sum(word.weight for word in words)
    return sum(word.weight for word in words if word.root in roots) / total if total else 0.0


def meaning_share(words: Sequence[Word], said: Said) -> float:
    """The same where a near synonym counts nearly as much."""
    total = sum(word.weight for word in words)
    return sum(word.weight * said.says(word) for word in words) / total if total else 0.0
