"""A body cut into passages: exact offsets, nothing lost, cuts where a reader would make them."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.knowledge import passages
from tandem.knowledge.passages import Passage


def words(text: str) -> int:
    return len(text.split())


def split(body: str, *, title: str = "Guide", most: int = 40) -> list[Passage]:
    return passages.split(body, title=title, count_tokens=words, max_tokens=most)


def sentence(count: int, mark: str = "word") -> str:
    return " ".join([mark.capitalize(), *[mark] * (count - 1)]) + "."


LINES = st.sampled_from(
    [
        "# Title",
        "## Section",
        "### Sub",
        "##### Deep",
        "- an item with 2.5 words",
        "    - deeper",
        "1. step one. And more",
        "| a | b |",
        "| --- | --- |",
        "```",
        "",
        "",
        "> quoted",
        "One sentence. Another one! A third? yes",
        "x" * 500,
        "你好。世界！",
        "   indented\twith\ttabs   ",
    ]
)
BODIES = st.one_of(st.text(max_size=400), st.lists(LINES, max_size=40).map("\n".join))


@settings(max_examples=300, deadline=None)
@given(body=BODIES, most=st.integers(1, 60))
def test_no_word_is_lost_and_every_offset_is_exact(body: str, most: int) -> None:
    found = split(body, most=most)
    assert [passage.ordinal for passage in found] == list(range(len(found)))
    at, missed = 0, ""
    for passage in found:
        assert body[passage.start : passage.end] == passage.text
        assert passage.start >= at
        assert passage.text == passage.text.strip()
        missed += body[at : passage.start]
        at = passage.end
    assert not (missed + body[at:]).strip()


@settings(max_examples=200, deadline=None)
@given(body=BODIES, most=st.integers(3, 60))
def test_no_passage_is_longer_than_allowed(body: str, most: int) -> None:
    assert all(words(passage.text) <= most for passage in split(body, most=most))


@settings(max_examples=200, deadline=None)
@given(body=BODIES)
def test_sentences_are_in_order_and_do_not_overlap(body: str) -> None:
    at = 0
    for start, end in passages.sentences(body):
        assert at <= start < end <= len(body)
        at = end


def test_a_heading_begins_a_passage() -> None:
    body = f"## One\n\n{sentence(20)}\n\n## Two\n\n{sentence(20)}"
    assert [passage.heading for passage in split(body)] == ["Guide › One", "Guide › Two"]


def test_the_path_names_the_headings_above() -> None:
    body = f"# Guide\n\n## Returns\n\n### Abroad\n\n{sentence(30)}\n\n## Other\n\n{sentence(30)}"
    assert [passage.heading for passage in split(body)] == ["Guide › Returns › Abroad", "Guide › Other"]


def test_tiny_neighbours_join_under_what_they_share() -> None:
    body = "## Hours\n\n### Monday\n\nOpen.\n\n### Tuesday\n\nClosed."
    only = split(body)
    assert [passage.heading for passage in only] == ["Guide › Hours"]
    assert only[0].text == body


def test_a_list_stays_whole_and_takes_its_introduction_along() -> None:
    items = "\n".join(f"- item {number} has five words" for number in range(4))
    body = f"{sentence(20)}\n\nYou need these:\n\n{items}"
    assert [passage.text for passage in split(body)] == [sentence(20), f"You need these:\n\n{items}"]


def test_a_long_table_is_cut_between_rows() -> None:
    rows = "\n".join(f"| {number} | three words here |" for number in range(20))
    found = split(f"| n | text |\n| --- | --- |\n{rows}")
    assert len(found) > 1
    assert all(line.startswith("|") and line.endswith("|") for p in found for line in p.text.split("\n"))


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    body = " ".join(sentence(15) for _ in range(6))
    assert [passage.text.count(".") for passage in split(body)] == [2, 2, 2]


def test_a_hash_in_code_is_no_heading() -> None:
    body = f"```\n# not a heading\n```\n\n{sentence(5)}"
    assert [passage.heading for passage in split(body)] == ["Guide"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs $3.50. That is all.", ["It costs $3.50.", "That is all."]),
        ("Mr. Smith paid on Jan. 5. He left.", ["Mr. Smith paid on Jan. 5.", "He left."]),
        ("We ship to e.g. Canada, i.e. abroad.", ["We ship to e.g. Canada, i.e. abroad."]),
        ("Open until 5 p.m. Call us.", ["Open until 5 p.m.", "Call us."]),
        ("The 5 p.m. Eastern cut-off counts.", ["The 5 p.m. Eastern cut-off counts."]),
        ("The answer is no. You cannot.", ["The answer is no.", "You cannot."]),
        ("See No. 5 and approx. 3 more.", ["See No. 5 and approx. 3 more."]),
        ("Ask J. R. Smith. Or not.", ["Ask J. R. Smith.", "Or not."]),
        ("Visit https://a.example/b.c?d=e. Then pay.", ["Visit https://a.example/b.c?d=e.", "Then pay."]),
        ("Read [this. Now](https://a.example/x) first. Go.", ["Read [this. Now](https://a.example/x) first.", "Go."]),
        ("Version 2.0.1 is out... maybe. Yes!", ["Version 2.0.1 is out... maybe.", "Yes!"]),
        ('He said "Stop!" and left. "Really?" Yes.', ['He said "Stop!" and left.', '"Really?"', "Yes."]),
        ("Am 3. Mai, z.B. Montag. Danach nicht.", ["Am 3. Mai, z.B. Montag.", "Danach nicht."]),
        ("¿Cuándo llega? ¡Mañana! Sí.", ["¿Cuándo llega?", "¡Mañana!", "Sí."]),
        ("退货需要七天。请联系我们！好吗？", ["退货需要七天。", "请联系我们！", "好吗？"]),
        ("متى يصل الطلب؟ غدا. شكرا", ["متى يصل الطلب؟", "غدا.", "شكرا"]),
        ("A line\nthat goes on. Next.", ["A line\nthat goes on.", "Next."]),
        ("## Head\nText one. Two.", ["Head", "Text one.", "Two."]),
        ("- one. two.\n- three\n\n1. step", ["one. two.", "three", "step"]),
        ("| A | B |\n| --- | --- |\n| 1.5 | x. Y |", ["A | B", "1.5 | x. Y"]),
        ("Run `a. B` now. Done.", ["Run `a. B` now.", "Done."]),
        ("Acme Inc. The company. Acme Inc. Europe", ["Acme Inc.", "The company.", "Acme Inc. Europe"]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in passages.sentences(text)] == expected


def test_no_sentence_ends_inside_a_number() -> None:
    text = "Between 1.5 and 2.75 kg, i.e. 3.3 lb. Prices: 1.299,00 EUR or 1,299.00 USD. Done."
    ends = {end for _, end in passages.sentences(text)}
    assert not ends & {number.start() + 1 for number in re.finditer(r"(?<=\d)[.,](?=\d)", text)}
    assert len(ends) == 3
