"""What a message is about, by all there is: the fast stage, its sentences one by one, the message before it, and a small model
where one is configured and the fast stage is unsure.

The same for a turn, for `POST /v1/intents/classify` and for `tandem eval intents`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.intents import asking, following
from tandem.intents.classifier import Guess
from tandem.intents.models import Ready
from tandem.intents.starter import UNKNOWN
from tandem.knowledge import passages
from tandem.llm import Model

SECOND_INTENT = 0.7
"""Confidence from which another sentence's own intent is asserted too. High: a second reading is a side remark more often than not."""

SENTENCES_READ = 4
"""Sentences of a long message that are read on their own."""

LEAST_CHARS = 12
"""Of a sentence that is read on its own."""


@dataclass(frozen=True, slots=True)
class Understood:
    """Every intent with its confidence, likeliest first; what is asserted; by which classifier, and whether the fast stage was enough."""

    guesses: tuple[Guess, ...]
    asserted: tuple[str, ...]
    used: str
    urgency: str | None = None
    """As the model found it; None where none was asked."""


async def read(
    ready: Ready, text: str, threshold: float, *, before: Sequence[str] = (), model: Model | None = None
) -> Understood:
    """Understand a message. `threshold` is the policy's for the starter set; `before`: the customer's own messages, oldest first."""
    guesses = await ready.guesses(text)
    needed = ready.needed(threshold)
    asserted = list(ready.classifier.asserted(guesses, needed))
    if before and following.needs_what_was_before(text, guesses):
        guesses = following.inherit(guesses, await ready.guesses(before[-1]))
        asserted = list(ready.classifier.asserted(guesses, needed))
    if model is not None and ready.classifier.is_unsure(guesses):
        chosen = await asking.ask(model, text, guesses, ready.titles)
        if chosen is not None:
            guesses = asking.merged(guesses, chosen)
            return Understood(guesses, chosen.names, f"{ready.version}+{chosen.model}", chosen.urgency)
    if not ready.classifier.joint:
        asserted = await _with_others(text, ready, asserted)
    return Understood(guesses, tuple(asserted), ready.version)


async def _with_others(text: str, ready: Ready, asserted: list[str]) -> list[str]:
    """What is asserted, with the likeliest intent of each sentence that is clear on its own, where there are several."""
    spans = passages.sentences(text)
    if len(spans) < 2:
        return asserted
    for start, end in spans[:SENTENCES_READ]:
        if end - start > LEAST_CHARS:
            other = (await ready.guesses(text[start:end]))[0]
            if other.name not in asserted and other.name != UNKNOWN and other.confidence >= SECOND_INTENT:
                asserted = [*(name for name in asserted if name != UNKNOWN), other.name]
    return asserted
