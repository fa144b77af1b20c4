"""Looking things up and changing them for a customer: the one way to every handler, whoever asks for it.

A caller, a workflow or a model gives a name and arguments; the Session says who the customer is. In this order it is checked:
the action exists and is enabled, the session may use it, the arguments fit, the thing is the customer's, the amount keeps the
limits. A change is then proposed; confirmed it counts, and once sent it is followed until somebody knows what became of it.
No transaction is open while a handler works. Every refusal names its rule and stands in the audit.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from tandem import clock, ids
from tandem.actions import confirming, ledger, money, registry, rules, telling
from tandem.actions.definition import Definition
from tandem.actions.handlers import Handlers, Order, Outcome
from tandem.actions.ledger import Run, RunStatus
from tandem.actions.money import Money
from tandem.actions.registry import Entry
from tandem.actions.rules import Refused
from tandem.actions.session import Session
from tandem.conversations import log, messages, threads
from tandem.conversations.log import News
from tandem.conversations.messages import Role
from tandem.db import Database, Tx
from tandem.errors import Conflict, NotFound
from tandem.events import Hub
from tandem.ids import ConversationId, TenantId, TicketId
from tandem.tenants.sealing import Sealer

logger = logging.getLogger(__name__)

AGAIN_S = (2.0, 10.0, 60.0, 300.0, 500.0)
"""When the backend is asked again what became of a change; after the last one a person has to find out, within 15 min (F10)."""

LEASE_S = 10.0
"""Beyond its handler's time, a process that has sent something is taken for dead after so long."""

LOOK_S = 0.05

UNDO_MARK = "undo"


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a look-up returned. `error`: it returned nothing, and why; nothing more is known."""

    action: str
    result: dict[str, Any] | None
    error: str = ""

    @property
    def is_found(self) -> bool:
        """Whether there is a result."""
        return self.result is not None


@dataclass(frozen=True, slots=True)
class Proposed:
    """A change as it stands in the ledger. `token`: while it waits for the customer's word."""

    run: Run
    definition: Definition
    token: str | None

    @property
    def text(self) -> str:
        """How it stands, for the customer."""
        return telling.told(self.definition, self.run)

    def card(self) -> dict[str, Any]:
        """What the customer confirms: text and amount are the ledger's."""
        moves = self.run.money
        return {
            "action_id": self.run.shown_id,
            "action_type": self.run.action,
            "summary": self.run.summary,
            "parameters": telling.shown_arguments(self.definition, self.run.arguments),
            "amount_minor": moves.minor if moves else None,
            "currency": moves.currency if moves else None,
            "amount": str(moves) if moves else None,
            "expires_at": self.run.expires_at,
            "confirm_token": self.token,
            "ticket_id": ids.show("tkt", self.run.ticket_id),
        }

    def state(self) -> dict[str, Any]:
        """How it stands, for events and the API."""
        status = "executed" if self.run.status is RunStatus.DONE else str(self.run.status)
        seen = telling.seen(self.run.result, self.definition.shows.customer) if self.run.result is not None else None
        return {
            "action_id": self.run.shown_id,
            "action_type": self.run.action,
            "status": status,
            "result": seen,
            "executed_at": self.run.finished_at if self.run.status is RunStatus.DONE else None,
            "text": self.text,
            "summary": self.run.summary,
        }


NeedsPerson = Callable[[TenantId, Run, str], Awaitable[None]]
"""Hands a run that nobody can tell the outcome of to people."""


