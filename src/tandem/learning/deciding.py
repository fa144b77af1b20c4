"""How far the confidence of a tenant's assistant can be believed, and which thresholds its labels support: read, put together.

Confidences are made anew from the stored parts by the weights in force, so that what was answered under older ones counts too.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from tandem import clock
from tandem.answering import score
from tandem.answering.score import Scoring
from tandem.db import Queries, Tx
from tandem.learning import fitting, outcomes, reliability, risk, scorings, tradeoff
from tandem.learning.gaps import PERSON_MIN
from tandem.learning.outcomes import Labelled, Recorded
from tandem.learning.scorings import Stored
from tandem.learning.tradeoff import Effort, Traffic
from tandem.tenants import policy

Q = Queries("tandem.learning")

TRAFFIC = timedelta(days=28)
MOST = 5000
"""Turns of TRAFFIC that are looked at, the newest: enough for a share to within 1.5 points."""

RECENT = timedelta(days=7)
"""Against the days before them the confidences are compared."""

OF_A_CATEGORY = 30
"""Judged answers from which a category is shown by itself."""

REFUSED = "Using defaults: no fit to your outcomes did better so far."
TO_COME = "Enough outcomes: the worker fits the weights to them within a minute or two."

HOUR = 30.0
"""What an agent's hour costs, in whatever currency, until somebody says otherwise. An assumption."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Minutes that a person needs for a ticket, and whether they were measured."""

    minutes: float
    measured: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """All that is known for deciding: fits, labels, traffic, rules."""

    fits: list[Stored]
    scoring: Scoring
    labels: list[Labelled]
    judging: list[Labelled]
    asked: list[Recorded]
    waiting: int
    pace: Pace
    rules: dict[str, float]
    policy_version: int

    @property
    def labelled(self) -> risk.Judged:
        """The drawn and judged; what could not be told counts as wrong."""
        return risk.Judged(
            np.array([each.probability(self.scoring) for each in self.judging]),
            np.array([each.is_right is not True for each in self.judging], bool),
            [each.category for each in self.judging],
        )

    @property
    def traffic(self) -> Traffic:
        """The questions of the last weeks, and how many days they span."""
        found = [each.probability(self.scoring) for each in self.asked]
        scores = np.array([np.nan if p is None else p for p in found])
        oldest = min((each.asked_at for each in self.asked), default=clock.now())
        days = max(1.0, (clock.now() - oldest).total_seconds() / 86400)
        return Traffic(scores, [each.category for each in self.asked], days)


async def standing(tx: Tx) -> Outlook:
    """Everything, in one transaction."""
    fits, labels = await scorings.page(tx), await outcomes.labelled(tx)
    scoring, rules = scorings.in_force(fits), await policy.get(tx)
    return Outlook(
        fits,
        scoring,
        labels,
        sorted(outcomes.for_judging(labels, scoring), key=lambda each: each.asked_at),
        await outcomes.traffic(tx, TRAFFIC, MOST),
        await outcomes.waiting(tx),
        await tx.one(Q.pace, Pace, minutes=PERSON_MIN),
        dict(rules.rules.thresholds.answer_by_category),
        rules.version,
    )


def confidence(now: Outlook) -> dict[str, Any]:
    """How far the confidence can be believed, overall and by category; drift; labels; the weights."""
    return {
        "scoring": _scoring(now),
        "labels": {
            "by_source": outcomes.by_source(now.labels),
            "judging": len(now.judging),
            "unclear": sum(each.is_right is None for each in now.judging),
            "waiting": now.waiting,
            "days": outcomes.WINDOW.days,
        },
        "overall": _reliability(now.judging, now.scoring),
        "categories": _categories(now),
        "drift": _drift(now),
        "stability": _stability(now),
    }


def shown_tradeoff(now: Outlook, category: str | None, hour: float) -> dict[str, Any]:
    """Every setting on recorded traffic, of all categories or one, and the rules that hold."""
    effort = Effort(now.pace.minutes, hour)
    traffic, labelled = now.traffic, now.labelled
    if category is not None:
        traffic, labelled = traffic.of(category), labelled.of(frozenset({category}))
    return {
        "questions": len(traffic.scores),
        "days": round(traffic.days, 2),
        "labels": len(labelled.scores),
        "minutes": {"value": round(now.pace.minutes, 2), "measured": now.pace.measured},
        "hour": hour,
        "category": category,
        "categories": sorted(set(now.traffic.categories)),
        "settings": [setting.as_json() for setting in tradeoff.every(traffic, labelled, effort)],
        "now": {"rules": now.rules, **tradeoff.under(traffic, labelled, now.rules, effort).as_json()},
    }


