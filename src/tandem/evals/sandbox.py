"""What a change of the rules would do: recorded messages, or pasted ones, routed under the live rules and the proposed ones.

The very functions of the pipeline decide (`answering.route`), on what the turn's record says was understood; nothing is
answered, looked up or told. What is compared is who handles a message: `assist`, `attempt`, `people`, or `offer`, where an
answer would be held back because it is not likely enough to be right and a person is offered instead.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tandem import clock, ids
from tandem.answering import classify, route
from tandem.answering import tools as tools_room
from tandem.answering.telling import SilentTeller
from tandem.answering.tools import Standing, Tools
from tandem.answering.turn import Asked, Route, Said, Turn, Understanding
from tandem.db import Queries
from tandem.evals import asking, questions
from tandem.ids import ConversationId, CustomerId, TenantId, TicketId, TurnId
from tandem.intents import signals
from tandem.intents.classifier import Guess
from tandem.intents.starter import UNKNOWN
from tandem.tenants import policy
from tandem.tenants.policy import Policy, Rules

Q = Queries("tandem.evals")

MOST = 2000
"""Recorded messages that are looked at, newest first."""

SHOWN = 200
"""Of the messages whose way changes, so many are listed."""

SHOWN_CHARS = 500


@dataclass(frozen=True, slots=True)
class Recorded:
    """A message as its turn recorded it."""

    turn_id: TurnId
    conversation_id: ConversationId
    created_at: datetime
    asked: dict[str, Any]
    understanding: dict[str, Any]
    unresolved: float
    score: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Pasted:
    """A message that somebody wants to try: as if written by a customer of this tier, after these messages."""

    text: str
    tier: str = "free"
    history: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """A message with its way under the live rules and under the proposed ones."""

    text: str
    tier: str
    at: datetime
    live: Route
    proposed: Route
    recorded: Recorded | None = None

    @property
    def changes(self) -> bool:
        """Whether somebody else would handle it."""
        return self.live.kind != self.proposed.kind

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        kept = self.recorded
        return {
            "turn_id": ids.show("trn", kept.turn_id) if kept else None,
            "conversation_id": ids.show("cnv", kept.conversation_id) if kept else None,
            "text": self.text[:SHOWN_CHARS],
            "tier": self.tier,
            "at": self.at,
            "live": _shown(self.live),
            "proposed": _shown(self.proposed),
        }


async def over_days(tools: Tools, tenant_id: TenantId, changes: dict[str, Any], days: int) -> dict[str, Any]:
    """The report on the messages of so many days. Raises Malformed when the changes make no sense."""
    moment = clock.now() - timedelta(days=days)
    async with tools.db.tenant(tenant_id) as tx:
        standing = await tools_room.standing(tx)
        proposed = policy.changed(standing.rules.rules, changes)
        found = await tx.all(Q.recorded, Recorded, since=questions.first_id(moment), most=MOST)
    tried = await asyncio.to_thread(_tried, tenant_id, standing, proposed, found)
    return _report(tried) | {"days": days, "is_all": len(found) < MOST}


async def of_pasted(
    tools: Tools, tenant_id: TenantId, changes: dict[str, Any], pasted: Sequence[Pasted]
) -> dict[str, Any]:
    """The report on these messages; each is understood anew under either rules. All of them are listed."""
    async with tools.db.tenant(tenant_id) as tx:
        standing = await tools_room.standing(tx)
    proposed = policy.changed(standing.rules.rules, changes)
    kit, now, tried = tools.kit(SilentTeller()), clock.now(), []
    for each in pasted:
        ways = []
        for rules in (standing.rules.rules, proposed):
            asked = replace(_asked(tenant_id, standing, rules, each.text, each.tier), history=each.history)
            ways.append(route.first(await classify.understand(Turn(asked), kit), now))
        tried.append(Tried(each.text, each.tier, now, ways[0], ways[1]))
    return _report(tried) | {"days": None, "is_all": True, "messages_tried": [each.as_json() for each in tried]}


def _tried(tenant_id: TenantId, standing: Standing, proposed: Rules, found: Sequence[Recorded]) -> list[Tried]:
    tried = []
    for kept in found:
        text, tier = str(kept.asked.get("text", "")), str(kept.asked.get("tier", ""))
        live = _way(tenant_id, standing, standing.rules.rules, kept, text, tier)
        after = _way(tenant_id, standing, proposed, kept, text, tier)
        tried.append(Tried(text, tier, kept.created_at, live, after, kept))
    return tried


def _way(tenant_id: TenantId, standing: Standing, rules: Rules, kept: Recorded, text: str, tier: str) -> Route:
    asked = replace(
        _asked(tenant_id, standing, rules, text, tier),
        unresolved=int(kept.unresolved),
        was_offered=bool(kept.asked.get("was_offered", False)),
    )
    turn = Turn(asked, understanding=_understood(kept.understanding, text, rules))
    return _held(route.first(turn, kept.created_at), kept.score, rules)


def _held(way: Route, score: dict[str, Any] | None, rules: Rules) -> Route:
    """The way of an answer that the confidence alone holds back."""
    if way.kind == "people" or score is None:
        return way
    needed = rules.thresholds.confidence(score["category"])
    if score["probability"] >= needed:
        return way
    reason = (
        f"An answer would be right with probability {score['probability']:.2f};"
        f" the rules ask for {needed:.2f} in “{score['category']}”."
    )
    return Route("people" if way.kind == "attempt" else "offer", reason, "confidence")


def _understood(kept: dict[str, Any], text: str, rules: Rules) -> Understanding:
    """What was understood then; whether the likeliest intent is asserted is for the rules to say."""
    guesses = tuple(Guess(each["name"], each["confidence"]) for each in kept["intents"])
    more = {
        "sentiment": kept.get("sentiment", 0.0),
        "trend": kept.get("sentiment_trend", 0.0),
        "repeats": kept.get("repeats", 0),
        "urgency": kept.get("urgency", "low"),
        "language": kept.get("language"),
    }
    heard = signals.stored(kept.get("signals", {}), text, escalate_words=rules.escalate_words, more=more)
    return Understanding(guesses, _asserted(kept, guesses, rules), heard, kept.get("classifier", ""))


def _asserted(kept: dict[str, Any], guesses: tuple[Guess, ...], rules: Rules) -> tuple[str, ...]:
    names = [name for name in kept["asserted"] if name != UNKNOWN]
    if guesses and guesses[0].name != UNKNOWN:
        top = guesses[0]
        rest = [name for name in names if name != top.name]
        names = [top.name, *rest] if top.confidence >= rules.thresholds.intent else rest
    return tuple(names) or (UNKNOWN,)


def _asked(tenant_id: TenantId, standing: Standing, rules: Rules, text: str, tier: str) -> Asked:
    return Asked(
        tenant_id=tenant_id,
        conversation_id=ConversationId(asking.NOBODY),
        ticket_id=TicketId(asking.NOBODY),
        customer_id=CustomerId(asking.NOBODY),
        verified=False,
        tier=tier,
        text=text,
        history=(),
        policy=Policy(standing.policy_version, rules),
        company=standing.company,
        assistant_name="",
        greeting="",
        hours=standing.hours_for(rules),
        understood_by=standing.understood_by,
    )


def _report(tried: Sequence[Tried]) -> dict[str, Any]:
    changed = [each for each in tried if each.changes]
    live, proposed = Counter(each.live.rule for each in tried), Counter(each.proposed.rule for each in tried)
    return {
        "messages": len(tried),
        "live": _counted(each.live for each in tried),
        "proposed": _counted(each.proposed for each in tried),
        "by_rule": [
            {"rule": rule, "live": live[rule], "proposed": proposed[rule]}
            for rule in sorted(live | proposed, key=lambda rule: -max(live[rule], proposed[rule]))
        ],
        "changed": len(changed),
        "changes": [each.as_json() for each in changed[:SHOWN]],
    }


def _counted(ways: Any) -> dict[str, int]:
    counted = Counter(way.kind for way in ways)
    return {kind: counted[kind] for kind in ("assist", "attempt", "offer", "people")}


def _shown(way: Route) -> dict[str, str]:
    return {"route": way.kind, "rule": way.rule, "reason": way.reason}
