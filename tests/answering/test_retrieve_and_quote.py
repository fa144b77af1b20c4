"""What the found passages say to a question, and the answer as the documents themselves say it."""

from dataclasses import replace
from typing import Any

import pytest

from tandem.answering import quotation, retrieve
from tandem.answering.turn import Asked, Turn
from tandem.embedding import Embedder
from tandem.knowledge.finding import Ranked
from tandem.knowledge.questions import Question
from tests.answering import making


async def find(embedder: Embedder, text: str, **found: Any) -> Turn:
    """A turn that was given these findings."""

    async def search(_asked: Asked, question: Question) -> Ranked:
        return Ranked(vector=await embedder.embed_query(question.text), **found)

    return await retrieve.find(making.turn(text), replace(making.kit(embedder), search=search))


async def test_what_was_found_is_read_sentence_by_sentence_and_kept_for_the_record(embedder: Embedder) -> None:
    found = await find(
        embedder, "Can I return an item?", passages=(making.passage(),), quality=0.8, signals={"best": 0.6}
    )
    assert (found.evidence.quality, found.evidence.signals) == (0.8, {"best": 0.6})
    assert found.evidence.candidates[0].text == "You can return any item within 30 days of delivery."


async def test_a_sentence_is_judged_by_the_words_that_were_searched_for_the_rare_ones_most(embedder: Embedder) -> None:
    text, passages = "any retrun?", (making.passage(),)
    found = await find(embedder, text, passages=passages, corrected={"retrun": "return"}, words={"return": 1.0})
    assert max(c.overlap for c in found.evidence.candidates) == 1.0
    assert (found.evidence.query, found.evidence.corrected) == (text, {"retrun": "return"})
    half = await find(embedder, text, passages=passages, words={"return": 1.0, "tent": 3.0})
    assert max(c.overlap for c in half.evidence.candidates) == 0.25


async def test_what_only_the_heading_says_counts_half(embedder: Embedder) -> None:
    passage = making.passage(text="You have 30 days.", heading="Returns")
    found = await find(embedder, "return", passages=(passage,), words={"return": 1.0})
    assert [c.overlap for c in found.evidence.candidates] == [0.5]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How long do I have?", "You have 30 days."),
        ("when does it arrive", "It arrives on Monday."),
        ("how many days to return it", "Within two weeks."),
        ("How much is a zip?", "A new zip costs €25."),
        ("What does a replacement cost?", "Replacements are free."),
    ],
)
async def test_a_time_answers_a_question_for_a_time_and_an_amount_one_for_an_amount(
    embedder: Embedder, question: str, answer: str
) -> None:
    passage = making.passage(text=f"We are glad to help. {answer}")
    found = await find(embedder, question, passages=(passage,))
    assert {c.text: c.of_the_kind for c in found.evidence.candidates} == {"We are glad to help.": False, answer: True}


async def test_where_nothing_is_found_nothing_holds_the_answer(embedder: Embedder) -> None:
    found = (await find(embedder, "Can I return an item?")).evidence
    assert (found.quality, found.passages, found.candidates) == (0.0, (), ())


async def quoted(embedder: Embedder, question: str, text: str) -> list[str]:
    evidence = await making.found(embedder, question, making.passage(text))
    sentences = quotation.quote(evidence.candidates)
    for sentence in sentences:
        (citation,) = sentence.citations
        assert citation.quote == sentence.text
        assert text[citation.start - 100 : citation.end - 100] == citation.quote, "offsets are the document's"
    return [sentence.text for sentence in sentences]


async def test_a_quotation_is_word_for_word_and_to_the_point(embedder: Embedder) -> None:
    text = "We were founded in 1990.\n\nYou can return any item within 30 days of delivery.\n\nOur office is in Delft."
    assert (await quoted(embedder, "How many days do I have to return an item?", text))[0] == (
        "You can return any item within 30 days of delivery."
    )


async def test_steps_stay_together_in_their_order(embedder: Embedder) -> None:
    text = "To reset the lamp:\n\n1. Unplug it.\n2. Wait ten seconds.\n3. Plug it in again."
    (answer, *_) = await quoted(embedder, "How do I reset the lamp?", text)
    assert answer.index("Unplug") < answer.index("ten seconds") < answer.index("Plug it in again")


async def test_a_row_keeps_its_header(embedder: Embedder) -> None:
    text = "| Country | Days |\n| --- | --- |\n| Belgium | 2 |\n| Spain | 5 |"
    (answer, *_) = await quoted(embedder, "How many days does delivery to Spain take?", text)
    assert "Country" in answer
    assert "Spain | 5" in answer


async def test_a_sentence_never_stands_without_the_one_that_limits_it(embedder: Embedder) -> None:
    text = "You can return any item within 30 days. However, worn items cannot be returned."
    (answer, *_) = await quoted(embedder, "Within how many days can I return an item?", text)
    assert "However, worn items cannot be returned." in answer


def test_nothing_found_is_nothing_said() -> None:
    assert quotation.quote(()) == ()
