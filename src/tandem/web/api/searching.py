"""Searching the knowledge as the assistant does, and trying a question on it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from tandem import ids
from tandem.answering import record
from tandem.answering.turn import Candidate
from tandem.evals import asking
from tandem.knowledge import questions, search
from tandem.knowledge.documents import AUDIENCE, PUBLIC, STAFF
from tandem.knowledge.search import Found
from tandem.web.doors import KbReader
from tandem.web.json import JSON, Text
from tandem.web.parts import P

router = APIRouter(prefix="/v1/kb")


@router.get("/search")
async def search_knowledge(
    caller: KbReader,
    parts: P,
    q: Annotated[Text, Query(min_length=1, max_length=2000)],
    k: Annotated[int, Query(ge=1, le=50)] = 10,
    release_id: Annotated[Text | None, Query(max_length=40)] = None,
) -> Response:
    """The passages for a question, as the assistant finds them, of every audience; with a draft release as if it were published."""
    draft = ids.read("rel", release_id, "release_id") if release_id else None
    ranked = await parts.desk.tools.find(caller.tenant_id, questions.alone(q), search.EVERYBODYS, k, draft=draft)
    return JSON([_passage(p) for p in ranked.passages])


@router.get("/test")
async def try_question(
    caller: KbReader,
    parts: P,
    q: Annotated[Text, Query(min_length=1, max_length=4000)],
    who: Annotated[str, Query(alias="as", pattern=AUDIENCE)] = PUBLIC,
    release_id: Annotated[Text | None, Query(max_length=40)] = None,
) -> Response:
    """What a customer of this kind would be answered, and why: the very turn, which nobody else sees."""
    draft = ids.read("rel", release_id, "release_id") if release_id else None
    tier = who.removeprefix("tier:") if who.startswith("tier:") else "free"
    turn = await asking.ask(
        parts.desk.tools,
        caller.tenant_id,
        q,
        verified=who != PUBLIC,
        tier=tier,
        staff=who == STAFF,
        draft=draft,
    )
    found, decision = turn.evidence, turn.settled
    return JSON(
        {
            "query": found.query,
            "corrected": found.corrected,
            "quality": found.quality,
            "signals": found.signals,
            "answered": decision.kind == "answer",
            "decision": {"kind": decision.kind, "reason": decision.reason, "confidence": decision.confidence},
            "reply": {"text": turn.draft.text, "citations": [record.citation_json(c) for c in turn.draft.citations]},
            "passages": [_passage(p) for p in found.passages],
            "sentences": [_sentence(c) for c in found.candidates],
            "release": found.release,
            "generation": found.passages[0].generation if found.passages else turn.asked.index.generation,
        }
    )


def _sentence(candidate: Candidate) -> dict[str, Any]:
    why = {"meaning": candidate.cosine, "passage": candidate.passage.score, "words": candidate.overlap}
    return {
        "text": candidate.text,
        "passage_id": ids.show("psg", candidate.passage.passage_id),
        "score": candidate.score,
        "why": {**why, "category": float(candidate.fits)},
    }


def _passage(p: Found) -> dict[str, Any]:
    return {
        "document_id": ids.show("doc", p.document_id),
        "external_id": p.external_id,
        "passage_id": ids.show("psg", p.passage_id),
        "title": p.title,
        "kind": p.kind,
        "heading": p.heading,
        "text": p.text,
        "version": p.version,
        "score": p.score,
        "cosine": p.cosine,
        "words": p.words,
        "why": p.why,
    }
