"""Logging in: the right password of the right person, and no hint about the others."""

import statistics
import time
from collections.abc import Iterator

import argon2
import pytest

from tandem.db import Database, Query
from tandem.tenants import companies, members
from tandem.tenants.callers import Role
from tandem.tenants.members import BadCredentials
from tandem.tenants.sealing import Sealer
from tests.cast import PASSWORD, Cast
from tests.conftest import REAL_HASHER


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> Iterator[argon2.PasswordHasher]:
    """The product's own, slow by design, where all other tests have a quick one."""
    monkeypatch.setattr(members, "HASHER", REAL_HASHER)
    members._decoy_hash.cache_clear()
    yield REAL_HASHER
    members._decoy_hash.cache_clear()


async def test_the_right_password_opens_a_session_that_logging_out_ends(db: Database, cast: Cast) -> None:
    cookie, caller = await members.log_in(db, " Bo@ACME.example ", PASSWORD)
    assert (caller.member_id, caller.tenant_id, caller.role) == (cast.bo.id, cast.acme.id, Role.AGENT)
    assert await members.caller(db, cookie) == caller
    await members.log_out(db, caller)
    assert await members.caller(db, cookie) is None
    assert await members.caller(db, cast.bo.cookie), "another browser's session goes on"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("bo@acme.example", "wrong"),
        ("bo@acme.example", ""),
        ("bo@acme.example", PASSWORD + " "),
        ("bo@rival.example", PASSWORD),
        ("nobody@acme.example", PASSWORD),
        ("", PASSWORD),
        ("bo@acme.example' or true --", PASSWORD),
        ("%", PASSWORD),
    ],
)
async def test_anything_else_is_refused_in_the_same_words(db: Database, cast: Cast, email: str, password: str) -> None:
    with pytest.raises(BadCredentials) as problem:
        await members.log_in(db, email, password)
    assert problem.value.detail == "The e-mail address or the password is wrong"
    assert problem.value.extra == {}


async def test_a_password_is_hashed_as_rfc_9106_recommends(hasher: argon2.PasswordHasher) -> None:
    found = argon2.extract_parameters(await members.hash_password("a password"))
    assert found == argon2.profiles.RFC_9106_LOW_MEMORY
    assert not hasher.check_needs_rehash(await members.hash_password("another"))


async def test_an_unknown_address_takes_as_long_as_a_wrong_password(
    db: Database, cast: Cast, hasher: argon2.PasswordHasher
) -> None:
    async with db.tenant(cast.acme.id) as tx:
        await members.set_passwords(tx, ["bo@acme.example"], hasher.hash(PASSWORD))
    taken: dict[str, list[float]] = {"bo@acme.example": [], "nobody@acme.example": []}
    for _ in range(6):
        for email, seconds in taken.items():
            start = time.process_time()  # of all threads: what other programs do meanwhile does not count
            with pytest.raises(BadCredentials):
                await members.log_in(db, email, "wrong")
            seconds.append(time.process_time() - start)
    wrong, unknown = (statistics.median(seconds[1:]) for seconds in taken.values())
    assert 0.6 < unknown / wrong < 1.6


async def test_a_member_who_was_disabled_is_out_at_once(db: Database, cast: Cast) -> None:
    assert await members.caller(db, cast.bo.cookie)
    async with db.tenant(cast.acme.id) as tx:
        await tx.run(Query("in this test", None, "", b"update members set disabled_at = now() where name = 'Bo'"))
    assert await members.caller(db, cast.bo.cookie) is None
    with pytest.raises(BadCredentials):
        await members.log_in(db, cast.bo.email, PASSWORD)
    assert await members.caller(db, cast.ann.cookie)


async def test_a_session_ends_by_itself(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        await tx.run(Query("in this test", None, "", b"update member_sessions set expires_at = now()"))
    assert await members.caller(db, cast.ann.cookie) is None
    assert await members.caller(db, cast.ruth.cookie), "another tenant's sessions go on"


async def test_somebody_who_works_for_two_keeps_their_password(db: Database, sealer: Sealer, cast: Cast) -> None:
    hashed = await members.hash_password("set by a stranger")
    async with db.tenant(cast.rival.id) as tx:
        await members.add(tx, cast.bo.email.upper(), "Bo too", Role.ADMIN, hashed)
    with pytest.raises(BadCredentials):
        await members.log_in(db, cast.bo.email, "set by a stranger")
    _, caller = await members.log_in(db, cast.bo.email, PASSWORD)
    assert caller.tenant_id == cast.acme.id, "the first one they worked for"


async def test_a_tenant_lists_its_own_staff(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        assert [(m.name, m.role) for m in await members.everyone(tx)] == [
            ("Ann", Role.ADMIN),
            ("Bo", Role.AGENT),
            ("Vi", Role.VIEWER),
        ]
        assert await members.get(tx, cast.ruth.id) is None


async def test_a_new_company_can_be_used_at_once(db: Database, sealer: Sealer, cast: Cast) -> None:
    made = await companies.create(db, sealer, "Ünïcode & Söhne")
    _, caller = await members.log_in(db, made.admin_email, made.admin_password)
    assert (caller.tenant_id, caller.role) == (made.tenant_id, Role.ADMIN)
    async with db.tenant(made.tenant_id) as tx:
        company = await companies.get(tx)
        assert (company.name, company.slug) == ("Ünïcode & Söhne", "unicode-sohne")
        assert company.look == companies.Look()
        await companies.set_look(tx, companies.Look(assistant_name="Robin"))
        assert (await companies.get(tx)).look.assistant_name == "Robin"
    async with db.tenant(cast.acme.id) as tx:
        assert (await companies.get(tx)).look.assistant_name == "Assistant"


@pytest.mark.parametrize(
    ("role", "covers"), [(Role.ADMIN, set(Role)), (Role.AGENT, {Role.AGENT, Role.VIEWER}), (Role.VIEWER, {Role.VIEWER})]
)
def test_a_role_may_what_those_below_it_may(role: Role, covers: set[Role]) -> None:
    assert {needed for needed in Role if role.covers(needed)} == covers
