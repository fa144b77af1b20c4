-- marked -> Mark
-- How far a reader has got.
select turn_id, release, read_at from reading_marks where reader = %(reader)s;

-- mark
-- The reader has got so far.
insert into reading_marks (reader, turn_id, release, read_at) values (%(reader)s, %(turn_id)s, %(release)s, %(read_at)s)
on conflict (tenant_id, reader) do update set turn_id = excluded.turn_id, release = excluded.release, read_at = excluded.read_at;

-- changed -> Changed
-- Documents of which something else answers than when this reader looked last. `settled`: so long ago that no answer from before is still under way.
select d.id, m.version as before, d.live_version, d.updated_at < now() - make_interval(secs => %(seconds)s) as settled
from documents d left join document_marks m on m.tenant_id = d.tenant_id and m.document_id = d.id and m.reader = %(reader)s
where d.live_version is distinct from m.version order by d.updated_at, d.id limit %(most)s;

-- mark_document
-- The reader has looked through this version.
insert into document_marks (reader, document_id, version) values (%(reader)s, %(document_id)s, %(version)s)
on conflict (tenant_id, reader, document_id) do update set version = excluded.version;

-- mark_unquoted
-- Documents that no answer rests on need no look.
insert into document_marks (reader, document_id, version)
select %(reader)s, d.id, d.live_version from documents d
where d.live_version is not null and d.updated_at < now() - make_interval(secs => %(seconds)s)
    and not exists (select from cited c where c.tenant_id = d.tenant_id and c.document_id = d.id)
    and not exists (select from document_marks m where m.tenant_id = d.tenant_id and m.document_id = d.id and m.reader = %(reader)s and m.version = d.live_version)
on conflict (tenant_id, reader, document_id) do update set version = excluded.version;

-- ---------------------------------------------------------------- answers to take back

-- article -> ArticleRow
-- A document as it answers now, a withdrawn one too.
select d.id, d.title, case when d.deleted_at is null then d.live_version end as version, v.body
from documents d left join document_versions v on v.tenant_id = d.tenant_id and v.document_id = d.id and v.version = d.live_version and d.deleted_at is null
where d.id = %(id)s;

-- article_passages -> Passage
-- What answers of it, in order.
select id, text from passages where document_id = %(id)s and version = %(version)s order by ordinal;

-- bodies -> Body
-- What some of its versions said.
select version, coalesce(body, '') as body from document_versions where document_id = %(id)s and version = any(%(versions)s);

-- quotes -> Quote
-- The different stretches that answers rest on; of one version, one passage, or since a day, where named.
select version, quote as text from cited
where document_id = %(document_id)s and (%(version)s::int is null or version = %(version)s)
    and (%(passage_id)s::uuid is null or passage_id = %(passage_id)s)
    and (%(days)s::int is null or said_at > now() - make_interval(days => %(days)s))
group by 1, 2 order by 1, 2;

-- answers -> Answer
-- The answers that rest on a document, newest first.
select c.message_id, c.conversation_id, c.customer_id, k.name as customer_name, coalesce(k.email, v.contact_email) as customer_email,
    c.said_at, m.text as said, jsonb_agg(jsonb_build_object('version', c.version, 'passage_id', c.passage_id, 'quote', c.quote) order by c.index) as quotes
from cited c join messages m on m.tenant_id = c.tenant_id and m.id = c.message_id
join conversations v on v.tenant_id = c.tenant_id and v.id = c.conversation_id
join customers k on k.tenant_id = c.tenant_id and k.id = c.customer_id
where c.document_id = %(document_id)s and (%(version)s::int is null or c.version = %(version)s)
    and (%(passage_id)s::uuid is null or c.passage_id = %(passage_id)s)
    and (%(before)s::timestamptz is null or (c.said_at, c.message_id) < (%(before)s, %(before_id)s))
group by 1, 2, 3, 4, 5, 6, 7 order by c.said_at desc, c.message_id desc limit %(most)s;

-- affected -> Affected
-- The answers that rest on a document, oldest first, but for those that wait in a recall of it. `settled`: what became of one that waited before.
select c.message_id, c.conversation_id, c.customer_id, c.said_at, m.text as said,
    jsonb_agg(jsonb_build_object('version', c.version, 'passage_id', c.passage_id, 'quote', c.quote) order by c.index) as quotes,
    (select jsonb_build_object('status', i.status, 'quotes', i.quotes) from recall_items i join recalls r on r.tenant_id = i.tenant_id and r.id = i.recall_id
        where i.message_id = c.message_id and i.status <> 'open' and r.document_id = c.document_id order by i.done_at desc limit 1) as settled
