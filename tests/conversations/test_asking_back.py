"""A conversation that gets nowhere: asked back once, a person offered once, and then a person."""

import pytest

from tests.cast import Cast, Client
from tests.web.site import Site, until

NOBODY_KNOWS = (
    "do you sell inflatable kayaks",
    "which telescope is best for saturn",
    "who tunes pianos around here",
)


@pytest.fixture
def dee(site: Site) -> Client:
    """A customer of this test alone."""
    return site.newcomer()


def test_it_asks_back_once_then_offers_and_a_yes_calls_a_person(site: Site, dee: Client) -> None:
    asked = site.chat(dee, "how long does it take?")
    assert asked.done["resolution_state"] == "ask"
    assert asked.done["message"]["choices"] == asked.done["choices"]
    shown = site.get(dee, f"/v1/conversations/{asked.id}").json()
    assert shown["messages"][-1]["choices"] == asked.done["choices"]
    again = site.chat(dee, "the other one", asked.id)
    assert (again.done["resolution_state"], again.done["actions_available"]) == ("no_answer", ["talk_to_person"])
    taken = site.chat(dee, "Yes please", asked.id)
    assert taken.done["escalated"]
    assert taken.of("escalation_confirmed")


def test_the_third_turn_without_an_answer_calls_a_person(site: Site, dee: Client, cast: Cast) -> None:
    first = site.chat(dee, NOBODY_KNOWS[0])
    second = site.chat(dee, NOBODY_KNOWS[1], first.id)
    third = site.chat(dee, NOBODY_KNOWS[2], first.id)
    ends = [(each.done["resolution_state"], len(each.of("escalation_proposed"))) for each in (first, second, third)]
    assert ends == [("no_answer", 1), ("no_answer", 0), ("escalated", 0)]
    (briefing,) = site.get(cast.bo, f"/v1/tickets/{first.ticket_id}").json()["handoffs"]
    assert (briefing["trigger"], briefing["conversation_id"]) == ("unresolved", first.id)
    assert NOBODY_KNOWS[2] in briefing["summary"]


def test_a_model_sums_it_up_after_the_handoff(talking_site: Site, cast: Cast) -> None:
    dee = talking_site.newcomer()
    said = talking_site.chat(dee, "Where is the parcel with my 2 lamps?")
    talking_site.post(dee, "/v1/escalate", {"conv_id": said.id})

    def summary() -> str:
        (briefing,) = talking_site.get(cast.bo, f"/v1/tickets/{said.ticket_id}").json()["handoffs"]
        return str(briefing["summary"])

    assert "2 lamps" in summary()
    until(lambda: summary().startswith("The customer writes:"))
    assert "2 lamps" in summary()
