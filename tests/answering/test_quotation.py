"""The answer without a model: whole, in order, exact, and never a fragment that says something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.answering import quotation
from tests.answering.passages_at_hand import candidate, passage

STEPS = """To return something:

1. Open your order.
2. Choose Return items.
3. Print the label.

We refund you within 5 days."""


def test_a_quotation_is_the_document_to_the_letter() -> None:
    found = passage("You can return items within 60 days. Gift cards cannot be returned.")
    (said,) = quotation.quote((candidate(found, "60 days"),))
    (cited,) = said.citations
    assert cited.quote == said.text
    assert found.text[cited.start - found.start : cited.end - found.start] == said.text


def test_a_short_paragraph_is_quoted_whole() -> None:
    found = passage("Delivery takes 3 days. However, we do not deliver to islands.")
    (said,) = quotation.quote((candidate(found, "3 days"),))
    assert "However, we do not deliver to islands." in said.text


def test_a_list_of_steps_stays_a_list_with_its_lead_in() -> None:
    (said,) = quotation.quote((candidate(passage(STEPS), "Choose Return items"),))
    assert said.text.startswith("To return something:")
    assert "1. Open your order.\n2. Choose Return items.\n3. Print the label." in said.text
    assert "refund" not in said.text


def test_a_row_of_a_table_keeps_its_header() -> None:
    table = "| Method | EU |\n|---|---|\n| Standard | €4.95 |\n| Express | €12.95 |"
    (said,) = quotation.quote((candidate(passage(table), "Express"),))
    assert said.text == table


def test_a_sentence_of_a_long_paragraph_keeps_the_one_that_limits_it_and_the_one_it_points_to() -> None:
    filler = " ".join(
        f"Sentence number {n} of this long paragraph speaks of something else entirely." for n in range(8)
    )
    found = passage(f"{filler} The warranty lasts 3 years. It covers seams. However, it does not cover wear. {filler}")
    (said,) = quotation.quote((candidate(found, "It covers seams"),))
    assert said.text == "The warranty lasts 3 years. It covers seams. However, it does not cover wear."


def test_another_document_is_quoted_only_when_it_is_as_much_to_the_point() -> None:
    best, other = passage("Items go back within 60 days."), passage("Wash jackets at 30 degrees.", title="Washing")
    near = quotation.quote((candidate(best, "60 days", 0.70), candidate(other, "Wash", 0.69)))
    far = quotation.quote((candidate(best, "60 days", 0.70), candidate(other, "Wash", 0.50)))
    assert [len(said) for said in (near, far)] == [2, 1]


def test_the_same_thing_is_not_said_twice() -> None:
    first, again = passage("Items go back within 60 days."), passage("Items go back within 60 days.", title="Again")
    assert len(quotation.quote((candidate(first, "60 days"), candidate(again, "60 days")))) == 1


def test_it_needs_a_sentence() -> None:
    assert quotation.quote(()) == ()


@pytest.mark.parametrize("mark", ["- ", "* ", "1. "])
@given(items=st.lists(st.sampled_from(["Open the box.", "Read the label.", "Call us."]), min_size=1, max_size=5))
def test_whatever_is_quoted_stands_in_the_passage(mark: str, items: list[str]) -> None:
    text = "Do this:\n\n" + "\n".join(mark + item for item in items) + "\n\nThat is all."
    found = passage(text)
    for said in quotation.quote((candidate(found, items[0]),)):
        assert said.text in text
