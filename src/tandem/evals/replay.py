"""Replaying a draft release: the questions that customers asked, through the very pipeline, against draft and live.

Both sides get the same question, history, audience and rules; they differ in the search alone. Nobody is told anything and
nothing is changed: look-ups run in transactions in which the database refuses every change. A question is touched by the
release when either answer cites a document that it changes, or when the two come out differently.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from tandem import jobs
from tandem.answering import pipeline, retrieve
from tandem.answering import tools as tools_room
from tandem.answering.accounts import Opened
from tandem.answering.telling import SilentTeller
from tandem.answering.tools import Standing, Tools
from tandem.answering.turn import Asked, Kit, Turn
from tandem.errors import Problem, Unavailable
from tandem.evals import questions, verdicts
from tandem.evals.metering import Metered
from tandem.evals.questions import Question
from tandem.evals.verdicts import Pair, Verdict
from tandem.ids import DocumentId, TenantId
from tandem.jobs import Order
from tandem.knowledge import changes, releases, replays
from tandem.knowledge.replays import Replay, Replayed
from tandem.llm import account
from tandem.tenants import modes, spending
from tandem.tenants.modes import Effective, Mode
from tandem.tenants.spending import Purpose
from tandem.tickets import lookups

TOGETHER = 4
"""Questions in hand at once: with a model most of the time is spent waiting for it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is replayed: which draft, what the documents say now that it changes, and the rules in force."""

    tenant_id: TenantId
    replay: Replay
    before: dict[DocumentId, str]
    standing: Standing
    opened: Opened


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question that the release touches, and what becomes of it."""

    question: Question
    pair: Pair
    verdict: Verdict

    @property
    def row(self) -> Replayed:
        """As the replay keeps it."""
        live, draft = verdicts.as_json(self.pair.live), verdicts.as_json(self.pair.draft)
        return Replayed(self.question.text, self.question.turn_id, self.verdict, live, draft)


class Side:
    """One of the two sides: a kit, and what it has cost so far."""

    def __init__(self, tools: Tools, draft: UUID | None, mode: Effective) -> None:
        kit = tools.kit(SilentTeller(), draft, mode=mode)
        self._meter = Metered(kit.model) if kit.model else None
        self.kit: Kit = replace(kit, model=self._meter, look_up=partial(_look_up, tools))
        self._ms = 0.0

    async def finds(self, asked: Asked, wanted: Collection[DocumentId]) -> bool:
        """Whether the question finds one of these documents."""
        ranked = await self.kit.search(asked, retrieve.question_of(asked))
        return any(found.document_id in wanted for found in ranked.passages)

    async def think(self, asked: Asked) -> Turn:
        """The finished turn."""
        turn = await pipeline.think(asked, self.kit)
        self._ms += sum(turn.timings.values())
        return turn

    @property
    def cost(self) -> dict[str, int]:
        """Calls and tokens of the model, and milliseconds of thinking."""
        calls, tokens = (self._meter.calls, self._meter.tokens) if self._meter else (0, 0)
        return {"model_calls": calls, "tokens": tokens, "ms": round(self._ms)}


