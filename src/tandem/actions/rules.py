"""What an action may and may not: pure decisions on frozen facts. A refusal names its rule, and says a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tandem.actions import money, schemas
from tandem.actions.definition import IDENTITIES, Bounds, Definition
from tandem.actions.money import Money
from tandem.actions.session import ALL, Session
from tandem.tenants.modes import Mode

WINDOWS = ("hour", "day", "month")
COUNTS = tuple(f"_{window}_{what}" for window in WINDOWS for what in ("count", "sum_minor"))
"""How the names of limits end that hold within a window."""


class Refused(Exception):
    """A rule stands against it. `rule` is its name, the text a sentence for whoever asked; nothing was done."""

    def __init__(self, rule: str, sentence: str) -> None:
        super().__init__(sentence)
        self.rule, self.sentence = rule, sentence


@dataclass(frozen=True, slots=True)
class Spent:
    """What was done within a window: how often, and how much in the currency at hand."""

    count: int
    sum_minor: int


Tally = Mapping[tuple[str, str], Spent]
"""By (customer or tenant, window)."""


def admit(definition: Definition, session: Session) -> None:
    """Whether this session may ask for the action at all. Raises Refused."""
    if not definition.enabled:
        raise Refused("disabled", f"{definition.name} is not enabled.")
    missing = set(definition.scopes) - session.authority.scopes
    if missing and ALL not in session.authority.scopes:
        raise Refused("scope", f"This session may not use {definition.name}.")
    has, needs = IDENTITIES.index(session.authority.identity), IDENTITIES.index(definition.identity)
    if has < needs:
        if definition.identity == "stepped_up" and has >= IDENTITIES.index("verified"):
            raise Refused("stepped_up", "The customer has to confirm their identity with a one-time code first.")
        raise Refused("identity", "The customer has to be signed in for this.")


def in_mode(mode: Mode) -> None:
    """Whether anything is changed at all just now: in the mode `full` alone. Raises Refused."""
    if mode is not Mode.FULL:
        raise Refused("mode", "Changes are switched off here for the moment, so this was not done.")


def is_offered(definition: Definition, session: Session) -> bool:
    """Whether the action exists for this session. What a one-time code would open does."""
    try:
        admit(definition, session)
    except Refused as refused:
        return refused.rule == "stepped_up"
    return True


def fit(definition: Definition, arguments: object) -> dict[str, Any]:
    """The arguments, if the schema takes them. Raises Refused."""
    try:
        return schemas.check(definition.input_schema, arguments)
    except schemas.Unfit as unfit:
        raise Refused("schema", str(unfit)) from None


def amount(definition: Definition, arguments: dict[str, Any], quote: dict[str, Any] | None) -> Money | None:
    """What moves, where the action moves anything. Raises Refused when it cannot be read: no limit could be held."""
    if definition.amount is None:
        return None
    try:
        return money.of(definition.amount, arguments, quote)
    except money.NoAmount as problem:
        raise Refused("amount", str(problem)) from None


def within(bounds: Bounds, moves: Money | None, spent: Tally) -> None:
    """Whether one more keeps every limit. `spent` does not count it yet. Raises Refused."""
    minor = moves.minor if moves else 0
    if bounds.per_action_minor is not None and minor > bounds.per_action_minor:
        raise Refused("per_action", "That is more than may be moved at once.")
    for whose in ("customer", "tenant"):
        for window in WINDOWS:
            before = spent.get((whose, window), Spent(0, 0))
            most = getattr(bounds, f"per_{whose}_{window}_count")
            if most is not None and before.count + 1 > most:
                raise Refused(f"{whose}_limit", f"This was done as often as it may be within {_long(window)}.")
            most = getattr(bounds, f"per_{whose}_{window}_sum_minor")
            if most is not None and before.sum_minor + minor > most:
                raise Refused(f"{whose}_limit", f"That would be more than may be moved within {_long(window)}.")


def counted(definition: Definition) -> Literal["", "customer", "tenant"]:
    """Whose doings limits count, whatever the tier: nobody's, each customer's, or all of theirs together."""
    named = {
        name
        for bounds in (definition.limits, *definition.limits.by_tier.values())
        for name, value in bounds
        if value is not None and name.endswith(COUNTS)
    }
    return "tenant" if any("per_tenant" in name for name in named) else "customer" if named else ""


def approvals(bounds: Bounds, moves: Money | None) -> int:
    """How many people have to agree."""
    minor = moves.minor if moves else 0
    if bounds.second_approver_above_minor is not None and minor > bounds.second_approver_above_minor:
        return 2
    return int(bounds.approve_above_minor is not None and minor > bounds.approve_above_minor)


def _long(window: str) -> str:
    return {"hour": "an hour", "day": "24 hours", "month": "30 days"}[window]
