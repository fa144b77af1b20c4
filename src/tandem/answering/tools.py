"""The kit of one installation: embeddings, classifiers, search and model, put together for whoever works on a turn.

Production, evals and `tandem ask` get their kit here; they differ in whom they tell and in nothing else.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from uuid import UUID

from tandem import clock, ids
from tandem.actions.acting import Acting
from tandem.answering import deadline, privacy, score
from tandem.answering.accounts import Accounts, Opened
from tandem.answering.caching import Cache
from tandem.answering.procedures import Procedures
from tandem.answering.proving import Proving
from tandem.answering.score import Scoring
from tandem.answering.turn import Asked, Kit, Teller
from tandem.db import Database, Later, Queries, Tx
from tandem.embedding import Embedders
from tandem.ids import ConversationId, CustomerId, PassageId, TenantId
from tandem.intents.models import Classifiers, Ready
from tandem.knowledge import search
from tandem.knowledge.finding import Finder, Index, Ranked
from tandem.knowledge.questions import Question
from tandem.knowledge.search import Found
from tandem.llm import Account, Model, Models, Role, account
from tandem.tenants import policy, spending
from tandem.tenants.companies import Look
from tandem.tenants.hours import Hours
from tandem.tenants.modes import FULL, Effective, Mode
from tandem.tenants.policy import Policy, Rules, StoredPolicy
from tandem.tenants.sealing import Sealer
from tandem.tenants.spending import Purpose, Today
from tandem.tickets import lookups
from tandem.tickets.lookups import Call

Q = Queries("tandem.answering")

NOTHING = Purpose()

FOUND = 8
"""Passages asked of the search: of 10-20 in S3 a model is given six, and more do not help a quotation."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for every turn of the tenant just now."""

    policy_version: int
    policy: dict[str, Any]
    company: str
    settings: dict[str, Any]
    knowledge: int
    generation: int
    found_by: str | None
    understood_by: int
    scoring_version: int | None
    scoring_body: dict[str, Any] | None
    hours_body: dict[str, Any] | None
    calls_today: int
    tokens_today: int
    cost_today: int
    """In millionths of a US dollar."""
    sealed_keys: dict[str, str] | None = field(repr=False)
    """The tenant's own keys for providers of models, by provider, in base64."""

    @property
    def spent(self) -> Today:
        """What models have cost since midnight, UTC."""
        return Today(self.calls_today, self.tokens_today, self.cost_today)

    @property
    def hours(self) -> Hours | None:
        """When the team is there, for rules that ask; None: always."""
        return self.hours_for(self.rules.rules)

    def hours_for(self, rules: Rules) -> Hours | None:
        """The same for other rules than those in force."""
        asks = self.hours_body is not None and rules.people_in_hours
        return Hours.model_validate(self.hours_body) if asks else None

    @property
    def scoring(self) -> Scoring:
        """What the parts of a confidence weigh."""
        return score.stored(self.scoring_version, self.scoring_body)

    @property
    def rules(self) -> Policy:
        """The rules in force."""
        return policy.stored(StoredPolicy(self.policy_version, self.policy))

    def at_full(self) -> "Standing":
        """The same with the admin's switch at full: for trying what an answer would be, which nobody is told."""
        return replace(self, policy={**self.policy, "mode": Mode.FULL})

    @property
    def index(self) -> Index:
        """The vectors that find passages."""
        return Index(self.generation, self.found_by)

    @property
    def look(self) -> Look:
        """How the widget looks and speaks."""
        return Look.model_validate(self.settings.get("look", {}))


@dataclass(frozen=True, slots=True)
class Standpoint:
    """Whose conversation it is, and how its last turns went."""

    customer_id: CustomerId
    tier: str
    external_id: str | None
    name: str | None
    email: str | None
    unresolved: int
    asked_back: bool
    was_offered: bool
    lifted: bool
    """A one-time code has confirmed who they are."""
    acted: list[list[dict[str, Any]]]
    """What the last turns that did anything did, oldest first."""
    cited: list[str]
    """The passages that the last answer rested on."""
    summary: str
    in_hand: bool
    """A workflow is under way."""
    workflow_intents: list[str]
    """What the tenant's workflows begin with."""

    @property
    def cited_before(self) -> tuple[PassageId, ...]:
        """The same as ids, each once."""
        return tuple(PassageId(ids.read("psg", shown)) for shown in dict.fromkeys(self.cited))

    @property
    def found_before(self) -> tuple[Call, ...]:
        """What they looked up and found."""
        return tuple(
            Call(each["tool"], each["args"], each["state"], each["result"])
            for acts in self.acted
            for each in acts
            if each["state"] == "done" and each["result"]
        )


