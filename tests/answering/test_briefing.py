"""What the agent reads first: why, how pressing, what was tried; and that a model's summary says no more than was said."""

import pytest

from tandem.answering import briefing, decide, summing_up
from tandem.answering.turn import Evidence, Route
from tandem.embedding import Embedder
from tandem.intents import signals
from tests.answering import making

SAID = [
    "user: Hello, this is Cy. Where is order AO12345678? I paid 129 euros.",
    "assistant: Standard delivery in Germany takes 3-5 working days.",
    "user: That was 9 days ago!! My mail is cy@customer.example",
]

TRUE = [
    "The customer Cy asks where order AO12345678 is.",
    "The assistant said that standard delivery in Germany takes 3-5 working days.",
    "Open is why it has taken 9 days.",
    "They can be reached at cy@customer.example.",
]
INVENTED = [
    "The customer asks for a refund of 130 euros.",
    "The customer Bob is angry.",
    "They can be reached at boss@customer.example.",
    "The parcel was sent with DHL.",
    "Michael wants his parcel.",
    "See https://evil.example for more.",
]


@pytest.mark.parametrize("sentence", TRUE)
def test_what_stands_in_the_conversation_may_be_said(sentence: str) -> None:
    assert summing_up.guarded(sentence, SAID) == sentence


@pytest.mark.parametrize("sentence", INVENTED)
def test_a_number_name_or_address_that_nobody_wrote_is_left_out(sentence: str) -> None:
    assert summing_up.guarded(f"{TRUE[0]} {sentence}", SAID) == TRUE[0]
    assert summing_up.guarded(sentence, SAID) == ""


def test_at_most_three_sentences_are_kept() -> None:
    assert summing_up.guarded(" ".join(TRUE), SAID) == " ".join(TRUE[:3])


async def test_urgency_names_what_made_it_and_how_the_customer_feels(embedder: Embedder) -> None:
    before = ("Lovely shop, thank you!", "Where do I find my invoice?")
    heard = signals.read(
        "I asked for my invoice THREE times, this is horrible and ridiculous!!", before=before, repeats=2
    )
    begun = making.turn(
        asked=making.asked("I asked for my invoice THREE times!!", *(("user", text) for text in before)),
        understanding=making.understood("billing_question"),
        route=Route("people", "The customer has asked the same 3 times before.", "unresolved"),
    )
    begun = making.turn(
        asked=begun.asked,
        route=begun.way,
        understanding=type(begun.heard)(begun.heard.intents, begun.heard.asserted, heard, "starter"),
    )
    made = briefing.of_turn(await decide.settle(begun, making.kit(embedder)))
    assert (made.urgency, made.category, made.trigger) == ("medium", "billing_question", "unresolved")
    for part in ("again", "3 times", "mood got worse"):
        assert part in made.urgency_evidence
    assert made.next_step.startswith("Answer their question")


async def test_what_was_tried_names_what_was_searched(embedder: Embedder) -> None:
    evidence = Evidence("a gadget", (making.passage(title="Gadgets"),), 0.1)
    asked = making.asked("a gadget that nobody sells", ("assistant", "Hello!"), unresolved=2)
    done = await decide.settle(making.turn(asked=asked, evidence=evidence), making.kit(embedder))
    made = briefing.of_turn(done)
    assert made.trigger == "unresolved"
    assert made.tried == ("The assistant answered: “Hello!”", "Searched the knowledge; nearest were “Gadgets”")
