-- What was asked of language models and what it cost, and a tenant's own keys for their providers.

-- Every call to a provider. No foreign keys to what it was made for: money stays spent when a conversation is gone.
create table model_calls (
    tenant_id       uuid not null default tenant() references tenants,
    id              uuid not null,
    at              timestamptz not null,
    turn_id         uuid,
    conversation_id uuid,
    ticket_id       uuid,
    role            text not null check (role in ('draft', 'classify', 'summarise', 'judge', 'rewrite')),
    model           text not null,
    input_tokens    bigint check (input_tokens >= 0),
    output_tokens   bigint check (output_tokens >= 0),
    estimated       boolean not null default false,   -- the provider did not say; counted by length
    cost_micros     bigint check (cost_micros >= 0),  -- millionths of a US dollar; null where no price is known
    ms              integer not null,
    first_token_ms  integer,
    outcome         text not null,                    -- ok, stopped, or how it failed
    primary key (tenant_id, id)
);
create index model_calls_by_time on model_calls (tenant_id, at);
create index model_calls_of_conversation on model_calls (tenant_id, conversation_id, at) where conversation_id is not null;
call guard('model_calls', 'select, insert');

-- The sums of a day in UTC, which every turn reads. In several slots, so that turns that end at once do not wait for one row.
create table model_days (
    tenant_id   uuid not null default tenant() references tenants,
    day         date not null,
    slot        integer not null,
    calls       bigint not null,
    tokens      bigint not null,
    cost_micros bigint not null,
    primary key (tenant_id, day, slot)
);
call guard('model_days', 'select, insert, update');

-- A tenant's own keys for providers of models. Never shown again.
create table model_keys (
    tenant_id  uuid not null default tenant() references tenants,
    provider   text not null,
    sealed     bytea not null,
    last4      text not null,
    author     text not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, provider)
);
call guard('model_keys');