class Acting:
    """One in each process. `needs_person` is told of runs that machines cannot settle."""

    def __init__(self, db: Database, hub: Hub, sealer: Sealer, handlers: Handlers) -> None:
        self._db, self._hub, self._sealer, self.handlers = db, hub, sealer, handlers
        self.needs_person: NeedsPerson | None = None

    # ------------------------------------------------------------------ asking

    async def offered(self, session: Session) -> list[Definition]:
        """The actions that exist for this session."""
        async with self._db.tenant(session.tenant_id) as tx:
            entries = await registry.every(tx)
        return [entry.definition for entry in entries if rules.is_offered(entry.definition, session)]

    async def look_up(self, session: Session, name: str, arguments: object) -> LookedUp:
        """What a look-up returns. Raises Refused, which stands in the audit then."""
        async with self._refusing(session, name, arguments):
            entry = await self._entry(session, name)
            definition = entry.definition
            rules.admit(definition, session)
            if definition.kind != "look_up":
                raise Refused("kind", f"{name} is not a look-up.")
            given = rules.fit(definition, arguments)
            owned = await self._own(session, definition, given)
            if owned is not None:
                return LookedUp(name, owned)
            return _looked_up(name, await self._ask(session, definition, given))

    async def propose(self, session: Session, name: str, arguments: object, *, careful: bool = False) -> Proposed:
        """A change as the ledger has it: proposed now, or as it stands when the same was proposed before in this conversation.

        What needs no confirmation is carried out, unless who asks for it has read what nobody vouches for (`careful`). Raises
        Refused, which stands in the audit then.
        """
        async with self._refusing(session, name, arguments):
            entry = await self._entry(session, name)
            definition = entry.definition
            rules.admit(definition, session)
            if definition.kind != "change":
                raise Refused("kind", f"{name} is not a change.")
            given = rules.fit(definition, arguments)
            await self._own(session, definition, given)
            quote = await self._quote(session, definition, given)
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
            return await self._as_it_stands(tx, run) if run is not None else None

    async def refuse(self, session: Session, name: str, refused: Refused, arguments: object) -> None:
        """What was refused before it came here stands in the audit too."""
        async with self._db.tenant(session.tenant_id) as tx:
            await ledger.refuse(tx, session, name, refused.rule, refused.sentence, arguments)

    async def waiting(self, session: Session) -> list[Proposed]:
        """What waits for this customer's word."""
        async with self._db.tenant(session.tenant_id) as tx:
            return [await self._as_it_stands(tx, run) for run in await ledger.open_runs(tx, session.conversation_id)]

    async def confirmed_by(self, session: Session) -> list[Proposed]:
        """What the customer's word in this very turn has confirmed already, when the turn is thought once more."""
        async with self._db.tenant(session.tenant_id) as tx:
            runs = await ledger.of_conversation(tx, session.conversation_id)
            return [await self._as_it_stands(tx, run) for run in runs if run.confirmed_by == session_turn(session)]

    async def of_conversation(self, tenant_id: TenantId, conversation_id: ConversationId) -> list[Proposed]:
        """A conversation's runs as they stand, oldest first."""
        async with self._db.tenant(tenant_id) as tx:
            return [await self._as_it_stands(tx, run) for run in await ledger.of_conversation(tx, conversation_id)]

    async def state(self, tenant_id: TenantId, run_id: UUID) -> Proposed:
        """A run as it stands. Raises NotFound."""
        async with self._db.tenant(tenant_id) as tx:
            return await self._as_it_stands(tx, await ledger.get(tx, run_id))

    # ------------------------------------------------------------------ deciding

    async def confirm(self, session: Session, run_id: UUID, token: str, by: str, *, tell: bool = True) -> Proposed:
        """The customer agrees to a proposal of this conversation; then it is carried out, or waits for approval.

        `tell`: in a message of its own; a turn says by itself how it went.

        Confirmed before, it is as it stands. Raises NotFound, and Refused when it cannot be confirmed (any more).
        """
        before = await self.state(session.tenant_id, run_id)
        run, definition = before.run, before.definition
        if (run.conversation_id, run.customer_id) != (session.conversation_id, session.customer_id):
            raise NotFound("There is no such action.")
        async with self._refusing(session, run.action, run.arguments, run.id):
            expected = self._token(session.tenant_id, run)
            if not confirming.matches(expected, token):
                raise Refused("confirmation", "This confirmation is not for this action.")
            if run.status is not RunStatus.PROPOSED:
                return await self._settled(session.tenant_id, run.id, definition)
            if run.expires_at <= clock.now():
                raise Refused("expired", "The confirmation came too late.")
            entry = await self._entry(session, run.action)
            rules.admit(entry.definition, session)
            await self._own(session, definition, run.arguments)
            quote = await self._quote(session, definition, run.arguments)
            moves = rules.amount(definition, run.arguments, quote)
            if moves != run.money:
                await self.void(session, run.id, "The price has changed since.")
                raise Refused("changed", "The amount has changed since this was proposed.")
            await self._confirmed(session, entry.definition, run, moves, by)
        return await self.carry_out(session.tenant_id, run.id, tell=tell)

    async def void(self, session: Session, run_id: UUID, reason: str = "The customer said no.") -> Proposed:
        """The customer does not want it. Raises NotFound."""
        async with self._db.tenant(session.tenant_id) as tx:
            run = await ledger.get(tx, run_id, lock=True)
            if (run.conversation_id, run.customer_id) != (session.conversation_id, session.customer_id):
                raise NotFound("There is no such action.")
            await ledger.close(tx, run, RunStatus.VOIDED, session.actor, reason, [RunStatus.PROPOSED])
            stands = await self._as_it_stands(tx, await ledger.get(tx, run_id))
            await self._tell(tx, stands, aloud=False)
        return stands

    async def approve(
        self, tenant_id: TenantId, run_id: UUID, approver: str, name: str, reason: str | None
    ) -> Proposed:
        """One of those who have to agrees; when all have, it is carried out. Raises NotFound, and Conflict when it waits for nobody."""
        async with self._db.tenant(tenant_id) as tx:
            run = await self._pending(tx, run_id)
            if not await tx.run(
                ledger.Q.add_approval, run_id=run_id, approver=approver, name=name, agrees=True, reason=reason
            ):
                raise Conflict("You have decided on this already; it needs somebody else too.")
            await ledger.note(tx, run, "agreed", f"{name} ({approver})", {"reason": reason} if reason else {})
            agreed = sum(each.agrees for each in await ledger.approvals(tx, run_id))
            if agreed < run.approvals:
                return await self._as_it_stands(tx, run)
            await ledger.approved(tx, run, f"{name} ({approver})")
        return await self.carry_out(tenant_id, run_id)

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
            stands = await self._as_it_stands(tx, await ledger.get(tx, run_id))
            await self._tell(tx, stands)
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
        return await self.carry_out(tenant_id, undo_id)

    # ------------------------------------------------------------------ doing

    async def carry_out(self, tenant_id: TenantId, run_id: UUID, *, tell: bool = True) -> Proposed:
        """Send what was confirmed, once, and note what became of it; whatever else it is, it stays as it is."""
        async with self._db.tenant(tenant_id) as tx:
            run = await ledger.get(tx, run_id, lock=True)
            entry = await registry.version(tx, run.action, run.version)
            if run.status is not RunStatus.CONFIRMED or not await ledger.send(
                tx, run, entry.definition.timeout_s + LEASE_S
            ):
                stands = await self._as_it_stands(tx, run)
                await self._tell(tx, stands, aloud=tell and run.status is RunStatus.PENDING_APPROVAL)
                return stands
            order = await self._order(tx, run, entry.definition)
        sent = replace(run, status=RunStatus.EXECUTING, attempt=run.attempt + 1)
        return await self._settle(
            tenant_id, sent, entry.definition, await self.handlers.call(entry.definition, order), tell=tell
        )

    async def look_after(self) -> int:
        """Everything that is due: expired proposals, what a dead process left, what nobody has said the outcome of. How many."""
        async with self._db.nobody() as tx:
            due = await tx.all(ledger.Q.due, ledger.Due, now=clock.now())
        looked = await asyncio.gather(
            *(self._look_at(TenantId(each.tenant_id), each.run_id) for each in due), return_exceptions=True
        )
        for problem in looked:
            if isinstance(problem, BaseException):
                logger.error("an action could not be looked after", exc_info=problem)
        return len(due)

    async def _look_at(self, tenant_id: TenantId, run_id: UUID) -> None:
        async with self._db.tenant(tenant_id) as tx:
            run = await ledger.get(tx, run_id, lock=True)
            if not await tx.run(ledger.Q.put_off, id=run_id, seconds=LEASE_S):
                return
            definition = (await registry.version(tx, run.action, run.version)).definition
            if run.status is RunStatus.PROPOSED:
                await ledger.close(
                    tx, run, RunStatus.EXPIRED, "tandem", "The confirmation did not come in time.", [RunStatus.PROPOSED]
                )
                await self._tell(tx, await self._as_it_stands(tx, await ledger.get(tx, run_id)), aloud=False)
                return
        if run.status is RunStatus.CONFIRMED:
            await self.carry_out(tenant_id, run_id)
        elif run.status in (RunStatus.EXECUTING, RunStatus.UNKNOWN):
            await self._reconcile(tenant_id, run, definition)

    async def _reconcile(self, tenant_id: TenantId, run: Run, definition: Definition) -> None:
        """Find out what became of a change that was sent: by its state at the backend, or by the same request under the same key."""
        handler = definition.handler
        assert handler is not None
        async with self._db.tenant(tenant_id) as tx:
            order = await self._order(tx, run, definition)
        if handler.status_url is not None:
            asked = replace(order, url=handler.status_url, body={"idempotency_key": order.message_id}, changes=False)
            said = await self.handlers.call(definition, asked)
            state = said.result.get("status") if said.kind == "done" and said.result else None
            if state in ("done", "failed"):
                result = said.result.get("result") if said.result else None
                outcome = (
                    Outcome.done(result or {})
                    if state == "done"
                    else Outcome.failed(str((said.result or {}).get("error") or ""))
                )
                await self._settle(tenant_id, run, definition, outcome)
                return
            if state != "unknown_key":
                await self._settle(tenant_id, run, definition, Outcome.unknown(said.error or "It is not known yet."))
                return
        elif not handler.idempotent:
            await self._settle(
                tenant_id, run, definition, Outcome.unknown("The backend cannot say what became of it."), final=True
            )
            return
        async with self._db.tenant(tenant_id) as tx:
            if not await ledger.send(tx, run, definition.timeout_s + LEASE_S):
                return
        again = replace(run, attempt=run.attempt + 1)
        await self._settle(tenant_id, again, definition, await self.handlers.call(definition, order))

    async def _settle(
        self,
        tenant_id: TenantId,
        run: Run,
        definition: Definition,
        outcome: Outcome,
        *,
        tell: bool = True,
        final: bool = False,
    ) -> Proposed:
        """Note the outcome, and tell the customer. What never reached the backend, the first time it was sent, was not done."""
        async with self._db.tenant(tenant_id) as tx:
            if outcome.kind == "done":
                await ledger.finish(tx, run, RunStatus.DONE, outcome.result, None)
            elif outcome.kind == "failed" or (outcome.kind == "unreached" and run.attempt == 1):
                error = outcome.error if outcome.kind == "failed" else "The system behind it does not answer just now."
                await ledger.finish(tx, run, RunStatus.FAILED, None, error)
            else:
                gone = AGAIN_S[run.attempt - 1] if run.attempt <= len(AGAIN_S) and not final else None
                await ledger.unsure(tx, run, outcome.error, gone)
            fresh = await ledger.get(tx, run.id)
            stands = await self._as_it_stands(tx, fresh)
            if fresh.status is not run.status or fresh.needs_person:
                await self._tell(
                    tx,
                    stands,
                    aloud=tell and (fresh.status is not RunStatus.UNKNOWN or run.attempt == 1 or fresh.needs_person),
                )
        if fresh.needs_person and self.needs_person is not None:
            await self.needs_person(tenant_id, fresh, stands.text)
        return stands

    async def _order(self, tx: Tx, run: Run, definition: Definition) -> Order:
        """The request that does it, or takes it back."""
        handler = definition.handler
        assert handler is not None
        secrets = tuple(await registry.signing(tx, self._sealer, run.action))
        customer = await tx.maybe(registry.Q.external_id, ExternalId, id=run.customer_id)
        url, body = handler.url, run.arguments
        if run.undoes is not None:
            first = await ledger.get(tx, run.undoes)
            url = handler.undo_url or ""
            body = {
                "run_id": first.shown_id,
                "idempotency_key": first.shown_id,
                "arguments": first.arguments,
                "result": first.result,
            }
        return Order(
            url, body, run.shown_id, True, customer.external_id if customer else None, definition.timeout_s, secrets
        )

    # ------------------------------------------------------------------ checking

    async def _entry(self, session: Session, name: str) -> Entry:
        async with self._db.tenant(session.tenant_id) as tx:
            found = await tx.maybe(registry.Q.action, Entry, name=name)
        if found is None:
            raise Refused("unknown_action", "There is no such action.")
        return found

    async def _own(self, session: Session, definition: Definition, arguments: dict[str, Any]) -> dict[str, Any] | None:
        """Whether everything named is the customer's. Raises Refused. The result of the action itself, where that had to be asked."""
        found = None
        for owner in definition.owner:
            value = money.at(arguments, owner.argument)
            for thing in value if isinstance(value, list) else [value]:
                if thing is None:
                    continue
                if session.external_id is None:
                    raise Refused("owner", "The customer has to be signed in for this.")
                if owner.look_up is None:
                    whose: Any = thing
                else:
                    asked = {owner.as_ or owner.argument.split(".")[-1]: thing}
                    itself = owner.look_up == definition.name
                    asked = arguments if itself else asked
                    result = await self._ask(
                        session, definition if itself else await self._looker(session, owner.look_up), asked
                    )
                    if result.kind != "done":
                        raise Refused("owner", result.error or "It cannot be seen whose this is.")
                    whose = money.at(result.result, owner.path or "")
                    found = result.result if itself else found
                if not isinstance(whose, (str, int)) or isinstance(whose, bool) or str(whose) != session.external_id:
                    raise Refused("owner", "This is not one of the customer's own.")
        return found

    async def _looker(self, session: Session, name: str) -> Definition:
        definition = (await self._entry(session, name)).definition
        if definition.kind != "look_up":
            raise Refused("owner", "It cannot be seen whose this is.")
        return definition

    async def _ask(self, session: Session, definition: Definition, arguments: dict[str, Any]) -> Outcome:
        """A look-up's outcome, asked for again where nobody answered; it changes nothing."""
        handler = definition.handler
        assert handler is not None
        async with self._db.tenant(session.tenant_id) as tx:
            secrets = tuple(await registry.signing(tx, self._sealer, definition.name))
        order = Order(handler.url, arguments, "", False, session.external_id, definition.timeout_s, secrets)
        outcome = Outcome.unknown("")
        for attempt in range(definition.retries + 1):
            if attempt:
                await asyncio.sleep(0.1 * 2**attempt)
            outcome = await self.handlers.call(definition, replace(order, message_id=ids.show("req", ids.new())))
            if outcome.kind in ("done", "failed"):
                return outcome
        return outcome

    async def _quote(
        self, session: Session, definition: Definition, arguments: dict[str, Any]
    ) -> dict[str, Any] | None:
        """What it would cost, where the backend says so. Raises Refused with the backend's reason."""
        handler = definition.handler
        if handler is None or handler.quote_url is None:
            return None
        asking = definition.model_copy(update={"handler": handler.model_copy(update={"url": handler.quote_url})})
        outcome = await self._ask(session, asking, arguments)
        if outcome.kind != "done":
            raise Refused("quote", outcome.error or "The system behind it does not answer just now.")
        return outcome.result

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
            spent = await ledger.spent(tx, entry.name, session.customer_id, moves.currency if moves else None)
            there = await ledger.live(tx, session.conversation_id, entry.name, mark)
            if there is not None and there.status is RunStatus.PROPOSED:
                is_open = there.expires_at > clock.now() and there.version == entry.version and there.money == moves
                if not is_open:
                    why = "Proposed anew."
                    await ledger.close(tx, there, RunStatus.VOIDED, session.actor, why, [RunStatus.PROPOSED])
                    there = None
            if there is not None:
                return await self._as_it_stands(tx, there)
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
            if run is None:
                raise Conflict("The same was proposed this very moment. Look again.")
            return await self._as_it_stands(tx, run)

    async def _confirmed(
        self, session: Session, definition: Definition, run: Run, moves: Money | None, by: str
    ) -> None:
        """Limits and the move to `confirmed` in one transaction, alone with the action's counters."""
        bounds = definition.limits.of_tier(session.tier)
        async with self._db.tenant(session.tenant_id) as tx:
            spent = await ledger.spent(tx, run.action, session.customer_id, moves.currency if moves else None)
            rules.within(bounds, moves, spent)
            await ledger.confirm(tx, run, by, rules.approvals(bounds, moves), session.ticket_id)

    async def _settled(self, tenant_id: TenantId, run_id: UUID, definition: Definition) -> Proposed:
        """A run that somebody else is carrying out this moment, as it stands then; whoever asks twice hears the same."""
        until = asyncio.get_running_loop().time() + definition.timeout_s
        while True:
            stands = await self.state(tenant_id, run_id)
            if (
                stands.run.status not in (RunStatus.CONFIRMED, RunStatus.EXECUTING)
                or asyncio.get_running_loop().time() > until
            ):
                return stands
            await asyncio.sleep(LOOK_S)

    async def _pending(self, tx: Tx, run_id: UUID) -> Run:
        run = await ledger.get(tx, run_id, lock=True)
        if run.status is not RunStatus.PENDING_APPROVAL:
            raise Conflict("This does not wait for an approval.")
        return run

    # ------------------------------------------------------------------ telling

    async def _as_it_stands(self, tx: Tx, run: Run) -> Proposed:
        definition = (await registry.version(tx, run.action, run.version)).definition
        token = self._token(tx.tenant_id, run) if run.status is RunStatus.PROPOSED else None
        return Proposed(run, definition, token)

    def _token(self, tenant_id: UUID, run: Run) -> str:
        return confirming.token(self._sealer, tenant_id, run.conversation_id, run.id, run.fingerprint)

    async def _tell(self, tx: Tx, stands: Proposed, *, aloud: bool = True) -> None:
        """Whoever looks at the conversation sees how it stands; `aloud`, the customer also reads a sentence of the ledger's."""
        run = stands.run
        conversation = await threads.get(tx, run.conversation_id, lock=True)
        news = [News("action_updated", stands.state())]
        if aloud:
            message_id = await messages.add(tx, conversation.id, TicketId(run.ticket_id), Role.SYSTEM, stands.text)
            news.append(News("message", {"message": (await messages.get(tx, message_id)).as_json()}))
        await log.append(tx, self._hub, conversation.id, news)

    def _refusing(self, session: Session, name: str, arguments: object, run_id: UUID | None = None) -> "_Refusing":
        return _Refusing(self._db, session, name, arguments, run_id)


