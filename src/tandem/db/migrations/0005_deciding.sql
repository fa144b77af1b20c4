-- Deciding: labelled outcomes, and what a tenant's own have taught about the confidence.

-- Answers drawn by lot for people to judge. Every answer of the time looked at had the same chance: these alone carry a guarantee.
create table outcome_samples (
    tenant_id uuid not null default tenant() references tenants,
    turn_id   uuid not null,
    drawn_by  text not null,
    drawn_at  timestamptz not null default now(),
    primary key (tenant_id, turn_id),
    foreign key (tenant_id, turn_id) references turns
);
create index outcome_samples_by_time on outcome_samples (tenant_id, drawn_at);
call guard('outcome_samples');

-- What a person said of an answer.
create table outcomes (
    tenant_id uuid not null default tenant() references tenants,
    turn_id   uuid not null,
    is_right  boolean,                              -- null: it could not be told
    author    text not null,
    judged_at timestamptz not null default now(),
    primary key (tenant_id, turn_id),
    foreign key (tenant_id, turn_id) references turns
);
call guard('outcomes');

-- What the parts of a confidence weigh, version by version; the weights that are shipped are version 0 and stand in the code.
create table scorings (
    tenant_id  uuid not null default tenant() references tenants,
    version    integer not null,
    status     text not null check (status in ('in_force', 'replaced', 'refused')),
    body       jsonb not null,
    report     jsonb not null,
    outcomes   integer not null,                    -- how many it was fitted on
    fitted_at  timestamptz not null default now(),
    primary key (tenant_id, version)
);
call guard('scorings');
