"""A turn: what was asked, and what each step found. Frozen; every step returns it with one more finding."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from tandem.actions.acting import Acting
from tandem.actions.session import Session
from tandem.answering.proving import Proving
from tandem.answering.score import SHIPPED, Scored, Scoring
from tandem.clock import Clock
from tandem.embedding import Embedder
from tandem.ids import ConversationId, CustomerId, PassageId, TenantId, TicketId
from tandem.intents.classifier import Guess
from tandem.intents.models import Ready
from tandem.intents.signals import Signals
from tandem.knowledge.finding import NOTHING_YET, Index, Ranked
from tandem.knowledge.questions import Question
from tandem.knowledge.search import Found
from tandem.llm import Model
from tandem.tenants import modes
from tandem.tenants.hours import Hours
from tandem.tenants.modes import NOTHING_WRONG, Effective, Possible
from tandem.tenants.policy import Policy
from tandem.tickets.lookups import Call


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the history: role `user`, `assistant` or `agent`."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a turn starts from. `text` is what the customer wrote since the last answer; `history` all before it, oldest first."""

    tenant_id: TenantId
    conversation_id: ConversationId
    ticket_id: TicketId
    customer_id: CustomerId
    verified: bool
    tier: str
    text: str
    history: tuple[Said, ...]
    policy: Policy
    company: str
    assistant_name: str
    greeting: str
    unresolved: int = 0
    """Turns in a row, just before this one, that found no answer or asked back."""
    asked_back: bool = False
    """The turn just before this one asked the customer something."""
    was_offered: bool = False
    """One of the turns in a row, just before this one, without a resolution offered a person."""
    hours: Hours | None = None
    """When the team is there; None: always."""
    knowledge: int = 0
    """The state of the knowledge when the turn began. What its passages were found in stands with them."""
    staff: bool = False
    """One of the staff asks, who may see the documents of every audience."""
    index: Index = NOTHING_YET
    """The vectors that find passages."""
    understood_by: int = 0
    """The version of the tenant's own classifier that answers; 0: the starter set's."""
    scoring: Scoring = SHIPPED
    """What the parts of the confidence weigh."""
    session: Session | None = None
    """With what authority actions may be asked for; None: nobody is served, nothing is done."""
    found_before: tuple[Call, ...] = ()
    """What the last turns looked up in this conversation, oldest first, as their records keep it."""
    in_hand: bool = False
    """A workflow is under way in the conversation."""
    workflow_intents: frozenset[str] = frozenset()
    """What the tenant's workflows begin with."""
    names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    """The customer's own, as the record knows them, so that they can be kept from a provider."""
    cited_before: tuple[PassageId, ...] = ()
    """What the answer just before this message rested on."""
    summary: str = ""
    """What was said before the history, in a few sentences; "" in a conversation that is not so long."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """What the page said beside the message: the customer's word, no more."""
    possible: Possible = NOTHING_WRONG
    """What the machine finds: how far the assistant can go at most."""

    @property
    def mode(self) -> Effective:
        """How far the assistant goes in this turn: by the rules, and by what is possible."""
        return modes.effective(self.policy.rules.mode, self.possible)


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the message is about. `asserted` is what the product says it is about; `intents` lists every guess worth showing."""

    intents: tuple[Guess, ...]
    asserted: tuple[str, ...]
    signals: Signals
    classifier: str
    embedding: NDArray[np.float32] | None = field(repr=False, default=None)

    @property
    def top(self) -> Guess:
        """The likeliest reading."""
        return self.intents[0]


@dataclass(frozen=True, slots=True)
class Route:
    """Who handles it: `assist`, `attempt` (the assistant, and people when it fails) or `people`; why, in words and as a rule's name."""

    kind: str
    reason: str
    rule: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found for the question. `quality` is the probability that it holds the answer."""

    query: str
    passages: tuple[Found, ...] = ()
    quality: float = 0.0
    signals: dict[str, float] = field(default_factory=dict)
    candidates: tuple["Candidate", ...] = ()
    corrected: dict[str, str] = field(default_factory=dict)
    """Words that stand nowhere in the knowledge, and which word of it was meant."""
    carried: tuple[Found, ...] = ()
    """Passages that the answer before this one cited, for a follow-up; those that it did not cite are gone."""

    @property
    def given(self) -> tuple[Found, ...]:
        """What a model is given, best first: a follow-up's carried ones come after the first of those that were found."""
        found = {each.passage_id for each in self.passages[:FIRST]}
        carried = tuple(each for each in self.carried if each.passage_id not in found)
        kept = {each.passage_id for each in carried}
        return (
            *self.passages[:FIRST],
            *carried,
            *(each for each in self.passages[FIRST:] if each.passage_id not in kept),
        )

    @property
    def release(self) -> int | None:
        """The state of the knowledge that everything was found in; None where nothing was."""
        return self.passages[0].release if self.passages else None


