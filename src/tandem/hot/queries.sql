-- count_use -> Use
-- GCRA in one statement: moves the key's theoretical arrival time on, unless it would run more than a period ahead.
with used as (
    insert into rate_limits as r (key, tat) values (%(key)s, clock_timestamp() + make_interval(secs => %(gap)s))
    on conflict (key) do update set tat = greatest(r.tat, clock_timestamp()) + make_interval(secs => %(gap)s)
        where greatest(r.tat, clock_timestamp()) + make_interval(secs => %(gap)s) <= clock_timestamp() + make_interval(secs => %(period)s)
    returning tat)
select exists (select from used) as allowed,
    coalesce(extract(epoch from (select tat from rate_limits where key = %(key)s) - clock_timestamp())::float + %(gap)s - %(period)s, 0)::float as wait;

-- forget_old_uses
-- Keys whose time has come again need no row.
delete from rate_limits where tat < clock_timestamp();

-- beat -> Seen
-- A heartbeat; says what was known before.
with before as (select state, seen_at > clock_timestamp() - make_interval(secs => %(present)s) as there from presence where member_id = %(member)s),
    now as (insert into presence (member_id, state) values (%(member)s, %(state)s)
        on conflict (tenant_id, member_id) do update set state = excluded.state, seen_at = clock_timestamp())
select (select state from before where there) as state;

-- states -> There
-- Who has been heard of lately.
select member_id, state from presence where seen_at > clock_timestamp() - make_interval(secs => %(present)s);

-- notify
-- Many notices in one payload, a line each; ids only.
select pg_notify('tandem', %(payload)s);