from cited c join messages m on m.tenant_id = c.tenant_id and m.id = c.message_id
where c.document_id = %(document_id)s and (%(version)s::int is null or c.version = %(version)s)
    and (%(passage_id)s::uuid is null or c.passage_id = %(passage_id)s)
    and (%(days)s::int is null or c.said_at > now() - make_interval(days => %(days)s))
    and (%(after)s::timestamptz is null or (c.said_at, c.message_id) > (%(after)s, %(after_id)s))
    and (select true from recall_items i join recalls r on r.tenant_id = i.tenant_id and r.id = i.recall_id
        where i.message_id = c.message_id and r.document_id = c.document_id and i.status = 'open' limit 1) is null
group by c.message_id, c.conversation_id, c.customer_id, c.said_at, m.text, c.document_id order by c.said_at, c.message_id limit %(most)s;

-- open_recall -> Recalled
-- A recall: a person's is always new, a change's the one there is.
insert into recalls (id, document_id, version, passage_id, by_version, trigger, reason, status, created_by, closed_at)
values (%(id)s, %(document_id)s, %(version)s, %(passage_id)s, %(by_version)s, %(trigger)s, %(reason)s, %(status)s, %(created_by)s,
    case when %(status)s = 'closed' then now() end)
on conflict (tenant_id, document_id, by_version) do update set status = 'open', closed_at = null
returning id;

-- add_item
-- An answer to take back; once in a recall.
insert into recall_items (recall_id, message_id, conversation_id, customer_id, said_at, said, quotes, correction, drafted_for)
values (%(recall_id)s, %(message_id)s, %(conversation_id)s, %(customer_id)s, %(said_at)s, %(said)s, %(quotes)s, %(correction)s, %(drafted_for)s)
on conflict do nothing;

-- recalls -> Recall
-- The list, newest first.
select r.id, r.document_id, d.title, r.version, r.passage_id, r.trigger, r.reason, r.status, r.created_by, r.created_at, r.closed_at, n.answers, n.waiting
from recalls r join documents d on d.tenant_id = r.tenant_id and d.id = r.document_id
cross join lateral (select count(*)::int as answers, (count(*) filter (where i.status = 'open'))::int as waiting from recall_items i where i.recall_id = r.id) n
where (%(status)s::text is null or r.status = %(status)s) and (%(id)s::uuid is null or r.id = %(id)s)
order by r.created_at desc, r.id desc limit 200;

-- items -> Item
-- The answers of a recall, oldest first.
select i.message_id, i.conversation_id, i.customer_id, k.name as customer_name, coalesce(k.email, v.contact_email) as customer_email, i.said_at, i.said,
    i.quotes, i.correction, i.drafted_for, i.edited, i.status, i.sent_id, i.done_by, i.done_at
from recall_items i join conversations v on v.tenant_id = i.tenant_id and v.id = i.conversation_id
join customers k on k.tenant_id = i.tenant_id and k.id = i.customer_id
where i.recall_id = %(recall_id)s and (%(message_id)s::uuid is null or i.message_id = %(message_id)s)
    and (%(after)s::timestamptz is null or (i.said_at, i.message_id) > (%(after)s, %(after_id)s))
order by i.said_at, i.message_id limit %(most)s;

-- lock_item -> Standing
-- One of them, while nobody else does anything about it.
select conversation_id, said_at, said, quotes, correction, drafted_for, edited, status, sent_id from recall_items
where recall_id = %(recall_id)s and message_id = %(message_id)s for update;

-- answering -> Answering
-- Which version answers of the document that a recall is about.
select d.id as document_id, case when d.deleted_at is null then d.live_version end as version
from recalls r join documents d on d.tenant_id = r.tenant_id and d.id = r.document_id where r.id = %(id)s;

-- open_items -> OpenItem
-- What of a document still waits to be taken back and was drafted for another version.
select i.recall_id, i.message_id, i.said_at, i.said, i.quotes, r.trigger from recall_items i join recalls r on r.tenant_id = i.tenant_id and r.id = i.recall_id
where r.document_id = %(document_id)s and r.status = 'open' and i.status = 'open' and not i.edited and i.drafted_for is distinct from %(version)s
order by i.recall_id, i.message_id limit %(most)s;

