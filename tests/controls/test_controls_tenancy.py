"""Would the test of tenancy notice? The database is broken on purpose, and it has to say where."""

import psycopg
import pytest

from tests.cast import Cast
from tests.ground import Place
from tests.tenancy import leaks

OPEN = "drop policy own_tenant on customers; create policy own_tenant on customers using (true) with check (true)"
READS = "create policy also on customers for select using (true)"
WRITES = "create policy also on customers for insert with check (true)"
TAKES = "create policy takes on customers for update using (true) with check (tenant_id = tenant())"
UNSET = """create or replace function tenant() returns uuid language sql stable
           return nullif(current_setting('tandem.tenant', true), '')::uuid"""


@pytest.mark.parametrize(
    ("fault", "noticed"),
    [
        ("drop policy own_tenant on customers", "customers: "),
        ("alter table customers disable row level security", "customers: another tenant sees it"),
        (OPEN, "customers: another tenant removes it"),
        (READS, "customers: another tenant sees it"),
        (WRITES, "customers: another tenant makes one in its name"),
        (TAKES + "; " + READS, "customers: another tenant takes it"),
        (UNSET, "customers: nobody may ask"),
    ],
)
def test_it_notices_a_planted_fault(place: Place, cast: Cast, fault: str, noticed: str) -> None:
    with psycopg.connect(place.owner, autocommit=True) as connection:
        connection.execute(fault.encode())
    found = noticed_leaks(place, cast)
    assert any(sentence.startswith(noticed) for sentence in found), found


def noticed_leaks(place: Place, cast: Cast) -> list[str]:
    """What `leaks` says; a table that lets nobody write is noticed by the refusal."""
    try:
        return leaks(place.superuser, place.app, cast.acme.id, cast.rival.id)
    except psycopg.errors.InsufficientPrivilege as refused:
        return [f"{str(refused).split(chr(34))[1]}: its own tenant may not write it"]
