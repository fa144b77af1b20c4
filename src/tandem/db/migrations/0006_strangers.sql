-- A flood of strangers is known by how many came within an hour, not by how many still wait: those already given to people count.

create index tickets_escalated on tickets (tenant_id, escalated_at) where escalated_at is not null;

-- Who waits for a person, in order, in each team. A source is a customer we know, or where anonymous ones come from: its
-- first escalation within an hour stands in line by priority and time, its second behind everybody's first. When more
-- anonymous sources than usual came within an hour, they stand behind everybody the tenant knows. With the caller's own rights.
create or replace function waiting_line(usual integer)
returns table (ticket_id uuid, team_id uuid, place integer, is_behind boolean)
language sql stable
begin atomic
    with strangers as (
        select count(distinct coalesce(k.origin, k.id::text)) > usual as flooded from tickets t
        join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
        join customers k on k.tenant_id = c.tenant_id and k.id = c.customer_id
        where t.escalated_at > now() - interval '1 hour' and k.external_id is null),
    escalated as (
        select t.id, t.team_id, t.assignee_id, t.escalated_at, k.external_id is null as anonymous, t.status = 'escalated' as waits,
            array_position(array['urgent', 'high', 'medium', 'low'], t.priority) as rank,
            coalesce(case when k.external_id is null then k.origin end, k.id::text) as source
        from tickets t
        join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
        join customers k on k.tenant_id = c.tenant_id and k.id = c.customer_id
        where t.status = 'escalated' or t.escalated_at > now() - interval '1 hour'),
    counted as (
        select e.*, row_number() over (partition by e.source
            order by e.waits, e.waits and e.assignee_id is null, e.rank, e.escalated_at, e.id) as nth
        from escalated e),
    lanes as (
        select c.*, c.anonymous and s.flooded as flooded from counted c cross join strangers s
        where c.waits and c.assignee_id is null)
    select l.id, l.team_id,
        row_number() over (partition by l.team_id order by l.flooded, l.nth, l.rank, l.escalated_at, l.id)::int,
        l.flooded or l.nth > 1
    from lanes l;
end;
