"""Who looks up and proposes for a procedure: the customer's own session, or a rehearsal that proposes nothing."""

from dataclasses import dataclass, field, replace
from typing import Any

from tandem.actions import telling
from tandem.actions.acting import Acting
from tandem.actions.definition import Definition
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
        if not self._offered:
            self._offered = {each.name: each for each in await self.acting.offered(self.session)}
        definition = self._offered.get(name)
        paths = definition.shows.customer if definition else ()
        return replace(found, result=telling.seen(found.result, paths))

    async def propose(self, name: str, arguments: dict[str, Any]) -> Proposed:
        """The change as the ledger has it. Raises Refused."""
        return await self.acting.propose(self.session, name, arguments)


class Rehearsed(Refused):
    """A proposal that a rehearsal does not make: `name` and `arguments` are what would have been proposed."""

    def __init__(self, name: str, arguments: dict[str, Any]) -> None:
        super().__init__("rehearsal", "Nothing is proposed in a rehearsal.")
        self.name, self.arguments = name, arguments


@dataclass
class Rehearsal(Acts):
    """Looks up for real, and proposes nothing."""

    async def propose(self, name: str, arguments: dict[str, Any]) -> Proposed:
        """Raises Rehearsed, always."""
        raise Rehearsed(name, arguments)
