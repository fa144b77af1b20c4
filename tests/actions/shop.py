"""The registry that tests of actions start from, and the few words in which they speak of it."""

import secrets
from dataclasses import dataclass
from typing import Any

import httpx

from tests.actions.backend import Backend
from tests.cast import Client, Company
from tests.web.site import Caller, Conversation, Site

ORDER = {"type": "string", "pattern": "^[0-9]{4}$"}
OWNER = [{"argument": "order_id", "look_up": "get_order", "path": "customer_id"}]


def definitions(url: str) -> dict[str, dict[str, Any]]:
    """An order looked up; a refund priced by the shop, with limits; an address changed, with a code; a note, unconfirmed."""
    order = {"type": "object", "properties": {"order_id": ORDER}, "required": ["order_id"]}
    refund = {
        "type": "object",
        "properties": {
            "order_id": ORDER,
            "reason": {"type": "string", "enum": ["damaged", "too late", "changed my mind"]},
        },
        "required": ["order_id"],
    }
    return {
        "get_order": {
            "description": "Look up an order of the customer's.",
            "kind": "look_up",
            "input_schema": order,
            "handler": {"kind": "http", "url": f"{url}/get_order"},
            "owner": OWNER,
            "timeout_s": 2,
            "retries": 0,
        },
        "refund_order": {
            "description": "Refund an order that was delivered.",
            "kind": "change",
            "input_schema": refund,
            "handler": {
                "kind": "http",
                "url": f"{url}/refund",
                "quote_url": f"{url}/refund/quote",
                "undo_url": f"{url}/refund/undo",
                "undo_within_s": 600,
            },
            "owner": OWNER,
            "amount": {"from": "quote.amount_minor", "currency": "EUR"},
            "limits": {
                "per_action_minor": 50000,
                "approve_above_minor": 10000,
                "per_customer_day_count": 3,
                "per_customer_day_sum_minor": 60000,
            },
            "texts": {
                "summary": "Refund {amount} for order {order_id}",
                "done": "{amount} is on its way back to you, reference {result.reference}.",
            },
            "timeout_s": 1,
        },
        "change_address": {
            "description": "Change the address of an account.",
            "kind": "change",
            "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
            "handler": {"kind": "http", "url": f"{url}/change_address"},
            "identity": "stepped_up",
        },
        "add_note": {
            "description": "Leave a note for the warehouse.",
            "kind": "change",
            "input_schema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
            "handler": {"kind": "http", "url": f"{url}/add_note"},
            "confirm": {"required": False},
        },
    }


def open_shop(site: Site, backend: Backend) -> "Shop":
    """A customer of its own, so that no test spends another's limits."""
    backend.owner = f"cy-{secrets.token_hex(6)}"
    cy = site.newcomer(sub=backend.owner, name="Cy", email="cy@customers.example", tier="paid")
    shop = Shop(site, backend, cy)
    shop.put_all()
    return shop


@dataclass
class Shop:
    """A site whose tenant acme has these actions, its backend, and Cy, a customer of this test's own whom the company knows."""

    site: Site
    backend: Backend
    cy: Client

    @property
    def acme(self) -> Company:
        """The company, by its API key."""
        return self.site.cast.acme

    def put(self, name: str, **changes: Any) -> None:
        """An action as the registry of these tests has it, with something changed."""
        body = definitions(self.backend.url)[name] | changes
        answer = self.site.call(self.acme, "PUT", f"/v1/actions/{name}", body)
        assert answer.status_code == 200, answer.text

    def put_all(self) -> None:
        """Every action as it was at the start."""
        for name in definitions(self.backend.url):
            self.put(name)

    def open(self, who: Caller | None = None, text: str = "Hello") -> Conversation:
        """A conversation with a ticket."""
        who = who or self.cy
        more = {"customer_id": self.backend.owner} if isinstance(who, Company) else {}
        return self.site.chat(who, text, **more)

    def ask(
        self,
        ticket_id: str,
        action: str,
        parameters: dict[str, Any],
        token: str | None = None,
        who: Caller = None,
        **more: Any,
    ) -> httpx.Response:
        """POST /v1/support/action, as cy."""
        body: dict[str, Any] = {"ticket_id": ticket_id, "action_type": action, "parameters": parameters}
        if token is not None:
            body |= {"confirmed_by_customer": True, "confirm_token": token}
        return self.site.post(who or self.cy, "/v1/support/action", body, **more)

    def proposal(self, ticket_id: str, action: str, parameters: dict[str, Any], who: Caller = None) -> dict[str, Any]:
        """What the customer is to confirm."""
        answer = self.ask(ticket_id, action, parameters, who=who)
        assert answer.status_code == 409, answer.text
        found: dict[str, Any] = answer.json()["proposal"]
        return found

    def do(self, ticket_id: str, action: str, parameters: dict[str, Any], who: Caller = None) -> dict[str, Any]:
        """Asked for and confirmed."""
        token = self.proposal(ticket_id, action, parameters, who)["confirm_token"]
        answer = self.ask(ticket_id, action, parameters, token, who)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def runs(self, **query: Any) -> list[dict[str, Any]]:
        """The ledger."""
        found: list[dict[str, Any]] = self.site.get(self.acme, "/v1/actions/runs", params=query).json()["items"]
        return found

    def refusals(self) -> list[str]:
        """The rules of what was refused, newest first."""
        lines = self.site.get(self.acme, "/v1/actions/audit", params={"limit": 200}).json()["items"]
        return [line["rule"] for line in lines if line["what"] == "refused"]
