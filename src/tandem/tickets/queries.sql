-- add_ticket
-- One issue, opened with its first message.
insert into tickets (id, conversation_id, subject) values (%(id)s, %(conversation_id)s, %(subject)s);

-- current -> Ticket
-- The conversation's newest ticket.
select id, conversation_id, status, subject, priority, category, assignee_id, escalated_at, claimed_at, waiting_since, resolved_at, csat_score, created_at
from tickets where conversation_id = %(conversation_id)s order by created_at desc, id desc limit 1;

-- ticket -> Ticket
-- One ticket.
select id, conversation_id, status, subject, priority, category, assignee_id, escalated_at, claimed_at, waiting_since, resolved_at, csat_score, created_at
from tickets where id = %(id)s;

-- row -> TicketRow
-- One ticket as lists show it.
select t.id, t.conversation_id, t.status, c.status as mode, t.priority, t.category, t.subject, t.customer_id, t.customer_name, t.customer_email,
    t.customer_known, t.tier, t.assignee_id, t.assignee_name, l.role as last_role, l.text as last_text, l.created_at as last_at,
    t.waiting_since, c.channel, t.created_at, t.updated_at, t.csat_score
from (select t.*, k.id as customer_id, k.name as customer_name, coalesce(k.email, v.contact_email) as customer_email,
        k.external_id is not null as customer_known, k.tier, b.name as assignee_name
    from tickets t join conversations v on v.tenant_id = t.tenant_id and v.id = t.conversation_id
    join customers k on k.tenant_id = v.tenant_id and k.id = v.customer_id
    left join members b on b.tenant_id = t.tenant_id and b.id = t.assignee_id where t.id = %(id)s) t
join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
left join lateral (select m.role, left(m.text, 160) as text, m.created_at from messages m
    where m.conversation_id = t.conversation_id and not m.internal order by m.created_at desc, m.id desc limit 1) l on true;

-- rows -> TicketRow
-- A page of tickets: those who wait for a person by priority and time, the others by last change.
select t.id, t.conversation_id, t.status, c.status as mode, t.priority, t.category, t.subject, k.id as customer_id, k.name as customer_name,
    coalesce(k.email, c.contact_email) as customer_email, k.external_id is not null as customer_known, k.tier, t.assignee_id, b.name as assignee_name,
    l.role as last_role, l.text as last_text, l.created_at as last_at, t.waiting_since, c.channel, t.created_at, t.updated_at, t.csat_score
from tickets t join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
join customers k on k.tenant_id = c.tenant_id and k.id = c.customer_id
left join members b on b.tenant_id = t.tenant_id and b.id = t.assignee_id
left join lateral (select m.role, left(m.text, 160) as text, m.created_at from messages m
    where m.conversation_id = t.conversation_id and not m.internal order by m.created_at desc, m.id desc limit 1) l on true
where (%(statuses)s::text[] is null or t.status = any(%(statuses)s))
    and (%(assignee)s::uuid is null or t.assignee_id = %(assignee)s)
    and (not %(unassigned)s or t.assignee_id is null)
    and (%(conversation_id)s::uuid is null or t.conversation_id = %(conversation_id)s)
    and (%(words)s::text is null or t.subject ilike %(words)s or k.name ilike %(words)s or k.email ilike %(words)s or c.contact_email ilike %(words)s)
    and (%(customer_id)s::uuid is null or c.customer_id = %(customer_id)s)
    and (%(before)s::timestamptz is null or (t.updated_at, t.id) < (%(before)s, %(before_id)s))
order by t.updated_at desc, t.id desc limit %(most)s;

-- counts -> Counts
-- How many stand where.
select count(*) filter (where status = 'escalated' and assignee_id is null)::int as unassigned,
    count(*) filter (where status = 'escalated' and assignee_id = %(me)s)::int as mine,
    count(*) filter (where status = 'escalated')::int as escalated,
    count(*) filter (where status = 'open')::int as ai,
    count(*) filter (where status in ('ai_resolved', 'human_resolved'))::int as resolved
from tickets;

