"""What was looked up, and what was proposed: as whoever asked for it gets it."""

from dataclasses import dataclass
from typing import Any

from tandem import ids
from tandem.actions import telling
from tandem.actions.definition import Definition
from tandem.actions.ledger import Run, RunStatus


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a look-up returned. `error`: it returned nothing, and why; nothing more is known."""

    action: str
    result: dict[str, Any] | None
    error: str = ""
    answered: bool = True
    """False: nobody answered, so that nothing is known, not even that there is no such thing."""

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

    @property
    def sentence(self) -> str:
        """What a turn says of it: how it stands, or above its card what there is to confirm."""
        return self.text if self.token is None else f"Please confirm: {self.run.summary.rstrip('.')}."

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
