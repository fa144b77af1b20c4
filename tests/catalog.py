"""What a database is made of, as text: two databases with the same text have the same schema."""

import psycopg

PARTS = {
    "tables": """
        select c.relname, c.relkind::text, c.relpersistence::text, c.relrowsecurity, c.relforcerowsecurity,
            c.reloptions, pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid), pg_get_userbyid(c.relowner)
        from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind not in ('i', 'I', 't')""",
    "columns": """
        select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attstorage::text,
            a.attgenerated::text, a.attidentity::text, pg_get_expr(d.adbin, d.adrelid), a.attacl::text
        from pg_class c join pg_attribute a on a.attrelid = c.oid
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and a.attnum > 0
            and not a.attisdropped""",
    "constraints": """
        select c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid), c.convalidated
        from pg_constraint c where c.connamespace = 'public'::regnamespace""",
    "indexes": """
        select i.indrelid::regclass::text, pg_get_indexdef(c.oid), i.indisvalid
        from pg_class c join pg_index i on i.indexrelid = c.oid
        where c.relnamespace = 'public'::regnamespace""",
    "functions": """
        select p.oid::regprocedure::text, pg_get_functiondef(p.oid), pg_get_userbyid(p.proowner), p.proacl::text
        from pg_proc p where p.pronamespace = 'public'::regnamespace
            and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')""",
    "policies": """
        select p.polrelid::regclass::text, p.polname, p.polcmd::text, p.polpermissive, p.polroles::regrole[]::text,
            pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
        from pg_policy p""",
    "grants": """
        select c.relname, coalesce((select string_agg(a::text, ' ' order by a::text) from unnest(c.relacl) a), '')
        from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind not in ('i', 'I', 't')""",
    "triggers": """
        select t.tgrelid::regclass::text, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled::text
        from pg_trigger t where not t.tgisinternal""",
    "types": """
        select t.typname, t.typtype::text from pg_type t where t.typnamespace = 'public'::regnamespace
            and t.typtype in ('e', 'd')
            and not exists (select from pg_depend d where d.objid = t.oid and d.deptype = 'e')
        union all select e.extname, 'extension' from pg_extension e""",
}

NOT_OURS = ("procrastinate_", "migrations")
"""The queue's tables and the list of what was applied: made by the program itself, not by the schema."""


def read(superuser: str) -> dict[str, set[str]]:
    """Every part, as a set of its things."""
    with psycopg.connect(superuser) as connection:
        return {
            part: {str(row) for row in connection.execute(query.encode()) if not row[0].startswith(NOT_OURS)}
            for part, query in PARTS.items()
        }


def differences(one: dict[str, set[str]], other: dict[str, set[str]]) -> list[str]:
    """What only one of the two has."""
    return [f"{part}: {thing}" for part in PARTS for thing in sorted(one[part] ^ other[part])]
