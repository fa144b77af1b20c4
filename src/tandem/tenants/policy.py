"""The tenant's rules: versioned data, never code. Every turn names the version it was decided under."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal

import orjson
import pydantic

from tandem.db import Jsonb, Later, Queries, Tx, Unique
from tandem.errors import Conflict, Malformed
from tandem.personal import DEFAULT, Kind
from tandem.tenants.modes import Mode

Q = Queries("tandem.tenants")


MOST = 200
"""Entries of a list or table of the tenant's own."""

Name = Annotated[str, pydantic.Field(min_length=1, max_length=100)]
Names = Annotated[tuple[Name, ...], pydantic.Field(max_length=MOST)]
Way = Literal["assist", "people"]
Signal = Literal["safety", "threat", "abuse", "churn"]
Currency = Annotated[str, pydantic.Field(pattern=r"^[A-Z]{3}$")]


class Thresholds(pydantic.BaseModel):
    """Above which confidence the assistant may act on its own. Each is a probability."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    intent: float = pydantic.Field(default=0.55, ge=0, le=1)
    """Below it the message has no asserted intent. Chosen on the starter set's held-out examples."""
    always_escalate: float = pydantic.Field(default=0.5, ge=0, le=1)
    """From it on, an always-escalate category goes to people. Low on purpose: missing one costs more than one too many."""
    answer: float = pydantic.Field(default=0.5, ge=0, le=1)
    """Below it an answer is not given. See docs/decisions/0004-evidence-quality.md."""
    answer_by_category: dict[str, Annotated[float, pydantic.Field(ge=0, le=1)]] = pydantic.Field(
        default_factory=dict, max_length=200
    )
    """Of the confidence that the answer is right, by category, `*` for every other one: below it a person is offered. None by
    default; learning/risk.py proposes them from labelled traffic. See docs/decisions/0012-confidence.md."""

    def confidence(self, category: str) -> float:
        """Below which confidence an answer of this category is held back; 0 where nothing is set."""
        return self.answer_by_category.get(category, self.answer_by_category.get("*", 0.0))


class Example(pydantic.BaseModel):
    """How the company would answer: a customer's message and the reply, for their manner and not for their facts."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    customer: str = pydantic.Field(min_length=1, max_length=300)
    reply: str = pydantic.Field(min_length=1, max_length=500)


class Tone(pydantic.BaseModel):
    """How the assistant speaks: the tenant's own words, used literally."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    voice: str = pydantic.Field(default="Friendly, calm and brief.", max_length=500)
    examples: tuple[Example, ...] = pydantic.Field(default=(), max_length=5)
    """Shown to a model that words an answer. What they state is no source: every sentence is checked against the passages all the same."""
    no_answer: str = pydantic.Field(
        default="I could not find that in our help articles, so I would rather not guess. I can bring in a person from our team.",
        max_length=500,
    )
    handover: str = pydantic.Field(
        default="I am handing you over to a person from our team. They will see everything you wrote.", max_length=500
    )


class ActionLimits(pydantic.BaseModel):
    """How much may be done for one message, whatever the registry allows of each action."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    calls_per_turn: int = pydantic.Field(default=2, ge=0, le=5)
    """Calls that a model may make in a turn: two, and five at most (S3, bottleneck 2). They are counted anew with every message."""


class Budget(pydantic.BaseModel):
    """What models may cost the tenant in a day (UTC), in tokens, in money, or both; None: no limit.

    At `soft` of either the models that only help are not asked any more; at the whole of it none is. Turns that are under way
    when it is reached end as they began.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    tokens_per_day: int | None = pydantic.Field(default=None, ge=0, le=10**15)
    cost_per_day_micros: int | None = pydantic.Field(default=None, ge=0, le=10**15)
    """In millionths of a US dollar, in which providers state their prices."""
    soft: float = pydantic.Field(default=0.8, ge=0, le=1)
    """Four fifths: enough is left to answer the rest of a usual day's questions, and somebody has time to see it."""


