"""The second stage: candidates in a new order by how they are like the question."""

import numpy as np
import pytest

from tandem.knowledge import interaction, ranking
from tandem.knowledge.interaction import Details, Floats
from tandem.knowledge.ranking import Wanted
from tandem.knowledge.search import Hit
from tests.knowledge.hits import hit


def axis(number: int, size: int = 384) -> Floats:
    """A direction of its own."""
    vector = np.zeros(size, np.float32)
    vector[number] = 1.0
    return vector


def details(title: Floats, sentences: list[Floats], lexemes: list[Floats]) -> bytes:
    """As they are kept."""
    rows = np.stack(lexemes) if lexemes else np.zeros((0, interaction.NARROW), np.float32)
    return Details(interaction.small(title), interaction.small(np.stack(sentences)), interaction.small(rows)).packed()


WANTED = Wanted(
    axis(0), {"return": 2.0, "lamp": 1.0}, np.stack([axis(0, 64), axis(1, 64)]), np.array([2.0, 1.0], np.float32)
)


def like(*hits: Hit) -> dict[str, list[float]]:
    return {name: [round(float(v), 3) for v in values] for name, values in ranking.likenesses(WANTED, hits).items()}


def test_each_likeness_sees_its_own_part_of_the_passage() -> None:
    whole = hit(cosine=0.9, text="Something else.")
    title = hit(details=details(axis(0), [axis(5)], []), cosine=0.1, text="Something else.")
    sentence = hit(details=details(axis(5), [axis(5), axis(0)], []), cosine=0.1, text="Something else.")
    lexeme = hit(details=details(axis(5), [axis(5)], [axis(0, 64), axis(9, 64)]), cosine=0.1, text="Something else.")
    word = hit(details=details(axis(5), [axis(5)], []), cosine=0.1, text="Something to return.")
    found = like(whole, title, sentence, lexeme, word)
    assert found["passage"] == [0.9, 0.1, 0.1, 0.1, 0.1]
    assert found["title"] == [0.0, 1.0, 0.0, 0.0, 0.0]
    assert found["sentence"][2] == 1.0
    assert found["lexemes"] == [0.0, 0.0, 0.0, 0.667, 0.0], "the mean of both wanted lexemes, by weight"
    assert found["words"][4] > 0 == max(found["words"][:4])


def test_without_vectors_of_its_own_a_passage_goes_by_the_others() -> None:
    """A remote model's passage may have no details, and one that is not embedded yet no cosine."""
    assert like(hit(cosine=0.6))["sentence"] == [0.6]
    assert like(hit(cosine=None, details=details(axis(5), [axis(0)], [])))["passage"] == [1.0]


def test_a_question_without_lexemes_goes_by_its_meaning() -> None:
    nothing = Wanted(axis(0), {}, np.zeros((0, 64), np.float32), np.zeros(0, np.float32))
    found = ranking.likenesses(nothing, [hit(cosine=0.4)])
    assert float(found["lexemes"][0]) == pytest.approx(0.4)
    assert float(found["words"][0]) == 0.0


def test_an_article_goes_before_a_resolution_that_fits_as_well() -> None:
    hits = [hit(cosine=0.5, kind="resolution"), hit(cosine=0.5)]
    scores = ranking.scores(ranking.likenesses(WANTED, hits), hits)
    assert scores[1] - scores[0] == pytest.approx(ranking.RESOLUTION)


def test_the_evidence_is_the_best_score_and_how_far_it_stands_out() -> None:
    assert ranking.evidence([]) == 0.0
    assert ranking.evidence([0.6]) == pytest.approx(0.6 + 0.5 * 0.25), "too few to tell"
    assert ranking.evidence([0.6, *[0.5] * 8, *[0.2] * 5]) == pytest.approx(0.6 + 0.5 * 0.4)
    assert ranking.evidence([0.6, *[0.5] * 13]) < ranking.evidence([0.6, *[0.1] * 13])


def test_more_evidence_never_makes_an_answer_less_likely() -> None:
    assert ranking.quality([]) == 0.0
    grades = [ranking.quality([best, *[0.2] * 13]) for best in (0.2, 0.3, 0.4, 0.5, 0.6)]
    assert grades == sorted(grades)
    assert grades[0] < 0.05 < 0.95 < grades[-1] < 1
