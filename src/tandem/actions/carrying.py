"""Carrying out what was confirmed: sent once, followed until somebody knows what became of it, and told from the ledger.

A process that dies on the way leaves a run that says how far it came; whoever looks next goes on from there. What was sent and
not answered is found out under the same key, never repeated under another.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from tandem import clock, ids
from tandem.actions import confirming, ledger, registry
from tandem.actions.checking import NO_ANSWER
from tandem.actions.definition import Definition
from tandem.actions.handlers import Handlers, Order, Outcome
from tandem.actions.ledger import Run, RunStatus
from tandem.actions.proposed import Proposed
from tandem.conversations import log, messages, threads
from tandem.conversations.log import News
from tandem.conversations.messages import Message, Role
from tandem.db import Database, Tx
from tandem.events import Hub
from tandem.ids import MessageId, TenantId, TicketId
from tandem.tenants.sealing import Sealer

logger = logging.getLogger(__name__)

AGAIN_S = (2.0, 10.0, 60.0, 300.0, 500.0)
"""Waits before the backend is asked again what became of a change; after the last one a person has to find out, within 15 min of
its being sent (F10)."""

LEASE_S = 10.0
"""Beyond its handler's time, a process that has sent something is taken for dead after so long."""

LOOK_S = 0.05

REMEMBERED = 4096
"""Definitions that a process keeps, of all tenants."""

NOTED_S = 2.0
"""After its handler's time, an outcome is in the ledger by then; whoever waits for it longer hears that it is under way."""

SETTLED = frozenset(RunStatus) - {RunStatus.CONFIRMED, RunStatus.EXECUTING}
"""Nobody is carrying it out this very moment."""

NeedsPerson = Callable[[TenantId, Run, str], Awaitable[None]]
"""Hands a run that nobody can tell the outcome of to people."""


def again_s(run: Run, now: datetime) -> float | None:
    """How long to wait before the backend is asked once more what became of a run; None: a person has to find out."""
    passed = (now - run.sent_at).total_seconds() if run.sent_at is not None else 0.0
    for wait in AGAIN_S:
        if passed < wait:
            return wait
        passed -= wait
    return None


@dataclass(frozen=True, slots=True)
class ExternalId:
    """The company's own id of a customer."""

    external_id: str | None


