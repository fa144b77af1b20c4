-- add_document
-- A document, with its first version still to be read.
insert into documents (id, external_id, title, category, audience, source_url, source, source_id, kind, format, status, version)
values (%(id)s, %(external_id)s, %(title)s, %(category)s, %(audience)s, %(source_url)s, %(source)s, %(source_id)s, %(kind)s, %(format)s, %(status)s, 1);

-- add_version
-- What a document says from now on; its body comes when the worker has read it.
insert into document_versions (document_id, version, title, category, audience, source_url, written, file_id, format, content_hash, release_id, approval, author)
values (%(document_id)s, %(version)s, %(title)s, %(category)s, %(audience)s, %(source_url)s, %(written)s, %(file_id)s, %(format)s, %(content_hash)s,
    %(release_id)s, %(approval)s, %(author)s);

-- add_file
-- An uploaded file, kept as it came.
insert into files (id, name, sha256, size, bytes) values (%(id)s, %(name)s, %(sha256)s, %(size)s, %(bytes)s);

-- file -> File
-- An uploaded file.
select id, name, size, bytes from files where id = %(id)s;

-- document -> Document
-- One document.
select d.id, d.external_id, d.title, d.category, d.audience, d.source_url, d.source, d.source_id, d.kind, d.format, d.status, d.error,
    d.version, d.live_version, d.passages, d.owner_id, d.reviewed_at, d.review_every_days, d.updated_at
from documents d where d.id = %(id)s and d.deleted_at is null;

-- lock_document -> Document
-- One document, to be changed, but not its key: its passages may be on their way, whose writer waits for the lock on the state that we have.
select d.id, d.external_id, d.title, d.category, d.audience, d.source_url, d.source, d.source_id, d.kind, d.format, d.status, d.error,
    d.version, d.live_version, d.passages, d.owner_id, d.reviewed_at, d.review_every_days, d.updated_at
from documents d where d.id = %(id)s and d.deleted_at is null for no key update;

-- by_external_id -> Document
-- The document that the tenant's own systems know by this id, to be changed.
select d.id, d.external_id, d.title, d.category, d.audience, d.source_url, d.source, d.source_id, d.kind, d.format, d.status, d.error,
    d.version, d.live_version, d.passages, d.owner_id, d.reviewed_at, d.review_every_days, d.updated_at
from documents d where d.external_id = %(external_id)s and d.deleted_at is null for no key update;

-- documents -> Listed
-- The list, newest change first.
select d.id, d.external_id, d.title, d.category, d.audience, d.source_url, d.source, d.source_id, d.kind, d.format, d.status, d.error,
    d.version, d.live_version, d.passages, d.owner_id, d.reviewed_at, d.review_every_days, d.updated_at,
    coalesce(greatest(d.reviewed_at, l.created_at), d.created_at) as checked_at,
    (select count(distinct c.message_id) from cited c where c.tenant_id = d.tenant_id and c.document_id = d.id and c.said_at > now() - interval '30 days')::int as used,
    (select g.release_id from release_changes g join releases r on r.tenant_id = g.tenant_id and r.id = g.release_id
        where g.tenant_id = d.tenant_id and g.document_id = d.id and r.status = 'draft' order by g.updated_at desc limit 1) as draft_in,
    (select count(*) from disagreements a where a.tenant_id = d.tenant_id and a.status = 'open' and d.id in (a.document_id, a.other_document_id))::int as disagreements
from documents d left join document_versions l on l.tenant_id = d.tenant_id and l.document_id = d.id and l.version = d.live_version
where d.deleted_at is null
    and (%(id)s::uuid is null or d.id = %(id)s)
    and (%(status)s::text is null or d.status = %(status)s)
    and (%(source)s::text is null or d.source = %(source)s)
    and (%(kind)s::text is null or d.kind = %(kind)s)
    and (%(owner_id)s::uuid is null or d.owner_id = %(owner_id)s)
    and (%(stale)s::boolean is null or %(stale)s = (d.live_version is not null
        and greatest(d.reviewed_at, l.created_at) < now() - make_interval(days => coalesce(d.review_every_days, %(review_days)s))))
    and (%(words)s::text is null or d.title ilike %(words)s or d.external_id ilike %(words)s or d.category ilike %(words)s)
    and (%(before)s::timestamptz is null or (d.updated_at, d.id) < (%(before)s, %(before_id)s))
