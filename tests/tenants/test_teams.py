"""Which team a ticket goes to, and who is in it."""

import pytest

from tandem.db import Database
from tandem.errors import NotFound
from tandem.tenants import teams
from tandem.tenants.teams import DefaultTeam
from tests.cast import Cast


async def test_the_first_team_that_takes_it_gets_it_and_else_the_default_one(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        (default,) = await teams.every(tx)
        assert (default.name, default.is_default) == (teams.FIRST_TEAM, True)
        money = await teams.add(tx, "Money")
        await teams.change(tx, money, {"categories": ["billing_dispute"]})
        german = await teams.add(tx, "German")
        await teams.change(tx, german, {"languages": ["de"], "tiers": ["enterprise", "paid"]})

        async def to(category: str | None, tier: str, language: str | None) -> str:
            return (await teams.pick(tx, category, tier, language)).name

        assert await to("billing_dispute", "enterprise", "de") == "Money"
        assert await to("order_status", "enterprise", "de") == "German"
        assert await to("order_status", "free", "de") == teams.FIRST_TEAM
        assert await to(None, "paid", None) == teams.FIRST_TEAM
        await teams.change(tx, german, {"place": 0})
        await teams.change(tx, money, {"place": 5})
        assert await to("billing_dispute", "enterprise", "de") == "German"
        await teams.change(tx, money, {"default": True})
        assert await to("anything", "free", None) == "Support", "the old default one takes everything in its turn"
        assert [team.is_default for team in await teams.every(tx)] == [False, False, True]


async def test_the_default_team_cannot_be_removed_and_others_can(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        (default,) = await teams.every(tx)
        with pytest.raises(DefaultTeam):
            await teams.archive(tx, default.id)
        other = await teams.add(tx, "Other")
        await teams.archive(tx, other)
        with pytest.raises(NotFound):
            await teams.get(tx, other)


async def test_broken_promises_are_told_to_the_leads_or_else_to_every_admin(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        (default,) = await teams.every(tx)
        assert await teams.leads(tx, default.id) == [cast.ann.id]
        await teams.set_members(tx, default.id, {cast.bo.id: True, cast.ann.id: False})
        assert await teams.leads(tx, default.id) == [cast.bo.id]


async def test_two_tenants_teams_never_meet(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        mine = await teams.add(tx, "Secret")
        assert (await teams.get(tx, mine)).name == "Secret"
    async with db.tenant(cast.rival.id) as tx:
        with pytest.raises(NotFound):
            await teams.get(tx, mine)
