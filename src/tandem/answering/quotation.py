"""The answer without a model: the sentences themselves, whole, in order, each with its source.

A short paragraph is quoted whole, a list stays a list with its lead-in, a table keeps its header; of a long paragraph a
sentence never stands without the one that limits it ("However …") or the one it points back to ("It …").
"""

import re

from tandem.answering import words
from tandem.answering.layout import NUMBERED, is_heading, is_item, is_row, line_start, sentences
from tandem.answering.turn import Candidate, Citation, Sentence

MOST = 3
"""Quotations in one answer (S2: two sentences and a link beat an essay)."""

SAME_DOCUMENT = 0.85
OTHER_DOCUMENT = 0.92
"""A further place joins when its score is at least this share of the best one's: what another document says must be as much to the point."""

AS_MANY_WORDS = 0.8
"""Of another document it also has at least this share of what the best one has of the question's words."""

PARAGRAPH_CHARS = 450
"""A paragraph up to this length is quoted whole: its sentences were written to be read together."""

ANSWER_CHARS = 1000
"""No further place is added once the answer is this long."""

LIST_CHARS = 1200
"""A longer list is not quoted whole: its lead-in is, and the source has the rest."""

LIMITS = re.compile(
    r"^\W*(however|but|except|unless|only|otherwise|note|please note|exceptions?|the exception|this does not|it does not|not)\b",
    re.I,
)
POINTS_BACK = re.compile(
    r"^\W*(it|this|that|these|those|they|he|she|both|such|then|after that|otherwise|however|but|also|if so|in that case|in this case|the same)\b",
    re.I,
)


def quote(candidates: tuple[Candidate, ...]) -> tuple[Sentence, ...]:
    """The best one to three quotations, numbered in the order of the answer."""
    if not candidates:
        return ()
    best = candidates[0]
    chosen = [_widened(best)]
    for other in candidates[1:]:
        if len(chosen) == MOST or sum(end - start for _, start, end in chosen) > ANSWER_CHARS:
            break
        if not _joins(other, best):
            continue
        span = _widened(other)
        if not _overlaps(span, chosen) and not _says_the_same(span, chosen):
            chosen.append(span)
    return _numbered(chosen)


def _joins(other: Candidate, best: Candidate) -> bool:
    if other.passage.document_id == best.passage.document_id:
        return other.score >= SAME_DOCUMENT * best.score
    return other.score >= OTHER_DOCUMENT * best.score and other.overlap >= AS_MANY_WORDS * best.overlap


Span = tuple[Candidate, int, int]
Units = tuple[tuple[int, int], ...]


def _widened(candidate: Candidate) -> Span:
    return candidate, *whole(candidate.passage.text, candidate.at)


def whole(text: str, at: int) -> tuple[int, int]:
    """A passage's sentence, by its number (`layout.sentences`), with what it needs around it, as offsets."""
    units = sentences(text)
    first = last = at
    start, end = units[first]
    if is_row(text, start):
        return _table(text, units, first)
    if is_item(text, start) or text[start:end].rstrip().endswith(":"):
        span = _list(text, units, first)
        if span is not None:
            return span
    while first > 0 and _goes_on(text, units, first - 1):
        first -= 1
    while last + 1 < len(units) and _goes_on(text, units, last):
        last += 1
    if units[last][1] - units[first][0] <= PARAGRAPH_CHARS:
        return units[first][0], units[last][1]
    return _cautiously(text, units, at)


def _cautiously(text: str, units: Units, at: int) -> tuple[int, int]:
    """Of a long paragraph the sentence itself, with the one it points back to and those that limit it."""
    first = last = at
    if first > 0 and POINTS_BACK.match(text[slice(*units[first])]) and _goes_on(text, units, first - 1):
        first -= 1
    while last + 1 < len(units) and last - first < MOST - 1 and _goes_on(text, units, last):
        if not LIMITS.match(text[slice(*units[last + 1])]):
            break
        last += 1
    return units[first][0], units[last][1]


def _goes_on(text: str, units: Units, at: int) -> bool:
    """Whether the unit after `at` continues its paragraph, or its item of a list."""
    start = units[at + 1][0]
    between = text[units[at][1] : start]
    return "\n\n" not in between and (
        "\n" not in between or not (is_item(text, start) or is_row(text, start) or is_heading(text, start))
    )


def _list(text: str, units: Units, at: int) -> tuple[int, int] | None:
    """The whole list around a unit with its lead-in; None where an item stands well by itself, or the list is too long."""
    first = last = at
    while first > 0 and is_item(text, units[first][0]):
        first -= 1
    lead_in = text[slice(*units[first])].rstrip()
    has_lead_in = not is_item(text, units[first][0]) and lead_in.endswith(":")
    if not has_lead_in and not is_item(text, units[first][0]):
        first += 1
    while last + 1 < len(units) and is_item(text, units[last + 1][0]):
        last += 1
    start, end = (units[first][0] if has_lead_in else line_start(text, units[first][0])), units[last][1]
    steps = NUMBERED.match(text, line_start(text, units[last][0])) is not None
    if end - start > LIST_CHARS or not (steps or has_lead_in):
        return None
    return start, end


def _table(text: str, units: Units, at: int) -> tuple[int, int]:
    """A table is quoted whole: a row says nothing without its header."""
    first = last = at
    while first > 0 and is_row(text, units[first - 1][0]):
        first -= 1
    while last + 1 < len(units) and is_row(text, units[last + 1][0]):
        last += 1
    end = text.find("\n", units[last][1])
    return line_start(text, units[first][0]), len(text) if end == -1 else end


def _overlaps(span: Span, chosen: list[Span]) -> bool:
    return any(
        span[0].passage.passage_id == c[0].passage.passage_id and span[1] < c[2] and c[1] < span[2] for c in chosen
    )


def _says_the_same(span: Span, chosen: list[Span]) -> bool:
    text = _text(span)
    return any(words.coverage(text, _text(c)) > 0.8 for c in chosen)


def _text(span: Span) -> str:
    return span[0].passage.text[span[1] : span[2]]


def _numbered(chosen: list[Span]) -> tuple[Sentence, ...]:
    order = sorted(
        chosen, key=lambda span: (chosen[0][0].passage.passage_id != span[0].passage.passage_id, span[0].place, span[1])
    )
    quoted = []
    for index, span in enumerate(order, 1):
        passage, start, end = span[0].passage, span[1], span[2]
        text = passage.text[start:end]
        cited = Citation(index, passage, text, passage.start + start, passage.start + end)
        quoted.append(Sentence(text, "quote", (cited,)))
    return tuple(quoted)
