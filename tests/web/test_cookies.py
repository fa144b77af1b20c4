"""The staff's log-in: a cookie that no script reads, changes only from our own pages, and an end that is an end."""

import re
from dataclasses import replace
from http.cookies import SimpleCookie
from typing import Any

import psycopg
import pytest

from tandem.tenants import members
from tandem.web import doors
from tandem.web.api import staff
from tests.cast import PASSWORD, Cast, Colleague
from tests.web import test_doors
from tests.web.site import Site, credentials, until

OWN = {"sec-fetch-site": "same-origin"}


def fresh(site: Site, who: Colleague) -> Colleague:
    cookie, _ = site.run(members.log_in(site.parts.db, who.email, who.password))
    return replace(who, cookie=cookie)


def test_a_log_in_gives_a_cookie_that_only_this_host_gets_and_no_script_reads(site: Site, cast: Cast) -> None:
    answer = site.post(None, "/v1/auth/login", {"email": "ANN@acme.example", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["member"]["role"] == "admin"
    assert PASSWORD not in answer.text
    (morsel,) = SimpleCookie(answer.headers["set-cookie"]).values()
    assert morsel.key == "__Host-tandem"
    assert (morsel["secure"], morsel["httponly"], morsel["samesite"], morsel["path"], morsel["domain"]) == (
        True, True, "lax", "/", "",
    )  # fmt: skip
    assert site.get(None, "/v1/auth/me", headers={"cookie": f"__Host-tandem={morsel.value}"}).json() == answer.json()


def test_each_log_in_has_a_token_of_its_own(site: Site, cast: Cast) -> None:
    assert fresh(site, cast.bo).cookie != fresh(site, cast.bo).cookie


@pytest.mark.parametrize(
    ("email", "password"), [("ann@acme.example", "wrong"), ("nobody@acme.example", PASSWORD), ("' or 1=1 --", "x")]
)
def test_who_is_wrong_is_not_told_what_was_wrong(site: Site, email: str, password: str) -> None:
    answer = site.post(None, "/v1/auth/login", {"email": email, "password": password})
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_credentials")
    assert answer.json()["detail"] == "The e-mail address or the password is wrong"


FOREIGN: list[dict[str, str]] = [
    {},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
    {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
]


@pytest.mark.parametrize("from_where", FOREIGN)
def test_every_change_with_a_cookie_is_refused_from_elsewhere(
    site: Site, cast: Cast, from_where: dict[str, str]
) -> None:
    tried = 0
    for named, route in test_doors.routes(site.app).items():
        method, path = named.split()
        if method == "GET" or test_doors.door_of(route).public or test_doors.door_of(route).role is None:
            continue
        cookie = {"cookie": credentials(cast.ann)["cookie"], "content-type": "application/json"}
        address = re.sub(r"\{[^}]*\}", "1", path)
        answer = site.http.request(method, address, headers=cookie | from_where, content=b"{}")
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin"), named
        tried += 1
    assert tried >= 15


def test_a_change_from_our_own_pages_is_taken(site: Site, cast: Cast) -> None:
    cookie = {"cookie": credentials(cast.bo)["cookie"]}
    host = site.url.removeprefix("http://")
    for own in ({"origin": site.url}, {"sec-fetch-site": "same-origin"}, {"origin": f"https://{host}"} | OWN):
        answer = site.http.post("/v1/presence", headers=cookie | own, json={"state": "online"})
        assert answer.status_code == 204, own


def test_a_cookie_is_no_bearer_token_and_a_bearer_token_is_no_cookie(site: Site, cast: Cast) -> None:
    assert site.get(cast.ann.cookie, "/v1/auth/me").status_code == 401
    for token in (cast.cy.token, cast.acme.api_key):
        headers = {"cookie": f"__Host-tandem={token}"} | OWN
        assert site.http.get("/v1/tickets", headers=headers).status_code == 401
        assert site.http.get("/v1/conversations", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "way", ["other name", "shorter", "longer", "one letter", "other tenant", "empty", "spelled twice"]
)
def test_a_cookie_that_is_not_quite_one_is_none(site: Site, cast: Cast, way: str) -> None:
    whole = cast.bo.cookie
    name = "tandem" if way == "other name" else "__Host-tandem"
    value = {
        "shorter": whole[:-1],
        "longer": whole + "A",
        "one letter": whole[:-2] + ("A" if whole[-2] != "A" else "B") + whole[-1],
        "other tenant": cast.ruth.cookie[:25] + whole[25:],
        "empty": "",
        "spelled twice": whole + "=",
    }.get(way, whole)
    assert site.http.get("/v1/auth/me", headers={"cookie": f"{name}={value}"}).status_code == 401


def test_logging_out_ends_the_token_and_its_open_stream(site: Site, cast: Cast) -> None:
    gone, stays = fresh(site, cast.bo), fresh(site, cast.bo)
    with site.stream(gone, "GET", "/v1/events") as events, site.stream(stays, "GET", "/v1/events") as others:
        assert next(events).kind == "ready"
        assert next(others).kind == "ready"
        answer = site.post(gone, "/v1/auth/logout")
        assert answer.status_code == 204
        assert "Max-Age=0" in answer.headers["set-cookie"]
        assert list(events) == []
    assert site.get(gone, "/v1/auth/me").status_code == 401
    assert site.get(gone, "/v1/tickets").status_code == 401
    assert site.get(stays, "/v1/auth/me").status_code == 200


def test_a_log_out_on_another_machine_ends_the_stream_too(site: Site, cast: Cast) -> None:
    who = fresh(site, cast.vi)
    with site.stream(who, "GET", "/v1/events") as events:
        assert next(events).kind == "ready"
        assert site.get(who, "/v1/auth/me").status_code == 200  # this process remembers them now
        site.run(members.log_out(site.parts.db, caller_of(site, who)))
        assert list(events) == []
    assert staff.CHECKED_S + doors.REMEMBERED_S <= 2.0, "a log-out ends streams within two seconds (security.md T7)"


def caller_of(site: Site, who: Colleague) -> Any:
    return site.run(members.caller(site.parts.db, who.cookie))


def test_a_member_who_was_disabled_is_out_at_once(site: Site, cast: Cast) -> None:
    who = fresh(site, cast.vi)
    with psycopg.connect(site.place.superuser, autocommit=True) as connection:
        connection.execute("update members set disabled_at = now() where id = %s", [who.id])
        try:
            until(lambda: site.get(who, "/v1/auth/me").status_code == 401)
        finally:
            connection.execute("update members set disabled_at = null where id = %s", [who.id])


def test_guessing_is_slowed_down_and_says_for_how_long(site: Site, cast: Cast) -> None:
    answers = [
        site.post(None, "/v1/auth/login", {"email": "bo@acme.example", "password": f"guess {n}"}) for n in range(8)
    ]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {answer.status_code for answer in answers} <= {401, 429}
    assert len(refused) >= 3
    assert answers[-1].status_code == 429
    assert 1 <= int(refused[-1].headers["retry-after"]) <= 300
    assert refused[-1].json()["code"] == "too_many"
    assert site.post(None, "/v1/auth/login", {"email": "bo@acme.example", "password": PASSWORD}).status_code == 429