order by d.updated_at desc, d.id desc limit %(most)s;

-- count_documents -> Count
-- How many the list holds.
select count(*)::int as n
from documents d left join document_versions l on l.tenant_id = d.tenant_id and l.document_id = d.id and l.version = d.live_version
where d.deleted_at is null
    and (%(id)s::uuid is null or d.id = %(id)s)
    and (%(status)s::text is null or d.status = %(status)s)
    and (%(source)s::text is null or d.source = %(source)s)
    and (%(kind)s::text is null or d.kind = %(kind)s)
    and (%(owner_id)s::uuid is null or d.owner_id = %(owner_id)s)
    and (%(stale)s::boolean is null or %(stale)s = (d.live_version is not null
        and greatest(d.reviewed_at, l.created_at) < now() - make_interval(days => coalesce(d.review_every_days, %(review_days)s))))
    and (%(words)s::text is null or d.title ilike %(words)s or d.external_id ilike %(words)s or d.category ilike %(words)s);

-- version -> Version
-- What a document said in one version; a withdrawn document's versions stay, as answers rest on them.
select v.document_id, v.version, v.title, v.category, v.audience, v.source_url, v.written, v.body, v.file_id, v.format, v.content_hash, v.release_id,
    v.approval, v.ready, v.error, v.author, v.created_at, d.live_version = v.version and d.deleted_at is null as live, f.name as file_name, f.size as file_size
from document_versions v join documents d on d.tenant_id = v.tenant_id and d.id = v.document_id
left join files f on f.tenant_id = v.tenant_id and f.id = v.file_id
where v.document_id = %(document_id)s and v.version = %(version)s;

-- versions -> Version
-- Every version of a document, newest first.
select v.document_id, v.version, v.title, v.category, v.audience, v.source_url, v.written, v.body, v.file_id, v.format, v.content_hash, v.release_id,
    v.approval, v.ready, v.error, v.author, v.created_at, d.live_version = v.version and d.deleted_at is null as live, f.name as file_name, f.size as file_size
from document_versions v join documents d on d.tenant_id = v.tenant_id and d.id = v.document_id
left join files f on f.tenant_id = v.tenant_id and f.id = v.file_id
where v.document_id = %(document_id)s order by v.version desc;

-- newest_for -> Version
-- What a new version follows: in a draft the draft's own, else what answers; outside of drafts the newest that was not rejected.
select v.document_id, v.version, v.title, v.category, v.audience, v.source_url, v.written, v.body, v.file_id, v.format, v.content_hash, v.release_id,
    v.approval, v.ready, v.error, v.author, v.created_at, d.live_version = v.version and d.deleted_at is null as live, f.name as file_name, f.size as file_size
from document_versions v join documents d on d.tenant_id = v.tenant_id and d.id = v.document_id
left join files f on f.tenant_id = v.tenant_id and f.id = v.file_id
where v.document_id = %(document_id)s and v.approval is distinct from 'rejected'
    and (v.release_id is not distinct from %(release_id)s or %(release_id)s::uuid is not null and v.version = d.live_version)
order by (v.release_id is not distinct from %(release_id)s) desc, v.version desc limit 1;

-- next_version -> Count
-- The number of the next version, whoever makes it.
select coalesce(max(version), 0) + 1 as n from document_versions where document_id = %(document_id)s;

-- renew
-- A new version is on its way; the one before answers until the new one is ready.
update documents set version = %(version)s, format = %(format)s, source = %(source)s, status = 'processing', error = null, updated_at = now() where id = %(id)s;

-- renew_draft
-- A document that exists in drafts alone shows the newest of them.
update documents set version = %(version)s, title = %(title)s, updated_at = now() where id = %(id)s and live_version is null and status = 'draft';

-- relabel
-- What is said about a version beside its text.
update document_versions set category = %(category)s, audience = %(audience)s, source_url = %(source_url)s
where document_id = %(document_id)s and version = %(version)s;

