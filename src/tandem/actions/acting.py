"""Looking things up and changing them for a customer: the one way to every handler, whoever asks for it.

A caller, a workflow or a model gives a name and arguments; the Session says who the customer is. In this order it is checked:
the action exists and is enabled, the session may use it, the arguments fit, the thing is the customer's, the amount keeps the
limits. A change is then proposed; confirmed it counts, and once sent it is followed until somebody knows what became of it.
No transaction is open while a handler works. Every refusal names its rule and stands in the audit.
"""

from typing import Any
from uuid import UUID

from tandem import clock
from tandem.actions import confirming, ledger, registry, rules, telling
from tandem.actions.carrying import SETTLED, Carrier
from tandem.actions.checking import NO_ANSWER, Checks, Refusing
from tandem.actions.definition import Definition
from tandem.actions.handlers import Handlers, Order, Outcome
from tandem.actions.ledger import Run, RunStatus
from tandem.actions.money import Money
from tandem.actions.proposed import LookedUp, Proposed
from tandem.actions.registry import Entry
from tandem.actions.rules import Refused
from tandem.actions.session import Authority, Session
from tandem.db import Database, Tx
from tandem.errors import Conflict, NotFound
from tandem.events import Hub
from tandem.ids import ConversationId, TenantId
from tandem.tenants import policy
from tandem.tenants.modes import Mode
from tandem.tenants.policy import Chosen
from tandem.tenants.sealing import Sealer

UNDO_MARK = "undo"


