"""Words as the database sees them, how rare they are, and what somebody meant who mistyped one."""

import math

import pytest

from tandem.knowledge import lexemes


def test_words_are_brought_to_their_roots_without_those_that_say_nothing() -> None:
    assert lexemes.lexemes("When are my Returns returned? It’s RETURNING!") == ["return", "return", "return"]


def test_a_word_in_the_heading_counts_twice_and_the_address_of_a_link_not_at_all() -> None:
    counts, size = lexemes.terms(
        "Returns", "See [our returns](https://acme.example/warranty) <br> or https://x.example/a."
    )
    assert counts == {"see": 1.0, "return": 3.0}
    assert size == 4.0


def test_a_rare_word_weighs_more_and_a_common_one_never_less_than_nothing() -> None:
    assert lexemes.rarity(0, 100) > lexemes.rarity(1, 100) > lexemes.rarity(50, 100) > lexemes.rarity(100, 100) > 0
    assert lexemes.rarity(1, 100) == pytest.approx(math.log(1 + 99.5 / 1.5))
    assert lexemes.rarity(7, 3) > 0, "a count may be younger than the size"


def test_bm25_by_hand() -> None:
    once, often, without = ({"return": 1.0}, 4.0), ({"return": 8.0}, 8.0), ({"lamp": 3.0}, 3.0)
    scores = lexemes.bm25({"return": 2.0, "free": 1.0}, [once, often, without])
    norm = 1.2 * (0.25 + 0.75 * 4.0 / 5.0)
    assert scores[0] == pytest.approx(2.0 * 1.0 * 2.2 / (1.0 + norm) / (2.2 * 3.0), rel=1e-5)
    assert 0 == scores[2] < scores[0] < scores[1] < 1


@pytest.mark.parametrize("wanted", [{}, {"return": 0.0}])
def test_a_question_without_words_is_like_nothing(wanted: dict[str, float]) -> None:
    assert lexemes.bm25(wanted, [({"return": 1.0}, 1.0)]).tolist() == [0.0]
    assert lexemes.bm25({"return": 1.0}, []).tolist() == []


@pytest.mark.parametrize("mistyped", ["refnd", "refunnd", "rifund", "refudn"])
def test_a_slip_is_read_as_the_word_of_the_knowledge(mistyped: str) -> None:
    nowhere = {lexemes.root(mistyped): ["return", "refund", "refus"]}
    assert lexemes.respelled(f"Where is my {mistyped.capitalize()}?", nowhere) == {mistyped: "refund"}


def test_an_english_word_is_left_alone_however_near_a_word_of_the_knowledge() -> None:
    assert lexemes.respelled("My boss is late", {"boss": ["bos", "box"]}) == {}


def test_two_slips_are_not_guessed_at_and_a_word_the_knowledge_has_is_not_touched() -> None:
    assert lexemes.respelled("my rfnd", {"rfnd": ["refund"]}) == {}
    assert lexemes.respelled("my refnd", {}) == {}


def test_of_words_equally_near_the_commonest_is_meant() -> None:
    assert lexemes.meant("zipp", ["zip", "zippo"]) == "zip"
    assert lexemes.meant("zipp", ["zippo", "zip"]) == "zippo"
    assert lexemes.meant("zipp", []) is None
