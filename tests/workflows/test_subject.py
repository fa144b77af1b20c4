"""When a customer has left a procedure, and when they have only answered it."""

import pytest

from tandem.workflows import subject
from tandem.workflows.state import State
from tests.workflows.shop import shipped

REFUND = shipped("refund")
ASKED_WHICH = State(asking="order_id", offered=(("1039: Camp kettle", "1039"),))
ASKED_WHY = State(asking="reason")


@pytest.mark.parametrize(
    ("text", "asserted", "state", "why"),
    [
        ("1039", ("unknown",), ASKED_WHICH, None),
        ("1039: Camp kettle", ("order_status",), ASKED_WHICH, None),
        ("it arrived broken", ("complaint",), ASKED_WHY, None),
        ("I changed my mind", ("return_request",), ASKED_WHY, None),
        ("it does not work, are you kidding me", ("product_question",), ASKED_WHY, None),
        ("never mind", ("unknown",), ASKED_WHICH, "never_mind"),
        ("Oh, forget it", ("unknown",), ASKED_WHY, "never_mind"),
        ("no, I don’t want it any more", ("unknown",), ASKED_WHICH, "never_mind"),
        ("i've changed my mind", ("unknown",), ASKED_WHICH, "never_mind"),
        ("let me talk to a human", ("unknown",), ASKED_WHICH, "person"),
        ("1039, and then I want to speak to a person", ("return_request",), ASKED_WHICH, "person"),
        ("ok", ("talk_to_person",), ASKED_WHICH, "person"),
        ("do you sell tents?", ("product_question",), ASKED_WHICH, "other_intent"),
        ("do you sell tents, and can I send this one back?", ("product_question", "return_request"), ASKED_WHICH, None),
        ("thanks", ("greeting_thanks",), ASKED_WHICH, None),
        ("no idea", ("unknown",), ASKED_WHICH, None),
        ("the kettle", (), ASKED_WHICH, None),
    ],
)  # fmt: skip
def test_leaving(text: str, asserted: tuple[str, ...], state: State, why: str | None) -> None:
    assert subject.leaves(text, asserted, REFUND, state) == why


def test_a_free_text_is_no_proof_of_staying() -> None:
    address = shipped("change_address")
    assert (
        subject.leaves("where is my other order?", ("order_status",), address, State(asking="city")) == "other_intent"
    )
    assert subject.leaves("Amsterdam", ("unknown",), address, State(asking="city")) is None


@pytest.mark.parametrize("digits", ["123 456", "104-552", "1045", " 000000 "])
def test_digits_alone_are_no_other_subject_whatever_they_sound_like(digits: str) -> None:
    assert subject.leaves(digits, ("order_status",), REFUND, None) is None
    assert subject.leaves(f"{digits} where is it?", ("order_status",), REFUND, None) == "other_intent", (
        "or this shows nothing"
    )
