"""Whose thing it is and what it would cost: what has to be asked of the backend before anything may be done."""

import asyncio
import re
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.actions import ledger, money, registry, rules
from tandem.actions.definition import NAME, Definition, Handler
from tandem.actions.handlers import Handlers, Order, Outcome
from tandem.actions.registry import Entry
from tandem.actions.rules import Refused
from tandem.actions.session import Session
from tandem.db import Database
from tandem.tenants import policy
from tandem.tenants.policy import Chosen
from tandem.tenants.sealing import Sealer

NO_ANSWER = "The system behind it does not answer just now."
NAMED = re.compile(NAME[1:-1])
"""What an action's name looks like: nothing else is looked for."""

AGAIN_S = 0.1
"""Before a look-up is tried again for the first time; then twice as long each time."""


class Checks:
    """What the registry and the backend say. Holds no transaction while a handler works."""

    def __init__(self, db: Database, sealer: Sealer, handlers: Handlers) -> None:
        self._db, self._sealer, self._handlers = db, sealer, handlers

    async def entry(self, session: Session, name: str) -> Entry:
        """The action as it is now; a change only where the mode allows any. Raises Refused."""
        if not NAMED.fullmatch(name):
            raise Refused("unknown_action", "There is no such action.")
        async with self._db.reading(session.tenant_id) as tx:
            asked, chosen = tx.later(registry.Q.action, name=name), policy.chosen_later(tx)
        found = asked.maybe(Entry)
        if found is None:
            raise Refused("unknown_action", "There is no such action.")
        if found.definition.changes:
            rules.in_mode(chosen.one(Chosen).mode)
        return found

    async def own(self, session: Session, definition: Definition, arguments: dict[str, Any]) -> Outcome | None:
        """Whether everything named is the customer's. Raises Refused. The outcome of the look-up itself, where that had to be asked:
        that there is no such thing is its answer, and no rule against it."""
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
                    itself = owner.look_up == definition.name and not definition.changes
                    asked = arguments if itself else asked
                    result = await self.ask(
                        session, definition if itself else await self._looker(session, owner.look_up), asked
                    )
                    if result.kind not in ("done", "failed"):
                        raise Refused("no_answer", NO_ANSWER)
                    if result.kind != "done" and itself:
                        return result
                    if result.kind != "done":
                        raise Refused("owner", result.error or "It cannot be seen whose this is.")
                    whose = money.at(result.result, owner.path or "")
                    found = result if itself else found
                if not isinstance(whose, (str, int)) or isinstance(whose, bool) or str(whose) != session.external_id:
                    raise Refused("owner", "This is not one of the customer's own.")
        return found

    async def _looker(self, session: Session, name: str) -> Definition:
        definition = (await self.entry(session, name)).definition
        if definition.kind != "look_up":
            raise Refused("owner", "It cannot be seen whose this is.")
        return definition

    async def ask(self, session: Session, definition: Definition, arguments: dict[str, Any]) -> Outcome:
        """A look-up's outcome, asked for again where nobody answered; it changes nothing."""
        handler = definition.handler
        assert handler is not None
        async with self._db.reading(session.tenant_id) as tx:
            sealed = registry.signing_later(tx, definition.name)
        secrets = registry.signing(session.tenant_id, self._sealer, definition.name, sealed)
        order = Order(handler.url, arguments, "", False, session.external_id, definition.timeout_s, secrets)
        outcome = Outcome.unknown("")
        for attempt in range(definition.retries + 1):
            if attempt:
                await asyncio.sleep(AGAIN_S * 2 ** (attempt - 1))
            outcome = await self._handlers.call(definition, replace(order, message_id=ids.show("req", ids.new())))
            if outcome.kind in ("done", "failed"):
                return outcome
        return outcome

    async def quote(self, session: Session, definition: Definition, arguments: dict[str, Any]) -> dict[str, Any] | None:
        """What it would cost, where the backend says so. Raises Refused with the backend's reason."""
        handler = definition.handler
        if handler is None or handler.quote_url is None:
            return None
        asking = definition.model_copy(
            update={
                "handler": handler.model_copy(
                    update={"kind": _posted(handler), "url": handler.quote_url, "request": None}
                )
            }
        )
        outcome = await self.ask(session, asking, arguments)
        if outcome.kind not in ("done", "failed"):
            raise Refused("no_answer", NO_ANSWER)
        if outcome.kind != "done":
            raise Refused("quote", outcome.error or "The backend gives no price for this.")
        return outcome.result


@dataclass
class Refusing:
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


def _posted(handler: Handler) -> str:
    """A quote of an MCP server's tool is asked of an HTTP service: the tool itself would do it."""
    return "http" if handler.kind == "mcp" else handler.kind
