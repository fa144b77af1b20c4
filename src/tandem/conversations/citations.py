"""What was told to whom, resting on which passage: written with the reply, read when a passage turns out to be wrong.

Knows nothing about how an answer is found.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.db import Jsonb, Queries, Tx
from tandem.ids import MessageId

Q = Queries("tandem.conversations")


@dataclass(frozen=True, slots=True)
class Cited:
    """A stretch of a document's version that a reply rests on."""

    document_id: UUID
    version: int
    passage_id: UUID
    quote: str


def keep_later(tx: Tx, message_id: MessageId, cited: Sequence[Cited]) -> None:
    """The reply rests on these, each once; with the transaction's next round trip, after the message itself."""
    once = tuple(dict.fromkeys(cited))
    if once:
        tx.later(Q.cite, message_id=message_id, cited=Jsonb([asdict(each) for each in once]))


def shown(citations: Sequence[dict[str, Any]]) -> tuple[Cited, ...]:
    """The same, from citations as the API shows them."""
    return tuple(
        Cited(ids.read("doc", each["document_id"]), each["version"], ids.read("psg", each["passage_id"]), each["quote"])
        for each in citations
    )
