"""Step 1: what the message is about, and the signals beside that."""

from dataclasses import replace

from tandem.answering import hearing
from tandem.answering.turn import Kit, Turn, Understanding
from tandem.intents import signals, understanding
from tandem.intents.starter import TALK_TO_PERSON, UNKNOWN

SHOWN = 5
"""Guesses kept in the record."""


async def understand(turn: Turn, kit: Kit) -> Turn:
    """Intents by the tenant's classifier, signals by patterns and the tenant's own words."""
    asked = turn.asked
    ready = await kit.classifier(asked)
    embedding = await kit.embedder.embed_query(asked.text)
    before = [said.text for said in asked.history if said.role == "user"]
    threshold = asked.policy.rules.thresholds.intent
    understood = await understanding.read(ready, asked.text, threshold, before=before, model=kit.classifying)
    asserted = list(understood.asserted)
    heard = (await hearing.listen(asked, embedding, kit.embedder)).pressed(understood.urgency)
    if asserted == [UNKNOWN] and heard.wants_person >= signals.CLEAR:
        asserted = [TALK_TO_PERSON]
    if heard.category and heard.category not in asserted:  # said in plain words
        asserted = [*(name for name in asserted if name != UNKNOWN), heard.category]
    found = Understanding(
        intents=understood.guesses[:SHOWN],
        asserted=tuple(asserted),
        signals=heard,
        classifier=understood.used,
        embedding=embedding,
    )
    return replace(turn, understanding=found)