-- relabel_document
-- The document shows it too.
update documents set category = %(category)s, audience = %(audience)s, source_url = %(source_url)s, updated_at = now() where id = %(id)s;

-- keep
-- Who looks after it, how often, and that somebody just has.
update documents set owner_id = %(owner_id)s, review_every_days = %(review_every_days)s,
    reviewed_at = case when %(reviewed)s then now() else reviewed_at end where id = %(id)s;

-- decide
-- A person decided about what a source brought.
update document_versions set approval = %(approval)s where document_id = %(document_id)s and version = %(version)s;

-- settle_rejected
-- The document is as it was before; one that never answered is gone.
update documents set status = 'ready', version = coalesce(live_version, version), deleted_at = case when live_version is null then now() end,
    updated_at = now() where id = %(id)s;

-- held -> Held
-- What waits for approval, oldest first, beside what answers now.
select v.document_id, v.version, v.title, d.source, d.source_id, v.source_url, v.body, v.ready, v.error, d.live_version, l.title as live_title, l.body as live_body, v.created_at
from document_versions v join documents d on d.tenant_id = v.tenant_id and d.id = v.document_id
left join document_versions l on l.tenant_id = d.tenant_id and l.document_id = d.id and l.version = d.live_version
where v.approval = 'waiting' and v.version = d.version and d.deleted_at is null order by v.created_at, v.document_id limit %(most)s;

-- relabel_passages
-- Who may see the passages follows at once.
update passages set audience = %(audience)s where document_id = %(document_id)s and version = %(version)s;

-- relabel_vectors
-- The same where they are found by meaning.
update passage_vectors set audience = %(audience)s where document_id = %(document_id)s and version = %(version)s;

-- set_body
-- The text of a file, once read.
update document_versions set body = %(body)s, title = %(title)s where document_id = %(document_id)s and version = %(version)s;

-- set_read
-- Their passages are stored; they may answer.
update document_versions v set body = s.body, ready = true, error = null
from unnest(%(documents)s::uuid[], %(versions)s::int[], %(bodies)s::text[]) s (document_id, version, body)
where v.document_id = s.document_id and v.version = s.version;

-- set_held
-- A person has to approve it first.
update documents set status = 'review', updated_at = now() where id = %(id)s and version = %(version)s;

-- set_title
-- A file's own title, where nobody gave one and nothing answers yet.
update documents set title = %(title)s where id = %(id)s and live_version is null;

-- set_failed
-- It cannot be read, and why, in words for an admin.
with v as (update document_versions set error = %(error)s where document_id = %(id)s and version = %(version)s returning document_id, version, release_id)
update documents d set status = 'error', error = %(error)s, updated_at = now() from v where d.id = v.document_id and d.version = v.version and v.release_id is null;

-- standing -> Standing
-- How these versions stand: whether something newer outside of drafts, or in the same draft, takes their place.
select v.document_id, v.version, v.release_id, v.approval, v.audience, d.deleted_at is not null as deleted,
    v.approval is distinct from 'rejected' and not exists (select from document_versions n
        where n.tenant_id = v.tenant_id and n.document_id = v.document_id and n.version > v.version
        and n.approval is distinct from 'rejected' and n.release_id is not distinct from v.release_id) as wanted
from unnest(%(documents)s::uuid[], %(versions)s::int[]) s (document_id, version)
join document_versions v on v.document_id = s.document_id and v.version = s.version
join documents d on d.tenant_id = v.tenant_id and d.id = v.document_id;

-- plan_anew
-- The statements of this transaction are planned for their own values: in an import tables grow faster than plans are given up.
set local plan_cache_mode = force_custom_plan;

-- add_passages
-- Passages of several versions, and what they mean to the models of the generations; nothing of one that another worker has stored.
with stored as (
    insert into passages (id, document_id, version, ordinal, heading, text, start, "end", audience, live, hash)
    select * from unnest(%(ids)s::uuid[], %(documents)s::uuid[], %(versions)s::int[], %(ordinals)s::int[], %(headings)s::text[], %(texts)s::text[],
        %(starts)s::int[], %(ends)s::int[], %(audiences)s::text[], %(lives)s::boolean[], %(hashes)s::bytea[])
    on conflict (tenant_id, document_id, version, ordinal) do nothing
    returning id, document_id, version, audience, live)
