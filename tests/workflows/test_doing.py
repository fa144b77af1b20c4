"""What the record and the customer see of a procedure's calls."""

from typing import Any, cast

from tandem.actions import definition
from tandem.actions.acting import Acting
from tandem.actions.definition import Definition
from tandem.actions.session import Session
from tandem.workflows.doing import Acts

SECRET = definition.read(
    {
        "name": "set_pin",
        "description": "Set the PIN.",
        "kind": "change",
        "input_schema": {"type": "object", "properties": {"pin": {"type": "string"}, "card": {"type": "string"}}},
        "handler": {"kind": "http", "url": "https://bank.example.com/pin"},
        "shows": {"hide_arguments": ["pin"]},
    }
)


class Registry:
    """The one question that is asked here."""

    async def offered(self, session: Session) -> list[Definition]:
        """One action."""
        return [SECRET]


async def test_what_is_hidden_stays_hidden_and_of_what_is_not_theirs_nothing_is_shown() -> None:
    acts = Acts(cast(Acting, Registry()), cast(Session, None))
    given: dict[str, Any] = {"pin": "1234", "card": "gold"}
    assert await acts.shown("set_pin", given) == {"pin": "…", "card": "gold"}
    assert await acts.shown("other", given) == {}
