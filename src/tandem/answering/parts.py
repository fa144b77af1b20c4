"""The parts of a turn's confidence: what is known before anything is said. Each is named, stored and shown.

retrieval        log-odds that the passages hold the answer (knowledge/ranking.py)
meaning          cosine of the question to the sentence that is quoted first, embedded by itself
wording          share of the question's content words in that sentence and its heading
standing_out     how much its score is above the best one of another document
intent           confidence of the likeliest reading
sentiment        of the message, -1 to 1
sentiment_trend  the same, less the mean of the customer's two messages before
frustration      0 to 1
failures_before  turns in a row, just before this one, that found no answer
flagged          1 when a rule wants people should the assistant fail, or the message smells of abuse or injection
"""

from tandem.answering import score
from tandem.answering.score import Scored
from tandem.answering.turn import Turn
from tandem.intents.starter import UNKNOWN

SUSPICIOUS = 0.5
"""Of abuse or injection: at least half of what counts as said plainly (signals.CLEAR)."""


def scored(turn: Turn) -> Scored:
    """The turn's confidence in what it would quote first, held against the tenant's threshold for its category."""
    parts, scoring, about = of(turn), turn.asked.scoring, category(turn)
    return Scored(
        probability=score.probability(parts, scoring),
        parts=parts,
        weighed=score.weighed(parts, scoring),
        version=scoring.version,
        category=about,
        threshold=turn.asked.policy.rules.thresholds.confidence(about),
    )


def category(turn: Turn) -> str:
    """The first intent that is asserted, `unknown` where none is."""
    return next((name for name in turn.heard.asserted if name != UNKNOWN), UNKNOWN)


def of(turn: Turn) -> dict[str, float]:
    """Every part by name."""
    heard = turn.heard.signals
    found = {
        "retrieval": score.logit(turn.evidence.quality),
        **_sentence(turn),
        "intent": turn.heard.top.confidence,
        "sentiment": heard.sentiment,
        "sentiment_trend": heard.trend,
        "frustration": heard.frustration,
        "failures_before": float(turn.asked.unresolved),
        "flagged": float(turn.way.kind == "attempt" or max(heard.abuse, heard.injection) >= SUSPICIOUS),
    }
    return {name: round(value, 4) for name, value in found.items()}


def _sentence(turn: Turn) -> dict[str, float]:
    candidates = turn.evidence.candidates
    if not candidates:
        return {"meaning": 0.0, "wording": 0.0, "standing_out": 0.0}
    first = candidates[0]
    rival = next((c.score for c in candidates if c.passage.document_id != first.passage.document_id), None)
    margin = first.score - rival if rival is not None else 0.0
    return {"meaning": first.cosine, "wording": first.overlap, "standing_out": margin}
