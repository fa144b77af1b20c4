"""Step 1: what the message is about, and the signals beside that."""

from dataclasses import replace

from tandem.answering import hearing
from tandem.answering.turn import Kit, Turn, Understanding
from tandem.intents import signals
from tandem.intents.classifier import Classifier, Guess
from tandem.intents.starter import TALK_TO_PERSON, UNKNOWN
from tandem.knowledge import passages

SHOWN = 5
"""Guesses kept in the record."""

SECOND_INTENT = 0.7
"""Confidence from which another sentence's own intent is asserted too. High: a second reading is a side remark more often than not."""

SENTENCES_READ = 4
"""Sentences of a long message that are read on their own."""


async def understand(turn: Turn, kit: Kit) -> Turn:
    """Intents by the tenant's classifier, signals by patterns and the tenant's own words."""
    asked = turn.asked
    version, classifier = await kit.classifier(asked)
    embedding = await kit.embedder.embed_query(asked.text)
    guesses = classifier.classify(embedding)
    needed = asked.policy.rules.thresholds.intent
    asserted = [guesses[0].name] if guesses[0].confidence >= needed else [UNKNOWN]
    for other in await _others(asked.text, classifier, kit):
        if other.name not in asserted and other.name != UNKNOWN and other.confidence >= SECOND_INTENT:
            asserted = [name for name in asserted if name != UNKNOWN] + [other.name]
    heard = await hearing.listen(asked, embedding, kit.embedder)
    if asserted == [UNKNOWN] and heard.wants_person >= signals.CLEAR:
        asserted = [TALK_TO_PERSON]
    if heard.category and heard.category not in asserted:  # said in plain words
        asserted = [*(name for name in asserted if name != UNKNOWN), heard.category]
    found = Understanding(
        intents=guesses[:SHOWN],
        asserted=tuple(asserted),
        signals=heard,
        classifier=version,
        embedding=embedding,
    )
    return replace(turn, understanding=found)


async def _others(text: str, classifier: Classifier, kit: Kit) -> list[Guess]:
    """The likeliest intent of each sentence on its own, where there are several."""
    spans = passages.sentences(text)
    if len(spans) < 2:
        return []
    parts = [text[start:end] for start, end in spans[:SENTENCES_READ] if end - start > 12]
    if not parts:
        return []
    return [classifier.classify(vector)[0] for vector in await kit.embedder.embed_passages(parts)]
