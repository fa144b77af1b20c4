"""What other limits would have done with what was asked for in the last days: every run once more, in order, under both.

Pure: the same rules as in force (`rules.within`, `rules.approvals`) on the amounts and times of the ledger. Rolling windows count
what the limits in question would have let through, not what was.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.actions import ledger, rules
from tandem.actions.definition import Limits
from tandem.actions.ledger import Past
from tandem.actions.rules import Refused, Spent, Tally

WINDOWS = {"hour": timedelta(hours=1), "day": timedelta(hours=24), "month": timedelta(days=30)}
SHOWN = 100
"""Of the runs that would have gone another way, so many are listed, newest first."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A run that other limits would have treated otherwise: `goes_through`, `needs_approval` or the rule that stops it."""

    run: Past
    now: str
    then: str

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        moves = ledger.money_of(self.run.amount_minor, self.run.currency)
        return {
            "action_id": ids.show("act", self.run.id),
            "at": self.run.at,
            "tier": self.run.tier,
            "amount": str(moves) if moves else None,
            "amount_minor": self.run.amount_minor,
            "now": self.now,
            "then": self.then,
        }


def compare(past: Sequence[Past], now: Limits, then: Limits) -> dict[str, Any]:
    """How many go which way under each, and the runs that differ. `past` is in order of time."""
    before, after = _ways(past, now), _ways(past, then)
    differ = [Difference(run, before[run.id], after[run.id]) for run in past if before[run.id] != after[run.id]]
    moved = sum(run.amount_minor or 0 for run in past if after[run.id] == "goes_through")
    return {
        "runs": len(past),
        "now": dict(Counter(before.values())),
        "then": dict(Counter(after.values())),
        "changed": len(differ),
        "moved_without_a_person_minor": moved,
        "examples": [each.as_json() for each in reversed(differ[-SHOWN:])],
    }


def _ways(past: Iterable[Past], limits: Limits) -> dict[UUID, str]:
    """What becomes of each run under these limits."""
    ways: dict[UUID, str] = {}
    through: list[Past] = []
    for run in past:
        bounds = limits.of_tier(run.tier)
        moves = ledger.money_of(run.amount_minor, run.currency)
        through = [one for one in through if run.at - one.at < WINDOWS["month"]]
        try:
            rules.within(bounds, moves, _tally(through, run, run.at))
        except Refused as refused:
            ways[run.id] = refused.rule
            continue
        ways[run.id] = "needs_approval" if rules.approvals(bounds, moves) else "goes_through"
        through.append(run)
    return ways


def _tally(through: Sequence[Past], run: Past, at: datetime) -> Tally:
    tally: dict[tuple[str, str], Spent] = {}
    for window, long in WINDOWS.items():
        within = [one for one in through if at - one.at < long and one.currency == run.currency]
        own = [one for one in within if one.customer_id == run.customer_id]
        for whose, found in (("customer", own), ("tenant", within)):
            tally[(whose, window)] = Spent(len(found), sum(one.amount_minor or 0 for one in found))
    return tally
