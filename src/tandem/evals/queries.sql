-- questions -> Question
-- What customers asked and the assistant was to answer, newest first; ids are in order of time.
select t.id as turn_id, t.conversation_id, t.ticket_id, c.customer_id, t.record->'asked'->>'text' as text, coalesce(t.record->>'query', '') as query,
    coalesce((t.record->'asked'->>'history')::int, 0) as history, coalesce((t.record->'asked'->>'verified')::boolean, false) as verified,
    coalesce(t.record->'asked'->>'tier', '') as tier,
    t.reply_id in (select f.message_id from feedback f where f.message_id is not null and f.rating = 'up') as liked
from turns t join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
where t.status = 'done' and t.id >= %(since)s and (%(before)s::uuid is null or t.id < %(before)s)
    and t.record->'asked'->>'text' <> '' and t.record->'route'->>'kind' <> 'people'
order by t.id desc limit %(most)s;

-- earlier -> Earlier
-- What had been said before a turn, newest first, without what it answers too: messages whose turns made room for it.
select m.role, m.text from turns t
join messages own on own.tenant_id = t.tenant_id and own.id = t.message_id
join messages m on m.tenant_id = t.tenant_id and m.conversation_id = t.conversation_id
left join turns o on o.tenant_id = m.tenant_id and o.message_id = m.id
where t.id = %(turn_id)s and not m.internal and m.role in ('user', 'assistant', 'agent')
    and case when m.role = 'assistant' then m.turn_id < t.id else m.created_at < own.created_at end
    and (o.status is distinct from 'superseded' or exists (select from turns e
        where e.tenant_id = t.tenant_id and e.conversation_id = t.conversation_id and e.id > o.id and e.id < t.id and e.status <> 'superseded'))
order by m.created_at desc, m.id desc limit %(most)s;

-- recorded -> Recorded
-- Messages as turns recorded them, newest first: what was understood and how likely an answer was to be right; ids are in order of time.
select t.id as turn_id, t.conversation_id, t.created_at, t.record->'asked' as asked, t.record->'understanding' as understanding,
    coalesce((t.record->'decision'->'signals'->>'unresolved_before')::float, 0) as unresolved, t.record->'decision'->'score' as score
from turns t
where t.status = 'done' and t.id >= %(since)s and t.record->'asked'->>'text' <> '' and t.record ? 'understanding'
order by t.id desc limit %(most)s;