FIRST = 3
"""Passages found that a model is given before those that are carried on."""

FITS = 0.06
"""What the right category adds to a sentence's score."""

OF_THE_KIND = 0.05
"""What a time adds where a time was asked for, and an amount where that was."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be the answer. `place` is its passage's rank, `at` its number in the passage, offsets are the passage's.

    `cosine` is that of the sentence under its heading, `overlap` the share of the question's words that it has, by rarity.
    """

    passage: Found
    place: int
    at: int
    start: int
    end: int
    cosine: float
    overlap: float
    fits: bool = False
    """Its document is filed under the category of what the customer wants."""
    of_the_kind: bool = False
    """It has what was asked for: a time, an amount (`expected`)."""

    @property
    def text(self) -> str:
        """The sentence as it stands in the passage."""
        return self.passage.text[self.start : self.end]

    @property
    def score(self) -> float:
        """Meaning of the sentence, its passage, words, category, kind. Weights: docs/decisions/0006-ranking.md."""
        likeness = 0.4 * self.cosine + 0.4 * self.passage.score + 0.2 * self.overlap
        return likeness + FITS * self.fits + OF_THE_KIND * self.of_the_kind


@dataclass(frozen=True, slots=True)
class Acted:
    """What was done for the customer. `by`: records, ledger, workflow or model. `cards` wait for the customer's word."""

    calls: tuple[Call, ...] = ()
    sentences: tuple[str, ...] = ()
    by: str = ""
    cards: tuple[dict[str, Any], ...] = ()
    asks: bool = False
    """The last sentence is a question, with `choices` as buttons."""
    choices: tuple[str, ...] = ()
    hand_over: str = ""
    """Why a person has to go on."""
    needs: str = ""
    """What the customer has to do first: `sign_in` or `step_up`."""
    keep: "Keep | None" = None
    model: dict[str, Any] | None = None

    @property
    def speaks(self) -> bool:
        """Whether there is something to say, or somebody to go on."""
        return bool(self.sentences or self.hand_over)


NOTHING_DONE = Acted()


