"""An answer judged by its passages, sentence by sentence: what leaves, what does not and why, and how sure that is.

Cheap first. Words decide what meaning could not change any more; only sentences between are read by the model, off the event loop.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.answering.grounding import exact, meaning, negation, signs, text, weighing
from tandem.answering.grounding.signs import Source
from tandem.answering.grounding.text import Said, Word
from tandem.answering.grounding.weighing import SHIPPED, SUPPORTED
from tandem.embedding import Reader

UNSAID = "the cited passage does not say so"
NOTHING = "it says nothing that a passage could support"

Passage = tuple[str, str]
"""Its heading and its text."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence. kind: `claim`, `question`, or `courtesy`, which states nothing and so is neither supported nor not.

    `score` is the probability that it is supported, 0 to 1; `supported`: it may leave; else `reason` says why not.
    """

    text: str
    kind: str
    score: float
    supported: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """All sentences of an answer."""

    sentences: tuple[Judged, ...]

    @property
    def claims(self) -> tuple[Judged, ...]:
        """Those that state or ask something."""
        return tuple(each for each in self.sentences if each.kind != "courtesy")

    @property
    def supported(self) -> bool:
        """It states something, and every sentence of it may leave."""
        return bool(self.claims) and all(each.supported for each in self.claims)

    @property
    def reason(self) -> str:
        """Why the first sentence that may not leave may not."""
        return next((each.reason for each in self.claims if not each.supported), "" if self.claims else NOTHING)

    @property
    def score(self) -> float:
        """Half its weakest sentence's, half the mean: one bad sentence weighs more than its share. 0 where nothing is stated."""
        scores = [each.score for each in self.claims]
        return 0.5 * min(scores) + 0.5 * sum(scores) / len(scores) if scores else 0.0


async def judge(answer: str, passages: Sequence[Passage], reader: Reader | None) -> Answer:
    """What becomes of an answer. Without a reader no word is taken for another. Raises CannotEmbed where the reader does."""
    known = signs.source(tuple(passages))
    texts = [body for _, body in passages]
    return Answer(tuple([await _sentence(part, known, texts, reader) for part in text.pieces(answer)]))


async def _sentence(part: str, known: Source, texts: Sequence[str], reader: Reader | None) -> Judged:
    claim = text.read(part)
    if not signs.states(claim):
        return Judged(part, "courtesy", 0.0, False)
    kind = "question" if signs.asks(part) else "claim"
    trouble = exact.trouble(part, known)
    score = await _score(claim, known, texts, reader)
    if score < SUPPORTED and not trouble:
        trouble = UNSAID
    return Judged(
        part, kind, score * (weighing.CONTRADICTED if trouble not in ("", UNSAID) else 1.0), not trouble, trouble
    )


async def _score(claim: Said, known: Source, texts: Sequence[str], reader: Reader | None) -> float:
    found = signs.read(claim, known)
    strange = unknown(claim, known)
    if not strange or reader is None:
        return SHIPPED.probability({**found, "weakest": 0.0 if strange else 1.0})
    weakest = await meaning.weakest(claim, strange, texts, reader)
    return SHIPPED.probability({**found, "weakest": weakest})


DOUBT = (0.1, 0.75)
"""Between these probabilities a second model is worth asking. Of 953 answers of the three public sets without an exact contradiction,
1.1 % below were supported, 91 % above, and between them 16 to 79 %."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the check alone says of a sentence, "" where nothing is the matter, and whether that is in doubt."""

    trouble: str
    in_doubt: bool = False


async def withheld(claim: str, passages: Sequence[Passage], reader: Reader | None) -> str:
    """Why a sentence must not leave, "" if it may: what `judge` decides, but only as much is read as that takes."""
    return (await _weighed(claim, passages, reader, None)).trouble


async def weigh(claim: str, passages: Sequence[Passage], reader: Reader | None) -> Weighed:
    """The same for those who can ask somebody else where it is in doubt: by the probability, or because the refusal is a guess at a
    free wording. What numbers, names and literal comparison refuse never is."""
    return await _weighed(claim, passages, reader, DOUBT)


async def _weighed(
    claim: str, passages: Sequence[Passage], reader: Reader | None, doubt: tuple[float, float] | None
) -> Weighed:
    known = signs.source(tuple(passages))
    parts = [said for said in map(text.read, text.pieces(claim)) if signs.states(said)]
    if not parts:
        return Weighed(NOTHING)
    guessed, open_questions = "", []
    for part in parts:
        least, most = _bounds(part, known)
        no_below, yes_above = doubt or (SUPPORTED, SUPPORTED)
        if most < no_below:
            return Weighed(UNSAID)
        if trouble := exact.trouble(part.text, known):
            if doubt is None or not isinstance(trouble, negation.Guess):
                return Weighed(trouble)
            guessed = guessed or trouble
        if least < yes_above:
            open_questions.append(part)
    texts = [body for _, body in passages]
    weakest = min([await _score(part, known, texts, reader) for part in open_questions], default=1.0)
    trouble = guessed or (UNSAID if weakest < SUPPORTED else "")
    if doubt is None or weakest < doubt[0]:
        return Weighed(trouble)
    return Weighed(trouble, bool(guessed) or weakest < doubt[1])


def _bounds(claim: Said, known: Source) -> tuple[float, float]:
    """The least and the most that meaning can make of a sentence's score; equal where the source has all its words."""
    found = signs.read(claim, known)
    least = SHIPPED.probability({**found, "weakest": 0.0 if unknown(claim, known) else 1.0})
    return least, SHIPPED.probability({**found, "weakest": 1.0})


def unknown(claim: Said, known: Source) -> list[Word]:
    """The words of a claim that its source has neither so nor by a near synonym."""
    return [word for word in signs.claim_words(claim, known) if not known.whole.says(word)]
