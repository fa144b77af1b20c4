"""The sixteen tools as actions, and one customer's request played through the public API with a model that says given calls."""

import secrets
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.actions.backend import Asked
from tests.actions.tau2.merchant import Merchant
from tests.cast import Company
from tests.web.site import Conversation, Site

CHANGES = frozenset(
    {
        "cancel_pending_order",
        "exchange_delivered_order_items",
        "modify_pending_order_address",
        "modify_pending_order_items",
        "modify_pending_order_payment",
        "modify_user_address",
        "return_delivered_order_items",
    }
)
ESCALATE = "transfer_to_human_agents"
OWNERS = {
    "order_id": {"argument": "order_id", "look_up": "get_order_details", "path": "user_id"},
    "user_id": {"argument": "user_id", "look_up": "get_user_details", "path": "user_id"},
}
"""Which arguments have to be the customer's, and how that is seen."""

HELLO = "Please take care of what I ordered from you."
GO_ON = "Please go on."
MOST_TURNS = 20


def definition(url: str, name: str, description: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A tool as an action; what it says no more of is the registry's default."""
    if name == ESCALATE:
        return {"description": description, "kind": "escalate", "input_schema": schema, **more}
    known = schema.get("properties", {})
    return {
        "description": description,
        "kind": "change" if name in CHANGES else "look_up",
        "input_schema": schema,
        "handler": {"kind": "http", "url": f"{url}/{name}"},
        "owner": [rule for argument, rule in OWNERS.items() if argument in known],
        "timeout_s": 1.5,
        "retries": 0,
        **more,
    }


@dataclass
class Course:
    """How a request went. `said`: the calls as the conversation shows them; `ended`: what became of each change, in order."""

    conversation_id: str = ""
    ticket_id: str = ""
    said: list[tuple[str, str]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    action_ids: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    status: str = ""
    trouble: str = ""


@dataclass
class Store:
    """A site whose tenant acme has the tools as actions, with a scripted model."""

    site: Site
    merchant: Merchant

    @property
    def acme(self) -> Company:
        """The company, by its API key."""
        return self.site.cast.acme

    def put(self, name: str, body: dict[str, Any]) -> None:
        """An action of the registry's from now on."""
        answer = self.site.call(self.acme, "PUT", f"/v1/actions/{name}", body)
        assert answer.status_code == 200, answer.text

    def says(self, *calls: dict[str, Any]) -> None:
        """The model asks for these calls from now on, one in each answer, and then says no more."""
        assert self.site.stub is not None
        steps = [{"calls": [{"name": call["name"], "arguments": call["arguments"]}]} for call in calls]
        self.site.stub.script({"marker": "", "steps": [*steps, {"text": "none"}]})

    def chat(self, customer_id: str, text: str, conversation_id: str | None = None) -> Conversation:
        """A message that the company's server hands on for its customer."""
        return self.site.chat(self.acme, text, conversation_id, customer_id=customer_id)

    def act(self, ticket_id: str, name: str, parameters: Any, token: str | None = None, **more: Any) -> httpx.Response:
        """POST /v1/support/action."""
        body: dict[str, Any] = {"ticket_id": ticket_id, "action_type": name, "parameters": parameters}
        if token is not None:
            body |= {"confirmed_by_customer": True, "confirm_token": token}
        return self.site.post(more.get("who", self.acme), "/v1/support/action", body)

    def refusals(self, conversation_id: str) -> list[str]:
        """The rules of what was refused in a conversation, oldest first."""
        lines = self.site.get(self.acme, "/v1/actions/audit", params={"limit": 200}).json()["items"]
        mine = [line for line in lines if line["conversation_id"] == conversation_id and line["what"] == "refused"]
        return [line["rule"] for line in reversed(mine)]

    # ------------------------------------------------------------------ a whole request

    def play(self, customer_id: str, calls: list[dict[str, Any]]) -> Course:
        """The calls one by one, in as many turns as it takes; the customer confirms every change when it is proposed."""
        course, left, text = Course(), calls, HELLO
        for _ in range(MOST_TURNS):
            upto = next((at + 1 for at, call in enumerate(left) if call["name"] in CHANGES), len(left))
            self.says(*left[:upto])
            talk = self.chat(customer_id, text, course.conversation_id or None)
            course.conversation_id, course.ticket_id = talk.id, talk.ticket_id
            made = talk.of("tool_call")
            course.said += [(call["tool"], call["state"]) for call in made]
            self._confirm(course, talk, left[: len(made)])
            left, text = left[len(made) :], GO_ON
            if not left:
                break
            if not made:
                course.trouble = f"the model was not asked, the customer reads: {talk.done.get('response')}"
                break
        course.refusals = self.refusals(course.conversation_id)
        shown = self.site.get(self.acme, f"/v1/conversations/{course.conversation_id}")
        course.status = str(shown.json()["status"])
        return course

    def _confirm(self, course: Course, talk: Conversation, made: list[dict[str, Any]]) -> None:
        for card in talk.of("action_proposed"):
            call = next(each for each in made if each["name"] == card["action_type"])
            answer = self.act(talk.ticket_id, call["name"], call["arguments"], card["confirm_token"])
            course.ended.append(answer.json().get("status", answer.text))
            course.action_ids.append(card["action_id"])


def stranger() -> str:
    """A customer of whom the shop knows nothing."""
    return f"nobody-{secrets.token_hex(6)}"


def arrived(changes: list[Asked]) -> list[tuple[str, Any]]:
    """Which changes the shop was asked for, in order, whatever became of them."""
    return [(one.path.strip("/"), one.body) for one in changes]
