"""What must hold of every conversation at every moment, each as a query for what is wrong."""

INVARIANTS: dict[str, bytes] = {
    "a ticket in two queues, or in none": b"""
        select t.id from tickets t left join waiting_line(5) l on l.ticket_id = t.id and l.team_id = t.team_id
        where t.status = 'escalated' and t.assignee_id is null group by t.id having count(l.ticket_id) <> 1""",
    "somebody in a queue who does not wait": b"""
        select l.ticket_id from waiting_line(5) l join tickets t on t.id = l.ticket_id
        where t.status <> 'escalated' or t.assignee_id is not null""",
    "places of a queue that do not count from one": b"""
        select team_id from waiting_line(5) group by team_id
        having min(place) <> 1 or max(place) <> count(*) or count(distinct place) <> count(*)""",
    "more than one open matter in a conversation": b"""
        select conversation_id from tickets where status in ('open', 'escalated') group by 1 having count(*) > 1""",
    "conversation and ticket that disagree about who has it": b"""
        select c.id from conversations c cross join lateral (
            select t.status, t.assignee_id from tickets t where t.conversation_id = c.id order by t.created_at desc, t.id desc limit 1) t
        where (c.status = 'closed') <> (t.status = 'human_resolved') or (c.status = 'escalated' and t.status <> 'escalated')
            or (c.status = 'ai' and t.status = 'escalated' and t.assignee_id is not null)""",
    "an assistant who thinks while people have it": b"""
        select id from conversations where status <> 'ai' and turn_id is not null""",
    "an assignee of what nobody works on, or none of what somebody does": b"""
        select id from tickets where (status = 'open' and assignee_id is not null)
            or (claimed_at is not null and status = 'escalated' and assignee_id is null)""",
    "a person at work whose work is not measured, or the other way round": b"""
        select coalesce(t.id, h.ticket_id) from (select id from tickets where status = 'escalated' and claimed_at is not null) t
        full join (select ticket_id from handlings where ended_at is null) h on h.ticket_id = t.id
        where t.id is null or h.ticket_id is null""",
    "a promise that runs though nobody waits for a person": b"""
        select s.ticket_id from sla_clocks s join tickets t on t.id = s.ticket_id
        where s.stopped_at is null and t.status <> 'escalated'""",
    "a clock that neither runs nor stands": b"""
        select ticket_id from sla_clocks where stopped_at is null and (due_at is null) = (left_s is null)""",
    "counts that do not add up": b"""
        select count(*) from tickets having count(*) <> count(*) filter (where status = 'open')
            + count(*) filter (where status = 'escalated') + count(*) filter (where resolved_at is not null)""",
}
"""Each finds what is wrong. They know nothing of the product's table of transitions."""