insert into passage_vectors (generation, passage_id, document_id, version, audience, live, embedding, details)
select m.generation, s.id, s.document_id, s.version, s.audience, s.live, m.embedding::halfvec(384), m.details
from unnest(%(generations)s::int[], %(passages)s::uuid[], %(embeddings)s::text[], %(details)s::bytea[]) m (generation, passage_id, embedding, details)
join stored s on s.id = m.passage_id;

-- add_vector
-- What a passage means to the model of a generation; nothing when another worker has stored the passage.
insert into passage_vectors (generation, passage_id, document_id, version, audience, live, embedding, details)
select %(generation)s, p.id, p.document_id, p.version, p.audience, p.live, %(embedding)s::text::halfvec(384), %(details)s from passages p where p.id = %(passage_id)s
on conflict do nothing;

-- known_vectors -> Known
-- What the same text meant before, in any version of the document.
select distinct on (p.hash) p.hash, v.embedding::text as embedding, v.details from passages p
join passage_vectors v on v.tenant_id = p.tenant_id and v.passage_id = p.id and v.generation = %(generation)s
where p.document_id = %(document_id)s and p.hash = any(%(hashes)s);

-- drop_passages
-- Passages of a version that does not answer: the job was cut off and starts again, or nobody wants it any more.
delete from passages where document_id = %(document_id)s and version = %(version)s and not live;

-- drop_passages_of
-- The same for several versions.
delete from passages p using unnest(%(documents)s::uuid[], %(versions)s::int[]) s (document_id, version)
where p.document_id = s.document_id and p.version = s.version and not p.live;

-- publish_passages
-- The passages of these versions answer; those that were stored with this transaction do already.
update passages p set live = true, audience = v.audience
from unnest(%(documents)s::uuid[], %(versions)s::int[]) s (document_id, version), document_versions v
where not p.live and p.document_id = s.document_id and p.version = s.version and v.document_id = s.document_id and v.version = s.version;

-- publish_vectors
-- The same where they are found by meaning, in every generation.
update passage_vectors p set live = true, audience = v.audience
from unnest(%(documents)s::uuid[], %(versions)s::int[]) s (document_id, version), document_versions v
where not p.live and p.document_id = s.document_id and p.version = s.version and v.document_id = s.document_id and v.version = s.version;

-- count_words
-- The vocabulary follows: so many live passages more, or fewer, for each word of these versions; asked before they change places.
insert into vocabulary (lexeme, passages)
select w.lexeme, sum(s.sign)::int from unnest(%(documents)s::uuid[], %(versions)s::int[], %(signs)s::int[]) s (document_id, version, sign)
join passages p on p.document_id = s.document_id and p.version = s.version, unnest(p.tsv) w
group by 1 having sum(s.sign) <> 0 order by 1
on conflict (tenant_id, lexeme) do update set passages = vocabulary.passages + excluded.passages;

-- retire_passages
-- The passages of these versions answer no more.
update passages p set live = false from unnest(%(documents)s::uuid[], %(versions)s::int[]) s (document_id, version)
where p.document_id = s.document_id and p.version = s.version;

-- retire_vectors
-- The same where they are found by meaning.
update passage_vectors p set live = false from unnest(%(documents)s::uuid[], %(versions)s::int[]) s (document_id, version)
where p.document_id = s.document_id and p.version = s.version;

-- drop_unwanted
-- Passages of these documents that answer no more or never will, unless a release may have to bring them back.
delete from passages p using document_versions v
where p.document_id = any(%(ids)s::uuid[]) and not p.live and v.document_id = p.document_id and v.version = p.version
    and (v.ready or v.approval = 'rejected') and v.approval is distinct from 'waiting'
    and not exists (select from release_changes c join releases r on r.tenant_id = c.tenant_id and r.id = c.release_id
        where c.document_id = p.document_id and p.version in (c.from_version, c.to_version) and r.status in ('draft', 'published'));

