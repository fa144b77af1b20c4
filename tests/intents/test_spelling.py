"""What is mistyped is read as it was meant; what nobody mistyped is left alone."""

import pytest

from tandem.embedding.minilm import MiniLM
from tandem.intents import spelling
from tandem.intents.classifier import Classifier
from tandem.intents.models import Ready
from tandem.intents.starter import Example
from tests.intents import shop

KNOWN = ("warranty", "mattress", "showroom", "tracking", "deliver", "delivery", "zyntrix")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("What about the waranty?", "What about the warranty?"),
        ("Matress, delivrey and trakcing", "mattress, delivery and tracking"),
        ("does the Zyntirx fit", "does the zyntrix fit"),
    ],
)
def test_it_works(text: str, read: str) -> None:
    assert spelling.respelled(text, KNOWN) == read


@pytest.mark.parametrize(
    "text",
    [
        "where is the deliverer",  # English, though one of ours is near
        "see www.waranty.com or write to me@matress.org",
        "my code is matress1 and waranty_2",
        "mat and wart",
        "qwertz uiopas dfghjk",  # near to nothing
        "",
    ],
)
def test_it_leaves_alone(text: str) -> None:
    assert spelling.respelled(text, KNOWN) == text


def test_a_message_in_another_language_is_left_alone() -> None:
    text = "bonjour matress je voudrais savoir pourquoi livraison toujours retardee semaine derniere quelquun repondre svpmerci"
    assert spelling.respelled(text, KNOWN) == text
    assert spelling.respelled("bonjour matress", KNOWN) == "bonjour mattress"


def test_of_two_words_as_near_the_commoner_is_meant() -> None:
    known = spelling.learn(["the blorks", "Blorks!", "a blorka"])
    assert spelling.respelled("blorkz", known) == "blorks"


@pytest.mark.parametrize("stored", [False, True], ids=["as learned", "from storage"])
async def test_a_mistyped_message_is_understood_as_it_was_meant(embedder: MiniLM, stored: bool) -> None:
    found = [
        Example(text.replace("parcel", "zyntrix"), each.intents) for each in shop.examples() for text in [each.text]
    ]
    classifier = shop.learn(embedder, found).classifier
    if stored:
        classifier = Classifier.from_bytes(classifier.to_bytes())
    ready = Ready("test", classifier, True, embedder, {})
    assert await ready.guesses("wheres my zyntirx") == await ready.guesses("wheres my zyntrix")
    assert classifier.spoken
