"""A follow-up takes what was said before it along, the less the more it says by itself. A stream is cut into whole sentences."""

import pytest

from tandem.answering import draft, retrieve
from tandem.knowledge import questions
from tandem.knowledge.questions import BEFORE, REPLY, REPLY_CHARS, Part
from tests.answering import making

TENTS, YEARS = "How long does the warranty on tents last?", "Five years."
TALK = (("user", TENTS), ("assistant", YEARS))


@pytest.mark.parametrize("text", ["what does it not cover?", "and for jackets?", "why?", "how about poles"])
def test_a_follow_up_takes_what_was_said_before_along_in_full(text: str) -> None:
    question = retrieve.question_of(making.asked(text, *TALK))
    assert question.parts == (Part(text, 1.0), Part(TENTS, BEFORE), Part(YEARS, REPLY, speaks=False))
    assert question.text == f"{TENTS} {text}", "the reply's words are not searched for"


def test_a_question_takes_the_less_along_the_more_it_says_by_itself() -> None:
    texts = [
        "and poles?",
        "Do your poles break in winter?",
        "Can I change the delivery address of an order?",
        "Can I change the delivery address of an order that I placed with a gift card yesterday evening in Spain?",
    ]
    shares = [questions.leaning(text) for text in texts]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == 1.0
    assert shares[-1] < 0.4


def test_a_pronoun_leans_more_than_the_same_words_without_one() -> None:
    assert questions.leaning("Does it break, fade or rust?") == 1.0
    assert questions.leaning("Does steel break, fade or rust?") < 0.7


def test_without_a_history_nothing_is_taken_along() -> None:
    assert retrieve.question_of(making.asked("why?")) == questions.alone("why?")


def test_what_a_person_of_the_team_said_counts_as_the_reply_and_only_its_beginning() -> None:
    long = "word " * 400
    question = retrieve.question_of(making.asked("why?", ("user", TENTS), ("agent", long)))
    assert question.parts[2].text == long[:REPLY_CHARS]


def test_the_last_message_before_counts_and_a_reply_only_where_it_follows_it() -> None:
    talk = (*TALK, ("user", "And on jackets?"))
    assert questions.said_before(talk) == ("And on jackets?", None)
    assert questions.said_before([("assistant", "Hello!")]) == (None, "Hello!")
    assert questions.said_before([]) == (None, None)


def test_a_word_is_respelled_whole_in_every_part() -> None:
    question = questions.in_context("And my refnd?", "Is a Refnd quick? A refnds office?", None)
    assert question.respelled({"refnd": "refund"}).text == "Is a refund quick? A refnds office? And my refund?"


@pytest.mark.parametrize(
    ("text", "whole", "rest"),
    [
        ("It takes 3 days. [1] Then", ["It takes 3 days. [1]"], " Then"),
        ("It takes 3 days [1]. Then", ["It takes 3 days [1]."], " Then"),
        ("It takes 3 days. [", [], "It takes 3 days. ["),
        ("It takes 3 days.", [], "It takes 3 days."),
        ("It costs €3.95 in", [], "It costs €3.95 in"),
        ("It weighs 890 g. [1] The", ["It weighs 890 g. [1]"], " The"),
        ("It weighs 890 g. [1] ", [], "It weighs 890 g. [1] "),
        ("Write to J. Smith, e.g. on 1 p.m.", [], "Write to J. Smith, e.g. on 1 p.m."),
    ],
)
def test_a_stream_is_cut_where_a_sentence_and_its_marks_end(text: str, whole: list[str], rest: str) -> None:
    assert draft._cut(text) == (whole, rest)


def test_no_word_of_a_stream_is_lost_however_it_comes_in_pieces() -> None:
    text = "Sure. It takes 3-5 working days [1]. Express is faster, e.g. 1 day [2]! It weighs 890 g. [1][2] Then?\n\n- a [1]\n- b"
    for size in range(1, 9):
        said, rest = [], ""
        for begin in range(0, len(text), size):
            whole, rest = draft._cut(rest + text[begin : begin + size])
            said += whole
        assert "".join(said) + rest == text
