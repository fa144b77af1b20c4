"""A small shop's intents for the tests of understanding: four intents, eight examples each, and a foreign handful."""

from collections.abc import Sequence

from tandem.embedding.minilm import MiniLM
from tandem.intents import features, training
from tandem.intents.features import Looks
from tandem.intents.starter import UNKNOWN, Example
from tandem.intents.training import Trained

SAID = {
    "where_is_it": (
        "Where is my parcel?",
        "my order has not arrived yet",
        "When will my delivery come?",
        "track my package please",
        "the courier did not show up with my order",
        "has my order been shipped",
        "parcel is late, where is it",
        "any news on my delivery",
    ),
    "send_back": (
        "I want to return these shoes",
        "how do I send an item back",
        "can I exchange the jacket for another size",
        "it does not fit, I'd like to give it back",
        "return label for my order please",
        "what is your return policy",
        "take this lamp back, I do not like it",
        "how long may I return things",
    ),
    "invoice": (
        "Please send me the invoice",
        "I need a receipt for my purchase",
        "where do I find my bill",
        "the invoice has the wrong company name",
        "can you mail me a copy of the receipt",
        "billing document for my tax office",
        "VAT number missing on the invoice",
        "download invoice",
    ),
    "sign_in": (
        "I cannot log in",
        "forgot my password",
        "my account is locked",
        "the reset e-mail does not come",
        "change the password of my account",
        "how do I sign in with a new phone",
        "login fails every time",
        "two step code does not work",
    ),
}
FOREIGN = (
    "What is the capital of France?",
    "Write me a poem about the sea",
    "Who won the match last night",
    "What is 17 times 23",
    "Recommend a good film",
    "How do I cook rice",
    "Is it going to rain tomorrow",
    "Tell me about quantum physics",
)


def examples() -> list[Example]:
    """All of them."""
    ours = [Example(text, (name,)) for name, texts in SAID.items() for text in texts]
    return [*ours, *(Example(text, (UNKNOWN,)) for text in FOREIGN)]


def looks(embedder: MiniLM, texts: Sequence[str]) -> list[Looks]:
    """How texts look to a classifier."""
    return [features.look(text, embedder.read_sync(text)) for text in texts]


def learn(embedder: MiniLM, found: Sequence[Example], parents: dict[str, str] | None = None) -> Trained:
    """A classifier of these examples."""
    return training.train(found, looks(embedder, [example.text for example in found]), parents=parents)
