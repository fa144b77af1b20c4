-- add_ticket
-- One issue, opened with its first message.
insert into tickets (id, conversation_id, subject) values (%(id)s, %(conversation_id)s, %(subject)s);

-- current -> Ticket
-- The conversation's newest ticket.
select id, conversation_id, status, subject, priority, category, team_id, assignee_id, escalated_at, claimed_at, waiting_since, resolved_at, csat_score, created_at
from tickets where conversation_id = %(conversation_id)s order by created_at desc, id desc limit 1;

-- ticket -> Ticket
-- One ticket.
select id, conversation_id, status, subject, priority, category, team_id, assignee_id, escalated_at, claimed_at, waiting_since, resolved_at, csat_score, created_at
from tickets where id = %(id)s;

-- row -> TicketRow
-- One ticket as lists show it.
select t.id, t.conversation_id, t.status, c.status as mode, t.priority, t.category, t.subject, t.customer_id, t.customer_name, t.customer_email,
    t.customer_known, t.tier, t.assignee_id, t.assignee_name, l.role as last_role, l.text as last_text, l.created_at as last_at,
    t.waiting_since, c.channel, t.created_at, t.updated_at, t.csat_score, t.team_id, t.team_name,
    case when t.status = 'escalated' and t.assignee_id is null
        then coalesce(%(place)s::int, (select w.place from waiting_line(%(usual)s) w where w.ticket_id = t.id)) end as queue_position,
    t.claimed_at, d.kind as due_kind, d.due_at, d.left_s as due_left_s, d.breached_at
from (select t.*, k.id as customer_id, k.name as customer_name, coalesce(k.email, v.contact_email) as customer_email,
        k.external_id is not null as customer_known, k.tier, b.name as assignee_name, e.name as team_name
    from tickets t join conversations v on v.tenant_id = t.tenant_id and v.id = t.conversation_id
    join customers k on k.tenant_id = v.tenant_id and k.id = v.customer_id
    left join members b on b.tenant_id = t.tenant_id and b.id = t.assignee_id
    left join teams e on e.tenant_id = t.tenant_id and e.id = t.team_id where t.id = %(id)s) t
join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
left join lateral (select m.role, left(m.text, 160) as text, m.created_at from messages m
    where m.conversation_id = t.conversation_id and not m.internal order by m.created_at desc, m.id desc limit 1) l on true
left join lateral (select s.kind, s.due_at, s.left_s, s.breached_at from sla_clocks s where s.ticket_id = t.id and s.stopped_at is null
    order by s.due_at nulls last, s.kind limit 1) d on true;

-- rows -> TicketRow
-- A page of tickets: those who wait for a person by priority and time, the others by last change.
with line as materialized (select ticket_id, place from waiting_line(%(usual)s))
select t.id, t.conversation_id, t.status, c.status as mode, t.priority, t.category, t.subject, k.id as customer_id, k.name as customer_name,
    coalesce(k.email, c.contact_email) as customer_email, k.external_id is not null as customer_known, k.tier, t.assignee_id, b.name as assignee_name,
    l.role as last_role, l.text as last_text, l.created_at as last_at, t.waiting_since, c.channel, t.created_at, t.updated_at, t.csat_score, t.team_id, e.name as team_name,
    case when t.status = 'escalated' and t.assignee_id is null then (select w.place from line w where w.ticket_id = t.id) end as queue_position,
    t.claimed_at, d.kind as due_kind, d.due_at, d.left_s as due_left_s, d.breached_at
from tickets t join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
join customers k on k.tenant_id = c.tenant_id and k.id = c.customer_id
left join members b on b.tenant_id = t.tenant_id and b.id = t.assignee_id
left join teams e on e.tenant_id = t.tenant_id and e.id = t.team_id
left join lateral (select m.role, left(m.text, 160) as text, m.created_at from messages m
    where m.conversation_id = t.conversation_id and not m.internal order by m.created_at desc, m.id desc limit 1) l on true
left join lateral (select s.kind, s.due_at, s.left_s, s.breached_at from sla_clocks s where s.ticket_id = t.id and s.stopped_at is null
    order by s.due_at nulls last, s.kind limit 1) d on true
