"""A CSV of questions and answers, as spreadsheets and help desks write it."""

import pytest

from tandem.knowledge.reading import DEFAULT, Format, Unreadable, parsing


def read(data: bytes | str, name: str = "faq.csv") -> str:
    raw = data.encode() if isinstance(data, str) else data
    document = parsing.parse(raw, name=name, declared=None, limits=DEFAULT)
    assert document.format is Format.CSV
    return document.body


def test_each_row_is_a_section() -> None:
    text = read('question,answer\nHow long?,"30 days.\n\nFrom delivery, that is."\nHow much?,9 €\n')
    assert text == "## How long?\n\n30 days.\n\nFrom delivery, that is.\n\n## How much?\n\n9 €"


@pytest.mark.parametrize(
    "data",
    ["Frage;Antwort\nWie lange?;30 Tage\n", "sep=;\r\nFrage;Antwort\r\nWie lange?;30 Tage\r\n", "Frage\tAntwort\nWie lange?\t30 Tage\n",
     "Wie lange?,30 Tage\n", "\ufeffAnswer,Question\n30 Tage,Wie lange?\n", "Frage;Antwort\n;\n\nWie lange?;30 Tage\n"],
)  # fmt: skip
def test_every_usual_way_of_writing_it_is_read(data: str) -> None:
    assert read(data) == "## Wie lange?\n\n30 Tage"
    for encoding in ("utf-16", "cp1252"):
        if data.isascii() or encoding == "utf-16":
            assert read(data.removeprefix("\ufeff").encode(encoding)) == "## Wie lange?\n\n30 Tage"


def test_nothing_of_a_row_is_lost() -> None:
    text = read(
        "Category,Question,Answer,Product\nOrders,How long?,30 days,Jacket\n,Only a question,,\nX,,Only an answer,\n"
    )
    assert "## How long?\n\n30 days\n\nCategory: Orders\n\nProduct: Jacket" in text
    assert "Only an answer" in text
    assert "Only a question" not in text


def test_answers_in_html_and_with_marks_are_only_text() -> None:
    text = read(
        'q,a\nA?,"<p>One <b>two</b></p><ul><li>three</li></ul><script>alert(1)</script>"\n# B?,"# not a heading\n<img src=x>"\n'
    )
    assert "One two\n\n- three" in text
    assert "alert" not in text
    assert "\\# not a heading" in text
    assert "<img" not in text


def test_right_to_left_questions_stay_as_they_are() -> None:
    assert (
        read("السؤال,الجواب\nكم يوما للإرجاع؟,30 يوما\n".replace("السؤال,الجواب\n", ""))
        == "## كم يوما للإرجاع؟\n\n30 يوما"
    )


def test_another_table_becomes_a_table() -> None:
    assert read("Size,Chest,Waist\nS,90,75\n") == "| Size | Chest | Waist |\n| --- | --- | --- |\n| S | 90 | 75 |"


@pytest.mark.parametrize("data", ["only one column\nx\n", "a,b\n" + '"' + "x" * 3_000_000])
def test_what_is_no_table_says_so(data: str) -> None:
    with pytest.raises(Unreadable):
        read(data)


def test_a_long_table_is_read_in_order() -> None:
    text = read("question,answer\n" + "".join(f"Question {n}?,Answer {n}\n" for n in range(3000)))
    assert text.count("\n## ") == 2999
    assert text.endswith("## Question 2999?\n\nAnswer 2999")
