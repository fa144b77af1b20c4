"""No tenant reaches another's rows: tried on every table, through every function, on both PostgreSQL versions."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from tandem import ids
from tandem.db import Database, Query, selfcheck
from tests.cast import Cast
from tests.ground import Place
from tests.tenancy import become, leaks

pytestmark = pytest.mark.parametrize("ground", [18, 16], indirect=True)

ID_TYPES = {"uuid", "bigint", "boolean"}
AXIS = "[" + ",".join(["1"] + ["0"] * 383) + "]"
ANY_AUDIENCE = ["public", "verified", "staff"]


def test_no_table_shows_takes_or_gives_anything_across_tenants(place: Place, cast: Cast) -> None:
    assert leaks(place.superuser, place.app, cast.acme.id, cast.rival.id) == []


async def test_the_tenant_is_forgotten_at_the_end_of_its_transaction(place: Place, cast: Cast) -> None:
    db = Database(place.app, size=2)
    await db.open()
    try:
        for _ in range(10):  # every connection of the pool has been acme's several times
            async with db.tenant(cast.acme.id) as tx:
                assert await tx.all(query("select name from tenants"), str) == ["Acme"]
            async with db.nobody() as tx:
                assert await tx.one(query("select coalesce(current_setting('tandem.tenant', true), '')"), str) == ""
            with pytest.raises((psycopg.errors.InvalidTextRepresentation, psycopg.errors.UndefinedObject)):
                async with db.nobody() as tx:
                    await tx.all(query("select name from tenants"), str)
    finally:
        await db.close()


async def test_a_transaction_that_fails_forgets_its_tenant_too(place: Place, cast: Cast) -> None:
    db = Database(place.app, size=1)
    await db.open()
    try:
        with pytest.raises(psycopg.errors.DivisionByZero):
            async with db.tenant(cast.acme.id) as tx:
                await tx.run(query("select 1 / 0"))
        async with db.tenant(cast.rival.id) as tx:
            assert await tx.all(query("select name from tenants"), str) == ["Rival"]
    finally:
        await db.close()


def test_the_program_may_make_nothing_and_reach_no_partition(place: Place, cast: Cast) -> None:
    for forbidden in (
        "create table public.mine (a int)",
        "create function public.peek() returns bigint language sql as 'select 1'",
        "select from passages_0",
        "truncate customers",
        "alter table customers disable row level security",
        "select from migrations",
        *(["set role tandem_owner"] if "tandem_app@" in place.app else []),  # a login of its own, as in our own server
    ):
        with (
            psycopg.connect(place.app, autocommit=True) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(forbidden.encode())


def test_functions_with_the_owners_rights_return_ids_alone(place: Place, cast: Cast) -> None:
    with psycopg.connect(place.superuser) as connection:
        found = connection.execute(
            """select p.proname, array(select format_type(t, null)
                   from unnest(p.proallargtypes) with ordinality x (t, n) where p.proargmodes[n] = 't')
               from pg_proc p where p.prosecdef and p.pronamespace = 'public'::regnamespace"""
        ).fetchall()
    columns: dict[str, list[str]] = dict(found)
    assert sorted(columns) == sorted(selfcheck.DEFINERS)
    for shows_texts in ("search_passages", "question_words"):  # the tenant's own alone: tested below
        del columns[shows_texts]
    for name, kinds in columns.items():
        assert kinds, name
        assert set(kinds) <= ID_TYPES, name


def test_memberships_shows_a_login_its_own(place: Place, cast: Cast) -> None:
    with psycopg.connect(place.superuser) as connection:
        logins: dict[str, UUID] = dict(connection.execute("select l.email, l.id from logins l").fetchall())
    with psycopg.connect(place.app, autocommit=True) as connection:
        for who in (cast.ann, cast.bo, cast.ruth):
            found = connection.execute("select * from memberships(%s)", [logins[who.email]]).fetchall()
            assert found == [(who.tenant_id, who.id)]
        assert connection.execute("select * from memberships(%s)", [ids.new()]).fetchall() == []


@pytest.mark.parametrize("exact_below", [5000, 0], ids=["exact", "by the index"])
def test_search_never_crosses(place: Place, cast: Cast, exact_below: int) -> None:
    mine = {company.id: _with_an_article(place, company.id) for company in (cast.acme, cast.rival)}
    rivals_mark = f"refund 't_{cast.rival.id}' | t_{cast.rival.id} & !t_{cast.acme.id}"
    with psycopg.connect(place.app) as connection:
        for company in (cast.acme, cast.rival):
            for question in ("refund", rivals_mark, f"t_{cast.rival.id}", "' | ''", ""):
                for meaning in (AXIS, None):
                    become(connection, company.id)
                    found = _search(connection, question, meaning, exact_below)
                    connection.rollback()
                    assert found <= {mine[company.id]}
                    if meaning or "refund" in question:
                        assert found, "its own tenant finds it"


def test_nobody_learns_the_words_of_another(place: Place, cast: Cast) -> None:
    asked = "select lexeme, passages, alike from question_words(%s)"
    with psycopg.connect(place.app) as connection:
        for company, word in ((cast.acme, "refunds"), (cast.rival, "espresso")):
            become(connection, company.id)
            connection.execute("insert into vocabulary (lexeme, passages) values (%s, 3)", [word])
            connection.commit()
        become(connection, cast.acme.id)
        assert connection.execute(asked, ["refumds"]).fetchall() == [("refumd", 0, ["refunds"])]
        assert connection.execute(asked, ["espresso espresxo"]).fetchall() == [("espresso", 0, []), ("espresxo", 0, [])]
        become(connection, cast.rival.id)
        assert connection.execute(asked, ["espresso"]).fetchall() == [("espresso", 3, [])]


def test_search_without_a_tenant_is_an_error(place: Place, cast: Cast) -> None:
    _with_an_article(place, cast.acme.id)
    with psycopg.connect(place.app) as connection:
        become(connection, cast.acme.id)
        assert _search(connection, "refund", AXIS, 5000)
        connection.rollback()
        with pytest.raises((psycopg.errors.InvalidTextRepresentation, psycopg.errors.UndefinedObject)):
            _search(connection, "refund", AXIS, 5000)


def test_search_shows_an_audience_nothing_meant_for_another(place: Place, cast: Cast) -> None:
    _with_an_article(place, cast.acme.id, audience="staff")
    with psycopg.connect(place.app) as connection:
        become(connection, cast.acme.id)
        assert _search(connection, "refund", AXIS, 5000, ["staff"])
        assert not _search(connection, "refund", AXIS, 5000, ["public", "verified"])
        assert not _search(connection, "refund", AXIS, 0, ["public", "verified"])


def test_a_finished_turn_stays_as_it_was(place: Place, cast: Cast) -> None:
    change = b"update turns set record = '{\"better\": true}' where id = %s"
    forbidden = {
        change: psycopg.errors.RestrictViolation,
        b"update turns set status = 'thinking' where id = %s": psycopg.errors.RestrictViolation,
        b"delete from turns where id = %s": psycopg.errors.InsufficientPrivilege,
    }
    with psycopg.connect(place.app) as connection:
        turn_id = _a_turn(connection, cast)
        become(connection, cast.acme.id)
        assert connection.execute(change, [turn_id]).rowcount == 1
        assert connection.execute("update turns set status = 'done' where id = %s", [turn_id]).rowcount == 1
        connection.commit()
        for statement, refusal in forbidden.items():
            become(connection, cast.acme.id)
            with pytest.raises(refusal):
                connection.execute(statement, [turn_id])
            connection.rollback()
    with psycopg.connect(place.superuser) as connection, pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute("delete from turns where id = %s", [turn_id])


@pytest.mark.parametrize("table", ["events", "policies"])
def test_what_was_recorded_cannot_be_rewritten(place: Place, cast: Cast, table: str) -> None:
    with psycopg.connect(place.app) as connection:
        for forbidden in (f"update {table} set tenant_id = tenant_id", f"delete from {table}"):
            become(connection, cast.acme.id)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden.encode())
            connection.rollback()


def query(sql: str) -> Query:
    return Query("in this test", None, "", sql.encode())


def _with_an_article(place: Place, tenant_id: UUID, audience: str = "public") -> UUID:
    """One live passage about refunds, the same for everybody; its document's id."""
    document_id, passage_id = ids.new(), ids.new()
    with psycopg.connect(place.app) as connection:
        become(connection, tenant_id)
        connection.execute(
            """insert into documents (id, title, format, version, live_version, audience, status)
               values (%s, 'Refunds', 'markdown', 1, 1, %s, 'ready')""",
            [document_id, audience],
        )
        connection.execute(
            """insert into passages
                   (id, document_id, version, ordinal, heading, text, start, "end", audience, live, hash)
               values (%s, %s, 1, 0, 'Refunds', 'A refund takes five days.', 0, 25, %s, true, '')""",
            [passage_id, document_id, audience],
        )
        connection.execute(
            "insert into passage_vectors (generation, passage_id, document_id, version, audience, live, embedding)"
            " values (1, %s, %s, 1, %s, true, %s::halfvec)",
            [passage_id, document_id, audience, AXIS],
        )
        connection.execute(
            "insert into document_versions (document_id, version, title, format, content_hash)"
            " values (%s, 1, 'Refunds', 'markdown', '')",
            [document_id],
        )
        connection.execute("insert into knowledge_states (release) values (1) on conflict do nothing")
    return document_id


