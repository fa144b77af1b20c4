"""The cast is who it says it is, and a test's changes stay in its own database."""

from tandem.db import Database
from tandem.tenants import customers, keys, members
from tandem.tenants.callers import Role
from tests.cast import Cast


async def test_the_cast_can_prove_who_they_are(db: Database, cast: Cast) -> None:
    for who in (cast.ann, cast.bo, cast.vi, cast.ruth, cast.rob, cast.ray):
        assert await members.caller(db, who.cookie) == who.caller
    for customer in (cast.cy, cast.dee, cast.quinn):
        assert await customers.caller(db, customer.token) == customer.caller
    for company in (cast.acme, cast.rival):
        server = await keys.caller(db, company.api_key)
        assert server
        assert server.tenant_id == company.id
    assert [who.role for who in (cast.ann, cast.bo, cast.vi)] == list(Role)
    assert (cast.cy.external_id, cast.cy.verified, cast.dee.external_id, cast.dee.verified) == (
        "cy-1",
        True,
        None,
        False,
    )


async def test_a_change_is_this_tests_own(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        await customers.meet(tx, "new-1")
        assert len(await members.everyone(tx)) == 3


async def test_a_change_of_another_test_is_not_seen(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        assert (await customers.meet(tx, "new-1", tier="paid")).tier == "paid"
        assert (await customers.get(tx, cast.cy.id)).tier == "paid"