class Replaying:
    """The work of the job `knowledge.replay`. Cut off and started again it begins anew, and its rows replace the old ones."""

    def __init__(self, tools: Tools) -> None:
        self._tools, self._db = tools, tools.db

    async def __call__(self, order: Order) -> dict[str, Any]:
        """Replay a draft; the outcome stands in the replay. Raises Problem when the draft cannot be replayed."""
        release_id, replay_id = UUID(order.args["release_id"]), UUID(order.args["replay_id"])
        try:
            plan = await self._begin(order.tenant_id, release_id, replay_id)
            rows, report = await self._replay(order, plan)
        except Unavailable:
            raise  # tried again until it is over
        except Problem:
            async with self._db.tenant(order.tenant_id) as tx:
                await replays.fail(tx, replay_id)
            raise
        blocked = verdicts.is_blocked(report)
        async with self._db.tenant(order.tenant_id) as tx:
            await replays.end(tx, replay_id, rows, report, blocked=blocked)
        return {"touched": report["touched"], "blocked": blocked}

    async def _begin(self, tenant_id: TenantId, release_id: UUID, replay_id: UUID) -> Plan:
        """The changes of this moment; what is changed later needs another replay."""
        async with self._db.tenant(tenant_id) as tx:
            await changes.lock(tx, release_id)
            found = await changes.of(tx, release_id)
            releases.refuse_unready(found)
            replay = await replays.begin(tx, replay_id, found)
            before = await changes.texts_before(tx, release_id)
            standing = await tools_room.standing(tx)
        standing = standing.at_full()
        return Plan(tenant_id, replay, before, standing, self._tools.open(tenant_id, standing))

    async def _replay(self, order: Order, plan: Plan) -> tuple[list[Replayed], dict[str, Any]]:
        rules = plan.standing.rules.rules.releases
        asked = await questions.recent(self._db, plan.tenant_id, plan.replay.days, rules.questions_at_most)
        mine, mode = plan.opened.account, modes.effective(Mode.FULL, plan.opened.possible)
        live, draft = Side(self._tools, None, mode), Side(self._tools, plan.replay.release_id, mode)
        found: list[Outcome] = []
        for begin in range(0, len(asked), TOGETHER):
            batch = asked[begin : begin + TOGETHER]
            with account.on(mine):
                done = await asyncio.gather(*(self._compared(plan, question, live, draft) for question in batch))
            found += [outcome for outcome in done if outcome is not None]
            calls, mine.calls = mine.calls, []
            async with self._db.tenant(plan.tenant_id) as tx:
                spending.book_later(tx, calls, Purpose())
                await jobs.progress(tx, order.job_id, (begin + len(batch)) / len(asked))
                spent = await spending.today(tx)
            mine.closed = spending.closed(spending.level(plan.standing.rules.rules.budget, spent))
        cost = {"live": live.cost, "draft": draft.cost}
        report = verdicts.report([o.verdict for o in found], len(asked), rules.worse_at_most, cost)
        return [outcome.row for outcome in _worst_first(found)], report

    async def _compared(self, plan: Plan, question: Question, live: Side, draft: Side) -> Outcome | None:
        """Both answers to a question; None when the release does not touch it."""
        asked = await self._asked(plan, question)
        if not (await live.finds(asked, plan.before) or await draft.finds(asked, plan.before)):
            return None  # found out at a hundredth of what asking a model costs
        pair = Pair(await live.think(asked), await draft.think(asked), question.liked)
        verdict = verdicts.verdict(pair, plan.before)
        cited = verdicts.rests_on(pair.live) | verdicts.rests_on(pair.draft)
        return None if verdict is Verdict.SAME and not cited & plan.before.keys() else Outcome(question, pair, verdict)

    async def _asked(self, plan: Plan, question: Question) -> Asked:
        """The question as it was asked then, under the rules of now."""
        async with self._db.reading(plan.tenant_id) as tx:
            said = await questions.history(tx, question)
        standing = plan.standing
        return Asked(
            tenant_id=plan.tenant_id,
            conversation_id=question.conversation_id,
            ticket_id=question.ticket_id,
            customer_id=question.customer_id,
            verified=question.verified,
            tier=question.tier,
            text=question.text,
            history=said,
            policy=standing.rules,
            company=standing.company,
            assistant_name=standing.look.assistant_name,
            greeting=standing.look.greeting,
            hours=standing.hours,
            knowledge=standing.knowledge,
            index=standing.index,
            understood_by=standing.understood_by,
            possible=plan.opened.possible,
        )


async def _look_up(tools: Tools, asked: Asked, name: str) -> lookups.Call:
    """As in production, but that the database would refuse any change."""
    async with tools.db.reading(asked.tenant_id) as tx:
        return await lookups.ticket_status(tx, asked.customer_id, asked.ticket_id)


def _worst_first(found: Sequence[Outcome]) -> list[Outcome]:
    order = list(Verdict)
    return sorted(found, key=lambda outcome: order.index(outcome.verdict))