-- live -> Live
-- What answers of these documents, which nobody else changes before this transaction ends.
select id, live_version, deleted_at is not null as deleted from documents where id = any(%(ids)s::uuid[]) order by id for no key update;

-- publish
-- These versions answer, and their documents bear their labels.
update documents d set live_version = v.version, version = greatest(d.version, v.version), title = v.title, category = v.category, audience = v.audience,
    source_url = v.source_url, format = v.format, passages = (select count(*) from passages p where p.document_id = d.id and p.version = v.version),
    status = case when d.version <= v.version or d.status in ('ready', 'draft') then 'ready' else d.status end,
    error = case when d.version <= v.version then null else d.error end, updated_at = now()
from unnest(%(documents)s::uuid[], %(versions)s::int[]) s (document_id, version), document_versions v
where d.id = s.document_id and v.document_id = s.document_id and v.version = s.version;

-- unpublish
-- Nothing of these documents answers.
update documents set live_version = null, passages = 0, updated_at = now() where id = any(%(ids)s::uuid[]);

-- delete_document
-- It is gone from the list; its versions stay as evidence for answers given.
update documents set deleted_at = now() where id = %(id)s;


-- lock_state
-- Nobody else changes what answers before this transaction ends.
insert into knowledge_states (release) values (0) on conflict (tenant_id) do update set release = knowledge_states.release;

-- count_up
-- What answers has changed.
update knowledge_states set release = release + 1,
    passages = coalesce((select v.passages from vocabulary v where v.lexeme = 't_' || tenant()), 0);

-- state -> State
-- Which state of knowledge answers.
select release, passages, generation, model from knowledge_states;

-- question_words -> Word
-- What the knowledge makes of a question's words.
select lexeme, passages, alike from question_words(%(question)s);

-- search -> Hit
-- The hybrid search.
select /* in binary */ passage_id, document_id, external_id, version, title, url, category, kind, heading, text, start, "end", score, cosine, words, details, release, generation
from search_passages(%(question)s, %(meaning)s::text::halfvec(384), %(generation)s::int, %(audiences)s::text[], %(wanted)s, %(draft)s::uuid);

-- fetch -> Hit
-- Passages by their ids, as far as they answer now and these audiences may read them.
select p.id as passage_id, p.document_id, d.external_id, p.version, v.title, v.source_url as url, v.category, d.kind, p.heading, p.text, p.start, p."end",
    0::real as score, null::real as cosine, 0::real as words, null::bytea as details, k.release, k.generation
from passages p join documents d on d.id = p.document_id and d.deleted_at is null
    join document_versions v on v.document_id = p.document_id and v.version = p.version join knowledge_states k on true
where p.id = any(%(ids)s::uuid[]) and p.live and (%(audiences)s::text[] is null or p.audience = any(%(audiences)s::text[]))
order by array_position(%(ids)s::uuid[], p.id);

-- holdings -> Holding
-- What each source of documents has brought.
select source as name, max(updated_at) as last_run, count(*)::int as documents, coalesce(sum(passages), 0)::int as passages,
    count(*) filter (where status = 'error')::int as failures, count(*) filter (where status = 'processing')::int as pending,
    extract(epoch from now() - min(updated_at))::float as oldest_s
from documents where deleted_at is null group by source order by source;

-- ---------------------------------------------------------------- what a draft release collects

-- lock_release -> Status
-- How a release stands, while nobody else changes it.
select status from releases where id = %(id)s for update;

-- collect_change
-- The document is changed by the draft, in this way and no other.
insert into release_changes (release_id, document_id, kind, from_version, to_version)
values (%(release_id)s, %(document_id)s, %(kind)s, %(from_version)s, %(to_version)s)
on conflict (tenant_id, release_id, document_id) do update set kind = excluded.kind, to_version = excluded.to_version, updated_at = now(),
    from_version = case when %(rebased)s then excluded.from_version else release_changes.from_version end;

-- changes -> Change
-- What a release changes.
select c.document_id, coalesce(v.title, d.title) as title, c.kind, c.from_version, c.to_version, d.live_version, coalesce(v.ready, true) as ready, v.error,
    d.deleted_at is not null as gone, c.updated_at
