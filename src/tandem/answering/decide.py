"""Step 7: how the turn ends, how sure we are, and every signal that made it so. Rules and numbers, never a model's word."""

from dataclasses import replace

from tandem.answering import clarify, parts, replies
from tandem.answering.clarify import Ask
from tandem.answering.score import Scored
from tandem.answering.turn import Decision, Kit, Sentence, Turn

RECORD = 0.97
"""Our own records are right unless somebody changed them this second."""

HELD_BACK = "it is less likely to be right than your rules ask for"

MODEL_SHARE = 0.5
"""How much of a draft must have been released before its confidence is that of the whole; less scales it down."""


async def settle(turn: Turn, kit: Kit) -> Turn:
    """The decision; what it says by itself has been told to the teller when this returns."""
    decision, words = _decided(turn)
    if words:
        await kit.teller.say(words, ())
        turn = replace(turn, draft=replace(turn.draft, text=words))
    return replace(turn, decision=replace(decision, signals=_signals(turn), scored=_scored(turn, decision)))


def held_back(sentences: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
    """What could have been answered and is not likely enough to be right: kept for people to judge, not said."""
    return tuple(replace(each, released=False, reason=HELD_BACK) for each in sentences)


def is_held_back(turn: Turn) -> bool:
    """Whether the confidence alone stood against an answer."""
    claims = turn.draft.sentences
    return bool(claims) and all(sentence.reason == HELD_BACK for sentence in claims)


def _decided(turn: Turn) -> tuple[Decision, str]:
    tone = turn.asked.policy.rules.tone
    if turn.way.kind == "people":
        return Decision("handover", turn.heard.top.confidence, turn.way.reason), replies.handover(turn)
    if turn.acted.speaks:
        return _acted(turn)
    if turn.draft.proves:
        return Decision("answer", _confidence(turn), "Every released sentence stands in a cited passage."), ""
    if ask := clarify.first(turn):
        return _asked_back(turn, ask)
    if is_held_back(turn):
        return _too_unsure(turn)
    if replies.is_smalltalk(turn):
        return Decision("smalltalk", turn.heard.top.confidence, "A greeting or thanks."), replies.smalltalk(turn)
    if turn.way.kind == "attempt":
        return Decision(
            "handover", 1.0 - turn.evidence.quality, "No article answers it, and your rules send it to people then."
        ), tone.handover
    if ask := clarify.rather_than_nothing(turn):
        return _asked_back(turn, ask)
    return _no_answer(turn, 1.0 - turn.evidence.quality, "No passage holds the answer.")


def _acted(turn: Turn) -> tuple[Decision, str]:
    """What was done speaks for itself; where it needs a person, they take over."""
    acted = turn.acted
    if acted.hand_over:
        words = "" if acted.sentences else turn.asked.policy.rules.tone.handover
        return Decision("handover", RECORD, acted.hand_over), words
    if acted.cards:
        return Decision("propose", RECORD, "The customer has to confirm it."), ""
    if acted.asks or acted.needs:
        return Decision("collect", RECORD, "Something is still needed for it.", choices=acted.choices), ""
    return Decision("answer", RECORD, "Our own records answer it."), ""


def _asked_back(turn: Turn, ask: Ask) -> tuple[Decision, str]:
    if _is_last_try(turn):
        return _no_answer(turn, 1.0 - turn.evidence.quality, ask.reason)
    return Decision("ask", 1.0 - turn.evidence.quality, ask.reason, choices=ask.choices), ask.text


def _too_unsure(turn: Turn) -> tuple[Decision, str]:
    scored = parts.scored(turn)
    reason = (
        f"An answer would be right with probability {scored.probability:.2f};"
        f" your rules ask for {scored.threshold:.2f} in “{scored.category}”."
    )
    if turn.way.kind == "attempt":
        return Decision("handover", 1.0 - scored.probability, reason), turn.asked.policy.rules.tone.handover
    return _no_answer(turn, 1.0 - scored.probability, reason)


def _no_answer(turn: Turn, confidence: float, reason: str) -> tuple[Decision, str]:
    """A person is offered once; when the rules' number of turns is up, the next thing is not another offer but a person."""
    tone = turn.asked.policy.rules.tone
    if _is_last_try(turn):
        reason = f"{reason} It is message {turn.asked.unresolved + 1} in a row without a resolution."
        return Decision("handover", confidence, reason), tone.handover
    return Decision("no_answer", confidence, reason, offers_person=not turn.asked.was_offered), tone.no_answer


def _is_last_try(turn: Turn) -> bool:
    return turn.asked.unresolved + 1 >= turn.asked.policy.rules.max_unresolved


def _confidence(turn: Turn) -> float:
    """The probability that the answer is right, less when much of a model's draft had to be withheld."""
    claims = [sentence for sentence in turn.draft.sentences if sentence.kind != "courtesy"]
    kept = sum(sentence.released for sentence in claims) / len(claims)
    return round(parts.scored(turn).probability * min(1.0, kept / MODEL_SHARE), 4)


def _scored(turn: Turn, decision: Decision) -> Scored | None:
    """What made the confidence in an answer that was given or held back; of our own records, and without one, nothing did."""
    answers = (turn.draft.proves and decision.kind == "answer") or is_held_back(turn)
    return parts.scored(turn) if answers and not turn.acted.speaks else None


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