-- redraft
-- Drafted anew for what answers now, unless somebody has worded it meanwhile.
update recall_items set correction = %(correction)s, quotes = %(quotes)s, drafted_for = %(drafted_for)s
where recall_id = %(recall_id)s and message_id = %(message_id)s and status = 'open' and not edited;

-- reword
-- An agent's own words.
update recall_items set correction = %(correction)s, edited = true, drafted_for = %(drafted_for)s
where recall_id = %(recall_id)s and message_id = %(message_id)s and status = 'open';

-- settle_item
-- It was sent, or needs no correction.
update recall_items set status = %(status)s, sent_id = %(sent_id)s, done_by = %(done_by)s, done_at = now()
where recall_id = %(recall_id)s and message_id = %(message_id)s and status = 'open';

-- close_recall
-- Nothing more is to be done about it.
update recalls set status = 'closed', closed_at = now() where id = %(id)s and status = 'open';

-- let_be
-- What is open of it needs no correction.
update recall_items set status = 'dismissed', done_by = %(done_by)s, done_at = now() where recall_id = %(recall_id)s and status = 'open';

-- close_done
-- The same, once every answer of it is settled.
update recalls r set status = 'closed', closed_at = now() where r.id = %(id)s and r.status = 'open'
    and not exists (select from recall_items i where i.recall_id = r.id and i.status = 'open');

-- ---------------------------------------------------------------- questions without an answer

-- advance
-- The reader goes on from where it stood; touches no row when another worker was faster.
insert into reading_marks (reader, turn_id) values (%(reader)s, %(turn_id)s)
on conflict (tenant_id, reader) do update set turn_id = excluded.turn_id where reading_marks.turn_id = %(before)s;

-- finished -> Finished
-- Turns that have ended, in the order in which they began, up to the first that has not.
select t.id, t.conversation_id, coalesce(nullif(t.record->>'query', ''), t.record->'asked'->>'text', '') as question, t.record->'decision'->>'kind' as kind,
    coalesce(t.record->'route'->>'kind', '') as route, coalesce(t.record->'route'->>'rule', '') as rule,
    coalesce((t.record->'quality'->>'probability')::float8, 0) as quality, coalesce(jsonb_array_length(t.record->'acts'), 0) as acts,
    t.record @? '$.sentences[*] ? (@.released == false)' as withheld, coalesce(t.record->'passages', '[]') as passages,
    coalesce(t.record->'citations'->0->>'title', '') as title, t.created_at as asked_at
