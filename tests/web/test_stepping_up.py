"""Stepping up over HTTP: a code by mail, typed into the conversation; nobody else's conversation, mailbox or patience."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import Any

import psycopg
import pytest

from tandem import ids
from tandem.hot.local import LocalLimits
from tandem.outgoing.mail import Mail, MailFailed
from tandem.tenants import keys, stepping_up
from tandem.tenants.callers import Scope
from tandem.web import limits
from tests.cast import Cast, Client
from tests.tenants.stepping import wrong
from tests.web.site import Caller, Conversation, Site

NUMBERS = iter(range(10**6))


class Away:
    """A mail server that does not answer."""

    async def send(self, mail: Mail) -> None:
        raise MailFailed("10.0.0.7:587 does not answer.")


@pytest.fixture(autouse=True)
def _no_time_passes(site: Site) -> Iterator[None]:
    """The edge counts each test's requests alone, and nothing comes free."""
    parts = site.parts
    site.app.state.parts = replace(parts, hot=replace(parts.hot, limits=LocalLimits(clock=lambda: 0.0)))
    yield
    site.app.state.parts = parts


@pytest.fixture
def pat(site: Site) -> Client:
    """A customer of this test's own, whom the website has signed in."""
    n = next(NUMBERS)
    return site.newcomer(sub=f"pat-{n}", email=f"pat{n}@customers.example")


@pytest.fixture
def said(site: Site, pat: Client) -> Conversation:
    return site.chat(pat, "Hello!")


def begin(site: Site, who: Caller, conversation_id: str, **more: Any) -> Any:
    return site.post(who, f"/v1/conversations/{conversation_id}/step-up", **more)


def check(site: Site, who: Caller, conversation_id: str, code: str, **more: Any) -> Any:
    return site.post(who, f"/v1/conversations/{conversation_id}/step-up/check", {"code": code}, **more)


def mails(site: Site) -> list[str]:
    return [path.name for path in sorted(site.outbox.glob("*.eml"))]


def code_in(site: Site, name: str) -> str:
    text = message_from_bytes((site.outbox / name).read_bytes(), policy=default).get_content()
    return str(re.findall(r"^    ([0-9]{6})\r?$", text, re.M)[0])


def sent(site: Site, who: Caller, conversation_id: str) -> str:
    """Have a code sent, and read it in the mail."""
    before = mails(site)
    answer = begin(site, who, conversation_id)
    assert answer.status_code == 202, answer.text
    (new,) = set(mails(site)) - set(before)
    return code_in(site, new)


def test_a_code_comes_by_mail_and_lifts_the_conversation(site: Site, pat: Client, said: Conversation) -> None:
    before = mails(site)
    asked = begin(site, pat, said.id)
    assert asked.status_code == 202
    assert asked.json().keys() == {"sent_to", "expires_at"}
    assert asked.json()["sent_to"] == "p…@customers.example"
    (new,) = set(mails(site)) - set(before)
    mail = message_from_bytes((site.outbox / new).read_bytes(), policy=default)
    assert mail["to"].startswith("pat")
    assert mail["subject"] == "Your code for Acme"
    code = code_in(site, new)

    missed = check(site, pat, said.id, wrong(code)).json()
    assert missed == {"stepped_up": False, "ends_at": None, "tries_left": 4}
    right = check(site, pat, said.id, f" {code[:3]} {code[3:]} ").json()
    assert (right["stepped_up"], right["tries_left"]) == (True, 0)
    assert right["ends_at"].endswith("Z")
    assert check(site, pat, said.id, code).json() == {"stepped_up": False, "ends_at": None, "tries_left": 0}

    told = [item.data for item in site.events(pat, said.id) if item.kind == "identity_checked"]
    assert [item["state"] for item in told] == ["code_sent", "wrong_code", "stepped_up"]
    assert {item["sent_to"] for item in told} == {"p…@customers.example"}
    assert code not in str(site.events(pat, said.id))


def test_the_tenants_server_may_ask_for_its_customers(site: Site, cast: Cast, said: Conversation) -> None:
    async def chatty() -> str:
        async with site.parts.db.tenant(cast.acme.id) as tx:
            return await keys.add(tx, cast.acme.id, "chat", [Scope.CHAT])

    server = site.run(chatty())
    assert check(site, server, said.id, sent(site, server, said.id)).json()["stepped_up"]


def test_nobody_elses_conversation_is_there(site: Site, cast: Cast, pat: Client, said: Conversation) -> None:
    code = sent(site, pat, said.id)
    before = mails(site)
    for stranger in (cast.cy, cast.dee, cast.quinn, cast.rival):
        absent = ids.show("cnv", ids.new())
        for answer, other in (
            (begin(site, stranger, said.id), begin(site, stranger, absent)),
            (check(site, stranger, said.id, code), check(site, stranger, absent, code)),
        ):
            assert answer.status_code == other.status_code == 404
            assert answer.json()["detail"] == other.json()["detail"]
    for outsider, status in ((None, 401), (cast.ann, 403), (cast.bo, 403)):
        assert begin(site, outsider, said.id).status_code == status
        assert check(site, outsider, said.id, code).status_code == status
    assert mails(site) == before
    assert check(site, pat, said.id, code).json()["stepped_up"], "and it has cost no try"