from release_changes c join documents d on d.tenant_id = c.tenant_id and d.id = c.document_id
left join document_versions v on v.tenant_id = c.tenant_id and v.document_id = c.document_id and v.version = c.to_version
where c.release_id = %(release_id)s order by title, c.document_id;

-- texts_before -> Before
-- What the documents say now that a release changes.
select c.document_id, coalesce(v.body, '') as body from release_changes c join documents d on d.tenant_id = c.tenant_id and d.id = c.document_id
left join document_versions v on v.tenant_id = c.tenant_id and v.document_id = c.document_id and v.version = d.live_version
where c.release_id = %(release_id)s;

-- drop_change
-- The draft leaves the document alone.
delete from release_changes where release_id = %(release_id)s and document_id = %(document_id)s;

-- ---------------------------------------------------------------- generations

-- begin_state -> Stand
-- Which generations there are; a tenant that knows nothing yet begins with this model.
insert into knowledge_states (model) values (%(model)s)
on conflict (tenant_id) do update set model = case when knowledge_states.release = 0 and knowledge_states.passages = 0
    and not exists (select from passages) then excluded.model else knowledge_states.model end
returning generation, model, building, building_model;

-- stand -> Stand
-- Which generation answers, and which is being filled.
select generation, model, building, building_model from knowledge_states;

-- begin_generation
-- A new generation is being filled beside the one that answers.
update knowledge_states set building = greatest(generation, coalesce(building, 0)) + 1, building_model = %(model)s;

-- without_vector -> Text
-- Passages that a generation lacks.
select p.id, p.heading, p.text from passages p
where not exists (select from passage_vectors v where v.tenant_id = p.tenant_id and v.generation = %(generation)s and v.passage_id = p.id)
order by p.id limit %(most)s;

-- swap
-- The new generation answers.
update knowledge_states set generation = building, model = building_model, building = null, building_model = null, release = release + 1;

-- drop_generation
-- Vectors that nobody will be answered by.
delete from passage_vectors where generation = %(generation)s;

-- drop_other_generations
-- What answered before the swap.
delete from passage_vectors v using knowledge_states s where s.tenant_id = v.tenant_id and v.generation not in (s.generation, coalesce(s.building, s.generation));

-- ---------------------------------------------------------------- releases

-- add_release
-- A draft that collects changes.
insert into releases (id, title, note, created_by) values (%(id)s, %(title)s, %(note)s, %(author)s);

-- releases -> Release
-- Every release, newest first.
select r.id, r.title, r.note, r.status, r.number, r.created_by, r.created_at,
    greatest(r.updated_at, (select max(c.updated_at) from release_changes c where c.tenant_id = r.tenant_id and c.release_id = r.id)) as updated_at,
    r.published_by, r.published_at, r.ended_by, r.ended_at,
    (select count(*) from release_changes c where c.tenant_id = r.tenant_id and c.release_id = r.id)::int as changes
from releases r where %(status)s::text is null or r.status = %(status)s order by r.created_at desc, r.id desc limit %(most)s;

-- release -> Release
-- One release.
select r.id, r.title, r.note, r.status, r.number, r.created_by, r.created_at,
    greatest(r.updated_at, (select max(c.updated_at) from release_changes c where c.tenant_id = r.tenant_id and c.release_id = r.id)) as updated_at,
    r.published_by, r.published_at, r.ended_by, r.ended_at,
    (select count(*) from release_changes c where c.tenant_id = r.tenant_id and c.release_id = r.id)::int as changes
from releases r where r.id = %(id)s;

-- edit_release
-- What people call it.
update releases set title = %(title)s, note = %(note)s, updated_at = now() where id = %(id)s;

-- mark_published
-- What it changes answers, as the state of the knowledge that there is now.
update releases set status = 'published', published_by = %(author)s, published_at = now(), updated_at = now(),
    number = (select s.release from knowledge_states s) where id = %(id)s;

