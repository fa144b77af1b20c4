"""The rules over HTTP: history, differences, a way back, and what a change would do before it is saved."""

from typing import Any

import pytest

from tests.cast import Cast, Client
from tests.web.site import Site

RETURNS = "Can I return a lamp that I bought?"


@pytest.fixture
def dee(site: Site) -> Client:
    """A customer of this test alone."""
    return site.newcomer()


def tried(site: Site, cast: Cast, **body: Any) -> dict[str, Any]:
    found: dict[str, Any] = site.post(cast.ann, "/v1/policy/sandbox", body).json()
    return found


def test_every_version_says_who_changed_what_and_can_be_put_in_force_again(site: Site, cast: Cast) -> None:
    before = site.get(cast.ann, "/v1/policy").json()
    changed = site.call(
        cast.ann, "PATCH", "/v1/policy", {"tiers": {"vip": "people"}, "thresholds": {"answer": 0.61}}
    ).json()
    assert changed["version"] == before["version"] + 1
    newest = site.get(cast.ann, "/v1/policy/versions?limit=1").json()
    (shown,) = newest["items"]
    assert (shown["version"], shown["author"], shown["is_current"]) == (changed["version"], "Ann", True)
    assert shown["changes"] == [
        {"field": "tiers.vip", "before": None, "after": "people"},
        {"field": "thresholds.answer", "before": before["thresholds"]["answer"], "after": 0.61},
    ]
    assert newest["next_before"] == changed["version"]

    again = site.post(cast.ann, f"/v1/policy/versions/{before['version']}/restore").json()
    assert again == before | {"version": changed["version"] + 1}
    apart = site.get(cast.ann, f"/v1/policy/versions/{again['version']}?against={before['version']}").json()
    assert (apart["changes"], apart["against"]) == ([], before["version"])
    assert site.get(cast.ann, "/v1/policy/versions/999999").status_code == 404
    assert site.get(cast.ruth, f"/v1/policy/versions/{changed['version']}").status_code == 404, "another company's"


def test_a_change_can_name_the_version_it_was_made_to(site: Site, cast: Cast) -> None:
    now = site.get(cast.ann, "/v1/policy").json()["version"]
    for stale in (f'"{now - 1}"', f'"{now + 1}"'):
        answer = site.call(cast.ann, "PATCH", "/v1/policy", {"max_unresolved": 4}, headers={"If-Match": stale})
        assert answer.status_code == 409
    odd = site.call(cast.ann, "PATCH", "/v1/policy", {"max_unresolved": 4}, headers={"If-Match": "the newest"})
    assert odd.status_code == 422
    fine = site.call(cast.ann, "PATCH", "/v1/policy", {"max_unresolved": 3}, headers={"If-Match": f'"{now}"'})
    assert fine.status_code == 200


def test_recorded_messages_are_routed_again_under_other_rules(site: Site, cast: Cast, dee: Client) -> None:
    site.chat(dee, RETURNS)
    same = tried(site, cast, changes={})
    assert same["messages"] >= 1
    assert (same["changed"], same["changes"], same["live"]) == (0, [], same["proposed"])
    found = tried(site, cast, changes={"tiers": {"free": "people"}}, days=1)
    (mine,) = [each for each in found["changes"] if each["text"] == RETURNS]
    assert (mine["live"]["route"], mine["proposed"]["route"]) == ("assist", "people")
    assert mine["proposed"] == {
        "route": "people",
        "rule": "tier",
        "reason": "Customers of the tier free go to people.",
    }
    assert found["proposed"]["people"] == found["live"]["people"] + found["changed"]
    assert site.get(cast.ann, "/v1/policy").json()["tiers"] == {}, "nothing is saved"
    rivals = site.post(cast.ruth, "/v1/policy/sandbox", {"changes": {"tiers": {"free": "people"}}}).json()
    assert RETURNS not in [each["text"] for each in rivals["changes"]]


def test_a_higher_bar_for_the_confidence_shows_who_would_be_offered_a_person(
    site: Site, cast: Cast, dee: Client
) -> None:
    site.chat(dee, RETURNS)
    found = tried(site, cast, changes={"thresholds": {"answer_by_category": {"*": 1.0}}}, days=1)
    scored = [each for each in found["changes"] if each["proposed"]["rule"] == "confidence"]
    assert all(each["proposed"]["route"] in ("offer", "people") for each in scored)
    assert found["proposed"]["offer"] == len([each for each in scored if each["proposed"]["route"] == "offer"])


def test_pasted_messages_are_understood_and_routed_both_ways(site: Site, cast: Cast) -> None:
    said = ["where is my parcel of €800", "get me a human"]
    found = tried(
        site,
        cast,
        changes={"amount_limits": {"EUR": 50_000}},
        messages=[{"text": text, "tier": "paid"} for text in said],
    )
    first, second = found["messages_tried"]
    assert (first["live"]["route"], first["proposed"]["rule"]) == ("assist", "amount")
    assert first["proposed"]["reason"] == "The message names €800, more than your limit of 500.00 EUR."
    assert (second["live"]["rule"], second["proposed"]["rule"]) == ("customer_requested_human",) * 2
    assert (found["messages"], found["changed"]) == (2, 1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"changes": {"max_unresolved": 0}}, "max_unresolved"),
        ({"changes": {"amount_limits": {"euro": 5}}}, "amount_limits.euro.[key]"),
        ({"changes": {"escalate_signals": ["noise"]}}, "escalate_signals.0"),
        ({"days": 0}, "days"),
        ({"messages": [{"text": ""}]}, "messages.0.text"),
    ],
)
def test_it_refuses_what_makes_no_sense(site: Site, cast: Cast, body: dict[str, Any], field: str) -> None:
    answer = site.post(cast.ann, "/v1/policy/sandbox", body)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]