@dataclass(frozen=True, slots=True)
class ExternalId:
    """The company's own id of a customer."""

    external_id: str | None


@dataclass
class _Refusing:
    """What is refused within the block stands in the audit when it leaves it."""

    db: Database
    session: Session
    name: str
    arguments: object
    run_id: UUID | None

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, kind: Any, problem: BaseException | None, trace: Any) -> None:
        if isinstance(problem, Refused):
            async with self.db.tenant(self.session.tenant_id) as tx:
                await ledger.refuse(
                    tx, self.session, self.name, problem.rule, problem.sentence, self.arguments, run_id=self.run_id
                )


def session_turn(session: Session) -> str:
    """Who confirms when the customer typed their word: the turn tells them how it went by itself."""
    return f"turn {session.turn_id}"


def _looked_up(name: str, outcome: Outcome) -> LookedUp:
    if outcome.kind == "done":
        return LookedUp(name, outcome.result)
    return LookedUp(
        name, None, outcome.error if outcome.kind == "failed" else "The system behind it does not answer just now."
    )


async def _undoing(tx: Tx, tenant_id: TenantId, run: Run, by: str) -> UUID:
    """The run that takes another one back: confirmed by the one who asks for it."""
    from tandem.actions.session import Authority

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
        summary=f"Take back: {run.summary}",
        approvals=0,
        expires_s=60,
        undoes=run.id,
    )
    if taking is None:
        raise Conflict("This is being taken back already.")
    await ledger.confirm(tx, taking, by, 0, run.ticket_id)
    return taking.id
