"""The turn as data: the record that explains it, and the reply as the API shows it."""

from typing import Any

from tandem import __version__, ids
from tandem.answering.turn import Citation, Sentence, Turn
from tandem.conversations.citations import Cited
from tandem.knowledge.search import Found

SHOWN_CHARS = 400
"""Of each passage in the record; the version has the whole."""


def as_record(turn: Turn) -> dict[str, Any]:
    """Everything that was understood, found, said, checked and decided, with versions and times."""
    heard, decision = turn.heard, turn.settled
    return {
        "asked": {
            "text": turn.asked.text,
            "history": len(turn.asked.history),
            "verified": turn.asked.verified,
            "tier": turn.asked.tier,
            "unresolved": turn.asked.unresolved,
            "was_offered": turn.asked.was_offered,
        },
        "mode": {"name": turn.asked.mode.mode, "why": turn.asked.mode.why},
        "understanding": {
            "intents": [{"name": guess.name, "confidence": round(guess.confidence, 4)} for guess in heard.intents],
            "asserted": heard.asserted,
            "urgency": heard.signals.urgency,
            "urgency_evidence": heard.signals.urgency_evidence,
            "sentiment": heard.signals.sentiment,
            "sentiment_trend": heard.signals.trend,
            "repeats": heard.signals.repeats,
            "language": heard.signals.language,
            "signals": heard.signals.as_json(),
            "classifier": heard.classifier,
        },
        "route": {"kind": turn.way.kind, "reason": turn.way.reason, "rule": turn.way.rule},
        "query": turn.evidence.query,
        "passages": [_passage_json(passage) for passage in turn.evidence.passages],
        "carried": [_passage_json(passage) for passage in turn.evidence.carried],
        "quality": {
            "probability": round(turn.evidence.quality, 4),
            **{k: round(v, 4) for k, v in turn.evidence.signals.items()},
        },
        "acts": [
            {"tool": call.tool, "args": call.args, "state": call.state, "result": call.result}
            | ({"rule": call.rule} if call.rule else {})
            for call in turn.acted.calls
        ],
        "acted_by": turn.acted.by,
        "sentences": [_sentence_json(sentence) for sentence in turn.draft.sentences],
        "reply": {"text": turn.draft.text, "by": turn.draft.by, "trouble": turn.draft.trouble},
        "citations": [citation_json(citation) for citation in turn.draft.citations],
        "decision": {
            "kind": decision.kind,
            "confidence": round(decision.confidence, 4),
            "reason": decision.reason,
            "signals": decision.signals,
            "offers_person": decision.offers_person,
            "choices": list(decision.choices),
            "score": decision.scored.as_json() if decision.scored else None,
        },
        "model": turn.draft.model,
        "timings": turn.timings,
        "versions": {
            "tandem": __version__,
            "policy": turn.asked.policy.version,
            "knowledge": turn.asked.knowledge if turn.evidence.release is None else turn.evidence.release,
            "classifier": heard.classifier,
        },
    }


def _sentence_json(sentence: Sentence) -> dict[str, Any]:
    """A sentence that was considered, and what became of it."""
    return {
        "text": sentence.text,
        "kind": sentence.kind,
        "released": sentence.released,
        "reason": sentence.reason,
        "citations": [citation.index for citation in sentence.citations],
        "sources": [_source_json(citation) for citation in sentence.citations],
    }


def _source_json(citation: Citation) -> dict[str, Any]:
    """The very sentence that this one rests on: a number of the answer may stand for several of a passage."""
    passage = citation.passage
    return {
        "index": citation.index,
        "document_id": ids.show("doc", passage.document_id),
        "version": passage.version,
        "title": passage.title,
        "quote": citation.quote,
    }


def _passage_json(passage: Found) -> dict[str, Any]:
    """A passage as the record keeps it: enough to see why it was found; the version has the whole."""
    return {
        "passage_id": ids.show("psg", passage.passage_id),
        "document_id": ids.show("doc", passage.document_id),
        "external_id": passage.external_id,
        "title": passage.title,
        "heading": passage.heading,
        "version": passage.version,
        "score": round(passage.score, 4),
        "cosine": round(passage.cosine, 4) if passage.cosine is not None else None,
        "text": passage.text[:SHOWN_CHARS],
    }


def citation_json(citation: Citation) -> dict[str, Any]:
    """A citation as the API shows it; offsets are in the body of the document's version."""
    passage = citation.passage
    return {
        "index": citation.index,
        "document_id": ids.show("doc", passage.document_id),
        "external_id": passage.external_id,
        "version": passage.version,
        "title": passage.title,
        "url": passage.url,
        "passage_id": ids.show("psg", passage.passage_id),
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
    }


def cited(turn: Turn) -> tuple[Cited, ...]:
    """Every stretch that a released sentence rests on: one number of the answer may stand for several of a passage."""
    return tuple(
        Cited(c.passage.document_id, c.passage.version, c.passage.passage_id, c.quote)
        for sentence in turn.draft.sentences
        if sentence.released
        for c in sentence.citations
    )


def intent(turn: Turn) -> str:
    """The asserted intents in the form of S1: `a`, or `multi_intent:a+b`."""
    names = turn.heard.asserted
    return names[0] if len(names) == 1 else "multi_intent:" + "+".join(names)


def reply(turn: Turn, message_id: str, latency_ms: int) -> dict[str, Any]:
    """The reply as `done` and POST /v1/support/message show it."""
    decision = turn.settled
    citations = [citation_json(citation) for citation in turn.draft.citations]
    return {
        "message_id": message_id,
        "conversation_id": ids.show("cnv", turn.asked.conversation_id),
        "ticket_id": ids.show("tkt", turn.asked.ticket_id),
        "response": turn.draft.text,
        "intent": intent(turn),
        "confidence": round(decision.confidence, 4),
        "choices": list(decision.choices),
        "actions_available": ["talk_to_person"] if decision.offers_person else [],
        "escalated": decision.kind == "handover",
        "sources": list(dict.fromkeys(c["external_id"] or c["document_id"] for c in citations)),
        "citations": citations,
        "resolution_state": {"answer": "answered", "handover": "escalated"}.get(decision.kind, decision.kind),
        "response_latency_ms": latency_ms,
        "mode": turn.asked.mode.mode,
        "note": turn.asked.mode.note,
    }