def test_a_code_is_of_its_conversation(site: Site, pat: Client, said: Conversation) -> None:
    other = site.chat(pat, "Something else.")
    code = sent(site, pat, said.id)
    assert not check(site, pat, other.id, code).json()["stepped_up"]
    assert check(site, pat, said.id, code).json()["stepped_up"]


def test_who_has_nothing_to_prove_it_by_is_told_so(site: Site, cast: Cast) -> None:
    before = mails(site)
    stranger = site.chat(cast.dee, "Hello!")
    site.post(cast.dee, f"/v1/conversations/{stranger.id}/contact", {"email": "eve@customers.example"})
    refused = begin(site, cast.dee, stranger.id)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_verified")

    silent = site.newcomer(sub=f"silent-{next(NUMBERS)}")
    theirs = site.chat(silent, "Hello! My address is eve@customers.example.")
    site.post(silent, f"/v1/conversations/{theirs.id}/contact", {"email": "eve@customers.example"})
    refused = begin(site, silent, theirs.id)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_address")
    assert mails(site) == before, "an address that somebody wrote is not on record"


def test_a_fourth_code_within_the_hour_is_refused(site: Site, pat: Client, said: Conversation) -> None:
    codes = [sent(site, pat, said.id) for _ in range(3)]
    before = mails(site)
    refused = begin(site, pat, said.id)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_codes")
    assert 3500 < int(refused.headers["retry-after"]) <= 3600
    assert mails(site) == before
    assert check(site, pat, said.id, codes[2]).json()["stepped_up"]


def test_the_edge_counts_too(site: Site, pat: Client, said: Conversation) -> None:
    statuses = [begin(site, pat, said.id).status_code for _ in range(limits.STEP_UPS.times + 3)]
    assert statuses[:3] == [202] * 3
    assert set(statuses[3:]) == {429}
    tried = [check(site, pat, said.id, "000000") for _ in range(limits.STEP_UP_CHECKS.times + 3)]
    assert [answer.status_code for answer in tried[-3:]] == [429] * 3
    assert {answer.status_code for answer in tried[:-3]} == {200}


def test_a_mail_server_that_is_away_is_a_sentence_and_tells_nothing(
    site: Site, pat: Client, said: Conversation, caplog: pytest.LogCaptureFixture
) -> None:
    parts = site.parts
    site.app.state.parts = replace(parts, mailer=Away())
    try:
        failed = begin(site, pat, said.id)
    finally:
        site.app.state.parts = parts
    assert (failed.status_code, failed.json()["code"]) == (503, "unavailable")
    assert "10.0.0.7" not in failed.text
    assert "10.0.0.7" in caplog.text, "the operator reads where"
    assert not [item for item in site.events(pat, said.id) if item.kind == "identity_checked"]
    assert check(site, pat, said.id, sent(site, pat, said.id)).json()["stepped_up"]


def test_a_request_that_is_sent_twice_is_done_once(site: Site, pat: Client, said: Conversation) -> None:
    before = mails(site)
    once = {"headers": {"idempotency-key": f"k-{next(NUMBERS)}"}}
    assert begin(site, pat, said.id, **once).json() == begin(site, pat, said.id, **once).json()
    (new,) = set(mails(site)) - set(before)
    again = {"headers": {"idempotency-key": f"k-{next(NUMBERS)}"}}
    first = check(site, pat, said.id, code_in(site, new), **again).json()
    assert first["stepped_up"]
    assert check(site, pat, said.id, code_in(site, new), **again).json() == first


@pytest.mark.parametrize(
    "body", [{}, {"code": 123456}, {"code": ""}, {"code": "1" * 41}, {"code": "1", "customer_id": "x"}]
)
def test_it_takes_a_code_and_nothing_else(site: Site, pat: Client, said: Conversation, body: dict[str, Any]) -> None:
    answer = site.post(pat, f"/v1/conversations/{said.id}/step-up/check", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] in ("code", "customer_id")


def test_what_the_widgets_session_may_comes_through_the_door(site: Site, cast: Cast) -> None:
    identity = cast.acme.identity("pat-scoped", scope="orders:write refunds", jti=str(time.time_ns()))
    body = {"widget_key": cast.acme.widget_key, "identity": identity}
    assert site.post(None, "/v1/widget/session", body).status_code == 201
    with psycopg.connect(site.place.superuser) as connection:
        stored = connection.execute("select scopes from widget_sessions where scopes <> '{}'").fetchall()
    assert stored == [(["orders:write", "refunds"],)]
    broken = cast.acme.identity("pat-scoped", scope="*", jti=str(time.time_ns()))
    refused = site.post(None, "/v1/widget/session", body | {"identity": broken})
    assert (refused.status_code, refused.json()["code"]) == (401, "identity_invalid")


def test_the_figures_are_those_that_are_written_down() -> None:
    assert (stepping_up.LIVES_S, stepping_up.TRIES, stepping_up.LIFTS_S) == (600, 5, 900)
    assert (stepping_up.A_CONVERSATION, stepping_up.A_CUSTOMER) == (3, 5)
