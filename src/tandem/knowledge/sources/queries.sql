-- add_source
-- A source, due at once.
insert into sources (id, kind, name, settings, secret, audience, category, approve, every_minutes, paused)
values (%(id)s, %(kind)s, %(name)s, %(settings)s, %(secret)s, %(audience)s, %(category)s, %(approve)s, %(every_minutes)s, %(paused)s);

-- change_source
-- Other settings; a run that was under way with the old ones begins anew, and one that had been given up is due again.
update sources set name = %(name)s, settings = %(settings)s, secret = %(secret)s, audience = %(audience)s, category = %(category)s,
    approve = %(approve)s, every_minutes = %(every_minutes)s, paused = %(paused)s, cursor = case when %(anew)s then '{}' else cursor end,
    job_id = case when %(anew)s then null else job_id end,
    failures = case when paused and not %(paused)s then 0 else failures end,
    next_at = case when %(anew)s or paused and not %(paused)s then now() else least(next_at, now() + make_interval(mins => %(every_minutes)s)) end
where id = %(id)s and deleted_at is null;

-- rename_documents
-- A source's documents are called as it is.
update documents set source = %(name)s where source_id = %(id)s;

-- lock_source -> int
-- Nobody else changes the source before this transaction ends.
select 1 from sources where id = %(id)s for update;

-- source -> Source
-- One source and how it stands.
select s.id, s.kind, s.name, s.settings, s.secret, s.audience, s.category, s.approve, s.every_minutes, s.paused, s.status, s.error, s.failures,
    s.cursor, s.report, s.job_id, (select count(*) from documents d where d.source_id = s.id and d.deleted_at is null)::int as documents,
    s.started_at, s.finished_at, s.next_at, s.created_at
from sources s where s.id = %(id)s and s.deleted_at is null;

-- sources -> Source
-- Every source, in the order of names.
select s.id, s.kind, s.name, s.settings, s.secret, s.audience, s.category, s.approve, s.every_minutes, s.paused, s.status, s.error, s.failures,
    s.cursor, s.report, s.job_id, coalesce(d.documents, 0) as documents, s.started_at, s.finished_at, s.next_at, s.created_at
from sources s left join (select source_id, count(*)::int as documents from documents where source_id is not null and deleted_at is null group by 1) d
    on d.source_id = s.id
where s.deleted_at is null order by s.name, s.id;

-- remove_source
-- The source is gone; its rows stay, because documents came from it.
update sources set deleted_at = now(), secret = null, paused = true where id = %(id)s;

-- promise
-- A run is promised; when nothing comes of it, the clock promises another.
update sources set job_id = %(job_id)s, next_at = now() + greatest(make_interval(mins => every_minutes), interval '1 hour') where id = %(id)s;

-- due -> Due
-- Which sources, of any tenant, are due: ids alone.
select tenant_id, source_id from sources_due();

-- still_due -> int
-- Whether nobody else has promised the run meanwhile; locks the source.
select 1 from sources where id = %(id)s and deleted_at is null and not paused and next_at <= now() for update skip locked;

-- begin_run
-- A run is under way, from the beginning or from where it was cut off.
update sources set status = 'running', started_at = case when %(anew)s then now() else started_at end, cursor = %(cursor)s where id = %(id)s;

-- keep_cursor
-- How far the run has come; nothing when the source has been changed meanwhile.
update sources set cursor = %(cursor)s, report = %(report)s where id = %(id)s and job_id = %(job_id)s;

-- postpone
-- The server asks for patience: the run goes on later.
update sources set cursor = %(cursor)s, report = %(report)s, error = %(error)s, next_at = now() + make_interval(secs => %(seconds)s) where id = %(id)s and job_id = %(job_id)s;

-- end_run
-- How the run ended, and when the next is due.
update sources set status = %(status)s, error = %(error)s, failures = %(failures)s, paused = paused or %(paused)s, cursor = '{}', report = %(report)s,
    finished_at = now(), next_at = now() + make_interval(secs => %(seconds)s) where id = %(id)s;

-- items -> SourceItem
-- What the source holds, what failed first.
select key, url, document_id, etag, error, changed_at from source_items
where source_id = %(id)s and (not %(failed)s or error is not null) order by error is null, changed_at desc, key limit %(most)s;

-- known_items -> SourceItem
-- What is known of these items.
select key, url, document_id, etag, error, changed_at from source_items where source_id = %(id)s and key = any(%(keys)s);

-- see_items
-- The run has seen these, and they are as they were.
update source_items set run = %(run)s where source_id = %(id)s and key = any(%(keys)s);

-- keep_item
-- The run has brought this item up to date.
insert into source_items (source_id, key, document_id, url, etag, run, error, changed_at)
values (%(id)s, %(key)s, %(document_id)s, %(url)s, %(etag)s, %(run)s, null, now())
on conflict (tenant_id, source_id, key) do update set document_id = excluded.document_id, url = excluded.url, run = excluded.run, error = null,
    changed_at = case when %(changed)s then now() else source_items.changed_at end, etag = excluded.etag;

-- keep_failed_item
-- The run has seen this item and could not read it; what was read of it before stays.
insert into source_items (source_id, key, url, run, error) values (%(id)s, %(key)s, %(url)s, %(run)s, %(error)s)
on conflict (tenant_id, source_id, key) do update set run = excluded.run, error = excluded.error, url = coalesce(excluded.url, source_items.url),
    changed_at = case when source_items.error is null then now() else source_items.changed_at end;

-- missing -> SourceItem
-- What the run has not seen.
select key, url, document_id, etag, error, changed_at from source_items
where source_id = %(id)s and run is distinct from %(run)s order by key limit %(most)s;

-- share -> Share
-- How many items with a document that still answers there are, and how many of them the run has not seen.
select count(*)::int as documents, count(*) filter (where i.run is distinct from %(run)s)::int as missing
from source_items i join documents d on d.tenant_id = i.tenant_id and d.id = i.document_id
where i.source_id = %(id)s and d.deleted_at is null;

-- drop_item
-- The item is not there any more.
delete from source_items where source_id = %(id)s and key = %(key)s;

-- documents_left -> Left
-- Documents of a source that was removed, a few at a time.
select id from documents where source_id = %(id)s and deleted_at is null limit %(most)s;
