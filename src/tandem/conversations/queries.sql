-- add_conversation
-- A new thread with a customer.
insert into conversations (id, customer_id, channel) values (%(id)s, %(customer_id)s, %(channel)s);

-- add_conversation_once
-- The same, unless this very message opened one before.
insert into conversations (id, customer_id, channel) select %(id)s, %(customer_id)s, %(channel)s
where not exists (select from first_messages f where f.customer_id = %(customer_id)s and f.client_message_id = %(client_message_id)s);

-- add_first_message
-- Ties the customer's own message id to the conversation it opens; touches no row when that happened before.
insert into first_messages (customer_id, client_message_id, conversation_id)
select %(customer_id)s, %(client_message_id)s, c.id from conversations c where c.id = %(conversation_id)s on conflict do nothing;

-- first_conversation -> Found
-- The conversation that this first message opened.
select conversation_id as id from first_messages where customer_id = %(customer_id)s and client_message_id = %(client_message_id)s;

-- drop_conversation
-- One that was opened for nothing, in the same transaction.
delete from conversations where id = %(id)s;

-- conversation -> Conversation
-- A conversation as it stands.
select id, customer_id, channel, status, contact_email, last_seq, turn_id, turn_attempt, turn_spoke, created_at, updated_at
from conversations where id = %(id)s;

-- lock_conversation -> Conversation
-- The same, and nobody else changes it before this transaction ends. Always the first row that a change locks.
select id, customer_id, channel, status, contact_email, last_seq, turn_id, turn_attempt, turn_spoke, created_at, updated_at
from conversations where id = %(id)s for update;

-- conversations_of -> Listed
-- A customer's threads, newest first.
select c.id, c.status, c.updated_at,
    (select left(m.text, 120) from messages m where m.conversation_id = c.id and not m.internal order by m.created_at desc, m.id desc limit 1) as preview
from conversations c where c.customer_id = %(customer_id)s order by c.created_at desc limit 20;

-- set_status
-- ai, escalated or closed; whatever turn was thinking may not write any more.
update conversations set status = %(status)s, turn_id = null, turn_spoke = false, updated_at = now() where id = %(id)s;

-- set_contact
-- Where an answer can go when nobody is online.
update conversations set contact_email = %(email)s where id = %(id)s;

-- give_floor
-- This turn, and no other, may write to the conversation.
update conversations set turn_id = %(turn_id)s, turn_attempt = %(attempt)s, turn_spoke = false where id = %(id)s;

-- append -> Numbered
-- Adds events under the conversation's next numbers.
with c as (
    update conversations set last_seq = last_seq + jsonb_array_length(%(news)s), updated_at = now() where id = %(id)s returning last_seq)
insert into events (conversation_id, seq, kind, for_staff, data)
select %(id)s, c.last_seq - jsonb_array_length(%(news)s) + x.place, x.news->>'kind', (x.news->>'for_staff')::bool, x.news->'data'
from c, jsonb_array_elements(%(news)s) with ordinality as x (news, place)
returning seq;

-- append_with_floor -> Numbered
-- Adds events only while this turn and attempt has the floor; keeping it or giving it up.
with c as (
    update conversations set last_seq = last_seq + jsonb_array_length(%(news)s), updated_at = now(), turn_spoke = %(keep)s,
        turn_id = case when %(keep)s then turn_id end
    where id = %(id)s and turn_id = %(turn_id)s and turn_attempt = %(attempt)s returning last_seq)
insert into events (conversation_id, seq, kind, for_staff, data)
select %(id)s, c.last_seq - jsonb_array_length(%(news)s) + x.place, x.news->>'kind', (x.news->>'for_staff')::bool, x.news->'data'
from c, jsonb_array_elements(%(news)s) with ordinality as x (news, place)
returning seq;

-- events_after -> Stored
-- What happened after a number.
select seq, kind, for_staff, data from events
where conversation_id = %(id)s and seq > %(after)s and (%(staff)s or not for_staff) order by seq limit 500;

-- tenant_events_after -> TenantStored
-- Everything after so many events of a transaction, up to where no earlier transaction can still be open.
select xact::text as xact, conversation_id, seq, kind, for_staff, data from events
where xact >= %(after)s::text::xid8 and xact < pg_snapshot_xmin(pg_current_snapshot())
order by events.xact, conversation_id, seq offset %(seen)s limit 500;

