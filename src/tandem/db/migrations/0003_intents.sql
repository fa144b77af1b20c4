-- A tenant's own intents with their examples, and the classifiers learned from them. A tenant without rows here is understood
-- by the starter set that ships with Tandem.

create table intents (
    tenant_id       uuid not null default tenant() references tenants,
    name            text not null check (name ~ '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}$' and name <> 'unknown'),
    title           text not null default '',
    description     text not null default '',
    parent          text,                           -- a name; a sub-intent's confidence counts for its parent too
    category        text not null default '',
    requires_action boolean not null default false,
    updated_at      timestamptz not null default now(),
    primary key (tenant_id, name)
);
call guard('intents');

create table intent_examples (
    tenant_id  uuid not null default tenant() references tenants,
    id         uuid not null,
    text       text not null check (text <> ''),
    intents    text[] not null check (cardinality(intents) between 1 and 10),
    source     text not null default 'added',       -- starter, added, or what brought it
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
);
create unique index intent_examples_once on intent_examples (tenant_id, md5(text), intents);
create index intent_examples_by_intent on intent_examples using gin (intents);
call guard('intent_examples');

create table classifiers (
    tenant_id   uuid not null default tenant() references tenants,
    version     integer not null,
    weights     bytea not null,
    metrics     jsonb not null,
    fingerprint text not null,                      -- of the examples and the recipe it was learned with
    held_out    jsonb not null default '{}',        -- by example: what it said when it had not seen it
    live        boolean not null default false,
    reason      text not null default '',           -- why it was promoted, or kept back
    created_at  timestamptz not null default now(),
    promoted_at timestamptz,
    primary key (tenant_id, version)
);
alter table classifiers alter column weights set storage external;
create unique index classifiers_live on classifiers (tenant_id) where live;
call guard('classifiers');
