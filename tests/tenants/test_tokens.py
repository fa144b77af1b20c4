"""The secrets that callers carry: one spelling, one tenant, and nothing changed."""

import pytest

from tandem import ids
from tandem.db import Database, Query
from tandem.tenants import customers, keys, members, tokens
from tandem.tenants.callers import Scope
from tests.cast import Cast

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def changed(text: str) -> list[str]:
    """The text with each letter changed once, one more, one less, and written otherwise."""
    swapped = [text[:i] + LETTERS[(LETTERS.find(text[i]) + 1) % 64] + text[i + 1 :] for i in range(len(text))]
    return [*swapped, text[:-1], text + "A", text + "=", " " + text, text + "\n", text.upper(), "", text[:3]]


async def test_a_key_changed_anywhere_is_nobodys(db: Database, cast: Cast) -> None:
    assert await keys.caller(db, cast.acme.api_key)
    for text in changed(cast.acme.api_key):
        assert await keys.caller(db, text) is None, text


def test_a_token_has_one_spelling() -> None:
    token = tokens.make("tk", ids.new(), ids.new())
    last = LETTERS.find(token.text[-1])
    respelled = [token.text[:-1] + LETTERS[last & ~15 | spare] for spare in range(16) if spare != last & 15]
    assert tokens.parse("tk", token.text)
    assert [text for text in respelled if tokens.parse("tk", text)] == []


async def test_one_kind_of_token_is_no_other_kind(db: Database, cast: Cast) -> None:
    key, cookie, session = cast.acme.api_key, cast.ann.cookie, cast.cy.token
    assert (key[:3], cookie[:3], session[:3]) == ("tk_", "ts_", "ws_")
    for foreign in (cookie, session, "tk_" + cookie[3:], "tk_" + session[3:], cast.acme.widget_key):
        assert await keys.caller(db, foreign) is None
    for foreign in (key, session, "ts_" + key[3:], "ts_" + session[3:]):
        assert await members.caller(db, foreign) is None
    for foreign in (key, cookie, "ws_" + key[3:], "ws_" + cookie[3:]):
        assert await customers.caller(db, foreign) is None


async def test_a_secret_of_one_tenant_opens_nothing_of_another(db: Database, cast: Cast) -> None:
    mine, theirs = tokens.parse("tk", cast.acme.api_key), tokens.parse("tk", cast.rival.api_key)
    assert mine
    assert theirs
    crossed = [
        cast.acme.api_key[:25] + cast.rival.api_key[25:],
        cast.rival.api_key[:25] + cast.acme.api_key[25:],
        cast.acme.api_key[:46] + cast.rival.api_key[46:],
    ]
    for text in crossed:
        assert await keys.caller(db, text) is None


async def test_a_revoked_key_is_good_no_more(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        text = await keys.add(tx, cast.acme.id, "for the shop", [Scope.CHAT, Scope.KB])
    caller = await keys.caller(db, text)
    assert caller
    assert caller.scopes == {Scope.CHAT, Scope.KB}
    async with db.tenant(cast.acme.id) as tx:
        await tx.run(
            Query("in this test", None, "", b"update api_keys set revoked_at = now() where name = 'for the shop'")
        )
    assert await keys.caller(db, text) is None
    assert await keys.caller(db, cast.acme.api_key)


async def test_a_widget_session_ends(db: Database, cast: Cast) -> None:
    assert await customers.caller(db, cast.cy.token)
    async with db.tenant(cast.acme.id) as tx:
        await tx.run(Query("in this test", None, "", b"update widget_sessions set expires_at = now() where verified"))
    assert await customers.caller(db, cast.cy.token) is None
    assert await customers.caller(db, cast.dee.token)


async def test_only_a_hash_of_the_secret_is_stored(db: Database, cast: Cast) -> None:
    presented = tokens.parse("tk", cast.acme.api_key)
    assert presented
    async with db.tenant(cast.acme.id) as tx:
        stored = await tx.one(Query("in this test", None, "", b"select secret_hash from api_keys"), bytes)
    assert len(stored) == 32
    assert stored != presented.secret
    assert presented.matches(stored)


@pytest.mark.parametrize("text", ["tk_" + "A" * 86, "tk_" + "é" * 86, "tk_" + "\0" * 86, "tk_" + "-" * 86])
async def test_what_looks_like_a_key_is_looked_up_and_refused(db: Database, cast: Cast, text: str) -> None:
    assert await keys.caller(db, text) is None