class Acting:
    """One in each process."""

    def __init__(self, db: Database, hub: Hub, sealer: Sealer, handlers: Handlers) -> None:
        self._db, self._sealer, self.handlers = db, sealer, handlers
        self._checks, self.carrier = Checks(db, sealer, handlers), Carrier(db, hub, sealer, handlers)

    # ------------------------------------------------------------------ asking

    async def offered(self, session: Session) -> list[Definition]:
        """The actions that exist for this session."""
        async with self._db.tenant(session.tenant_id) as tx:
            entries = await registry.every(tx)
        return [entry.definition for entry in entries if rules.is_offered(entry.definition, session)]

    async def look_up(self, session: Session, name: str, arguments: object) -> LookedUp:
        """What a look-up returns. Raises Refused, which stands in the audit then."""
        async with self._refusing(session, name, arguments):
            entry = await self._checks.entry(session, name)
            definition = entry.definition
            rules.admit(definition, session)
            if definition.kind != "look_up":
                raise Refused("kind", f"{name} is not a look-up.")
            given = rules.fit(definition, arguments)
            owned = await self._checks.own(session, definition, given)
            return _looked_up(name, owned or await self._checks.ask(session, definition, given))

    async def propose(self, session: Session, name: str, arguments: object, *, careful: bool = False) -> Proposed:
        """A change as the ledger has it: proposed now, or as it stands when the same was proposed before in this conversation.

        What needs no confirmation is carried out, unless who asks for it has read what nobody vouches for (`careful`). Raises
        Refused, which stands in the audit then.
        """
        async with self._refusing(session, name, arguments):
            entry = await self._checks.entry(session, name)
            definition = entry.definition
            rules.admit(definition, session)
            if definition.kind != "change":
                raise Refused("kind", f"{name} is not a change.")
            given = rules.fit(definition, arguments)
            await self._checks.own(session, definition, given)
            quote = await self._checks.quote(session, definition, given)
            moves = rules.amount(definition, given, quote)
            proposed = await self._proposed(session, entry, given, quote, moves)
        needs_word = careful or definition.must_confirm(moves.minor if moves else None)
        if proposed.run.status is RunStatus.PROPOSED and not needs_word:
            return await self.confirm(session, proposed.run.id, proposed.token or "", "policy", tell=False)
        return proposed

    async def find(self, session: Session, name: str, arguments: dict[str, Any]) -> Proposed | None:
        """The live run of the same in this conversation."""
        mark = confirming.fingerprint(name, arguments)
        async with self._db.tenant(session.tenant_id) as tx:
            run = await ledger.live(tx, session.conversation_id, name, mark)
            return await self.carrier.as_it_stands(tx, run) if run is not None else None

    async def misfit(self, session: Session, name: str, arguments: dict[str, Any], token: str) -> None:
        """A confirmation that came with arguments which nobody proposed: what it was for is void. Raises Refused, always."""
        async with self._refusing(session, name, arguments):
            async with self._db.tenant(session.tenant_id) as tx:
                runs = await ledger.of_conversation(tx, session.conversation_id)
            shown = [run for run in runs if confirming.matches(self.carrier.token(session.tenant_id, run), token)]
            if not shown:
                raise Refused("confirmation", "This confirmation is not for this action.")
            if shown[0].status is RunStatus.EXPIRED or shown[0].expires_at <= clock.now():
                raise Refused("expired", "The confirmation came too late.")
            if shown[0].status is RunStatus.PROPOSED:
                await self.void(session, shown[0].id, "It was confirmed with other arguments.")
            raise Refused("changed", "This confirmation was for something else, which is void now.")

    async def refuse(self, session: Session, name: str, refused: Refused, arguments: object) -> None:
        """What was refused before it came here stands in the audit too."""
        async with self._db.tenant(session.tenant_id) as tx:
            await ledger.refuse(tx, session, name, refused.rule, refused.sentence, arguments)

    async def waiting(self, session: Session) -> list[Proposed]:
        """What waits for this customer's word."""
        async with self._db.tenant(session.tenant_id) as tx:
            return [
                await self.carrier.as_it_stands(tx, run) for run in await ledger.open_runs(tx, session.conversation_id)
            ]

    async def confirmed_by(self, session: Session) -> list[Proposed]:
        """What the customer's word in this very turn has confirmed already, when the turn is thought once more."""
        async with self._db.tenant(session.tenant_id) as tx:
            runs = await ledger.of_conversation(tx, session.conversation_id)
            return [
                await self.carrier.as_it_stands(tx, run) for run in runs if run.confirmed_by == session_turn(session)
            ]

    async def of_conversation(self, tenant_id: TenantId, conversation_id: ConversationId) -> list[Proposed]:
        """A conversation's runs as they stand, oldest first."""
        async with self._db.tenant(tenant_id) as tx:
            return [
                await self.carrier.as_it_stands(tx, run) for run in await ledger.of_conversation(tx, conversation_id)
            ]

    # ------------------------------------------------------------------ deciding

    async def confirm(self, session: Session, run_id: UUID, token: str, by: str, *, tell: bool = True) -> Proposed:
        """The customer agrees to a proposal of this conversation; then it is carried out, or waits for approval.

        `tell`: in a message of its own; a turn says by itself how it went.

        Confirmed before, it is as it stands. Raises NotFound, and Refused when it cannot be confirmed (any more).
        """
        before = await self.carrier.state(session.tenant_id, run_id)
        run, definition = before.run, before.definition
        if (run.conversation_id, run.customer_id) != (session.conversation_id, session.customer_id):
            raise NotFound("There is no such action.")
        async with self._refusing(session, run.action, run.arguments, run.id):
            expected = self.carrier.token(session.tenant_id, run)
            if not confirming.matches(expected, token):
                raise Refused("confirmation", "This confirmation is not for this action.")
            if run.status is not RunStatus.PROPOSED:
                return await self.carrier.settled(session.tenant_id, run.id, definition)
            if run.expires_at <= clock.now():
                raise Refused("expired", "The confirmation came too late.")
            entry = await self._checks.entry(session, run.action)
            rules.admit(entry.definition, session)
            await self._checks.own(session, definition, run.arguments)
            quote = await self._checks.quote(session, definition, run.arguments)
            moves = rules.amount(definition, run.arguments, quote)
            if moves != run.money:
                await self.void(session, run.id, "The price has changed since.")
                raise Refused("changed", "The amount has changed since this was proposed.")
            order = await self._confirmed(session, entry.definition, run, moves, by)
        if order is not None:
            return await self.carrier.deliver(session.tenant_id, run, definition, order, tell=tell)
        stands = await self.carrier.carry_out(session.tenant_id, run.id, tell=tell)
        return (
            stands
            if stands.run.status in SETTLED
            else await self.carrier.settled(session.tenant_id, run.id, definition)
        )

    async def void(self, session: Session, run_id: UUID, reason: str = "The customer said no.") -> Proposed:
        """The customer does not want it. Raises NotFound."""
        async with self._db.tenant(session.tenant_id) as tx:
            run = await ledger.get(tx, run_id, lock=True)
            if (run.conversation_id, run.customer_id) != (session.conversation_id, session.customer_id):
                raise NotFound("There is no such action.")
            await ledger.close(tx, run, RunStatus.VOIDED, session.actor, reason, [RunStatus.PROPOSED])
            stands = await self.carrier.as_it_stands(tx, await ledger.get(tx, run_id))
            await self.carrier.tell(tx, stands, aloud=False)
        return stands

    async def approve(
        self, tenant_id: TenantId, run_id: UUID, approver: str, name: str, reason: str | None
    ) -> Proposed:
        """One of those who have to agrees; when all have, it is carried out.

        Raises NotFound, and Conflict when it waits for nobody or the mode allows no changes: then it waits on.
        """
        async with self._db.tenant(tenant_id) as tx:
            run = await self._pending(tx, run_id)
            if (await tx.one(policy.Q.chosen_mode, Chosen)).mode is not Mode.FULL:
                raise Conflict("Changes are switched off just now, by the mode in your rules.")
            if not await tx.run(
                ledger.Q.add_approval, run_id=run_id, approver=approver, name=name, agrees=True, reason=reason
            ):
                raise Conflict("You have decided on this already; it needs somebody else too.")
            await ledger.note(tx, run, "agreed", f"{name} ({approver})", {"reason": reason} if reason else {})
            agreed = sum(each.agrees for each in await ledger.approvals(tx, run_id))
            if agreed < run.approvals:
                return await self.carrier.as_it_stands(tx, run)
            await ledger.approved(tx, run, f"{name} ({approver})")
        return await self.carrier.carry_out(tenant_id, run_id)

    async def reject(self, tenant_id: TenantId, run_id: UUID, approver: str, name: str, reason: str | None) -> Proposed:
        """It is not done; the customer is told. Raises NotFound, and Conflict when it waits for nobody."""
        async with self._db.tenant(tenant_id) as tx:
            run = await self._pending(tx, run_id)
            await tx.run(
                ledger.Q.add_approval, run_id=run_id, approver=approver, name=name, agrees=False, reason=reason
            )
            await ledger.close(
                tx, run, RunStatus.REJECTED, f"{name} ({approver})", reason or "", [RunStatus.PENDING_APPROVAL]
            )
            stands = await self.carrier.as_it_stands(tx, await ledger.get(tx, run_id))
            await self.carrier.tell(tx, stands)
        return stands

    async def settle(self, tenant_id: TenantId, run_id: UUID, *, done: bool, by: str, reason: str | None) -> Proposed:
        """A person has found out whether it was done; the customer is told. Raises NotFound, and Conflict when it is known."""
        async with self._db.tenant(tenant_id) as tx:
            run = await ledger.get(tx, run_id, lock=True)
            if not await ledger.settle(tx, run, RunStatus.DONE if done else RunStatus.FAILED, by, reason):
                raise Conflict("What became of this is known, or not asked.")
            stands = await self.carrier.as_it_stands(tx, await ledger.get(tx, run_id))
            await self.carrier.tell(tx, stands)
        return stands

    async def undo(self, tenant_id: TenantId, run_id: UUID, by: str) -> Proposed:
        """Take a change back, where the backend offers that, within its time. Raises NotFound, and Conflict when it cannot be."""
        async with self._db.tenant(tenant_id) as tx:
            run = await ledger.get(tx, run_id, lock=True)
            definition = (await registry.version(tx, run.action, run.version)).definition
            handler = definition.handler
            if (taken := await ledger.undoing(tx, run_id)) is not None:
                undo_id = taken.id
            elif run.status is not RunStatus.DONE or run.undoes is not None or run.finished_at is None:
                raise Conflict("Only what was done can be taken back.")
            elif handler is None or handler.undo_url is None:
                raise Conflict("The backend offers no way back for this.")
            elif (clock.now() - run.finished_at).total_seconds() > handler.undo_within_s:
                raise Conflict("The time in which this could be taken back is over.")
            else:
                undo_id = await _undoing(tx, tenant_id, run, by)
        return await self.carrier.carry_out(tenant_id, undo_id)

    # ------------------------------------------------------------------ checking

    async def _proposed(
        self,
        session: Session,
        entry: Entry,
        arguments: dict[str, Any],
        quote: dict[str, Any] | None,
        moves: Money | None,
    ) -> Proposed:
        """Into the ledger, or what stands there already. A proposal whose price has changed gives way to the new one."""
        definition = entry.definition
        mark = confirming.fingerprint(entry.name, arguments)
        bounds = definition.limits.of_tier(session.tier)
        async with self._db.tenant(session.tenant_id) as tx:
            # What was done before is only looked at: it is held against the limits, alone with them, when the customer confirms.
            whose = (session.customer_id, moves.currency if moves else None)
            spent = await ledger.spent(tx, entry.name, *whose) if rules.counted(definition) else {}
            there = await ledger.live(tx, session.conversation_id, entry.name, mark)
            if there is not None and there.status is RunStatus.PROPOSED:
                is_open = there.expires_at > clock.now() and there.version == entry.version and there.money == moves
                if not is_open:
                    why = "Proposed anew."
                    await ledger.close(tx, there, RunStatus.VOIDED, session.actor, why, [RunStatus.PROPOSED])
                    there = None
            if there is not None:
                return await self.carrier.as_it_stands(tx, there)
            rules.within(bounds, moves, spent)
            run = await ledger.propose(
                tx,
                session,
                entry.name,
                entry.version,
                arguments,
                mark,
                moves=moves,
                quote=quote,
                summary=telling.summary(definition, arguments, str(moves) if moves else None, quote),
                approvals=rules.approvals(bounds, moves),
                expires_s=definition.confirm.expires_s,
            )
            if run is None:  # the same came twice at once, and the other was faster
                run = await ledger.live(tx, session.conversation_id, entry.name, mark)
            if run is None:
                raise Conflict("The same was proposed this very moment. Look again.")
            return await self.carrier.as_it_stands(tx, run)

    async def _confirmed(
        self, session: Session, definition: Definition, run: Run, moves: Money | None, by: str
    ) -> Order | None:
        """Limits and the move to `confirmed` in one transaction, alone with the action's counters; and where nobody has to approve,
        to `executing`: what is then to be sent."""
        bounds = definition.limits.of_tier(session.tier)
        async with self._db.tenant(session.tenant_id) as tx:
            whose = (session.customer_id, moves.currency if moves else None)
            if alone := rules.counted(definition):
                ledger.alone(tx, run.action, session.customer_id if alone == "customer" else None)
            locked, chosen = tx.later(ledger.Q.run_locked, id=run.id), policy.chosen_later(tx)
            spent = await ledger.spent(tx, run.action, *whose)
            if locked.one(Run).status is not RunStatus.PROPOSED:
                return None  # somebody was faster with the very same
            rules.in_mode(chosen.one(Chosen).mode)  # again: the backend may have taken its time over the price
            rules.within(bounds, moves, spent)
            approvals = rules.approvals(bounds, moves)
            if not await ledger.confirm(tx, run, by, approvals, session.ticket_id) or approvals:
                return None
            return await self.carrier.begin(tx, run)

    async def _pending(self, tx: Tx, run_id: UUID) -> Run:
        run = await ledger.get(tx, run_id, lock=True)
        if run.status is not RunStatus.PENDING_APPROVAL:
            raise Conflict("This does not wait for an approval.")
        return run

    def _refusing(self, session: Session, name: str, arguments: object, run_id: UUID | None = None) -> Refusing:
        return Refusing(self._db, session, name, arguments, run_id)


