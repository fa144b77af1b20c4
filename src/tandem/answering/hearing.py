"""What a message says beside its subject, heard in its conversation: the mood before it, and whether it was asked already."""

import numpy as np
from numpy.typing import NDArray

from tandem.answering.turn import Asked
from tandem.embedding import Embedder
from tandem.intents import repeating, signals
from tandem.intents.repeating import Earlier
from tandem.intents.signals import Signals

BEFORE = 4
"""Of the customer's own messages before, so many are compared with this one; their embeddings are mostly still remembered."""


async def listen(asked: Asked, embedding: NDArray[np.float32], embedder: Embedder) -> Signals:
    """The signals of the message. Of the history the customer's own messages alone count."""
    before = [said.text for said in asked.history if said.role == "user"][-BEFORE:]
    earlier = [Earlier(text, await embedder.embed_query(text)) for text in before]
    return signals.read(
        asked.text,
        escalate_words=asked.policy.rules.escalate_words,
        before=before,
        repeats=repeating.repeats(asked.text, embedding, earlier),
        vector=embedding,
    )
