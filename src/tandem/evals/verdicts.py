"""Is an answer better or worse than another? Rules and numbers on two finished turns, for replays. Reads and writes nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tandem import ids
from tandem.answering import expected, words
from tandem.answering.turn import Turn
from tandem.ids import DocumentId

CLEARLY = 0.1
"""A difference of confidence that counts. For each of the demo's 78 answered golden questions the cited article was edited:
no small edit (a word of the quotation changed, a section added) moved an answer's confidence by more than 0.08, while taking
the quotation out lowered it by 0.1 or more in 9 only of the 59 that were still answered, from the next best place and just as
surely: hence the second rule of `verdict`. Both together find 76 of the 78 deletions and object to 1 of the 156 small edits
(`tests/evals/test_verdicts.py` repeats a part of it)."""

SAID = 0.8
"""Share of a quotation's content words that an answer must have to say the same, as for quotations (`answering.quotation`)."""


class Verdict(StrEnum):
    """What a release does to a question; the worst first."""

    NEWLY_UNANSWERED = "newly_unanswered"
    WORSE = "worse"
    CHANGED_CITATIONS = "changed_citations"
    IMPROVED = "improved"
    SAME = "same"


HARMS = (Verdict.NEWLY_UNANSWERED, Verdict.WORSE)


@dataclass(frozen=True, slots=True)
class Pair:
    """A question's turn as it goes now and as it would go. `liked`: the customer said that the answer had helped."""

    live: Turn
    draft: Turn
    liked: bool = False


def verdict(pair: Pair, before: Mapping[DocumentId, str]) -> Verdict:
    """What became of the question; `before` is what the documents say now that the release changes.

    An answer is worse when its confidence is clearly lower, when it no longer has the time or the amount that was asked for, or
    when what proved it is gone and it falls back on what stood there before, which the pipeline had found less fitting; when
    the customer liked it, nothing new makes up for that.
    The same quotations are the same answer, whatever the version that they stand in.
    """
    live, draft = pair.live, pair.draft
    if _answers(live) != _answers(draft):
        return Verdict.NEWLY_UNANSWERED if _answers(live) else Verdict.IMPROVED
    if not _answers(live) or _quotes(live) == _quotes(draft):
        return Verdict.SAME
    gained = draft.settled.confidence - live.settled.confidence
    if (
        gained <= -CLEARLY
        or _lacks_what_was_asked(pair)
        or (_loses_proof(pair) and (pair.liked or not _says_new(draft, before)))
    ):
        return Verdict.WORSE
    return Verdict.IMPROVED if gained >= CLEARLY else Verdict.CHANGED_CITATIONS


def rests_on(turn: Turn) -> set[DocumentId]:
    """The documents that an answer cites."""
    return {citation.passage.document_id for citation in turn.draft.citations}


def report(verdicts: Sequence[Verdict], questions: int, limit: float, cost: dict[str, Any]) -> dict[str, Any]:
    """The outcome of a replay; `questions` were looked at, each verdict is of one that the release touches."""
    counted = Counter(verdicts)
    harmed = sum(counted[harm] for harm in HARMS)
    return {
        "questions": questions,
        "touched": len(verdicts),
        **{str(each): counted[each] for each in Verdict},
        "worse_share": round(harmed / len(verdicts), 4) if verdicts else 0.0,
        "limit": limit,
        "cost": cost,
    }


def is_blocked(outcome: dict[str, Any]) -> bool:
    """Whether a release with this outcome must not be published."""
    return bool(outcome["worse_share"] > outcome["limit"])


def as_json(turn: Turn) -> dict[str, Any]:
    """An answer as a replay shows it."""
    return {
        "kind": turn.settled.kind,
        "text": turn.draft.text,
        "quality": round(turn.evidence.quality, 4),
        "confidence": round(turn.settled.confidence, 4),
        "citations": [
            {
                "document_id": ids.show("doc", citation.passage.document_id),
                "title": citation.passage.title,
                "version": citation.passage.version,
                "quote": citation.quote,
            }
            for citation in turn.draft.citations
        ],
    }


def _lacks_what_was_asked(pair: Pair) -> bool:
    """Whether a time or an amount was asked for, was said, and is not said any more (`answering.expected`)."""
    kind = expected.kind(pair.live.asked.text)
    return kind is not None and bool(kind.search(pair.live.draft.text)) and not kind.search(pair.draft.draft.text)


def _answers(turn: Turn) -> bool:
    return turn.settled.kind == "answer"


def _quotes(turn: Turn) -> set[tuple[DocumentId, str]]:
    return {(citation.passage.document_id, citation.quote) for citation in turn.draft.citations}


def _loses_proof(pair: Pair) -> bool:
    """Whether something that the answer quotes is neither found any more nor said by the draft's answer."""
    found = [_plain(passage.text) for passage in pair.draft.evidence.passages]
    return any(
        not any(_plain(citation.quote) in text for text in found)
        and words.coverage(citation.quote, pair.draft.draft.text) < SAID
        for citation in pair.live.draft.citations
    )


def _says_new(turn: Turn, before: Mapping[DocumentId, str]) -> bool:
    """Whether an answer quotes what the release has written."""
    return any(
        citation.passage.document_id in before
        and _plain(citation.quote) not in _plain(before[citation.passage.document_id])
        for citation in turn.draft.citations
    )


def _plain(text: str) -> str:
    return " ".join(text.split())
