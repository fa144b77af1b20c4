"""The workflow that is under way in a conversation, or that begins with what the customer wants: a step further with each message.

The engine is `tandem.workflows`; here it meets the turn. Where the procedure then stands is kept in the transaction that writes
the turn's outcome, so that a turn thought twice goes on from the same place.
"""

from dataclasses import dataclass, replace
from typing import Any

from tandem import clock
from tandem.actions.acting import Acting
from tandem.actions.session import Session, lifted
from tandem.answering import filling
from tandem.answering.proving import Proving
from tandem.answering.turn import Acted, Keep, Turn, holds_answer
from tandem.conversations.threads import Conversation
from tandem.db import Database, Tx
from tandem.intents.starter import UNKNOWN
from tandem.llm import Model
from tandem.tickets.lookups import Call
from tandem.workflows import reading, running, state, store, subject
from tandem.workflows.definition import Workflow
from tandem.workflows.doing import Acts
from tandem.workflows.state import Moved, Said, State

READINGS = 3
"""Of a message that is about nothing known: a workflow's pattern decides among so many."""

LEFT = "All right, I have left that as it is."
SIGN_IN = "For this I have to know who you are. Please sign in on our website, and ask me again there."


@dataclass(frozen=True, slots=True)
class _InHand:
    """A procedure that is under way, or begins."""

    workflow: Workflow
    version: int
    state: State
    kept: Keep | None


class Procedures:
    """Goes on with the tenant's workflows."""

    def __init__(self, db: Database, proving: Proving, model: Model | None) -> None:
        self._db, self._proving, self._model = db, proving, model

    async def __call__(self, turn: Turn, acting: Acting) -> Acted | None:
        """A step further; None where no workflow has to do with the message."""
        session = turn.asked.session
        assert session is not None, "only for somebody who is served"
        open_one, begun = await self._in_hand(turn)
        if open_one is not None:
            why = subject.leaves(turn.asked.text, turn.heard.asserted, open_one.workflow, open_one.state)
            if why is None:
                return await self._step(turn, acting, session, open_one)
            left = replace(_kept(open_one), state=None, status="left")
            if why == "never_mind":
                return Acted((), (LEFT,), "workflow", keep=left)
            return await self._step(turn, acting, session, begun) if begun else Acted(keep=left)
        return await self._step(turn, acting, session, begun) if begun else None

    async def _in_hand(self, turn: Turn) -> tuple[_InHand | None, _InHand | None]:
        """What is under way in the conversation, and what the message would begin."""
        asked, open_one, begun = turn.asked, None, None
        wanted = [(intent, is_sure) for intent, is_sure in _wants(turn) if intent in asked.workflow_intents]
        async with self._db.reading(asked.tenant_id) as tx:
            entries = [(store.for_intent_later(tx, intent), is_sure) for intent, is_sure in wanted]
            if asked.in_hand and (row := await store.open_of(tx, asked.conversation_id)) is not None:
                entry = await store.version(tx, row.workflow, row.version)
                kept = Keep(row.workflow, row.version, row.state, "open", row.id)
                open_one = _InHand(reading.stored(entry.body), row.version, state.stored(row.state), kept)
        for answer, is_sure in entries:
            found = answer.maybe(store.Entry)
            workflow = reading.stored(found.body) if found else None
            if found and workflow and (is_sure or workflow.when) and subject.begins(asked.text, workflow):
                begun = _InHand(workflow, found.version, State(), None)
                break
        return open_one, begun

    async def _step(self, turn: Turn, acting: Acting, session: Session, hand: _InHand) -> Acted | None:
        said = _said(turn)
        proved = await self._proving.typed(session, said.text) if hand.state.at and hand.kept else None
        if proved is not None:
            if not proved.is_right:
                return Acted((), (proved.sentence,), "workflow", needs="step_up", keep=_kept(hand))
            session, said = replace(session, authority=lifted(session.authority)), replace(said, text="")
        doer = Acts(acting, session)
        moved = await running.advance(hand.workflow, hand.state, said, doer)
        if moved.ask is not None and moved.state is not None and self._model is not None:
            filled = await filling.fill(self._model, turn.asked.company, hand.workflow, moved.state, said)
            if filled:
                further = replace(hand.state, slots={**hand.state.slots, **filled})
                moved = await running.advance(hand.workflow, further, said, doer)
        asks_in_general = hand.kept is None and not subject.names_own(said.text, hand.workflow)
        if moved.needs == "sign_in" and asks_in_general and holds_answer(turn):
            return None  # who cannot be served is answered from the articles
        calls = [
            Call(call.action, await doer.shown(call.action, call.arguments), call.outcome, {}, rule=call.rule)
            for call in moved.calls
        ]
        return await self._told(session, hand, moved, tuple(calls))

    async def _told(self, session: Session, hand: _InHand, moved: Moved, calls: tuple[Call, ...]) -> Acted:
        """What the engine came to, as a turn tells it."""
        sentences = [*moved.sentences, *([moved.ask.question] if moved.ask else [])]
        hand_over, needs = moved.hand_over or "", moved.needs or ""
        cards: tuple[dict[str, Any], ...] = ()
        if moved.proposal is not None:
            waits = moved.proposal.token is not None
            sentences.append(moved.proposal.sentence)
            cards = (moved.proposal.card(),) if waits else ()
        if needs == "step_up":
            sent = await self._proving.send(session)
            sentences.append(sent.sentence)
            hand_over = "" if sent.is_right else "The customer's identity could not be confirmed with a code."
        elif needs == "sign_in":
            sentences.append(SIGN_IN)
        keep = replace(
            _kept(hand), state=moved.state.as_json() if moved.state else None, status="open" if moved.state else "done"
        )
        return Acted(
            calls,
            tuple(sentences),
            "workflow",
            cards,
            asks=moved.ask is not None,
            choices=moved.ask.choices if moved.ask else (),
            hand_over=hand_over,
            needs=needs,
            keep=keep,
        )


