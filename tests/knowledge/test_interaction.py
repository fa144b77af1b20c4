"""The vectors inside a passage: made from its own reading, kept in one byte a number, compared by the best counterpart."""

import numpy as np
import pytest

from tandem.embedding.minilm import MiniLM
from tandem.knowledge import interaction
from tandem.knowledge.interaction import Details, Floats

HEADING, TEXT = "Returns", "You can return any item within 30 days. Our office is in Delft. Parcels are free."


def random(*shape: int) -> Floats:
    """Vectors of length 1."""
    return interaction.unit(np.random.default_rng(1).standard_normal(shape).astype(np.float32))


@pytest.mark.parametrize(("sentences", "lexemes"), [(3, 5), (0, 0), (16, 64)])
def test_what_is_packed_is_unpacked(sentences: int, lexemes: int) -> None:
    details = Details(
        interaction.small(random(384)),
        interaction.small(random(sentences, 384)),
        interaction.small(random(lexemes, interaction.NARROW)),
        share=2,
    )
    again = interaction.unpacked(details.packed())
    assert again.share == 2
    for name in ("title", "sentences", "lexemes"):
        assert np.array_equal(getattr(again, name), getattr(details, name))


def test_a_byte_a_number_keeps_the_direction() -> None:
    vectors = random(50, 384)
    assert (interaction.unit(interaction.small(vectors).astype(np.float32)) * vectors).sum(axis=1).min() > 0.999


def test_the_projection_is_the_same_for_ever_and_keeps_likenesses() -> None:
    """Stored vectors rest on it: another one would need every passage embedded anew."""
    directions = interaction.projection()
    assert directions.shape == (384, 64)
    assert np.packbits(directions[0] > 0).tobytes().hex() == "4b58502e36b3e6a3"
    near = random(100, 384)
    far = np.roll(near, 1, axis=0)
    narrow = near @ directions, far @ directions
    assert (
        np.abs(
            (interaction.unit(narrow[0]) * interaction.unit(narrow[1])).sum(axis=1) - (near * far).sum(axis=1)
        ).mean()
        < 0.15
    )


async def test_each_sentence_has_a_vector_of_what_it_says(embedder: MiniLM) -> None:
    reading = await embedder.read_query(f"{HEADING}\n{TEXT}")
    details = interaction.inside(HEADING, TEXT, reading, reading.vector)
    assert details.sentences.shape == (3, 384)
    asked = await embedder.embed_query("Where is your office?")
    assert int(np.argmax(interaction.unit(details.sentences.astype(np.float32)) @ asked)) == 1


async def test_neighbours_share_a_vector_where_there_are_too_many_sentences(embedder: MiniLM) -> None:
    text = " ".join(f"Item {number} costs more." for number in range(33))
    reading = await embedder.read_query(f"{HEADING}\n{text}")
    details = interaction.inside(HEADING, text, reading, reading.vector)
    assert (details.share, len(details.sentences)) == (3, 11)
    assert len(details.lexemes) <= interaction.MOST_LEXEMES


async def test_each_different_lexeme_has_one_vector(embedder: MiniLM) -> None:
    text = "A return of returned lamps, and of one lamp."
    names, vectors = interaction.by_lexeme(text, await embedder.read_query(text))
    assert names == ["return", "lamp", "one"]
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)


async def test_a_text_of_stop_words_has_theirs_and_one_of_nothing_none(embedder: MiniLM) -> None:
    names, vectors = interaction.by_lexeme("where is it?", await embedder.read_query("where is it?"))
    assert len(names) == len(vectors) > 0
    names, vectors = interaction.by_lexeme("?!", await embedder.read_query("?!"))
    assert (names, vectors.shape) == ([], (0, interaction.NARROW))


def test_the_best_row_of_each_part_counts_and_a_part_without_rows_is_like_nothing() -> None:
    first = np.array([[100, 0], [0, 50]], np.int8)
    second = np.array([[127, 127]], np.int8)
    empty = np.zeros((0, 2), np.int8)
    found = interaction.best([first, empty, second], np.eye(2, dtype=np.float32))
    assert found == pytest.approx(np.array([[1, 1], [0, 0], [0.7071, 0.7071]]), abs=1e-3)
