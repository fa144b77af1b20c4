"""The routes about people: teams, hours, promises, what a member is given and told; who may change them, and what is refused."""

from typing import Any

import pytest

from tandem import ids
from tests.cast import Cast
from tests.tickets.test_handoff import str_id
from tests.web.site import Site

RATE_LIMITS = False

WEEK = {"time_zone": "Europe/Berlin", "week": {}, "outside": "collect", "text": "We are back {back}."}


def test_a_team_is_made_changed_and_removed(site: Site, cast: Cast) -> None:
    wanted = {"name": "Money", "categories": ["billing_dispute"], "members": [{"id": str_id(cast.bo), "lead": True}]}
    made = site.post(cast.ann, "/v1/teams", wanted)
    assert made.status_code == 201, made.text
    team = made.json()
    assert (team["categories"], team["members"][0]["name"], team["members"][0]["lead"]) == (
        ["billing_dispute"],
        "Bo",
        True,
    )
    changed = site.call(
        cast.ann, "PATCH", f"/v1/teams/{team['id']}", {"tiers": ["paid"], "assignment": "balanced"}
    ).json()
    assert (changed["categories"], changed["tiers"], changed["assignment"]) == (
        ["billing_dispute"],
        ["paid"],
        "balanced",
    )
    assert changed["members"] == team["members"]
    names = [each["name"] for each in site.get(cast.vi, "/v1/teams").json()["items"]]
    assert names == ["Money", "Support"], "the default team is asked last"
    said = site.chat(site.newcomer(sub="pay-1", tier="paid"), "I dispute this charge, you charged me twice!")
    row = site.get(cast.bo, f"/v1/tickets/{said.ticket_id}").json()["ticket"]
    assert (row["team"]["name"], row["queue_position"]) == ("Money", 1)
    listed = site.get(cast.bo, f"/v1/tickets?team={team['id']}").json()["items"]
    assert [each["id"] for each in listed] == [said.ticket_id]
    assert site.call(cast.ann, "DELETE", f"/v1/teams/{team['id']}").status_code == 204
    assert site.get(cast.bo, f"/v1/tickets/{said.ticket_id}").json()["ticket"]["team"]["name"] == "Support"
    default = site.get(cast.vi, "/v1/teams").json()["items"][0]
    assert site.call(cast.ann, "DELETE", f"/v1/teams/{default['id']}").json()["code"] == "default_team"


def test_whoever_comes_online_is_given_what_waits(site: Site, cast: Cast) -> None:
    (team,) = site.get(cast.ann, "/v1/teams").json()["items"]
    site.call(cast.ann, "PATCH", f"/v1/teams/{team['id']}", {"assignment": "round_robin"})
    site.post(cast.bo, "/v1/presence", {"state": "away"})
    dee = site.newcomer()
    told = site.post(dee, "/v1/escalate", {"reason": "customer_requested_human"}).json()
    assert (told["team"], told["assigned_agent"]) == ("Support", None)
    site.post(cast.bo, "/v1/presence", {"state": "online"})
    row = site.get(cast.bo, f"/v1/tickets/{told['ticket_id']}").json()["ticket"]
    assert (row["assigned_agent"], row["begun"]) == ("Bo", False)
    (notice,) = [
        each for each in site.get(cast.bo, "/v1/notices").json()["items"] if each["ticket_id"] == told["ticket_id"]
    ]
    assert notice["kind"] == "assigned"
    assert site.post(cast.ann, "/v1/notices/read", {"id": notice["id"]}).status_code == 204
    assert notice["id"] in {each["id"] for each in site.get(cast.bo, "/v1/notices").json()["items"]}, (
        "Ann puts away hers"
    )
    assert site.post(cast.bo, "/v1/notices/read").status_code == 204
    assert site.get(cast.bo, "/v1/notices").json()["items"] == []
    site.call(cast.ann, "PATCH", f"/v1/teams/{team['id']}", {"assignment": "manual"})
    site.post(cast.bo, "/v1/presence", {"state": "away"})