where (%(statuses)s::text[] is null or t.status = any(%(statuses)s))
    and (%(assignee)s::uuid is null or t.assignee_id = %(assignee)s)
    and (not %(unassigned)s or t.assignee_id is null)
    and (%(team)s::uuid is null or t.team_id = %(team)s)
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
-- Goes to people, into a team's queue.
update tickets set status = 'escalated', priority = %(priority)s, category = coalesce(%(category)s, category), team_id = %(team_id)s, language = %(language)s,
    escalated_at = now(), claimed_at = null, assignee_id = null, assigned_at = null, away_since = null, waiting_since = coalesce(waiting_since, now()),
    returns = returns + (resolved_at is not null)::int, resolved_at = null, resolution_type = null, updated_at = now() where id = %(id)s;

-- give
-- Somebody is given it and has not begun; as long as it is in a queue, or with somebody else.
update tickets set assignee_id = %(member_id)s, assigned_at = now(), claimed_at = null, away_since = null, updated_at = now() where id = %(id)s;

-- put_back
-- To its place in the queue.
update tickets set assignee_id = null, assigned_at = null, claimed_at = null, away_since = null, waiting_since = coalesce(waiting_since, now()),
    updated_at = now() where id = %(id)s;

-- claim
-- Somebody takes it, begins it, or takes it up again.
update tickets set assignee_id = %(member_id)s, assigned_at = coalesce(assigned_at, now()), claimed_at = now(), away_since = null, status = 'escalated',
    team_id = coalesce(team_id, (select m.id from teams m where m.is_default)), escalated_at = coalesce(escalated_at, now()),
    returns = returns + (resolved_at is not null)::int, resolved_at = null, resolution_type = null, updated_at = now() where id = %(id)s;

-- set_team
-- To another team's queue.
update tickets set team_id = %(team_id)s, updated_at = now() where id = %(id)s;

-- set_properties
-- Priority and category.
update tickets set priority = coalesce(%(priority)s, priority), category = coalesce(%(category)s, category), updated_at = now() where id = %(id)s;

-- waits
-- The customer wrote and waits for a person.
update tickets set waiting_since = coalesce(waiting_since, now()), updated_at = now() where id = %(id)s;

-- answered
-- A person wrote: nobody waits.
update tickets set waiting_since = null, updated_at = now() where id = %(id)s;

-- come_back
-- Not settled after all: the assistant answers again.
update tickets set status = 'open', returns = returns + 1, resolved_at = null, resolution_type = null, assignee_id = null, assigned_at = null,
    claimed_at = null, away_since = null, escalated_at = null, updated_at = now() where id = %(id)s;

-- categorize
-- What it is about, once that is clear.
update tickets set category = coalesce(category, %(category)s), updated_at = now() where id = %(id)s;

-- resolve
-- The issue is settled.
update tickets set status = %(status)s, resolution_type = %(how)s, resolved_at = now(), waiting_since = null, away_since = null,
    assignee_id = coalesce(assignee_id, %(member_id)s), updated_at = now() where id = %(id)s;

-- hand_back
-- The assistant answers again.
update tickets set status = 'open', assignee_id = null, assigned_at = null, away_since = null, waiting_since = null, escalated_at = null, claimed_at = null,
    updated_at = now() where id = %(id)s;

-- rate
-- What the customer says of it.
update tickets set csat_score = %(score)s, csat_comment = coalesce(%(comment)s, csat_comment), updated_at = now() where id = %(id)s;

-- standing -> Standing
-- A ticket's place in its team's queue, and of the team: the last 50 waits and handlings, the places of members who are there.
with t as (select id, team_id from tickets where id = %(id)s),
  there as (select m.id, coalesce(w.capacity, %(capacity)s) as capacity from t cross join members m
    left join workloads w on w.tenant_id = m.tenant_id and w.member_id = m.id
    where m.id = any(%(present)s::uuid[]) and m.role <> 'viewer' and m.disabled_at is null
        and (not exists (select from team_members x where x.team_id = t.team_id)
            or exists (select from team_members x where x.team_id = t.team_id and x.member_id = m.id))),
  recent as (select h.waited_s, h.handled_s from handlings h where h.team_id = (select team_id from t) order by h.began_at desc limit 50)
select coalesce((select l.place from waiting_line(%(usual)s) l where l.ticket_id = %(id)s), 0) as position,
    (select team_id from t) as team_id,
    (select count(*) from recent)::int as waits, (select percentile_cont(0.5) within group (order by waited_s) from recent) as usual_wait_s,
    (select percentile_cont(0.25) within group (order by waited_s) from recent) as quick_wait_s,
    (select count(handled_s) from recent)::int as handled, (select percentile_cont(0.5) within group (order by handled_s) from recent) as usual_handling_s,
    (select coalesce(sum(capacity), 0) from there)::int as places,
    (select count(*) from tickets b where b.status = 'escalated' and b.assignee_id in (select id from there))::int as taken;