-- escalate
-- Goes to people.
update tickets set status = 'escalated', priority = %(priority)s, category = coalesce(%(category)s, category), escalated_at = now(), claimed_at = null,
    assignee_id = null, waiting_since = coalesce(waiting_since, now()), resolved_at = null, resolution_type = null, updated_at = now() where id = %(id)s;

-- claim
-- Somebody takes it; touches no row when somebody else has it.
update tickets set assignee_id = %(member_id)s, claimed_at = coalesce(claimed_at, now()), status = 'escalated', escalated_at = coalesce(escalated_at, now()), updated_at = now()
where id = %(id)s and (assignee_id is null or assignee_id = %(member_id)s);

-- assign
-- Give it to somebody, or back to the queue.
update tickets set assignee_id = %(member_id)s, updated_at = now() where id = %(id)s;

-- set_properties
-- Priority and category.
update tickets set priority = coalesce(%(priority)s, priority), category = coalesce(%(category)s, category), updated_at = now() where id = %(id)s;

-- waits
-- The customer wrote and waits for a person.
update tickets set waiting_since = coalesce(waiting_since, now()), updated_at = now() where id = %(id)s;

-- answered
-- A person wrote: nobody waits.
update tickets set waiting_since = null, updated_at = now() where id = %(id)s;

-- touch
-- Something happened in it.
update tickets set updated_at = now(), status = 'open', resolved_at = null, resolution_type = null where id = %(id)s;

-- categorize
-- What it is about, once that is clear.
update tickets set category = coalesce(category, %(category)s), updated_at = now() where id = %(id)s;

-- resolve
-- The issue is settled.
update tickets set status = %(status)s, resolution_type = %(how)s, resolved_at = now(), waiting_since = null, updated_at = now() where id = %(id)s;

-- hand_back
-- The assistant answers again.
update tickets set status = 'open', assignee_id = null, waiting_since = null, escalated_at = null, claimed_at = null, updated_at = now() where id = %(id)s;

-- rate
-- What the customer says of it.
update tickets set csat_score = %(score)s, csat_comment = coalesce(%(comment)s, csat_comment), updated_at = now() where id = %(id)s;

-- place -> Place
-- How many wait before this one, and the usual wait: the median of the last 50 claims, from 3 on.
with waiting as (select id, row_number() over (order by array_position(array['urgent', 'high', 'medium', 'low'], priority), escalated_at, id)::int as position
    from tickets where status = 'escalated' and assignee_id is null),
  recent as (select extract(epoch from claimed_at - escalated_at) / 60 as minutes from tickets
    where claimed_at is not null and escalated_at is not null order by claimed_at desc limit 50)
select coalesce((select position from waiting where id = %(id)s), 0) as position,
    (select case when count(*) >= 3 then greatest(1, round(percentile_cont(0.5) within group (order by minutes)))::int end from recent) as estimated_wait_minutes;

-- add_handoff
-- The briefing that goes with a ticket.
insert into handoffs (id, conversation_id, ticket_id, turn_id, trigger, reason, summary, urgency, urgency_evidence, next_step, tried, citations)
values (%(id)s, %(conversation_id)s, %(ticket_id)s, %(turn_id)s, %(trigger)s, %(reason)s, %(summary)s, %(urgency)s, %(urgency_evidence)s, %(next_step)s, %(tried)s, %(citations)s);

-- set_summary
-- A better-worded summary, written by the model after the handoff was made.
update handoffs set summary = %(summary)s where id = %(id)s;

-- handoffs -> Handoff
-- A ticket's briefings, newest first.
select id, conversation_id, ticket_id, turn_id, trigger, reason, summary, urgency, urgency_evidence, next_step, tried, citations, created_at
from handoffs where ticket_id = %(ticket_id)s order by created_at desc, id desc;

-- quiet -> Quiet
-- Tickets, of any tenant, that the assistant answered last and whose customer has been quiet.
select tenant_id, ticket_id from quiet_tickets(make_interval(secs => %(seconds)s));

-- add_feedback
-- A thumb or a rating.
insert into feedback (id, conversation_id, message_id, ticket_id, rating, free_text) values (%(id)s, %(conversation_id)s, %(message_id)s, %(ticket_id)s, %(rating)s, %(free_text)s);
