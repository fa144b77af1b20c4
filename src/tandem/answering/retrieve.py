"""Step 3: the passages that bear on the question, and how likely they are to hold its answer."""

from dataclasses import replace

from tandem.answering import evidence, second_opinion
from tandem.answering.turn import Asked, Evidence, Kit, Turn
from tandem.intents import starter
from tandem.knowledge import questions
from tandem.knowledge.questions import Question
from tandem.knowledge.search import Found

LEANS = 0.5
"""A message that takes at least so much from what was said before it (`questions.leaning`) is worth putting in other words."""

CARRIED = 2
"""Passages that are carried on: those that an answer rests on are seldom more."""


async def find(turn: Turn, kit: Kit) -> Turn:
    """Search with the question in its conversation; read the best passages sentence by sentence."""
    reworded = await _reworded(turn, kit)
    question = questions.alone(reworded) if reworded else question_of(turn.asked)
    ranked = await kit.search(turn.asked, question)
    if ranked.vector is None or not ranked.passages:
        return replace(turn, evidence=Evidence(question.text, signals=ranked.signals))
    wanted = starter.categories(turn.heard.asserted)
    candidates = await evidence.rank(reworded or turn.asked.text, ranked, kit.embedder, wanted)
    carried = await _carried(turn, kit, ranked.passages[0].release)
    found = Evidence(
        question.text, ranked.passages, ranked.quality, ranked.signals, candidates, ranked.corrected, carried
    )
    return replace(turn, evidence=found)


def question_of(asked: Asked) -> Question:
    """What is searched for: the message, and beside it what the customer asked before and was told."""
    before, reply = questions.said_before([(said.role, said.text) for said in asked.history])
    return questions.in_context(asked.text, before, reply)


async def _carried(turn: Turn, kit: Kit, release: int) -> tuple[Found, ...]:
    """What the answer before cited, where a model answers a message that leans on it; of one state of the knowledge alone."""
    asked = turn.asked
    if kit.model is None or kit.fetch is None or not asked.cited_before or questions.leaning(asked.text) < LEANS:
        return ()
    return tuple(each for each in await kit.fetch(asked, asked.cited_before[:CARRIED]) if each.release == release)


async def _reworded(turn: Turn, kit: Kit) -> str:
    """A follow-up as a question by itself, in the words of the model that is named for it; "" without one."""
    asked = turn.asked
    if kit.rewriting is None or not asked.history or questions.leaning(asked.text) < LEANS:
        return ""
    return await second_opinion.standing_alone(kit.rewriting, asked)