-- waiting -> Waiting
-- How many wait in each team.
select team_id, count(*)::int as waiting from tickets where status = 'escalated' and assignee_id is null and team_id is not null group by team_id;

-- move_all
-- What is one team's becomes another's.
update tickets set team_id = %(to_team)s, updated_at = now() where team_id = %(from_team)s and status = 'escalated';

-- begin_handling
-- A person has begun: it waited so long, in business seconds. Once for each time.
insert into handlings (id, ticket_id, team_id, member_id, waited_s) values (%(id)s, %(ticket_id)s, %(team_id)s, %(member_id)s, %(waited_s)s)
on conflict do nothing;

-- open_handling -> Begun
-- The handling under way, if any.
select id, team_id, began_at from handlings where ticket_id = %(ticket_id)s and ended_at is null;

-- end_handling
-- The person is done with it, or has put it back.
update handlings set ended_at = now(), handled_s = %(handled_s)s where id = %(id)s and ended_at is null;

-- to_give -> ToGive
-- What waits in teams that give out work, in the order of their queues.
select l.ticket_id, t.conversation_id, l.team_id, l.is_behind, t.language from waiting_line(%(usual)s) l
join tickets t on t.id = l.ticket_id join teams m on m.id = l.team_id
where m.assignment <> 'manual' and m.archived_at is null order by l.place, t.escalated_at, t.id limit 200;

-- hands -> Hand
-- The members who are there, with what they are given and have: how much room, and whose turn it is.
select m.id as member_id, m.name, coalesce(w.skills, '{}') as skills, coalesce(w.languages, '{}') as languages, coalesce(w.capacity, %(capacity)s) as capacity,
    (select count(*) from tickets t where t.status = 'escalated' and t.assignee_id = m.id)::int as has, w.given_at
from members m left join workloads w on w.tenant_id = m.tenant_id and w.member_id = m.id
where m.id = any(%(present)s::uuid[]) and m.role <> 'viewer' and m.disabled_at is null order by m.id;

-- one_at_a_time
-- Only one transaction of this tenant gives out work at a time.
select pg_advisory_xact_lock(hashtextextended('tandem.give_out ' || tenant(), 0));

-- unbegun -> Unbegun
-- What was given to somebody who has not begun, and whether they have been away for the team's grace.
select t.id as ticket_id, t.conversation_id, t.assignee_id,
    coalesce(t.away_since < %(now)s::timestamptz - make_interval(secs => m.grace_s), false) as is_over, t.away_since is not null as is_marked
from tickets t join teams m on m.id = t.team_id where t.status = 'escalated' and t.assignee_id is not null and t.claimed_at is null order by t.id limit 200;

-- mark_away
-- Since when an assignee who has not begun is not there; null: they are back.
update tickets set away_since = %(since)s where id = %(id)s and claimed_at is null;

-- tenants_to_staff -> Each
-- Tenants with work to give out or to take back.
select tenant_id from tenants_to_staff();

-- add_handoff
-- The briefing that goes with a ticket.
insert into handoffs (id, conversation_id, ticket_id, turn_id, trigger, reason, summary, urgency, urgency_evidence, next_step, tried, citations)
values (%(id)s, %(conversation_id)s, %(ticket_id)s, %(turn_id)s, %(trigger)s, %(reason)s, %(summary)s, %(urgency)s, %(urgency_evidence)s, %(next_step)s, %(tried)s, %(citations)s);

-- set_summary
-- A better-worded summary, written by the model after the handoff was made.
update handoffs set summary = %(summary)s where id = %(id)s;

-- handoffs -> Handoff
-- A ticket's briefings, newest first.
select id, conversation_id, ticket_id, turn_id, trigger, reason, summary, urgency, urgency_evidence, next_step, tried, citations, created_at, label
from handoffs where ticket_id = %(ticket_id)s order by created_at desc, id desc;

-- quiet -> Quiet
-- Tickets, of any tenant, that the assistant answered last and whose customer has been quiet.
select tenant_id, ticket_id from quiet_tickets(make_interval(secs => %(seconds)s));

-- add_feedback
-- A thumb or a rating.
insert into feedback (id, conversation_id, message_id, ticket_id, rating, free_text) values (%(id)s, %(conversation_id)s, %(message_id)s, %(ticket_id)s, %(rating)s, %(free_text)s);

-- label
-- What the person who settled it says of its last handoff.
update handoffs set label = %(label)s, labelled_by = %(member_id)s, labelled_at = now()
where id = (select h.id from handoffs h where h.ticket_id = %(ticket_id)s order by h.created_at desc, h.id desc limit 1);

