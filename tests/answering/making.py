"""Turns for tests of single steps: in order everywhere but where a test says otherwise. No database, no server."""

from dataclasses import replace
from typing import Any

from tandem import clock, ids
from tandem.answering import evidence
from tandem.answering.turn import Asked, Citation, Evidence, Kit, Route, Said, Turn, Understanding
from tandem.embedding import Embedder
from tandem.ids import ConversationId, CustomerId, DocumentId, PassageId, TenantId, TicketId
from tandem.intents.classifier import Guess
from tandem.intents.signals import Signals
from tandem.knowledge import lexemes
from tandem.knowledge.finding import Ranked
from tandem.knowledge.search import Found
from tandem.llm import Model
from tandem.tenants.policy import Policy, Rules

RETURNS = (
    "You can return any item within 30 days of delivery. Worn items cannot be returned. "
    "Return parcels are free when you use our label. Write to returns@acme.example for a new label."
)


class Notes:
    """A teller that remembers what was said, and in which step."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.said: list[str] = []
        self.cited: tuple[Citation, ...] = ()

    async def step(self, name: str) -> None:
        self.steps.append(name)

    async def say(self, text: str, citations: tuple[Citation, ...]) -> None:
        self.said.append(text)
        self.cited = citations


def asked(text: str = "Can I return an item?", *history: tuple[str, str], **more: Any) -> Asked:
    """What a turn starts from, under default rules; `rules` changes them."""
    rules = more.pop("rules", Rules())
    plain = Asked(
        tenant_id=TenantId(ids.new()),
        conversation_id=ConversationId(ids.new()),
        ticket_id=TicketId(ids.new()),
        customer_id=CustomerId(ids.new()),
        verified=False,
        tier="free",
        text=text,
        history=tuple(Said(role, said) for role, said in history),
        policy=Policy(1, rules),
        company="Acme",
        assistant_name="Ada",
        greeting="Hello there!",
    )
    return replace(plain, **more)


def understood(*names: str, confidence: float = 0.9, **signals: Any) -> Understanding:
    """An understanding that asserts these intents."""
    guesses = tuple(Guess(name, confidence) for name in names or ("unknown",))
    return Understanding(guesses, names or ("unknown",), Signals(**signals), "starter")


def passage(text: str = RETURNS, **more: Any) -> Found:
    """A passage that was found."""
    plain = Found(
        passage_id=PassageId(ids.new()),
        document_id=DocumentId(ids.new()),
        external_id="returns",
        version=3,
        title="Returns",
        url=None,
        category=None,
        kind="article",
        heading="Returns",
        text=text,
        start=100,
        end=100 + len(text),
        score=0.03,
        cosine=0.7,
        words=0.2,
    )
    return replace(plain, **more)


def turn(text: str = "Can I return an item?", **more: Any) -> Turn:
    """A turn that has been understood and goes to the assistant."""
    plain = Turn(asked(text), understanding=understood("return_request"), route=Route("assist", "", "default"))
    return replace(plain, **more)


async def found(embedder: Embedder, question: str, *passages: Found, quality: float = 0.9) -> Evidence:
    """Evidence from these passages, read as the pipeline reads them."""
    wanted = dict.fromkeys(lexemes.lexemes(question), 1.0)
    ranked = Ranked(passages, quality, vector=await embedder.embed_query(question), words=wanted)
    return Evidence(question, passages, quality, {}, await evidence.rank(question, ranked, embedder))


def kit(embedder: Embedder, teller: Notes | None = None, model: Model | None = None) -> Kit:
    """A kit with nothing in it that a single step could need besides."""

    async def none(*_: Any) -> Any:
        raise AssertionError("this step looks nothing up")

    return Kit(embedder, none, none, none, model, clock.now, teller or Notes())
