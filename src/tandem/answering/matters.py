"""Is a customer who comes back talking about the same matter? Read outside of every transaction, with the tenant's classifier."""

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.answering.tools import Tools
from tandem.ids import TenantId
from tandem.intents.classifier import Classifier
from tandem.tickets import returning
from tandem.tickets.returning import Reading


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was settled: what its customer wrote, newest first, and the category it is filed under."""

    said: tuple[str, ...]
    category: str | None
    understood_by: int
    """The version of the tenant's classifier that answers; 0 is the starter's."""


class CameBack(Exception):
    """A message came to a ticket that was settled lately: whether it is the same matter has to be known before it is stored."""

    def __init__(self, earlier: Earlier) -> None:
        super().__init__("the customer came back")
        self.earlier = earlier


async def is_same(tools: Tools, tenant_id: TenantId, text: str, earlier: Earlier) -> bool:
    """Whether the message is about what was settled."""
    if returning.continues(text):
        return True
    ready = await tools.classifiers.of(tools.db, tenant_id, earlier.understood_by)
    message, *before = await _read(tools, ready.classifier, [text, *earlier.said])
    return returning.is_same(message, before, earlier.category)


async def _read(tools: Tools, classifier: Classifier, texts: Sequence[str]) -> list[Reading]:
    looks = await tools.classifiers.looks(texts)
    meanings = [look.vector for look in looks]
    guesses = [classifier.classify(look)[0] for look in looks]
    return [Reading(meaning, guess.name, guess.confidence) for meaning, guess in zip(meanings, guesses, strict=True)]