-- end_release
-- It was rolled back or thrown away.
update releases set status = %(status)s, ended_by = %(author)s, ended_at = now(), updated_at = now() where id = %(id)s;

-- settle_versions
-- The published versions wait in no draft any more.
update document_versions v set release_id = null from release_changes c
where c.release_id = %(release_id)s and v.release_id = c.release_id and v.document_id = c.document_id and v.version = c.to_version;

-- turn_down_drafts
-- What was written in this draft, for one document or for all, and is not published, never answers.
update document_versions set approval = 'rejected'
where release_id = %(release_id)s and (%(document_id)s::uuid is null or document_id = %(document_id)s);

-- turn_down
-- These versions answered and were taken back.
update document_versions v set approval = 'rejected' from unnest(%(documents)s::uuid[], %(versions)s::int[]) s (document_id, version)
where v.document_id = s.document_id and v.version = s.version;

-- withdraw_drafts
-- Documents that existed in the draft alone are gone from the list.
update documents d set deleted_at = now() where d.id = any(%(ids)s::uuid[]) and d.live_version is null and d.status = 'draft' and d.deleted_at is null
    and not exists (select from release_changes c join releases r on r.tenant_id = c.tenant_id and r.id = c.release_id
        where c.document_id = d.id and r.status = 'draft');

-- bring_back -> Back
-- Removed documents are on the list again, but for those whose external id another document bears by now.
update documents d set deleted_at = null, updated_at = now() where d.id = any(%(ids)s::uuid[]) and d.deleted_at is not null
    and not exists (select from documents o where o.external_id = d.external_id and o.deleted_at is null)
returning d.id;

-- step_back
-- The list shows these documents in the versions that answer again; what was new answers no more and stays as a draft.
update documents d set version = coalesce(s.back_to, d.version), status = case when s.back_to is null then 'draft' else d.status end
from unnest(%(documents)s::uuid[], %(versions)s::int[], %(back_to)s::int[]) s (document_id, version, back_to)
where d.id = s.document_id and d.version = s.version;

-- ---------------------------------------------------------------- replays

-- add_replay
-- A replay is promised.
insert into replays (id, release_id, job_id, fingerprint, knowledge, days)
values (%(id)s, %(release_id)s, %(job_id)s, %(fingerprint)s, (select coalesce(max(s.release), 0) from knowledge_states s), %(days)s);

-- latest_replay -> Replay
-- The last replay of a release; one whose job was given up has failed.
select r.id, r.release_id, r.job_id, case when r.status = 'running' and j.status = 'failed' then 'failed' else r.status end as status,
    r.fingerprint, r.knowledge, r.days, r.report, coalesce(r.blocked, false) as blocked, r.created_at, r.finished_at
from replays r left join jobs j on j.tenant_id = r.tenant_id and j.id = r.job_id
where r.release_id = %(release_id)s order by r.created_at desc, r.id desc limit 1;

-- begin_replay -> Replay
-- It begins, maybe anew, with the changes and the knowledge of this moment.
update replays set status = 'running', fingerprint = %(fingerprint)s, knowledge = (select coalesce(max(s.release), 0) from knowledge_states s),
    report = null, blocked = null, finished_at = null where id = %(id)s
returning id, release_id, job_id, status, fingerprint, knowledge, days, report, false as blocked, created_at, finished_at;

-- end_replay
-- It has ended, well or badly.
update replays set status = %(status)s, report = %(report)s, blocked = %(blocked)s, finished_at = clock_timestamp() where id = %(id)s;

-- drop_replay_rows
-- The replay begins anew.
delete from replay_rows where replay_id = %(replay_id)s;

-- add_replay_row
-- What became of one question.
insert into replay_rows (replay_id, ordinal, turn_id, question, verdict, live, draft)
values (%(replay_id)s, %(ordinal)s, %(turn_id)s, %(question)s, %(verdict)s, %(live)s, %(draft)s);

-- replay_rows -> Replayed
-- What became of the questions, the worst first.
select question, turn_id, verdict, live, draft from replay_rows
where replay_id = %(replay_id)s and (%(verdicts)s::text[] is null or verdict = any(%(verdicts)s)) order by ordinal limit %(most)s;
