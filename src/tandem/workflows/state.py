"""What an advance of a procedure starts from and comes to. Plain records; the state is JSON."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from tandem.actions.proposed import LookedUp, Proposed
from tandem.workflows.definition import Address
from tandem.workflows.taking import Value


class Doer(Protocol):
    """Who looks up and proposes for the customer. Both raise Refused."""

    @property
    def identity(self) -> str:
        """How sure we are who the customer is: anyone, verified or stepped_up."""

    async def look_up(self, name: str, arguments: dict[str, Any]) -> LookedUp:
        """What a look-up returns, of it what the customer may see."""

    async def propose(self, name: str, arguments: dict[str, Any]) -> Proposed:
        """A change, as the ledger has it."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a procedure stands and what it knows. `at`: the step that comes next. `offered`: what the buttons of `asking` mean."""

    at: Address = (0,)
    slots: dict[str, Value] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    asking: str | None = None
    offered: tuple[tuple[str, Value], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For the procedure's row."""
        return {
            "at": list(self.at),
            "slots": self.slots,
            "facts": self.facts,
            "tries": self.tries,
            "asking": self.asking,
            "offered": [list(pair) for pair in self.offered],
        }


def stored(body: dict[str, Any]) -> State:
    """As it was stored."""
    offered = tuple((str(label), value) for label, value in body.get("offered", ()))
    return State(
        tuple(body.get("at", (0,))),
        body.get("slots", {}),
        body.get("facts", {}),
        body.get("tries", {}),
        body.get("asking"),
        offered,
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What the customer wrote, and where. `history`: their own earlier messages, oldest first. `asked`: the slot that was asked for,
    where it is another than the state says."""

    text: str
    history: tuple[str, ...] = ()
    page_url: str | None = None
    today: date = field(kw_only=True)
    asked: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A question, with what its buttons say."""

    slot: str
    question: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Called:
    """A look-up or proposal, for the record. `outcome`: found, missing, no_answer, refused, or the run's status."""

    action: str
    kind: str
    arguments: dict[str, Any]
    outcome: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """How far it came. `state` None: the procedure is over. `sentences` come before the question in `ask`, which is not among them.

    `needs`: `sign_in` or `step_up`; who says so how is the caller's. Then the same step is tried again.
    """

    state: State | None
    sentences: tuple[str, ...] = ()
    ask: Ask | None = None
    proposal: Proposed | None = None
    hand_over: str | None = None
    needs: str | None = None
    calls: tuple[Called, ...] = ()