def proposed(now: Outlook, limit: float, sure: float, *, otherwise_people: bool, hour: float) -> dict[str, Any]:
    """The most permissive thresholds that keep the limit, as a change of the policy, and what would come of it."""
    labelled, traffic, effort = now.labelled, now.traffic, Effort(now.pace.minutes, hour)
    choices = risk.choose(labelled, limit, sure)
    rules = risk.as_rules(choices, now.rules, otherwise_people=otherwise_people)
    supported = [choice for choice in choices if choice.threshold is not None]
    return {
        "limit": limit,
        "confidence": sure,
        "labels": len(labelled.scores),
        "fewest": risk.fewest(limit, 1 - sure),
        "groups": [_group(choice) for choice in choices],
        "supported": len(supported),
        "complete": bool(choices) and len(supported) == len(choices),
        "says": says(choices, limit, sure, len(labelled.scores)),
        "before": tradeoff.under(traffic, labelled, now.rules, effort).as_json(),
        "after": tradeoff.under(traffic, labelled, rules, effort).as_json(),
        "policy_version": now.policy_version,
        "changes": {"thresholds": {"answer_by_category": rules}},
    }


def says(choices: list[risk.Choice], limit: float, sure: float, labels: int) -> str:
    """The proposal in a sentence."""
    least = risk.fewest(limit, 1 - sure)
    promise = f"at most {100 * limit:g} % wrong, {100 * sure:g} % sure"
    if labels < least:
        return f"No threshold can be supported yet: {promise} takes at least {least} judged answers, and there are {labels}."
    supported = sum(choice.threshold is not None for choice in choices)
    if not supported:
        more = min((choice.needed for choice in choices if choice.needed is not None), default=None)
        if more is None:
            return f"No threshold keeps {promise}: at every one of them more are wrong, so more labels would not help."
        return f"No threshold is supported by the {labels} judged answers: {promise} would take about {more} more, if the shares stay."
    if supported < len(choices):
        return f"{supported} of {len(choices)} groups have a threshold that keeps {promise}; the others have none yet."
    return f"Every group has a threshold that keeps {promise}, all of them together."


def _group(choice: risk.Choice) -> dict[str, Any]:
    return {
        "categories": list(choice.categories),
        "pooled": len(choice.categories) > 1,
        "threshold": choice.threshold,
        "labels": choice.labels,
        "wrong": choice.wrong,
        "of": choice.of,
        "bound": round(choice.bound, 4),
        "sure": round(choice.sure, 4),
        "needed": choice.needed,
    }


def _scoring(now: Outlook) -> dict[str, Any]:
    usable = outcomes.for_fitting(now.labels)
    fitted = now.scoring.version != score.VERSION
    return {
        "version": now.scoring.version,
        "fitted": fitted,
        "says": "" if fitted else fitting.lacking(usable) or (REFUSED if now.fits else TO_COME),
        "outcomes": len(usable),
        "enough": fitting.ENOUGH,
        "bias": now.scoring.bias,
        "weights": dict(now.scoring.weights),
        "fits": [each.as_json() for each in now.fits[:10]],
    }


def _categories(now: Outlook) -> list[dict[str, Any]]:
    tally: dict[str, list[Labelled]] = {}
    for each in now.judging:
        tally.setdefault(each.category, []).append(each)
    falling = sorted(tally, key=lambda name: (-len(tally[name]), name))
    return [
        {"category": name, **_reliability(tally[name], now.scoring)}
        if len(tally[name]) >= OF_A_CATEGORY
        else {"category": name, "answers": len(tally[name])}
        for name in falling
    ]


def _reliability(labels: list[Labelled], scoring: Scoring) -> dict[str, Any]:
    """Of those that could be told."""
    p, right = _told(labels, scoring)
    return reliability.read(np.array(p), np.array(right, float)).as_json()


def _told(labels: list[Labelled], scoring: Scoring) -> tuple[list[float], list[bool]]:
    clear = [(each.probability(scoring), each.is_right) for each in labels if each.is_right is not None]
    return [p for p, _ in clear], [right for _, right in clear]


def _drift(now: Outlook) -> dict[str, Any]:
    found = reliability.drift(*_told(now.judging, now.scoring))
    return {
        "state": found.state,
        "strength": found.strength,
        "limit": found.limit,
        "since": found.since,
        "run": reliability.RUN,
    }


def _stability(now: Outlook) -> dict[str, Any]:
    border = clock.now() - RECENT
    known = [(each.asked_at, each.probability(now.scoring)) for each in now.asked]
    recent = np.array([p for at, p in known if at >= border and p is not None])
    before = np.array([p for at, p in known if at < border and p is not None])
    found = reliability.stability(recent, before)
    shown = {"index": found.index, "limit": found.limit, "recent": found.recent, "before": found.before}
    return {**shown, "moved": found.moved, "days": RECENT.days}
