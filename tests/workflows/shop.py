"""A small shop for procedures: its records in a dictionary, and whoever looks up and proposes for one customer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import tandem.demo
from tandem import clock, ids
from tandem.actions import definition
from tandem.actions.ledger import Run, RunStatus
from tandem.actions.proposed import LookedUp, Proposed
from tandem.actions.rules import Refused
from tandem.ids import ConversationId, CustomerId, TicketId
from tandem.workflows import reading, running
from tandem.workflows.definition import Workflow
from tandem.workflows.running import NO_ANSWER
from tandem.workflows.state import Moved, Said, State

TODAY = date(2026, 11, 20)
SHIPPED = Path(tandem.demo.__file__).parent / "workflows"
ADDRESS = {"name": "Cy", "street": "14 Lindengracht", "postcode": "1015 KD", "city": "Amsterdam", "country": "NL"}


def order(number: str, status: str, **more: Any) -> dict[str, Any]:
    """An order of the customer's, as the shop tells it."""
    sent = status in ("sent", "delivered")
    return {
        "order_id": number,
        "status": status,
        "items": [{"name": "Squall jacket", "quantity": 1, "price_minor": 17900}],
        "total_minor": 17900,
        "currency": "EUR",
        "placed_on": (TODAY - timedelta(days=9)).isoformat(),
        "carrier": "Parcelwind" if sent else None,
        "tracking_number": "PW08251598NL" if sent else None,
        "expected_on": (TODAY + timedelta(days=2)).isoformat() if sent else None,
        "delivered_on": (TODAY - timedelta(days=3)).isoformat() if status == "delivered" else None,
        "return_by": (TODAY + timedelta(days=27)).isoformat() if status == "delivered" else None,
        "address": ADDRESS,
        **more,
    }


@dataclass
class Shop:
    """The customer's orders and account. `refuses`: what a rule stands against; `down`: what does not answer."""

    orders: list[dict[str, Any]] = field(default_factory=list)
    account: dict[str, Any] = field(default_factory=lambda: {"plan": "plus_monthly", "renews_on": "2026-12-08"})
    identity: str = "verified"
    refuses: dict[str, Refused] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    proposed: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def look_up(self, name: str, arguments: dict[str, Any]) -> LookedUp:
        self.asked.append((name, arguments))
        self._may(name)
        looking: dict[str, Callable[[dict[str, Any]], dict[str, Any] | None]] = {
            "get_order": self._order,
            "list_orders": lambda _: {"orders": self.orders[:5]},
            "get_account": lambda _: self.account,
            "get_invoice": self._invoice,
        }
        if name not in looking:
            raise Refused("unknown_action", "There is no such action.")
        found = looking[name](arguments)
        return LookedUp(name, found, "" if found else "There is no such order.")

    async def propose(self, name: str, arguments: dict[str, Any]) -> Proposed:
        self._may(name)
        self.proposed.append((name, arguments))
        return proposal(name, arguments)

    def _may(self, name: str) -> None:
        if name in self.down:
            raise Refused(NO_ANSWER, "The system behind it does not answer just now.")
        if name in self.refuses:
            raise self.refuses[name]

    def _order(self, arguments: dict[str, Any]) -> dict[str, Any] | None:
        number = str(arguments.get("order_id", ""))[-4:]
        return next((each for each in self.orders if each["order_id"] == number), None)

    def _invoice(self, arguments: dict[str, Any]) -> dict[str, Any] | None:
        number = str(arguments["order_id"])
        return {"invoice_number": f"2026-{number:0>6}", "issued_on": "2026-11-12", "total_minor": 17900, "vat_minor": 3107,
                "currency": "EUR"}  # fmt: skip


def proposal(name: str, arguments: dict[str, Any]) -> Proposed:
    """A change that waits for the customer's word."""
    now = clock.now()
    run = Run(
        ids.new(), ConversationId(ids.new()), TicketId(ids.new()), CustomerId(ids.new()), None, name, 1, None, arguments,
        b"", "verified", "free", None, None, None, f"{name} {arguments}", 0, RunStatus.PROPOSED, now, now, None, None, 0, None,
        False, None, None, None,
    )  # fmt: skip
    built_in = {"name": name, "description": name, "kind": "change", "handler": {"kind": "builtin", "url": name}}
    return Proposed(run, definition.read(built_in), "token")


@dataclass
class Talk:
    """A customer in one procedure: says something, and hears how far it came."""

    workflow: Workflow
    shop: Shop
    state: State | None = field(default_factory=State)
    history: list[str] = field(default_factory=list)
    page_url: str | None = None

    async def say(self, text: str) -> Moved:
        assert self.state is not None, "the procedure is over"
        stored = State(**{name: getattr(self.state, name) for name in State.__slots__})
        said = Said(text, tuple(self.history), self.page_url, today=TODAY)
        moved = await running.advance(self.workflow, stored, said, self.shop)
        self.state, self.history = moved.state, [*self.history, text]
        return moved


def shipped(name: str) -> Workflow:
    """A workflow of the demo's."""
    return reading.read((SHIPPED / f"{name}.yaml").read_text("utf-8"))