def _search(
    connection: psycopg.Connection,
    question: str,
    meaning: str | None,
    exact_below: int,
    audiences: list[str] = ANY_AUDIENCE,
) -> set[UUID]:
    found = connection.execute(
        "select document_id from search_passages(%s, %s::halfvec, 1, %s, 20, null, %s)",
        [question, meaning, audiences, exact_below],
    )
    return {document_id for (document_id,) in found}


def _a_turn(connection: psycopg.Connection, cast: Cast) -> UUID:
    new: dict[str, Any] = {name: ids.new() for name in ("conversation", "ticket", "message", "reply", "turn")}
    new["customer"] = cast.cy.id
    become(connection, cast.acme.id)
    for statement in (
        "insert into conversations (id, customer_id, channel) values (%(conversation)s, %(customer)s, 'web_chat')",
        "insert into tickets (id, conversation_id, subject) values (%(ticket)s, %(conversation)s, 'Where is it?')",
        "insert into messages (id, conversation_id, ticket_id, role, text)"
        " values (%(message)s, %(conversation)s, %(ticket)s, 'user', 'Where is it?')",
        "insert into turns (id, conversation_id, ticket_id, message_id, reply_id, status)"
        " values (%(turn)s, %(conversation)s, %(ticket)s, %(message)s, %(reply)s, 'thinking')",
    ):
        connection.execute(statement.encode(), new)
    connection.commit()
    turn_id: UUID = new["turn"]
    return turn_id
