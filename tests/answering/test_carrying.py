"""A follow-up is answered from what the answer before it cited too; what that did not cite is gone."""

from dataclasses import replace
from typing import Any

from tandem.answering import draft, memory, retrieve
from tandem.answering.turn import Asked, Evidence, Kit
from tandem.embedding import Embedder
from tandem.ids import PassageId
from tandem.knowledge.finding import Ranked
from tandem.knowledge.questions import Question
from tandem.knowledge.search import Found
from tests.answering import making
from tests.answering.test_second_opinion import FOLLOWING, Says

TENT = replace(making.passage("The tent for two weighs 2.1 kg."), release=7)
FOUND = [replace(making.passage(f"Passage number {n} on tents."), release=7) for n in range(8)]


def kit(embedder: Embedder, *stored: Found, model: bool = True) -> Kit:
    async def search(_: Asked, question: Question) -> Ranked:
        vector = await embedder.embed_query(question.text)
        return Ranked(tuple(FOUND), 0.9, vector=vector, words={"tent": 1.0})

    async def fetch(_: Asked, passages: tuple[PassageId, ...]) -> tuple[Found, ...]:
        return tuple(each for each in stored if each.passage_id in passages)

    return replace(making.kit(embedder, model=Says() if model else None), search=search, fetch=fetch)


async def evidence(with_: Kit, text: str = "And how heavy is it?", **more: Any) -> Evidence:
    asked = making.asked(text, *FOLLOWING, **({"cited_before": (TENT.passage_id,)} | more))
    return (await retrieve.find(making.turn(asked=asked), with_)).evidence


async def test_what_was_cited_is_given_again_after_the_best_that_was_found(embedder: Embedder) -> None:
    found = await evidence(kit(embedder, TENT))
    assert found.carried == (TENT,)
    assert found.passages == tuple(FOUND), "nothing is quoted from it, and nothing counts on it"
    given = memory.passages(found.given)
    assert given == (*FOUND[:3], TENT, *FOUND[3:5])
    turn = making.turn(asked=making.asked("And how heavy is it?", *FOLLOWING), evidence=found)
    assert "2.1 kg" in draft._prompt(turn, given).system


async def test_it_is_gone_where_it_no_longer_holds_or_is_not_leant_on(embedder: Embedder) -> None:
    assert (await evidence(kit(embedder))).carried == ()
    assert (await evidence(kit(embedder, replace(TENT, release=8)))).carried == (), (
        "one answer, one state of the knowledge"
    )
    assert (await evidence(kit(embedder, TENT, model=False))).carried == ()
    alone = "Do you take payment by invoice for large orders delivered to a company in Norway?"
    assert (await evidence(kit(embedder, TENT), alone)).carried == ()


async def test_what_was_found_anyway_is_given_once(embedder: Embedder) -> None:
    for again in (FOUND[0], FOUND[6]):
        found = await evidence(kit(embedder, again), cited_before=(again.passage_id,))
        given = [each.passage_id for each in found.given]
        assert len(given) == len(set(given)) == len(FOUND)