@dataclass(frozen=True, slots=True)
class Keep:
    """What becomes of the procedure in hand, with the turn's outcome: `state` to go on from; None ends it."""

    workflow: str
    version: int
    state: dict[str, Any] | None
    status: str = "open"
    procedure_id: UUID | None = None
    """None: it begins."""


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a sentence stands: offsets in the body of a document's version."""

    index: int
    passage: Found
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the draft and what became of it. kind: `quote`, `claim`, `courtesy`, `record` (of our own records).

    `reason` says why it was withheld; of a quotation that was released, that it stands in place of the sentence before it.
    """

    text: str
    kind: str
    citations: tuple[Citation, ...] = ()
    released: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """The answer as released, and every sentence that was considered. by: `quotation`, `model`, `cache` (a model's, lately), `records`."""

    sentences: tuple[Sentence, ...] = ()
    text: str = ""
    by: str = "quotation"
    model: dict[str, Any] | None = None
    trouble: str = ""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What the released sentences cite, each once, by number."""
        seen = {c.index: c for s in self.sentences if s.released for c in s.citations}
        return tuple(seen[index] for index in sorted(seen))

    @property
    def proves(self) -> bool:
        """Whether a proven sentence was released."""
        return any(s.released and s.kind != "courtesy" for s in self.sentences)


@dataclass(frozen=True, slots=True)
class Decision:
    """How the turn ends: `answer`, `no_answer`, `ask`, `smalltalk` or `handover`; how sure, why, and what made it so."""

    kind: str
    confidence: float
    reason: str
    signals: dict[str, float] = field(default_factory=dict)
    offers_person: bool = False
    choices: tuple[str, ...] = ()
    """What the customer can say by pressing a button, when something is asked back."""
    scored: Scored | None = None
    """How likely the answer was to be right, before it was said; None where nothing could be."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What was asked and what has been found so far. `timings` are milliseconds of each step."""

    asked: Asked
    understanding: Understanding | None = None
    route: Route | None = None
    evidence: Evidence = Evidence("")
    acted: Acted = NOTHING_DONE
    draft: Draft = Draft()
    decision: Decision | None = None
    timings: dict[str, float] = field(default_factory=dict)

    def timed(self, step: str, milliseconds: float) -> "Turn":
        """The same turn, knowing how long a step took."""
        return replace(self, timings={**self.timings, step: round(milliseconds, 2)})

    @property
    def heard(self) -> Understanding:
        """What the message is about, once that is known."""
        assert self.understanding is not None, "classify comes first"
        return self.understanding

    @property
    def way(self) -> Route:
        """Who handles it, once that is decided."""
        assert self.route is not None, "route comes after classify"
        return self.route

    @property
    def settled(self) -> Decision:
        """How the turn ends, once that is decided."""
        assert self.decision is not None, "decide comes last"
        return self.decision


def holds_answer(turn: Turn) -> bool:
    """Whether what was found is good enough to answer from, by the tenant's threshold."""
    return turn.evidence.quality >= turn.asked.policy.rules.thresholds.answer and bool(turn.evidence.candidates)


class Teller(Protocol):
    """Tells the customer. In production it writes to the conversation; in tests and evals it only listens."""

    async def step(self, name: str) -> None:
        """A step has begun."""

    async def say(self, text: str, citations: tuple[Citation, ...]) -> None:
        """Release text that has been checked, and everything cited so far. Raises Silenced when somebody else has the floor."""


class Answers(Protocol):
    """What a model wrote lately, for others who ask the same (`caching`)."""

    def find(self, turn: Turn, model: str) -> Draft | None:
        """The answer to the same question, as it was released; None where there is none."""

    def keep(self, turn: Turn, model: str, draft: Draft) -> None:
        """Remember what a model wrote, where it may be told to others."""


class Silenced(Exception):
    """This turn may not speak any more: a newer message, a person or another process has the floor."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What a turn is worked with. Production, tests, evals and replay differ in their kit and in nothing else."""

    embedder: Embedder
    classifier: Callable[[Asked], Awaitable[Ready]]
    search: Callable[[Asked, Question], Awaitable[Ranked]]
    look_up: Callable[[Asked, str], Awaitable[Call]]
    model: Model | None
    clock: Clock
    teller: Teller
    classifying: Model | None = None
    """The small model that is asked what a message is about where the fast stage is unsure."""
    acting: Acting | None = None
    """Look-ups and changes for the customer; without it nothing is done."""
    workflows: "Callable[[Turn, Acting], Awaitable[Acted | None]] | None" = None
    """Goes on with the procedure in hand, or begins the one for what the customer wants; None where there is none."""
    proving: Proving | None = None
    """One-time codes, sent and checked."""
    judging: Model | None = None
    """Is asked whether a passage says something where the check is in doubt."""
    rewriting: Model | None = None
    """Puts a follow-up in words that can be searched for by themselves."""
    fetch: Callable[[Asked, tuple[PassageId, ...]], Awaitable[tuple[Found, ...]]] | None = None
    """Passages by their ids, as far as this customer may read them and they still hold."""
    answers: Answers | None = None
    """What a model wrote lately for others who asked the same."""
