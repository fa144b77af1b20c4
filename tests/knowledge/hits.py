"""Passages as the first stage finds them, for tests of what is made of them."""

from dataclasses import replace
from typing import Any

from tandem import ids
from tandem.ids import DocumentId, PassageId
from tandem.knowledge.search import Hit


def hit(text: str = "You can return any item.", **more: Any) -> Hit:
    """A passage that was found."""
    plain = Hit(
        passage_id=PassageId(ids.new()),
        document_id=DocumentId(ids.new()),
        external_id="returns",
        version=1,
        title="Help",
        url=None,
        category=None,
        kind="article",
        heading="Help",
        text=text,
        start=0,
        end=len(text),
        score=0.03,
        cosine=0.5,
        words=0.1,
    )
    return replace(plain, **more)
