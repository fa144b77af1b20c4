"""Step 4: what our own records say, and what is done for the customer. Authority comes with the session, never with a text.

In this order: the customer's yes or no to what was proposed; a declared workflow, which needs no model; the look-up into our own
tickets; calls that a model asks for. The first that has something to say wins.
"""

from dataclasses import replace

from tandem.actions import confirming
from tandem.actions.acting import Acting, session_turn
from tandem.actions.ledger import RunStatus
from tandem.actions.proposed import Proposed
from tandem.actions.rules import Refused
from tandem.actions.session import Session, lifted
from tandem.answering import calling, procedures
from tandem.answering.turn import Acted, Kit, Turn
from tandem.llm import Model
from tandem.tickets.lookups import TICKET_STATUS, Call

LOOK_UPS = {"ticket_update": TICKET_STATUS}
"""Which look-up into our own records answers which intent."""


async def for_customer(turn: Turn, kit: Kit) -> Turn:
    """What the customer's message calls for, done as far as it may be; nothing where nobody is served."""
    session = turn.asked.session
    acted = None
    if kit.acting is not None and session is not None:
        acted = await _their_word(turn, kit.acting, session)
        if acted is None and kit.workflows is not None and procedures.concerns(turn):
            acted = await kit.workflows(turn, kit.acting)
    if acted is None or not acted.speaks:
        acted = await _own_records(turn, kit) or acted
    if kit.acting is not None and session is not None and kit.model is not None and (acted is None or not acted.speaks):
        called = await _by_model(turn, kit, kit.model, kit.acting, session)
        acted = replace(called, keep=acted.keep) if called and acted else called or acted
    return turn if acted is None else replace(turn, acted=acted)


async def _by_model(turn: Turn, kit: Kit, model: Model, acting: Acting, session: Session) -> Acted | None:
    """What a model calls for; where that takes a one-time code, it is sent, and once typed in, the message before it counts."""
    if kit.proving is not None and (proved := await kit.proving.typed(session, turn.asked.text)) is not None:
        if not proved.is_right:
            return Acted((), (proved.sentence,), "model", needs="step_up")
        session, turn = replace(session, authority=lifted(session.authority)), _before(turn)
    acted = await calling.with_model(turn, model, acting, session)
    if acted is None or acted.needs != "step_up" or kit.proving is None:
        return acted
    sent = await kit.proving.send(session)
    reason = "" if sent.is_right else "The customer's identity could not be confirmed with a code."
    return replace(acted, sentences=(sent.sentence,), hand_over=reason)


def _before(turn: Turn) -> Turn:
    """The turn of the customer's message before this one."""
    own = [number for number, said in enumerate(turn.asked.history) if said.role == "user"]
    if not own:
        return turn
    asked = replace(turn.asked, text=turn.asked.history[own[-1]].text, history=turn.asked.history[: own[-1]])
    return replace(turn, asked=asked)


async def _own_records(turn: Turn, kit: Kit) -> Acted | None:
    wanted = [LOOK_UPS[name] for name in turn.heard.asserted if name in LOOK_UPS]
    calls = tuple([await kit.look_up(turn.asked, name) for name in wanted])
    return Acted(calls, tuple(text for call in calls for text in call.sentences), "records") if calls else None


async def _their_word(turn: Turn, acting: Acting, session: Session) -> Acted | None:
    """A typed yes or no, where exactly one proposal is open. A turn that is thought again tells what it had done before."""
    word = confirming.answer(turn.asked.text)
    if word is None:
        return None
    before = await acting.confirmed_by(session)
    if before:
        return told(before)
    waiting = await acting.waiting(session)
    if len(waiting) != 1:
        return _which(waiting) if waiting and word else None
    run, token = waiting[0].run, waiting[0].token or ""
    if not word:
        return told([await acting.void(session, run.id)])
    try:
        return told([await acting.confirm(session, run.id, token, session_turn(session), tell=False)])
    except Refused as refused:
        call = Call(run.action, {}, "refused", {}, rule=refused.rule)
        if refused.rule == "stepped_up":
            return Acted((call,), (calling.NOT_SURE,), "ledger", needs="step_up")
        return Acted((call,), (refused.sentence,), "ledger")


def _which(waiting: list[Proposed]) -> Acted:
    """Several wait: which one, the customer has to say on its card."""
    sentence = "There is more than one thing to confirm. Please press the button on the one that you mean."
    return Acted((), (sentence,), "ledger", tuple(each.card() for each in waiting), asks=True)


def told(stands: list[Proposed]) -> Acted:
    """What the ledger says of runs, as a turn tells it."""
    calls = tuple(
        Call(each.run.action, each.card()["parameters"], str(each.run.status), each.state()) for each in stands
    )
    cards = tuple(each.card() for each in stands if each.run.status is RunStatus.PROPOSED)
    return Acted(calls, tuple(each.sentence for each in stands), "ledger", cards)
