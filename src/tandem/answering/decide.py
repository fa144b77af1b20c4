"""Step 7: how the turn ends, how sure we are, and every signal that made it so. Rules and numbers, never a model's word."""

from dataclasses import replace

from tandem.answering import replies
from tandem.answering.turn import Decision, Kit, Turn

RECORD = 0.97
"""Our own records are right unless somebody changed them this second."""

MODEL_SHARE = 0.5
"""How much of a draft must have been released before its confidence is that of the evidence; less scales it down."""


async def settle(turn: Turn, kit: Kit) -> Turn:
    """The decision; what it says by itself has been told to the teller when this returns."""
    decision, words = _decided(turn)
    if words:
        await kit.teller.say(words, ())
        turn = replace(turn, draft=replace(turn.draft, text=words))
    return replace(turn, decision=replace(decision, signals=_signals(turn)))


def _decided(turn: Turn) -> tuple[Decision, str]:
    tone = turn.asked.policy.rules.tone
    if turn.way.kind == "people":
        return Decision("handover", turn.heard.top.confidence, turn.way.reason), tone.handover
    if turn.acts:
        return Decision("answer", RECORD, "Our own records answer it."), ""
    if turn.draft.proves:
        return Decision("answer", _confidence(turn), "Every released sentence stands in a cited passage."), ""
    if replies.is_smalltalk(turn):
        return Decision("smalltalk", turn.heard.top.confidence, "A greeting or thanks."), replies.smalltalk(turn)
    if turn.way.kind == "attempt":
        return Decision(
            "handover", 1.0 - turn.evidence.quality, "No article answers it, and your rules send it to people then."
        ), tone.handover
    if replies.is_vague(turn) and turn.asked.unresolved == 0:
        return Decision("ask", 1.0 - turn.evidence.quality, "The message does not say what it is about."), replies.ASK
    return Decision(
        "no_answer", 1.0 - turn.evidence.quality, "No passage holds the answer.", offers_person=True
    ), tone.no_answer


def _confidence(turn: Turn) -> float:
    """The probability that the passages hold the answer, less when much of a model's draft had to be withheld."""
    claims = [sentence for sentence in turn.draft.sentences if sentence.kind != "courtesy"]
    kept = sum(sentence.released for sentence in claims) / len(claims)
    return round(turn.evidence.quality * min(1.0, kept / MODEL_SHARE), 4)


def _signals(turn: Turn) -> dict[str, float]:
    """What went into the decision, for the record."""
    heard = turn.heard.signals
    return {
        "intent_confidence": round(turn.heard.top.confidence, 4),
        "retrieval_quality": round(turn.evidence.quality, 4),
        "sentiment": heard.sentiment,
        "frustration": heard.frustration,
        "unresolved_before": float(turn.asked.unresolved),
        "withheld": float(sum(not sentence.released for sentence in turn.draft.sentences)),
        "policy_override": float(turn.way.rule not in ("default", "attempt_then_escalate")),
    }