from turns t where t.id > %(after)s and t.id < %(until)s and t.status = 'done' and t.record->'decision'->>'kind' is not null
    and t.id < coalesce((select u.id from turns u where u.status in ('waiting', 'thinking') order by u.id limit 1), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
order by t.id limit %(most)s;

-- waiting_gaps -> Waiting
-- How many gaps wait for an answer.
select count(*)::int as n from gaps where status in ('open', 'drafted');

-- known_gaps -> Known
-- Every gap that a question may join, the newest first.
select id, question, centroid, questions, status, closed_because, first_asked_at, last_asked_at, ended_at from gaps
where model = %(model)s order by last_asked_at desc limit 5000;

-- keep_gap
-- A gap as it is now.
insert into gaps (id, question, centroid, model, questions, status, closed_because, first_asked_at, last_asked_at, ended_at)
values (%(id)s, %(question)s, %(centroid)s, %(model)s, %(questions)s, %(status)s, %(closed_because)s, %(first_asked_at)s, %(last_asked_at)s, %(ended_at)s)
on conflict (tenant_id, id) do update set question = excluded.question, centroid = excluded.centroid, questions = excluded.questions,
    status = excluded.status, closed_because = excluded.closed_because, last_asked_at = excluded.last_asked_at, ended_at = excluded.ended_at;

-- add_question
-- A question that had no good answer, once.
insert into gap_questions (turn_id, gap_id, conversation_id, text, outcome, quality, nearest, vector, asked_at)
values (%(turn_id)s, %(gap_id)s, %(conversation_id)s, %(text)s, %(outcome)s, %(quality)s, %(nearest)s, %(vector)s, %(asked_at)s)
on conflict do nothing;

-- members -> Member
-- A gap's newest questions with their vectors.
select text, vector from gap_questions where gap_id = %(gap_id)s order by asked_at desc, turn_id desc limit 500;

-- set_question
-- The question nearest to the middle stands for all of them.
update gaps set question = %(question)s where id = %(id)s;

-- count_handed_over
-- Of how many questions a person had to take over within a day.
update gaps g set handed_over = n.n from (
    select q.gap_id, (count(*) filter (where q.outcome = 'handed_over' or exists (select from handoffs h
        where h.conversation_id = q.conversation_id and h.created_at between q.asked_at and q.asked_at + interval '1 day')))::int as n
    from gap_questions q join gaps o on o.tenant_id = q.tenant_id and o.id = q.gap_id and o.status in ('open', 'drafted') group by 1) n
where g.id = n.gap_id and g.handed_over <> n.n;

-- gaps -> Gap
-- Gaps by what they cost: a person's minutes, as the last fifty tickets tell, for each question handed over, one for the others.
with pace as (select case when count(*) >= 5 then least(60, greatest(1, percentile_cont(0.5) within group (order by minutes))) else %(minutes)s::float8 end as minutes
    from (select extract(epoch from t.resolved_at - t.claimed_at)::float8 / 60 as minutes from tickets t
        where t.status = 'human_resolved' and t.claimed_at is not null order by t.resolved_at desc limit 50) r)
select g.id, g.question, g.questions, g.handed_over, (g.handed_over * p.minutes + (g.questions - g.handed_over))::float8 as cost, g.status,
    g.first_asked_at, g.last_asked_at, g.document_id, g.closed_because, g.ended_at,
    coalesce((select jsonb_agg(q.nearest) from (select q.nearest from gap_questions q where q.gap_id = g.id order by q.asked_at desc limit 20) q), '[]') as passages
from gaps g, pace p where (%(status)s::text is null or g.status = %(status)s) and (%(id)s::uuid is null or g.id = %(id)s)
order by cost desc, g.last_asked_at desc, g.id limit 200;

-- asked -> Question
-- A gap's newest questions.
select turn_id, conversation_id, text, outcome, quality::float8 as quality, asked_at from gap_questions where gap_id = %(gap_id)s
order by asked_at desc, turn_id desc limit 200;

-- lock_gap -> Stand
-- How a gap stands, while nobody else changes it.
select question, status from gaps where id = %(id)s for update;

-- set_gap
-- A person decided about it.
update gaps set status = %(status)s, document_id = %(document_id)s, closed_because = null,
    ended_at = case when %(status)s in ('closed', 'dismissed') then now() end where id = %(id)s;

-- replies_in -> Reply
-- What people answered in the conversations in which it was asked, and whom.
select m.text, k.name, k.email, v.contact_email from messages m
join conversations v on v.tenant_id = m.tenant_id and v.id = m.conversation_id
join customers k on k.tenant_id = v.tenant_id and k.id = v.customer_id
where m.role = 'agent' and not m.internal and m.conversation_id in (select q.conversation_id from gap_questions q where q.gap_id = %(gap_id)s)
    and m.created_at > (select min(q.asked_at) from gap_questions q where q.gap_id = %(gap_id)s and q.conversation_id = m.conversation_id)
order by m.created_at desc limit 5;

-- asked_by -> Asked
-- Some of the different questions, and who asked them.
select distinct on (q.text) q.text, k.name, k.email, v.contact_email from gap_questions q
join conversations v on v.tenant_id = q.tenant_id and v.id = q.conversation_id
join customers k on k.tenant_id = v.tenant_id and k.id = v.customer_id
where q.gap_id = %(gap_id)s order by q.text, q.asked_at desc limit 12;

-- quotable -> Nearby
-- Those of these passages that everybody may read and that answer now.
select p.id, d.title, p.text from passages p join documents d on d.tenant_id = p.tenant_id and d.id = p.document_id
where p.id = any(%(ids)s) and p.live and p.audience = 'public' and d.deleted_at is null;

-- ---------------------------------------------------------------- what people knew

-- moment -> Mark
-- The time at the database, as a mark.
select null::uuid as turn_id, null::int as release, now() as read_at;

-- resolved -> Resolved
-- Tickets that a person has resolved and nobody has looked at since, with whose they are; `after` is where the last page ended.
select t.id, t.conversation_id, t.subject, t.updated_at, k.name, k.email, c.contact_email from tickets t
join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
join customers k on k.tenant_id = c.tenant_id and k.id = c.customer_id
left join resolutions r on r.tenant_id = t.tenant_id and r.ticket_id = t.id
where t.status = 'human_resolved' and t.updated_at > %(since)s and (r.id is null or r.status = 'proposed' and r.created_at < t.resolved_at)
    and (%(after)s::timestamptz is null or (t.updated_at, t.id) > (%(after)s, %(after_id)s))
order by t.updated_at, t.id limit %(most)s;

-- said_in -> Line
-- What customer and people said in a ticket, oldest first.
select m.role, m.text, m.client_message_id, b.name as member_name from messages m
left join members b on b.tenant_id = m.tenant_id and b.id = m.member_id
where m.conversation_id = %(conversation_id)s and m.ticket_id = %(ticket_id)s and m.role in ('user', 'agent') and not m.internal
order by m.created_at, m.id limit 500;

-- propose
-- What a person answered, for somebody to approve; one that nobody has decided about follows its ticket.
insert into resolutions (id, ticket_id, question, answer) values (%(id)s, %(ticket_id)s, %(question)s, %(answer)s)
on conflict (tenant_id, ticket_id) do update set question = excluded.question, answer = excluded.answer, created_at = now()
where resolutions.status = 'proposed';

-- resolutions -> Resolution
-- What people answered, newest first.
select id, ticket_id, question, answer, status, document_id, created_at, decided_by, decided_at from resolutions
where (%(status)s::text is null or status = %(status)s) and (%(before)s::timestamptz is null or (created_at, id) < (%(before)s, %(before_id)s))
order by created_at desc, id desc limit %(most)s;

-- resolution -> Resolution
-- One of them, while nobody else decides about it.
select id, ticket_id, question, answer, status, document_id, created_at, decided_by, decided_at from resolutions where id = %(id)s for update;

-- decide
-- Somebody has decided about it.
update resolutions set status = %(status)s, question = %(question)s, answer = %(answer)s, document_id = %(document_id)s,
    decided_by = %(decided_by)s, decided_at = now() where id = %(id)s;

-- ---------------------------------------------------------------- articles that disagree

-- scan -> Setting
-- Looks on in the index until enough of the tenant's own passages are found.
select set_config('hnsw.iterative_scan', 'relaxed_order', true) as value;

-- own_passages -> Own
-- What answers of a document, with the vectors of a generation.
select p.heading, p.text, v.embedding::text as vector from passages p join passage_vectors v on v.tenant_id = p.tenant_id and v.passage_id = p.id
where v.document_id = %(id)s and v.generation = %(generation)s and v.live order by p.ordinal limit %(most)s;

-- neighbours -> Neighbour
-- For each vector the passages of other documents that are nearest in meaning, every one looked at.
select n.place::int as place, n.cosine, q.document_id, q.version, q.heading, q.text
from unnest(%(vectors)s::text[]) with ordinality as v (vector, place)
cross join lateral (select v.place, x.passage_id, 1 - (x.embedding <=> v.vector::halfvec(384)) as cosine from passage_vectors x
    where x.generation = %(generation)s and x.live and x.document_id <> %(id)s order by 3 desc limit %(each)s) n
join passages q on q.id = n.passage_id
where n.cosine >= %(least)s order by n.place, n.cosine desc;

-- neighbours_by_index -> Neighbour
-- The same where there are too many to look at every one.
select n.place::int as place, n.cosine, q.document_id, q.version, q.heading, q.text
from unnest(%(vectors)s::text[]) with ordinality as v (vector, place)
cross join lateral (select v.place, x.passage_id, 1 - (x.embedding <=> v.vector::halfvec(384)) as cosine from passage_vectors x
    where x.generation = %(generation)s and x.live and x.document_id <> %(id)s order by x.embedding <=> v.vector::halfvec(384) limit %(each)s) n
join passages q on q.id = n.passage_id
where n.cosine >= %(least)s order by n.place, n.cosine desc;

-- drop_outdated
-- Pairs of a document of which one text does not stand there any more.
delete from disagreements a where %(id)s in (a.document_id, a.other_document_id) and not (
    exists (select from passages p where p.document_id = a.document_id and p.live and strpos(p.text, a.quote) > 0)
    and exists (select from passages p where p.document_id = a.other_document_id and p.live and strpos(p.text, a.other_quote) > 0));

-- add_disagreement
-- A pair that was found; one that was dismissed stays so.
insert into disagreements (id, kind, document_id, version, quote, other_document_id, other_version, other_quote, likeness)
values (%(id)s, %(kind)s, %(document_id)s, %(version)s, %(quote)s, %(other_document_id)s, %(other_version)s, %(other_quote)s, %(likeness)s)
on conflict (tenant_id, kind, document_id, other_document_id, md5(quote), md5(other_quote)) do update set version = excluded.version,
    other_version = excluded.other_version, likeness = excluded.likeness;

-- disagreements -> Disagreement
-- Pairs, open ones and conflicts first.
select a.id, a.kind, a.document_id, d.title, a.version, a.quote, a.other_document_id, o.title as other_title, a.other_version, a.other_quote,
    a.likeness::float8 as likeness, a.status, a.found_at
from disagreements a join documents d on d.tenant_id = a.tenant_id and d.id = a.document_id
join documents o on o.tenant_id = a.tenant_id and o.id = a.other_document_id
where d.deleted_at is null and o.deleted_at is null and (%(document_id)s::uuid is null or %(document_id)s::uuid in (a.document_id, a.other_document_id))
    and (%(status)s::text is null or a.status = %(status)s)
order by a.status desc, a.kind, a.likeness desc, a.id limit 500;

-- dismiss_disagreement
-- Somebody says that the two get along.
update disagreements set status = 'dismissed' where id = %(id)s;

-- ---------------------------------------------------------------- was it right, and how sure may the assistant be

-- labelled -> Labelled
-- Answers, given or held back, that somebody has labelled since a day; of several labels the strongest source's (learning/outcomes.py).
with said as (
    select o.turn_id, 'review' as source, 1 as place, o.is_right, o.judged_at as said_at from outcomes o where o.judged_at > %(since)s
    union all
    select t.id, 'correction', 2, false, i.done_at from recall_items i join recalls r on r.tenant_id = i.tenant_id and r.id = i.recall_id
    join turns t on t.tenant_id = i.tenant_id and t.reply_id = i.message_id
    where r.trigger = 'person' and i.status = 'sent' and i.done_at > %(since)s
    union all
    select l.id, 'handoff', 3, h.label = 'not_needed', h.labelled_at from handoffs h
    cross join lateral (select t.id from turns t where t.conversation_id = h.conversation_id and t.ticket_id = h.ticket_id and t.status = 'done'
        and t.created_at < h.created_at and t.record->'decision'->>'kind' = 'answer' order by t.created_at desc limit 1) l
    where h.label in ('not_needed', 'too_late') and h.labelled_at > %(since)s
    union all
    select t.id, 'thumbs', 4, f.rating = 'up', f.created_at from feedback f join turns t on t.tenant_id = f.tenant_id and t.reply_id = f.message_id
    where f.rating in ('up', 'down') and f.created_at > %(since)s
    union all
    select l.id, 'stars', 5, f.rating in ('4', '5'), f.created_at from feedback f
    cross join lateral (select t.id from turns t where t.conversation_id = f.conversation_id and t.ticket_id = f.ticket_id and t.status = 'done'
        and t.created_at < f.created_at and t.record->'decision'->>'kind' = 'answer' order by t.created_at desc limit 1) l
    where f.rating in ('1', '2', '4', '5') and f.created_at > %(since)s
        and not exists (select from messages m where m.conversation_id = f.conversation_id and m.ticket_id = f.ticket_id and m.role = 'agent')
)
select distinct on (t.id) t.id as turn_id, t.created_at as asked_at, s.source, s.is_right, d.turn_id is not null as drawn,
    coalesce(t.record->'decision'->'score'->>'category', t.record->'understanding'->'asserted'->>0, 'unknown') as category,
    nullif(t.record->'decision'->'score'->'parts', 'null'::jsonb) as parts, (t.record->'decision'->>'confidence')::float8 as confidence
from said s join turns t on t.id = s.turn_id left join outcome_samples d on d.tenant_id = t.tenant_id and d.turn_id = t.id
where t.status = 'done' and (t.record->'decision'->>'kind' = 'answer' or jsonb_typeof(t.record->'decision'->'score') = 'object')
order by t.id, s.place, s.said_at desc;

-- traffic -> Recorded
-- The newest turns since a day that were answered or went to people, with what made their confidence.
select t.created_at as asked_at, t.record->'decision'->>'kind' as kind,
    coalesce(t.record->'decision'->'score'->>'category', t.record->'understanding'->'asserted'->>0, 'unknown') as category,
    nullif(t.record->'decision'->'score'->'parts', 'null'::jsonb) as parts, coalesce((t.record->'decision'->>'confidence')::float8, 0) as confidence
from turns t where t.id > %(since)s and t.status = 'done' and t.record->'decision'->>'kind' in ('answer', 'no_answer', 'handover')
order by t.id desc limit %(most)s;

-- draw
-- Draw answers by lot: every one since a day that was not drawn before has the same chance. Ids first, then the records of those.
insert into outcome_samples (turn_id, drawn_by)
select t.id, %(author)s from (select u.id from turns u where u.id > %(since)s and u.status = 'done'
    and not exists (select from outcome_samples s where s.turn_id = u.id) order by random() limit %(looked_at)s) c
join turns t on t.id = c.id
where t.record->'decision'->>'kind' = 'answer' or jsonb_typeof(t.record->'decision'->'score') = 'object'
order by random() limit %(most)s
on conflict do nothing;

-- to_judge -> ToJudge
-- Answers that were drawn and nobody has judged, in an order that has nothing to do with what they say.
select s.turn_id, t.conversation_id, coalesce(t.record->'asked'->>'text', '') as question, coalesce(t.record->'reply'->>'text', '') as reply,
    t.record->'decision'->>'kind' = 'answer' as given, coalesce(t.record->'sentences', '[]') as sentences, coalesce(t.record->'citations', '[]') as citations,
    coalesce(t.record->'decision'->'score'->>'category', t.record->'understanding'->'asserted'->>0, 'unknown') as category, t.created_at as asked_at
from outcome_samples s join turns t on t.tenant_id = s.tenant_id and t.id = s.turn_id
where not exists (select from outcomes o where o.tenant_id = s.tenant_id and o.turn_id = s.turn_id) and t.status = 'done'
order by md5(s.turn_id::text) limit %(most)s;

-- waiting_to_be_judged -> Unjudged
-- How many of these there are.
select count(*)::int as n from outcome_samples s where not exists (select from outcomes o where o.tenant_id = s.tenant_id and o.turn_id = s.turn_id);

-- judgeable -> Judgeable
-- Whether there is such a turn, and an answer in it, given or held back.
select t.status = 'done' and (t.record->'decision'->>'kind' = 'answer' or jsonb_typeof(t.record->'decision'->'score') = 'object') as has_answer
from turns t where t.id = %(turn_id)s;

-- judge
-- What a person says of an answer; the last word counts.
insert into outcomes (turn_id, is_right, author) values (%(turn_id)s, %(is_right)s, %(author)s)
on conflict (tenant_id, turn_id) do update set is_right = excluded.is_right, author = excluded.author, judged_at = now();

-- pace -> Pace
-- Minutes that a person needs for a ticket: the median of the last fifty, or as is assumed while there are fewer than five.
select case when count(*) >= 5 then least(60, greatest(1, percentile_cont(0.5) within group (order by minutes))) else %(minutes)s::float8 end as minutes,
    count(*) >= 5 as measured
from (select extract(epoch from t.resolved_at - t.claimed_at)::float8 / 60 as minutes from tickets t
    where t.status = 'human_resolved' and t.claimed_at is not null order by t.resolved_at desc limit 50) r;

-- scorings -> Stored
-- What was fitted, newest first.
select version, status, body, report, outcomes, fitted_at from scorings order by version desc limit 50;

-- add_scoring
-- A fit, in force or refused.
insert into scorings (version, status, body, report, outcomes) values (%(version)s, %(status)s, %(body)s, %(report)s, %(outcomes)s) on conflict do nothing;

-- replace_scoring
-- The one in force is so no more.
update scorings set status = 'replaced' where status = 'in_force';

-- revive_scoring
-- An older one is in force again.
update scorings set status = 'in_force' where version = %(version)s;
