"""Sources from outside: made, changed, run and removed by admins, seen by the staff, and secret as far as secrets go."""

from pathlib import Path
from typing import Any

import pytest

from tests.cast import Cast
from tests.web.site import Site, until

RATE_LIMITS = False

SECRET = "ntn-0123456789-abcd"


def make(
    site: Site, name: str, kind: str = "notion", settings: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    made = site.post(site.cast.ann, "/v1/kb/sources", {"kind": kind, "name": name, "settings": settings or {}, **more})
    assert made.status_code == 201, made.text
    shown: dict[str, Any] = made.json()
    return shown


def test_a_source_is_made_shown_changed_and_removed(site: Site, cast: Cast) -> None:
    made = make(site, "Wiki", secret=SECRET, audience="verified", category="Help", every_minutes=60, approve=True)
    assert made | {"id": "", "next_at": None} == {
        "id": "", "kind": "notion", "name": "Wiki", "settings": {"url": "https://api.notion.com/"},
        "has_secret": True, "secret_last4": "abcd",
        "audience": "verified", "category": "Help", "approve": True, "every_minutes": 60, "paused": False, "status": "new", "error": None,
        "failures": 0, "report": {}, "documents": 0, "started_at": None, "finished_at": None, "next_at": None,
    }  # fmt: skip
    path = f"/v1/kb/sources/{made['id']}"
    assert site.get(cast.vi, path).json() == made
    assert made in site.get(cast.vi, "/v1/kb/sources").json()["items"]
    changed = site.call(cast.ann, "PATCH", path, {"name": "Notion", "category": None, "paused": True}).json()
    expected = made | {"name": "Notion", "category": None, "paused": True, "next_at": None}
    assert changed == expected
    assert site.call(cast.ann, "PATCH", path, {"secret": ""}).json()["has_secret"] is False
    assert site.call(cast.ann, "DELETE", path).status_code == 204
    assert site.get(cast.vi, path).status_code == 404


def test_a_secret_is_in_no_answer(site: Site, cast: Cast) -> None:
    made = make(site, "Secretive", secret=SECRET)
    path = f"/v1/kb/sources/{made['id']}"
    for answer in (
        site.get(cast.ann, path),
        site.get(cast.ann, "/v1/kb/sources"),
        site.call(cast.ann, "PATCH", path, {}),
    ):
        assert answer.status_code == 200
        assert SECRET[:-4] not in answer.text


def test_a_secret_does_not_follow_a_change_of_address(site: Site, cast: Cast) -> None:
    path = f"/v1/kb/sources/{make(site, 'Stolen', secret=SECRET)['id']}"
    away = {"settings": {"url": "https://attacker.example/"}}
    refused = site.call(cast.ann, "PATCH", path, away)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "secret")
    assert site.call(cast.ann, "PATCH", path, {"settings": {"url": "https://api.notion.com/proxy"}}).status_code == 200
    assert site.call(cast.ann, "PATCH", path, away | {"secret": "another-secret"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "ftp", "name": "x", "settings": {}}, "kind"),
        ({"kind": "notion", "name": " ", "settings": {}}, "name"),
        ({"kind": "site", "name": "x", "settings": {}}, "settings.url"),
        ({"kind": "site", "name": "x", "settings": {"url": "file:///etc/passwd"}}, "settings.url"),
        ({"kind": "site", "name": "x", "settings": {"url": "http://127.1/"}}, "settings.url"),
        ({"kind": "site", "name": "x", "settings": {"url": "https://a.example/", "depth": 3}}, "settings.depth"),
        ({"kind": "site", "name": "x", "settings": {"url": "https://a.example/", "pages": 0}}, "settings.pages"),
        (
            {"kind": "zendesk", "name": "x", "settings": {"url": "https://a.example/", "locale": "../.."}},
            "settings.locale",
        ),
        ({"kind": "notion", "name": "x", "settings": {}, "audience": "everyone"}, "audience"),
        ({"kind": "notion", "name": "x", "settings": {}, "every_minutes": 1}, "every_minutes"),
        ({"kind": "notion", "name": "x", "settings": {}, "tenant_id": "x"}, "tenant_id"),
    ],
)
def test_an_odd_source_is_refused_by_name(site: Site, cast: Cast, body: dict[str, Any], field: str) -> None:
    refused = site.post(cast.ann, "/v1/kb/sources", body)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"].endswith(field), refused.text


def test_a_name_that_is_taken_is_refused(site: Site, cast: Cast) -> None:
    make(site, "Taken")
    for name in ("Taken", "api"):
        body: dict[str, Any] = {"kind": "notion", "name": name, "settings": {}}
        assert site.post(cast.ann, "/v1/kb/sources", body).status_code == 409


def test_a_run_by_hand_says_how_it_went(site: Site, cast: Cast, tmp_path: Path) -> None:
    for kind, settings, says in (
        ("site", {"url": "http://127.0.0.1:1/"}, "not a public address"),
        ("folder", {"path": str(tmp_path)}, "TANDEM_SOURCE_FOLDERS"),
    ):
        made = make(site, f"Refused {kind}", kind, settings)
        promised = site.post(cast.ann, f"/v1/kb/sources/{made['id']}/sync")
        assert promised.status_code == 202
        until(lambda: site.get(cast.ann, f"/v1/jobs/{promised.json()['job_id']}").json()["status"] == "failed")  # noqa: B023
        shown = site.get(cast.vi, f"/v1/kb/sources/{made['id']}").json()
        assert (shown["status"], shown["failures"]) == ("failed", 1)
        assert says in shown["error"]
        assert site.get(cast.vi, f"/v1/kb/sources/{made['id']}/items?failed=true").json() == {"items": []}
        assert site.call(cast.ann, "DELETE", f"/v1/kb/sources/{made['id']}?documents=remove").status_code == 204