-- tallies -> Tally
-- How many handoffs each trigger made, and what was said of them.
select trigger, count(*)::int as handoffs, count(*) filter (where label = 'needed')::int as needed,
    count(*) filter (where label = 'not_needed')::int as not_needed, count(*) filter (where label = 'too_late')::int as too_late
from handoffs where created_at >= %(since)s and created_at < %(until)s group by trigger order by 2 desc, 1;

-- labelled -> Labelled
-- The handoffs behind the figures, newest first.
select h.id, h.ticket_id, t.subject, h.trigger, h.reason, h.label, b.name as labelled_by, h.created_at
from handoffs h join tickets t on t.id = h.ticket_id left join members b on b.id = h.labelled_by
where h.created_at >= %(since)s and h.created_at < %(until)s and (%(trigger)s::text is null or h.trigger = %(trigger)s)
    and (%(label)s::text is null or h.label = %(label)s) and (%(unlabelled)s or h.label is not null)
order by h.created_at desc, h.id desc limit 200;

-- ---------------------------------------------------------------- what is promised

-- sla_policies -> Policy
-- What is promised, in the order in which it is looked at.
select id, name, priorities, tiers, first_reply, next_reply, resolution, remind from sla_policies order by place, id;

-- drop_sla_policies
-- Nothing is promised any more.
delete from sla_policies;

-- add_sla_policy
-- A promise.
insert into sla_policies (id, place, name, priorities, tiers, first_reply, next_reply, resolution, remind)
values (%(id)s, %(place)s, %(name)s, %(priorities)s, %(tiers)s, %(first_reply)s, %(next_reply)s, %(resolution)s, %(remind)s);

-- clocks -> Clock
-- A ticket's clocks that are not over.
select id, kind, target_s, remind_s, due_at, left_s, reminded_at, breached_at from sla_clocks where ticket_id = %(ticket_id)s and stopped_at is null order by kind;

-- add_clock
-- Starts one, unless it runs already.
insert into sla_clocks (id, ticket_id, kind, target_s, remind_s, due_at, remind_at, started_at)
values (%(id)s, %(ticket_id)s, %(kind)s, %(target_s)s, %(remind_s)s, %(due_at)s, %(remind_at)s, %(now)s) on conflict do nothing;

-- set_clock
-- Runs until then, or stands with so much left.
update sla_clocks set target_s = %(target_s)s, due_at = %(due_at)s, remind_at = %(remind_at)s, left_s = %(left_s)s where id = %(id)s;

-- stop_clocks
-- Kept, or over for another reason.
update sla_clocks set stopped_at = %(now)s where ticket_id = %(ticket_id)s and stopped_at is null and kind = any(%(kinds)s);

-- mark_reminded
-- Somebody was told that it is about to be due.
update sla_clocks set reminded_at = %(now)s where id = %(id)s;

-- mark_breached
-- It was due and is not done.
update sla_clocks set breached_at = %(now)s where id = %(id)s;

-- raise_priority
-- One step up.
update tickets set priority = case priority when 'low' then 'medium' when 'medium' then 'high' else 'urgent' end, updated_at = now() where id = %(id)s;

-- clocks_due -> DueTicket
-- Tickets, of any tenant, with a clock whose reminder or due time has come.
select tenant_id, ticket_id from clocks_due(%(now)s);

-- tier_of -> str
-- The tier of a ticket's customer.
select k.tier from tickets t left join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
left join customers k on k.tenant_id = c.tenant_id and k.id = c.customer_id where t.id = %(id)s;

-- ---------------------------------------------------------------- what members are told

-- add_notices
-- Each of them is told.
insert into notices (id, member_id, kind, ticket_id, data)
select x.id, x.member_id, %(kind)s, %(ticket_id)s, %(data)s from unnest(%(ids)s::uuid[], %(members)s::uuid[]) as x (id, member_id);

-- notices -> Notice
-- What a member was told and has not put away, newest first.
select id, kind, ticket_id, data, created_at from notices where member_id = %(member_id)s and read_at is null order by created_at desc, id desc limit 50;

-- read_notices
-- They have read it: all of them, or one.
update notices set read_at = now() where member_id = %(member_id)s and read_at is null and (%(id)s::uuid is null or id = %(id)s);

-- said_in -> str
-- What the customer wrote about a ticket, newest first.
select text from messages where ticket_id = %(ticket_id)s and role = 'user' order by created_at desc, id desc limit 5;