def test_outside_hours_the_customer_is_told_and_the_ticket_waits(site: Site, cast: Cast) -> None:
    assert site.call(cast.ann, "PUT", "/v1/hours", {"hours": WEEK}).json()["open"] is False
    told = site.post(site.newcomer(), "/v1/escalate", {"reason": "customer_requested_human"}).json()
    assert (told["hours"]["text"], told["estimated_wait_minutes"]) == ("We are back later.", None)
    assert told["queue_position"] >= 1
    assert site.call(cast.ann, "PUT", "/v1/hours", {"hours": None}).json() == {
        "hours": None,
        "open": True,
        "back": None,
    }
    assert site.post(site.newcomer(), "/v1/escalate", {"reason": "customer_requested_human"}).json()["hours"] is None


def test_outside_hours_the_assistant_may_go_on_until_a_person_comes(site: Site, cast: Cast) -> None:
    site.call(cast.ann, "PUT", "/v1/hours", {"hours": {**WEEK, "outside": "assist_only"}})
    dee = site.newcomer()
    told = site.post(dee, "/v1/escalate", {"reason": "customer_requested_human"}).json()
    answer = site.chat(dee, "Hello there!", told["conversation_id"])
    assert answer.done["message"] is not None
    shown = site.get(dee, f"/v1/conversations/{told['conversation_id']}").json()
    assert (shown["status"], shown["queue"]["hours"]["outside"]) == ("ai", "assist_only")
    site.post(cast.bo, f"/v1/tickets/{told['ticket_id']}/claim")
    assert site.chat(dee, "Hello again!", told["conversation_id"]).done["message"] is None
    site.call(cast.ann, "PUT", "/v1/hours", {"hours": None})


def test_promises_and_work_are_kept_as_they_were_sent(site: Site, cast: Cast) -> None:
    promise: dict[str, Any] = {"name": "VIP", "priorities": ["urgent"], "tiers": ["enterprise"], "remind": 2}
    promise |= {"first_reply": 5, "next_reply": None, "resolution": 60}
    (kept,) = site.call(cast.ann, "PUT", "/v1/sla", {"items": [promise]}).json()["items"]
    assert {name: kept[name] for name in promise} == promise
    assert site.get(cast.vi, "/v1/sla").json()["items"] == [kept]
    assert site.get(cast.ray, "/v1/sla").json()["items"] == []
    work = {"skills": ["refunds"], "languages": ["de"], "capacity": 3}
    assert site.call(cast.ann, "PUT", f"/v1/members/{str_id(cast.bo)}/work", work).status_code == 200
    (bo,) = [each for each in site.get(cast.vi, "/v1/members").json()["items"] if each["name"] == "Bo"]
    assert {name: bo[name] for name in work} == work


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/teams", {"name": ""}),
        ("POST", "/v1/teams", {"name": "A", "assignment": "by_lot"}),
        ("POST", "/v1/teams", {"name": "A", "members": [{"id": "nobody"}]}),
        ("PUT", "/v1/hours", {"hours": {**WEEK, "time_zone": "Mars"}}),
        ("PUT", "/v1/hours", {}),
        ("PUT", "/v1/sla", {"items": [{"name": "A", "first_reply": 0}]}),
        ("PUT", "/v1/sla", {"items": [{"name": "A", "priorities": ["loud"]}]}),
        ("POST", "/v1/notices/read", {"id": "tkt_x"}),
    ],
)
def test_what_is_malformed_is_named(site: Site, cast: Cast, method: str, path: str, body: Any) -> None:
    assert site.call(cast.ann, method, path, body).status_code == 422


def test_others_things_are_not_there(site: Site, cast: Cast) -> None:
    (theirs,) = site.get(cast.ruth, "/v1/teams").json()["items"]
    assert site.call(cast.ann, "PATCH", f"/v1/teams/{theirs['id']}", {"name": "Mine"}).status_code == 404
    assert site.post(cast.ann, "/v1/teams", {"name": "A", "members": [{"id": str_id(cast.rob)}]}).status_code == 404
    assert site.call(cast.ann, "PUT", f"/v1/members/{str_id(cast.rob)}/work", {}).status_code == 404
    assert site.get(cast.ann, f"/v1/tickets?team={theirs['id']}").json()["items"] == []
    assert (
        site.call(cast.ann, "PUT", f"/v1/teams/{ids.show('tem', ids.new())}/hours", {"hours": None}).status_code == 404
    )