-- frontier -> Frontier
-- Where a new listener to everything begins.
select pg_snapshot_xmin(pg_current_snapshot())::text as xact;

-- news_since -> NewsRow
-- Which conversations, of any tenant, had events since a transaction: ids alone.
select tenant_id, conversation_id from news_since(%(after)s::text::xid8);

-- released -> Released
-- The text that a turn has released so far, and what it cited.
with mine as (
    select seq, kind, data from events where conversation_id = %(id)s and data->>'turn_id' = %(turn)s
        and kind in ('delta', 'cited_sources', 'restarted')),
    current as (select * from mine where seq > coalesce((select max(seq) from mine where kind = 'restarted'), 0))
select coalesce((select string_agg(data->>'text', '' order by seq) from current where kind = 'delta'), '') as text,
    coalesce((select data->'citations' from current where kind = 'cited_sources' order by seq desc limit 1), '[]') as citations;

-- add_message
-- A message, under the id that was chosen for it.
insert into messages (id, conversation_id, ticket_id, role, internal, text, member_id, citations, client_message_id, turn_id, created_at)
values (%(id)s, %(conversation_id)s, %(ticket_id)s, %(role)s, %(internal)s, %(text)s, %(member_id)s, %(citations)s, %(client_message_id)s, %(turn_id)s, coalesce(%(created_at)s::timestamptz, clock_timestamp()));

-- cite
-- What a reply rests on, for whoever has to find out later who was told it.
insert into cited (message_id, index, document_id, version, passage_id, conversation_id, customer_id, quote, said_at)
select m.id, x.index, x.document_id, x.version, x.passage_id, c.id, c.customer_id, x.quote, m.created_at
from messages m join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id,
    rows from (jsonb_to_recordset(%(cited)s) as (document_id uuid, version int, passage_id uuid, quote text))
        with ordinality as x (document_id, version, passage_id, quote, index)
where m.id = %(message_id)s;

-- moment -> Moment
-- The time at the database, by which messages are in order: asked for once the conversation is locked.
select clock_timestamp() as now;

-- message -> Message
-- One message.
select m.id, m.conversation_id, m.ticket_id, m.role, m.internal, m.text, m.member_id, b.name as member_name, m.citations, m.client_message_id, m.turn_id, m.created_at
from messages m left join members b on b.tenant_id = m.tenant_id and b.id = m.member_id where m.id = %(id)s;

-- message_by_client_id -> Message
-- The message that was sent under this id before.
select m.id, m.conversation_id, m.ticket_id, m.role, m.internal, m.text, m.member_id, b.name as member_name, m.citations, m.client_message_id, m.turn_id, m.created_at
from messages m left join members b on b.tenant_id = m.tenant_id and b.id = m.member_id
where m.conversation_id = %(conversation_id)s and m.client_message_id = %(client_message_id)s;

-- messages -> Message
-- The last messages of a conversation, oldest first.
select * from (
    select m.id, m.conversation_id, m.ticket_id, m.role, m.internal, m.text, m.member_id, b.name as member_name, m.citations, m.client_message_id, m.turn_id, m.created_at
    from messages m left join members b on b.tenant_id = m.tenant_id and b.id = m.member_id
    where m.conversation_id = %(conversation_id)s and (%(internal)s or not m.internal)
    order by m.created_at desc, m.id desc limit %(most)s) x order by created_at, id;

-- messages_since -> Message
-- What customer and agents wrote after a number of the conversation's events.
select m.id, m.conversation_id, m.ticket_id, m.role, m.internal, m.text, m.member_id, b.name as member_name, m.citations, m.client_message_id, m.turn_id, m.created_at
from messages m left join members b on b.tenant_id = m.tenant_id and b.id = m.member_id
where m.conversation_id = %(conversation_id)s and m.role in ('user', 'agent') and not m.internal
    and m.created_at > (select e.created_at from events e where e.conversation_id = %(conversation_id)s and e.seq = %(after)s)
order by m.created_at, m.id;

-- ---------------------------------------------------------------- summaries

-- summary -> Summary
-- What is remembered of a conversation's older messages.
select text, until_at, until_id from conversation_summaries where conversation_id = %(id)s;

