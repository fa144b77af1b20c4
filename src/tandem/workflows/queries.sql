-- ---------------------------------------------------------------- workflows

-- workflows -> Entry
-- Every workflow that has not been taken out, by name.
select name, version, body, source, author, created_at from (select distinct on (name) * from workflows order by name, version desc) w where not removed order by name;

-- workflow -> Entry
-- One workflow as it is now.
select name, version, body, source, author, created_at from (select * from workflows where name = %(name)s order by version desc limit 1) w where not removed;

-- workflow_version -> Entry
-- One workflow as it was.
select name, version, body, source, author, created_at from workflows where name = %(name)s and version = %(version)s;

-- workflow_versions -> Saved
-- What a workflow was, newest first.
select version, source, removed, author, created_at from workflows where name = %(name)s order by version desc limit 100;

-- workflow_for_intent -> Entry
-- The workflow that begins with this intent; of several the first by name.
select name, version, body, source, author, created_at from (select distinct on (name) * from workflows order by name, version desc) w
where not removed and body->'intents' @> to_jsonb(%(intent)s::text) order by name limit 1;

-- newest_workflow_version -> Newest
-- The number of the newest version, taken out or not, and of those that there are.
select coalesce(max(version) filter (where name = %(name)s), 0)::int as version, count(distinct name)::int as names from workflows;

-- add_workflow
-- A new version of a workflow.
insert into workflows (name, version, body, source, removed, author) values (%(name)s, %(version)s, %(body)s, %(source)s, %(removed)s, %(author)s);

-- ---------------------------------------------------------------- procedures

-- open_procedure -> Procedure
-- The procedure that is under way in a conversation, if one is.
select id, conversation_id, workflow, version, state, status, created_at, updated_at from procedures where conversation_id = %(conversation_id)s and status = 'open';

-- add_procedure
-- A procedure begins.
insert into procedures (id, conversation_id, workflow, version, state, status) values (%(id)s, %(conversation_id)s, %(workflow)s, %(version)s, %(state)s, 'open');

-- keep_procedure
-- How far it has come.
update procedures set state = %(state)s, updated_at = now() where id = %(id)s and status = 'open';

-- finish_procedure
-- It is over: done, or left.
update procedures set status = %(status)s, updated_at = now() where id = %(id)s and status = 'open';

-- leave_procedures
-- Another one begins in the conversation.
update procedures set status = 'left', updated_at = now() where conversation_id = %(conversation_id)s and status = 'open';
