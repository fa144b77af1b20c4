"""Passages for tests, made by hand."""

from uuid import uuid4

from tandem.answering.turn import Candidate
from tandem.ids import DocumentId, PassageId
from tandem.knowledge import passages
from tandem.knowledge.search import Found


def passage(text: str, *, title: str = "Returns", category: str | None = "returns", cosine: float = 0.6) -> Found:
    """A passage that was found."""
    return Found(
        passage_id=PassageId(uuid4()),
        document_id=DocumentId(uuid4()),
        external_id=title.lower(),
        version=1,
        title=title,
        url=None,
        category=category,
        kind="article",
        heading=title,
        text=text,
        start=100,
        end=100 + len(text),
        score=0.03,
        cosine=cosine,
        words=0.1,
    )


def candidate(found: Found, sentence: str, cosine: float = 0.7) -> Candidate:
    """One of its sentences as a candidate."""
    units = passages.sentences(found.text)
    at = next(n for n, (start, end) in enumerate(units) if sentence in found.text[start:end])
    return Candidate(found, 0, at, *units[at], cosine, 0.5)
