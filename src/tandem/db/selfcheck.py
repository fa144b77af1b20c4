"""What must be true of the database before Tandem serves from it: nobody but the owner gets past row-level security.

Each check is one query for what is wrong; anything found stops the start with its names.
"""

from tandem.db import Database
from tandem.db.queries import Query
from tandem.errors import Problem

DEFINERS = (
    "abandoned_turns",
    "actions_due",
    "clocks_due",
    "every_tenant",
    "memberships",
    "news_since",
    "question_words",
    "quiet_tickets",
    "search_passages",
    "sources_due",
    "tenants_to_staff",
)
"""The functions that run with the owner's rights. Each is tested to show a tenant only what is its own, or ids alone."""

OPEN_TABLES = ("logins", "processes", "rate_limits")
"""The tables without a tenant that the program may use, beside the job queue's."""


class Unsafe(Problem):
    """The database would let one tenant see another. The sentence names what is wrong; Tandem does not start."""

    status, code, title = 500, "unsafe_database", "The database is not safe to serve from"


CHECKS = {
    "the program's role may bypass row-level security": b"""
        select rolname from pg_roles where rolname = current_user and (rolsuper or rolbypassrls)""",
    "the program's role owns": b"""
        select relname from pg_class where relowner = (select oid from pg_roles where rolname = current_user)
            and relkind in ('r', 'p', 'v', 'm', 'f')""",
    "a table with tenant_id has row-level security off": b"""
        select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
        where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and not c.relrowsecurity""",
    "a table with tenant_id lacks its policy for reading and writing": b"""
        select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
        where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and not c.relispartition
            and not exists (select from pg_policy p where p.polrelid = c.oid and p.polcmd = '*' and p.polpermissive
                and pg_get_expr(p.polqual, c.oid) = '(tenant_id = tenant())'
                and pg_get_expr(p.polwithcheck, c.oid) = '(tenant_id = tenant())')""",
    "a table with tenant_id has more than the one policy": b"""
        select c.relname from pg_class c join pg_policy p on p.polrelid = c.oid
        where c.relnamespace = 'public'::regnamespace group by 1 having count(*) > 1""",
    "a unique index of a tenant's table does not begin with tenant_id": b"""
        select i.indexrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indrelid
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
        where i.indisunique and c.relnamespace = 'public'::regnamespace and i.indkey[0] <> a.attnum""",
    "a partition can be reached directly": b"""
        select relname from pg_class where relispartition and relkind = 'r'
            and has_table_privilege(current_user, oid, 'select, insert, update, delete')""",
    "a view does not ask as its reader": b"""
        select relname from pg_class where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace
            and not coalesce(reloptions @> array['security_invoker=true'], false)""",
    "an unknown function runs with the owner's rights": b"""
        select proname from pg_proc where prosecdef and pronamespace = 'public'::regnamespace
            and proname <> all(%(definers)s)""",
    "a function with the owner's rights finds its tables by the caller's search_path": b"""
        select proname from pg_proc where prosecdef and pronamespace = 'public'::regnamespace
            and not exists (select from unnest(proconfig) setting where setting = 'search_path=public, pg_temp')""",
    "a table without tenant_id is open to the program": b"""
        select c.relname from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
            and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')
            and (has_any_column_privilege(current_user, c.oid, 'select, insert, update, references')
                or has_table_privilege(current_user, c.oid, 'delete, truncate'))
            and c.relname <> all(%(open)s) and c.relname not like 'procrastinate%%'""",
    "a tenant's table can be emptied past its policy": b"""
        select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
        where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
            and has_table_privilege(current_user, c.oid, 'truncate')""",
    "a table with tenant_id takes its tenant from the statement alone": b"""
        select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
        where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and c.relname <> 'tenants'
            and not exists (select from pg_attrdef d where d.adrelid = c.oid and d.adnum = a.attnum
                and pg_get_expr(d.adbin, c.oid) = 'tenant()')""",
    "a foreign key leaves the tenant out": b"""
        select k.conname from pg_constraint k
        join pg_attribute ours on ours.attrelid = k.conrelid and ours.attname = 'tenant_id'
        join pg_attribute theirs on theirs.attrelid = k.confrelid and theirs.attname = 'tenant_id'
        where k.contype = 'f' and k.connamespace = 'public'::regnamespace
            and (k.conkey[1] <> ours.attnum or k.confkey[1] <> theirs.attnum)""",
}


async def check(db: Database) -> None:
    """Raises Unsafe, naming everything that is wrong."""
    wrong: list[str] = []
    values = {"definers": list(DEFINERS), "open": list(OPEN_TABLES)}
    async with db.nobody() as tx:
        for sentence, statement in CHECKS.items():
            used = {name: value for name, value in values.items() if f"%({name})s".encode() in statement}
            found = await tx.all(Query("selfcheck", None, sentence, statement), str, **used)
            if found:
                wrong.append(f"{sentence}: {', '.join(found)}")
    if wrong:
        raise Unsafe("; ".join(wrong))
