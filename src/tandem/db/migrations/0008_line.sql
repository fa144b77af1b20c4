-- The line is read ticket by ticket, whatever the planner believes of tables that have just grown: with plain joins it tried every
-- customer with every ticket. The outer joins leave it one order; every ticket has its conversation and its customer.

create or replace function waiting_line(usual integer)
returns table (ticket_id uuid, team_id uuid, place integer, is_behind boolean)
language sql stable
begin atomic
    with escalated as (
        select t.id, t.team_id, t.assignee_id, t.escalated_at, k.external_id is null as anonymous, t.status = 'escalated' as waits,
            t.escalated_at > now() - interval '1 hour' as came,
            array_position(array['urgent', 'high', 'medium', 'low'], t.priority) as rank,
            coalesce(case when k.external_id is null then k.origin end, k.id::text) as source
        from tickets t
        left join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
        left join customers k on k.tenant_id = c.tenant_id and k.id = c.customer_id
        where t.status = 'escalated' or t.escalated_at > now() - interval '1 hour'),
    strangers as (select count(distinct e.source) > usual as flooded from escalated e where e.came and e.anonymous),
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