class Carrier:
    """Sends, follows and tells. `needs_person` is told of runs that machines cannot settle."""

    def __init__(self, db: Database, hub: Hub, sealer: Sealer, handlers: Handlers) -> None:
        self._db, self._hub, self._sealer, self._handlers = db, hub, sealer, handlers
        self.needs_person: NeedsPerson | None = None
        self._definitions: dict[tuple[UUID, str, int], Definition] = {}

    async def carry_out(self, tenant_id: TenantId, run_id: UUID, *, tell: bool = True) -> Proposed:
        """Send what was confirmed, once, and note what became of it; whatever else it is, it stays as it is."""
        async with self._db.tenant(tenant_id) as tx:
            run = await ledger.get(tx, run_id, lock=True)
            order = await self.begin(tx, run) if run.status is RunStatus.CONFIRMED else None
            if order is None:
                stands = await self.as_it_stands(tx, run)
                await self.tell(tx, stands, aloud=tell and run.status is RunStatus.PENDING_APPROVAL)
                return stands
            definition = await self.definition(tx, run)
        return await self.deliver(tenant_id, run, definition, order, tell=tell)

    async def begin(self, tx: Tx, run: Run) -> Order | None:
        """What has to be sent, once this transaction, which says that it is being sent, is committed; None when somebody else does."""
        definition = await self.definition(tx, run)
        order = await self._order(tx, run, definition)
        return order if await ledger.send(tx, run, definition.timeout_s + LEASE_S) else None

    async def deliver(
        self, tenant_id: TenantId, run: Run, definition: Definition, order: Order, *, tell: bool
    ) -> Proposed:
        """Send what was begun, and note what became of it."""
        sent = replace(run, status=RunStatus.EXECUTING, attempt=run.attempt + 1)
        return await self._settle(tenant_id, sent, definition, await self._handlers.call(definition, order), tell=tell)

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
            definition = await self.definition(tx, run)
            if run.status is RunStatus.PROPOSED:
                await ledger.close(
                    tx, run, RunStatus.EXPIRED, "tandem", "The confirmation did not come in time.", [RunStatus.PROPOSED]
                )
                await self.tell(tx, await self.as_it_stands(tx, await ledger.get(tx, run_id)), aloud=False)
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
            said = await self._handlers.call(definition, asked)
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
            if state != "unknown_key" or not handler.idempotent:
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
        await self._settle(tenant_id, again, definition, await self._handlers.call(definition, order))

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
                error = outcome.error if outcome.kind == "failed" else NO_ANSWER
                await ledger.finish(tx, run, RunStatus.FAILED, None, error)
            else:
                await ledger.unsure(tx, run, outcome.error or NO_ANSWER, None if final else again_s(run, clock.now()))
            fresh = await ledger.get(tx, run.id)
            stands = Proposed(fresh, definition, None)
            if fresh.status is not run.status or fresh.needs_person:
                await self.tell(
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
        sealed = registry.signing_later(tx, run.action)
        customer = await tx.maybe(registry.Q.external_id, ExternalId, id=run.customer_id)
        secrets = registry.signing(tx.tenant_id, self._sealer, run.action, sealed)
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

    async def settled(self, tenant_id: TenantId, run_id: UUID, definition: Definition) -> Proposed:
        """A run that somebody else is carrying out this moment, as it stands then; whoever asks twice hears the same."""
        until = asyncio.get_running_loop().time() + definition.timeout_s + NOTED_S
        while True:
            stands = await self.state(tenant_id, run_id)
            if stands.run.status in SETTLED or asyncio.get_running_loop().time() > until:
                return stands
            await asyncio.sleep(LOOK_S)

    # ------------------------------------------------------------------ telling

    async def state(self, tenant_id: TenantId, run_id: UUID) -> Proposed:
        """A run as it stands. Raises NotFound."""
        async with self._db.reading(tenant_id) as tx:
            return await self.as_it_stands(tx, await ledger.get(tx, run_id))

    async def as_it_stands(self, tx: Tx, run: Run) -> Proposed:
        """A run with what it was defined as, and its token while it waits for the customer's word."""
        definition = await self.definition(tx, run)
        token = self.token(tx.tenant_id, run) if run.status is RunStatus.PROPOSED else None
        return Proposed(run, definition, token)

    async def definition(self, tx: Tx, run: Run) -> Definition:
        """What a run was defined as. A version never changes, so that each is fetched once."""
        key = (tx.tenant_id, run.action, run.version)
        if key not in self._definitions:
            if len(self._definitions) >= REMEMBERED:
                self._definitions.clear()
            self._definitions[key] = (await registry.version(tx, run.action, run.version)).definition
        return self._definitions[key]

    def token(self, tenant_id: UUID, run: Run) -> str:
        """What confirms this run and no other."""
        return confirming.token(self._sealer, tenant_id, run.conversation_id, run.id, run.fingerprint)

    async def tell(self, tx: Tx, stands: Proposed, *, aloud: bool = True) -> None:
        """Whoever looks at the conversation sees how it stands; `aloud`, the customer also reads a sentence of the ledger's."""
        run = stands.run
        locked, moment = threads.lock_later(tx, run.conversation_id), messages.moment_later(tx)
        await tx.flush()
        conversation = threads.owned(locked)
        news = [News("action_updated", stands.state())]
        if aloud:
            at = moment.one(messages.Moment).now
            where = (MessageId(ids.new()), conversation.id, TicketId(run.ticket_id))
            message = Message(*where, Role.SYSTEM, False, stands.text, None, None, [], None, None, at)
            messages.add_later(tx, message)
            news.append(News("message", {"message": message.as_json()}))
        log.append_later(tx, self._hub, conversation.id, news)