async def standing(tx: Tx) -> Standing:
    """What holds for the tenant just now."""
    return await tx.one(Q.standing, Standing)


def standing_later(tx: Tx) -> Later:
    """The same, with the transaction's next round trip."""
    return tx.later(Q.standing)


def standpoint_later(tx: Tx, conversation_id: ConversationId) -> Later:
    """The Standpoint: whose conversation it is, and how its last turns went, with the transaction's next round trip."""
    return tx.later(Q.standpoint, conversation_id=conversation_id)


class Tools:
    """What turns are worked with on this installation."""

    def __init__(
        self,
        db: Database,
        models: Embedders,
        classifiers: Classifiers,
        asked: Models | None = None,
        acting: Acting | None = None,
        proving: Proving | None = None,
        sealer: Sealer | None = None,
        answers: Cache | None = None,
    ) -> None:
        self.db, self.models, self.classifiers = db, models, classifiers
        self.asked = asked or Models({}, {})
        self.accounts = Accounts(self.asked, sealer)
        self.model, self.classifying = self.of(Role.DRAFT), self.of(Role.CLASSIFY)
        self.summarising = self.of(Role.SUMMARISE)
        self.acting = acting
        self.proving = proving
        self._procedures = Procedures(db, proving, self.model) if proving else None
        self.find = Finder(db, models)
        self.answers = answers

    def of(self, role: Role) -> Model | None:
        """The model for this, which reads what the tenant's rules let it read; None where it is done without."""
        model = self.asked.of(role)
        return deadline.Bounded(privacy.kept_from(model)) if model else None

    def open(self, tenant_id: TenantId, standing: Standing) -> Opened:
        """The account on which models are asked for the tenant just now, and the mode that holds."""
        return self.accounts.open(tenant_id, standing.rules.rules, standing.spent, standing.sealed_keys)

    @asynccontextmanager
    async def billed(
        self, tenant_id: TenantId, standing: Standing, purpose: Purpose = NOTHING
    ) -> AsyncIterator[Opened]:
        """Models asked within are asked on the tenant's account; at the end that is booked, in a transaction of its own."""
        opened = self.open(tenant_id, standing)
        try:
            with account.on(opened.account):
                yield opened
        finally:
            await self.book(tenant_id, opened.account, purpose)

    async def book(self, tenant_id: TenantId, mine: Account, purpose: Purpose = NOTHING) -> None:
        """What was asked so far into the ledger; afterwards the account knows of no calls."""
        if mine.calls:
            calls, mine.calls = mine.calls, []
            async with self.db.tenant(tenant_id) as tx:
                spending.book_later(tx, calls, purpose)

    def kit(self, teller: Teller, draft: UUID | None = None, *, acts: bool = False, mode: Effective = FULL) -> Kit:
        """A kit that tells this teller; with a draft release it answers as if that were published. `acts`: for a customer, really.

        In a mode without a model it has none that writes.
        """
        search = partial(self._search, draft=draft)
        writes = mode.asks_model
        return Kit(
            self.models.shipped,
            self._classifier,
            search,
            self._look_up,
            self.model if writes else None,
            clock.now,
            teller,
            self.classifying,
            self.acting if acts else None,
            self._procedures if acts else None,
            self.proving if acts else None,
            self.of(Role.JUDGE) if writes else None,
            self.of(Role.REWRITE) if writes else None,
            self._fetch,
            self.answers if acts else None,
        )

    async def _classifier(self, asked: Asked) -> Ready:
        return await self.classifiers.of(self.db, asked.tenant_id, asked.understood_by)

    async def _search(self, asked: Asked, question: Question, draft: UUID | None = None) -> Ranked:
        who = search.EVERYBODYS if asked.staff else search.audiences(verified=asked.verified, tier=asked.tier)
        return await self.find(asked.tenant_id, question, who, FOUND, index=asked.index, draft=draft)

    async def _fetch(self, asked: Asked, passages: tuple[PassageId, ...]) -> tuple[Found, ...]:
        who = search.EVERYBODYS if asked.staff else search.audiences(verified=asked.verified, tier=asked.tier)
        async with self.db.reading(asked.tenant_id) as tx:
            return await search.fetch(tx, passages, who)

    async def _look_up(self, asked: Asked, name: str) -> lookups.Call:
        async with self.db.tenant(asked.tenant_id) as tx:
            return await lookups.ticket_status(tx, asked.customer_id, asked.ticket_id)