def session_turn(session: Session) -> str:
    """Who confirms when the customer typed their word: the turn tells them how it went by itself."""
    return f"turn {session.turn_id}"


def _looked_up(name: str, outcome: Outcome) -> LookedUp:
    if outcome.kind == "done":
        return LookedUp(name, outcome.result)
    if outcome.kind == "failed":
        return LookedUp(name, None, outcome.error)
    return LookedUp(name, None, NO_ANSWER, answered=False)


async def _undoing(tx: Tx, tenant_id: TenantId, run: Run, by: str) -> UUID:
    """The run that takes another one back: confirmed by the one who asks for it."""
    session = Session(
        tenant_id, run.conversation_id, run.ticket_id, run.customer_id, None, run.tier, Authority(run.identity)
    )
    taking = await ledger.propose(
        tx,
        session,
        run.action,
        run.version,
        {},
        confirming.fingerprint(run.action, {UNDO_MARK: run.shown_id}),
        moves=None,
        quote=None,
        summary=f"{telling.TAKE_BACK}{run.summary}",
        approvals=0,
        expires_s=60,
        undoes=run.id,
    )
    if taking is None:
        raise Conflict("This is being taken back already.")
    await ledger.confirm(tx, taking, by, 0, run.ticket_id)
    return taking.id
