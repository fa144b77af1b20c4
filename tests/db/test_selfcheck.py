"""Tandem does not serve from a database that could mix tenants up, and says what is wrong with it."""

import psycopg
import pytest

from tandem.db import Database, selfcheck
from tests.ground import Place

pytestmark = pytest.mark.parametrize("ground", [18, 16], indirect=True)

FAULTS = {
    "drop policy own_tenant on customers": "lacks its policy for reading and writing: customers",
    "alter table customers disable row level security": "has row-level security off: customers",
    "alter table feedback owner to tandem_app": "the program's role owns: feedback",
    "create policy also on customers using (true)": "has more than the one policy: customers",
    "drop policy own_tenant on events; create policy own_tenant on events using (true)": "lacks its policy .*: events",
    "drop policy own_tenant on events; create policy own_tenant on events using (tenant_id = tenant())": (
        "lacks its policy .*: events"
    ),
    "drop policy own_tenant on events; create policy own_tenant on events for select using (tenant_id = tenant())": (
        "lacks its policy .*: events"
    ),
    "create unique index loose on customers (external_id)": "does not begin with tenant_id: loose",
    "create unique index loose on customers ((lower(email)), tenant_id)": "does not begin with tenant_id: loose",
    "create function peek() returns bigint language sql security definer as 'select count(*) from customers'": (
        "runs with the owner's rights: peek"
    ),
    "alter function memberships(uuid) reset all": "finds its tables by the caller's search_path: memberships",
    "create view everyone as select * from customers": "does not ask as its reader: everyone",
    "create materialized view everyone as select * from customers": "does not ask as its reader: everyone",
    "create table loose (a int); grant select on loose to tandem_app": "without tenant_id is open .*: loose",
    "create table loose (a int); grant insert (a) on loose to tandem_app": "without tenant_id is open .*: loose",
    "grant select on passages_3 to tandem_app": "a partition can be reached directly: passages_3",
    "grant truncate on customers to tandem_app": "can be emptied past its policy: customers",
    "alter table customers alter tenant_id drop default": "takes its tenant from the statement alone: customers",
    "alter table customers add unique (id);"
    "alter table feedback add constraint loose foreign key (message_id) references customers (id)": (
        "a foreign key leaves the tenant out: loose"
    ),
    "create table fresh (tenant_id uuid primary key)": "has row-level security off: fresh",
}


async def test_it_passes_a_good_database(db: Database) -> None:
    await selfcheck.check(db)


@pytest.mark.parametrize(("fault", "sentence"), FAULTS.items(), ids=range(len(FAULTS)))
async def test_it_refuses_and_names_what_is_wrong(db: Database, place: Place, fault: str, sentence: str) -> None:
    with psycopg.connect(place.superuser, autocommit=True) as connection:
        connection.execute(b"set role tandem_owner" if "owner to" not in fault else b"select")
        connection.execute(fault.encode())
    with pytest.raises(selfcheck.Unsafe, match=sentence):
        await selfcheck.check(db)


async def test_it_refuses_a_superuser(place: Place) -> None:
    db = Database(place.superuser)
    await db.open()
    try:
        with pytest.raises(selfcheck.Unsafe, match="may bypass row-level security: "):
            await selfcheck.check(db)
    finally:
        await db.close()


async def test_it_refuses_the_owner(place: Place) -> None:
    db = Database(place.owner)
    await db.open()
    try:
        with pytest.raises(selfcheck.Unsafe, match=r"the program's role owns: .*customers"):
            await selfcheck.check(db)
    finally:
        await db.close()