-- outgrown -> Message
-- Messages that are neither summed up yet nor among the newest, oldest first.
select * from (
    select m.id, m.conversation_id, m.ticket_id, m.role, m.internal, m.text, m.member_id, b.name as member_name, m.citations, m.client_message_id, m.turn_id, m.created_at
    from messages m left join members b on b.tenant_id = m.tenant_id and b.id = m.member_id
    where m.conversation_id = %(id)s and not m.internal and m.role in ('user', 'assistant', 'agent')
    order by m.created_at desc, m.id desc offset %(newest)s) x
where %(until_at)s::timestamptz is null or (x.created_at, x.id) > (%(until_at)s, %(until_id)s::uuid)
order by created_at, id limit %(most)s;

-- keep_summary
-- A newer summary takes the place of an older one; an older one that comes late does not.
insert into conversation_summaries as c (conversation_id, text, until_at, until_id) values (%(id)s, %(text)s, %(until_at)s, %(until_id)s)
on conflict (tenant_id, conversation_id) do update
    set text = excluded.text, until_at = excluded.until_at, until_id = excluded.until_id, updated_at = now()
    where (c.until_at, c.until_id) < (excluded.until_at, excluded.until_id);

-- ---------------------------------------------------------------- turns

-- add_turn
-- A turn begins: thinking at once, or waiting until another has finished its sentence.
insert into turns (id, conversation_id, ticket_id, message_id, reply_id, status, holder, authority, metadata)
values (%(id)s, %(conversation_id)s, %(ticket_id)s, %(message_id)s, %(reply_id)s, %(status)s, %(holder)s, %(authority)s, %(metadata)s);

-- turn -> TurnRow
-- One turn, by its id or the id of either message of it.
select id, conversation_id, ticket_id, message_id, reply_id, status, holder, attempt, record, created_at, finished_at, authority, metadata
from turns where id = %(id)s or message_id = %(id)s or reply_id = %(id)s limit 1;

-- lock_turn -> TurnRow
-- One turn, to be changed.
select id, conversation_id, ticket_id, message_id, reply_id, status, holder, attempt, record, created_at, finished_at, authority, metadata
from turns where id = %(id)s for update;

-- end_turn
-- The record is complete; from here on nothing changes it.
update turns set status = %(status)s, record = %(record)s, finished_at = clock_timestamp() where id = %(id)s and status in ('waiting', 'thinking');

-- waiting -> Waiting
-- Messages whose turn waits for another to finish.
select message_id from turns where conversation_id = %(conversation_id)s and status = 'waiting' order by created_at;

-- covered -> Waiting
-- The messages that a turn answers: its own, and those just before it whose turns made room for it. Ids are in order of time.
select t.message_id from turns t where t.conversation_id = %(conversation_id)s and t.id <= %(id)s
    and (t.id = %(id)s or t.status = 'superseded' and t.id > coalesce((
        select o.id from turns o where o.conversation_id = %(conversation_id)s and o.id < %(id)s and o.status <> 'superseded'
        order by o.id desc limit 1), '00000000-0000-0000-0000-000000000000'))
order by t.id;

-- end_waiting
-- A newer message came, with which the waiting turn's message will be answered; or it ended with the turn that it waited for.
update turns set status = %(status)s, finished_at = clock_timestamp() where conversation_id = %(conversation_id)s and status = 'waiting';

-- next_waiting -> TurnRow
-- The turn that may think now.
select id, conversation_id, ticket_id, message_id, reply_id, status, holder, attempt, record, created_at, finished_at, authority, metadata
from turns where conversation_id = %(conversation_id)s and status = 'waiting' order by created_at desc, id desc limit 1;

-- hold_turn
-- This process thinks it from now on; the attempt before is void.
update turns set status = 'thinking', holder = %(holder)s, attempt = attempt + %(step)s where id = %(id)s and status in ('waiting', 'thinking');

-- beat
-- This process is alive.
insert into processes (id) values (%(id)s) on conflict (id) do update set seen_at = clock_timestamp();

-- gone
-- This process leaves.
delete from processes where id = %(id)s or seen_at < clock_timestamp() - interval '1 hour';

-- abandoned -> Abandoned
-- Turns that nobody works on: their process has been silent, or it is this one and has them not in hand.
select tenant_id, turn_id, is_own from abandoned_turns(make_interval(secs => %(silent_s)s), %(me)s, %(in_hand)s::uuid[]);