class Releases(pydantic.BaseModel):
    """What a release of knowledge must hold before it is published."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    worse_at_most: float = pydantic.Field(default=0.02, ge=0, le=1)
    """Share of the replayed questions that may be answered worse, or no more."""
    replay_days: int = pydantic.Field(default=30, ge=1, le=365)
    questions_at_most: int = pydantic.Field(default=500, ge=1, le=5000)
    """Of the questions of these days, so many are replayed, newest first."""


class Rules(pydantic.BaseModel):
    """Everything an admin can set about how turns are handled."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    mode: Mode = Mode.FULL
    """How far the assistant goes at most; what the machine finds can only make it less. See docs/decisions/0019-modes.md."""
    budget: Budget = Budget()
    always_escalate: Names = ("account_security", "billing_dispute", "legal_threat")
    """Intents that go to people at once: by the classifier, or in plain words (S2: security, disputes)."""
    escalate_signals: tuple[Signal, ...] = ("safety", "threat", "abuse", "churn")
    """What sends a message to people whatever it is about: an accident, a threat, abuse, a customer about to leave (S0, S2)."""
    attempt_then_escalate: Names = ("complaint",)
    """Intents that go to people when the assistant finds no answer, without asking first."""
    people_in_hours: Names = ()
    """Intents that go to people while the team is there; outside its hours (tenants/hours.py) the assistant tries."""
    escalate_words: Names = (
        "lawyer",
        "solicitor",
        "attorney",
        "lawsuit",
        "small claims",
        "chargeback",
        "data breach",
        "press",
        "ombudsman",
    )
    """Words and phrases that go to people at once, whole words, any case."""
    tiers: dict[Name, Way] = pydantic.Field(default_factory=dict, max_length=MOST)
    """Customer tiers that are treated otherwise than by intent: `people` goes to people at once."""
    tier_categories: dict[Name, dict[Name, Way]] = pydantic.Field(default_factory=dict, max_length=MOST)
    """The same for one intent: `people` sends it there for this tier, `assist` lets the assistant try what others' goes to people."""
    amount_limits: dict[Currency, Annotated[int, pydantic.Field(ge=0, le=10**15)]] = pydantic.Field(
        default_factory=dict, max_length=MOST
    )
    """In minor units by currency (ISO 4217): a message that names more goes to people."""
    thresholds: Thresholds = Thresholds()
    max_unresolved: int = pydantic.Field(default=3, ge=1, le=20)
    """After so many turns in a row without an answer the conversation goes to people (S3: N turns without resolution)."""
    limits: ActionLimits = ActionLimits()
    tone: Tone = Tone()
    releases: Releases = Releases()
    review_days: int = pydantic.Field(default=180, ge=1, le=3650)
    """A document that nobody wrote or reviewed for so long is stale, unless it has a cadence of its own."""
    redact_before_provider: Annotated[tuple[Kind, ...], pydantic.Field(max_length=len(Kind))] = DEFAULT
    """Personal data that no model's provider reads, by kind; empty: everything is sent as it is written. See
    docs/decisions/0017-personal-data.md."""
    restore_in_replies: bool = True
    """Whether the customer's reply gets the data back; else it says `[e-mail address]` and the like."""
    message_max_chars: int = pydantic.Field(default=4000, ge=100, le=20000)


REPLACED = frozenset({"tiers", "tier_categories", "amount_limits", "answer_by_category"})
"""Tables of the tenant's own names: a change names all of one, so that an entry can be taken out."""


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """One version as stored."""

    version: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules in force, with their version."""

    version: int
    rules: Rules


@dataclass(frozen=True, slots=True)
class Chosen:
    """The mode that an admin has chosen."""

    mode: Mode


def chosen_later(tx: Tx) -> Later:
    """The Chosen mode, with the transaction's next round trip."""
    return tx.later(Q.chosen_mode)


async def start(tx: Tx) -> None:
    """A new tenant's first rules."""
    await tx.run(Q.add_policy, version=1, body=Jsonb(Rules().model_dump(mode="json")), author="Tandem")


async def get(tx: Tx) -> Policy:
    """The rules in force."""
    return stored(await tx.one(Q.policy, StoredPolicy))


def stored(row: StoredPolicy) -> Policy:
    """The rules as stored. What an older or newer Tandem knew and this one does not is passed over."""
    return Policy(row.version, _read(orjson.dumps(row.body)))


@lru_cache(maxsize=500)
def _read(body: bytes) -> Rules:
    """Rules are read with every turn and written once in months: the same text is read once."""
    return Rules.model_validate(_known(Rules, orjson.loads(body)))


async def change(tx: Tx, changes: dict[str, Any], author: str, expected: int | None = None) -> Policy:
    """A new version with some of the rules changed; what is not named stays.

    Raises Malformed; and Conflict when somebody else was faster, or the version in force is not the `expected` one.
    """
    now = await get(tx)
    if expected is not None and expected != now.version:
        raise Conflict("Somebody else changed the policy meanwhile. Look at it again.")
    return await save(tx, now, changed(now.rules, changes), author)


def changed(rules: Rules, changes: dict[str, Any]) -> Rules:
    """The rules with some of them changed. Raises Malformed, which names the fields."""
    body = _merged(rules.model_dump(mode="json"), changes)
    try:
        return Rules.model_validate(body)
    except pydantic.ValidationError as problem:
        errors = [{"field": ".".join(map(str, e["loc"])), "message": e["msg"]} for e in problem.errors()]
        raise Malformed(
            "The policy is malformed: " + "; ".join(f"{e['field']}: {e['message']}" for e in errors), errors=errors
        ) from problem


async def save(tx: Tx, now: Policy, rules: Rules, author: str) -> Policy:
    """The rules as the version after `now`. Raises Conflict when there is one already."""
    try:
        await tx.run(Q.add_policy, version=now.version + 1, body=Jsonb(rules.model_dump(mode="json")), author=author)
    except Unique as problem:
        raise Conflict("Somebody else changed the policy just now. Look at it again.") from problem
    return Policy(now.version + 1, rules)


def _known(model: type[pydantic.BaseModel], body: dict[str, Any]) -> dict[str, Any]:
    known = {}
    for name, value in body.items():
        field = model.model_fields.get(name)
        if field is None:
            continue
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, pydantic.BaseModel) and isinstance(value, dict):
            value = _known(inner, value)
        known[name] = value
    return known


def _merged(body: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(body)
    for name, value in changes.items():
        nested = isinstance(value, dict) and isinstance(merged.get(name), dict) and name not in REPLACED
        merged[name] = _merged(merged[name], value) if nested else value
    return merged
