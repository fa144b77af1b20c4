"""Who looks up and proposes for a procedure: the customer's own session, or a rehearsal that proposes nothing."""

from dataclasses import dataclass, field, replace
from typing import Any

from tandem import clock, ids
from tandem.actions import rules, telling
from tandem.actions.acting import Acting
from tandem.actions.definition import Definition
from tandem.actions.ledger import Run, RunStatus
from tandem.actions.proposed import LookedUp, Proposed
from tandem.actions.rules import Refused
from tandem.actions.session import Session
from tandem.workflows.running import NO_ANSWER


@dataclass
class Acts:
    """For a customer in a conversation, with the authority of their session. Results are cut to what the customer may see."""

    acting: Acting
    session: Session
    _offered: dict[str, Definition] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """How sure we are who the customer is."""
        return self.session.authority.identity

    async def look_up(self, name: str, arguments: dict[str, Any]) -> LookedUp:
        """What a look-up returns, of it what the customer may see. Raises Refused; `no_answer` when nobody answered."""
        found = await self.acting.look_up(self.session, name, arguments)
        if not found.answered:
            raise Refused(NO_ANSWER, found.error)
        if found.result is None:
            return found
        definition = (await self._known()).get(name)
        paths = definition.shows.customer if definition else ()
        return replace(found, result=telling.seen(found.result, paths))

    async def propose(self, name: str, arguments: dict[str, Any]) -> Proposed:
        """The change as the ledger has it. Raises Refused."""
        return await self.acting.propose(self.session, name, arguments)

    async def shown(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a call as the record and the customer may see them; of an action that they may not use, none."""
        definition = (await self._known()).get(name)
        return telling.shown_arguments(definition, arguments) if definition else {}

    async def _known(self) -> dict[str, Definition]:
        """The actions that exist for this session."""
        if not self._offered:
            self._offered = {each.name: each for each in await self.acting.offered(self.session)}
        return self._offered


@dataclass(frozen=True, slots=True)
class Rehearsing(Session):
    """A session in which one of the staff tries a procedure for a customer; the audit names them."""

    by: str = ""

    @property
    def actor(self) -> str:
        """For the audit."""
        return f"{self.by}, rehearsing for customer {self.customer_id}"


@dataclass
class Rehearsal(Acts):
    """Looks up for real, and proposes nothing: what would be proposed is shown, without price, ownership or limits being asked."""

    async def propose(self, name: str, arguments: dict[str, Any]) -> Proposed:
        """What the customer would be asked to confirm, nowhere kept. Raises Refused where their session may not ask for it."""
        definition = (await self._known()).get(name)
        if definition is None:
            raise Refused("unknown_action", "There is no such action, or it is not for this customer.")
        rules.admit(definition, self.session)
        given = rules.fit(definition, arguments)
        return Proposed(self._run(name, given, telling.summary(definition, given, None, None)), definition, None)

    def _run(self, name: str, given: dict[str, Any], summary: str) -> Run:
        session, now = self.session, clock.now()
        return Run(
            id=ids.new(),
            conversation_id=session.conversation_id,
            ticket_id=session.ticket_id,
            customer_id=session.customer_id,
            turn_id=None,
            action=name,
            version=0,
            undoes=None,
            arguments=given,
            fingerprint=b"",
            identity=session.authority.identity,
            tier=session.tier,
            amount_minor=None,
            currency=None,
            quote=None,
            summary=summary,
            approvals=0,
            status=RunStatus.PROPOSED,
            expires_at=now,
            proposed_at=now,
            confirmed_at=None,
            confirmed_by=None,
            attempt=0,
            sent_at=None,
            needs_person=False,
            result=None,
            error=None,
            finished_at=None,
        )