async def keep(tx: Tx, conversation: Conversation, kept: Keep | None, *, hands_over: bool) -> None:
    """How the procedure stands after the turn, with everything else that the turn writes. A person who takes over ends it."""
    if kept is None and not hands_over:
        return
    if hands_over or kept is None:
        if (row := await store.open_of(tx, conversation.id)) is not None:
            await store.finish(tx, row.id, "left")
        return
    if kept.state is None:
        if kept.procedure_id is not None:
            await store.finish(tx, kept.procedure_id, "left" if kept.status == "left" else "done")
    elif kept.procedure_id is not None:
        await store.keep(tx, kept.procedure_id, state.stored(kept.state))
    else:
        await store.begin(tx, conversation.id, kept.workflow, kept.version, state.stored(kept.state))


def concerns(turn: Turn) -> bool:
    """Whether a workflow may have to do with the message, as far as that is known without looking into any."""
    asked = turn.asked
    return asked.in_hand or any(intent in asked.workflow_intents for intent, _ in _wants(turn))


def _wants(turn: Turn) -> list[tuple[str, bool]]:
    """What the customer may want, surest first; of a message that is about nothing known, the likeliest readings, where a
    workflow's own words for it are needed beside."""
    asserted = [(name, True) for name in turn.heard.asserted if name != UNKNOWN]
    return asserted or [(guess.name, False) for guess in turn.heard.intents[:READINGS] if guess.name != UNKNOWN]


def _kept(hand: _InHand) -> Keep:
    return hand.kept or Keep(hand.workflow.name, hand.version, hand.state.as_json())


def _said(turn: Turn) -> Said:
    asked = turn.asked
    page = asked.metadata.get("page_url")
    own = tuple(said.text for said in asked.history if said.role == "user")
    return Said(asked.text, own, page if isinstance(page, str) else None, today=clock.now().date())
