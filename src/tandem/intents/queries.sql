-- intents -> Stored
-- The tenant's own intents, by name, with the number of their examples.
select i.name, i.title, i.description, coalesce(i.parent, '') as parent, i.category, i.requires_action,
    (select count(*) from intent_examples e where e.intents @> array[i.name])::int as examples
from intents i order by i.name;

-- unknown_examples -> Count
-- How many examples there are of what is none of the tenant's business.
select count(*)::int as count from intent_examples where intents = array['unknown'];

-- own -> Count
-- Whether the tenant has intents of its own.
select count(*)::int as count from (select from intents limit 1) i;

-- lock
-- One edit of a tenant's examples after another.
select pg_advisory_xact_lock(hashtextextended('intents ' || tenant(), 0));

-- copy_intents
-- The starter set becomes the tenant's own.
insert into intents (name, title, description, category, requires_action)
select * from unnest(%(names)s::text[], %(titles)s::text[], %(descriptions)s::text[], %(categories)s::text[], %(actions)s::bool[])
on conflict do nothing;

-- put_intent
-- An intent, new or changed.
insert into intents (name, title, description, parent, category, requires_action)
values (%(name)s, %(title)s, %(description)s, nullif(%(parent)s, ''), %(category)s, %(requires_action)s)
on conflict (tenant_id, name) do update set title = excluded.title, description = excluded.description, parent = excluded.parent,
    category = excluded.category, requires_action = excluded.requires_action, updated_at = now();

-- name_intents
-- Intents that examples name and nobody described.
insert into intents (name) select unnest(%(names)s::text[]) on conflict do nothing;

-- add_examples -> Count
-- Examples, each text with the same intents once; how many were new. One row a pair: `intents` has commas between names.
with added as (
    insert into intent_examples (id, text, intents, source)
    select x.id, x.text, string_to_array(x.intents, ','), %(source)s
    from unnest(%(ids)s::uuid[], %(texts)s::text[], %(intents)s::text[]) x(id, text, intents)
    on conflict do nothing returning 1)
select count(*)::int as count from added;

-- clear_examples
-- An intent's examples go; where one carries others too, only this intent leaves it.
with alone as (delete from intent_examples where intents = array[%(name)s::text])
update intent_examples e set intents = array_remove(e.intents, %(name)s)
where e.intents @> array[%(name)s::text] and cardinality(e.intents) > 1
    and not exists (select from intent_examples o where o.text = e.text and o.intents = array_remove(e.intents, %(name)s));

-- remove_leftovers
-- What clear_examples could not shorten because the rest is there already.
delete from intent_examples where intents @> array[%(name)s::text];

-- remove_intent -> Name
-- The intent goes; its sub-intents lose their parent.
with orphans as (update intents set parent = null where parent = %(name)s)
delete from intents where name = %(name)s returning name;

-- examples -> ExampleRow
-- Every example, oldest first.
select text, intents, source from intent_examples order by created_at, text, id;

-- examples_of -> ExampleRow
-- An intent's examples, newest first.
select text, intents, source from intent_examples where intents @> array[%(name)s::text] order by created_at desc, text, id limit 5000;

-- live -> Live
-- The classifier that answers.
select version, metrics, fingerprint, reason, created_at, promoted_at from classifiers where live;

-- latest -> Live
-- The one that was learned last, promoted or not.
select version, metrics, fingerprint, reason, created_at, promoted_at from classifiers order by version desc limit 1;

-- weights -> Learned
-- What a version has learned.
select weights from classifiers where version = %(version)s;

-- held_out -> HeldOutRow
-- What the live classifier said of each example when it had not seen it.
select version, weights, held_out from classifiers where live;

-- add_classifier -> Version
-- A new version, not answering yet.
insert into classifiers (version, weights, metrics, fingerprint, held_out, reason)
select coalesce(max(version), 0) + 1, %(weights)s, %(metrics)s, %(fingerprint)s, %(held_out)s, %(reason)s from classifiers returning version;

-- retire
-- No own classifier answers.
update classifiers set live = false where live;

-- promote
-- This version answers.
update classifiers set live = true, promoted_at = clock_timestamp() where version = %(version)s;

-- before -> Version
-- The version that answered before the live one.
select version from classifiers where promoted_at < (select promoted_at from classifiers where live) order by promoted_at desc limit 1;

-- roll_back
-- The live version never answered, as far as the next step back goes.
update classifiers set live = false, promoted_at = null, reason = %(reason)s where live;

-- revive
-- An earlier version answers again.
update classifiers set live = true where version = %(version)s;

-- prune
-- Old versions go, but the one that answers and those one can go back to soon.
delete from classifiers where not live and version <= (select max(version) from classifiers) - 10;
