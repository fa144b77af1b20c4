"""Words, numbers and how much of a question a text covers."""

import pytest

from tandem.answering import words


@pytest.mark.parametrize(
    ("one", "other"),
    [("returns", "return"), ("returned", "returns"), ("delivery", "delivered"), ("shipping", "shipped")],
)
def test_forms_of_a_word_share_a_root(one: str, other: str) -> None:
    assert words.stem(one)[:5] == words.stem(other)[:5]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("within 60 days [1]", {"60"}),
        ("€1,000.50 or 1000.5", {"1000.5"}),
        ("1. Open it\n2. Close it", set()),
        ("from 3-5 days, 14:00", {"3", "5", "14", "0"}),
        ("no numbers at all", set()),
    ],
)
def test_numbers_have_one_spelling_and_marks_are_none(text: str, numbers: set[str]) -> None:
    assert words.numbers(text) == numbers


def test_coverage_is_the_share_of_the_questions_words() -> None:
    assert words.coverage("How do I return a jacket?", "Jackets can be returned.") == 1.0
    assert words.coverage("How do I return a kayak?", "Jackets can be returned.") == 0.5
    assert words.coverage("and the of", "anything") == 0.0
