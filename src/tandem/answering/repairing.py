"""A sentence that may not leave is mended once: the sentence of the passage that it meant takes its place, word for word.

No model is asked for better words: what is quoted needs no proof, and costs nothing. Where no sentence of a passage is near
enough to what was withheld, nothing takes its place.
"""

from collections.abc import Sequence

from tandem.answering import guard, layout, orders, quotation, words
from tandem.answering.turn import Citation, Sentence
from tandem.knowledge.search import Found

NEAR = 0.5
"""F1 of the content words that the withheld sentence shares with the passage's. Of the demo's sentences with one thing changed in
them nearly all share two thirds; a sentence of another passage seldom shares a third."""

IN_PLACE = "stands in place of the sentence before it"


def mended(withheld: Sentence, given: Sequence[Found], said: Sequence[Sentence]) -> Sentence | None:
    """The quotation that takes its place, numbered as the passages were given; None where nothing does, or it was said already."""
    claim = guard.MARK.sub("", withheld.text)
    near = [(_nearness(claim, found), -number, found) for number, found in enumerate(given, 1)]
    if not near or not words.content(claim):
        return None
    share, before, found = max(near, key=lambda each: each[:2])
    if share < NEAR or orders.stand_at(found.text, guard.closest(claim, found)[0]):
        return None
    start, end = quotation.whole(found.text, _number(claim, found))
    if any(_covers(each, found, start, end) for each in said):
        return None
    quote = found.text[start:end]
    cited = Citation(-before, found, quote, found.start + start, found.start + end)
    space = "\n\n" if "\n" in quote.strip() else " "
    return Sentence(f"{space}{quote.strip()}{space[0]}[{-before}]", "quote", (cited,), reason=IN_PLACE)


def _nearness(claim: str, found: Found) -> float:
    meant, there = set(words.content(claim)), set(words.content(found.text[slice(*guard.closest(claim, found))]))
    return 2 * len(meant & there) / (len(meant) + len(there)) if there else 0.0


def _number(claim: str, found: Found) -> int:
    """Which of the passage's sentences is nearest."""
    start, _ = guard.closest(claim, found)
    return next((n for n, unit in enumerate(layout.sentences(found.text)) if unit[0] == start), 0)


def _covers(said: Sentence, found: Found, start: int, end: int) -> bool:
    """Whether a released sentence rests on part of this place already."""
    return said.released and any(
        cited.passage.passage_id == found.passage_id
        and cited.start < found.start + end
        and found.start + start < cited.end
        for cited in said.citations
    )
