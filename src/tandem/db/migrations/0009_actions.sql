-- Acting for the customer: the registry, the ledger, approvals, an audit of every step and refusal, one-time codes, workflows.

-- What may be done, version by version. The newest counts; an entry is taken out by a version that says so.
create table actions (
    tenant_id  uuid not null default tenant() references tenants,
    name       text not null,
    version    integer not null,
    body       jsonb not null,
    removed    boolean not null default false,
    author     text not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, name, version)
);
call guard('actions', 'select, insert');

-- What requests to a handler are signed with; two while one is being replaced. Never shown again.
create table action_secrets (
    tenant_id  uuid not null default tenant() references tenants,
    id         uuid not null,
    name       text not null,                   -- of the action
    sealed     bytea not null,
    last4      text not null,
    created_at timestamptz not null default now(),
    retires_at timestamptz,
    primary key (tenant_id, id)
);
create index action_secrets_of_action on action_secrets (tenant_id, name, created_at);
call guard('action_secrets');

-- The ledger: every change that was ever proposed, and what became of it. The id is the key that the backend knows it by.
create table action_runs (
    tenant_id       uuid not null default tenant() references tenants,
    id              uuid not null,
    conversation_id uuid not null,
    ticket_id       uuid not null,
    customer_id     uuid not null,
    turn_id         uuid,
    action          text not null,
    version         integer not null,
    undoes          uuid,                           -- the run that this one takes back
    arguments       jsonb not null,
    fingerprint     bytea not null,                 -- of action and arguments
    identity        text not null check (identity in ('anyone', 'verified', 'stepped_up')),
    tier            text not null,
    amount_minor    bigint check (amount_minor >= 0),
    currency        text check (currency ~ '^[A-Z]{3}$'),
    quote           jsonb,
    summary         text not null,
    approvals       smallint not null default 0,    -- how many people have to agree
    status          text not null check (status in ('proposed', 'confirmed', 'pending_approval', 'executing', 'done', 'failed',
                        'unknown', 'rejected', 'expired', 'voided', 'undone')),
    expires_at      timestamptz not null,           -- until then it can be confirmed
    proposed_at     timestamptz not null default now(),
    confirmed_at    timestamptz,
    confirmed_by    text,
    attempt         integer not null default 0,     -- how often it was sent; a later one's word counts
    sent_at         timestamptz,                    -- first
    due_at          timestamptz,                    -- then somebody looks after it
    needs_person    boolean not null default false, -- whether it was done cannot be found out by machine
    result          jsonb,
    error           text,
    finished_at     timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, conversation_id) references conversations,
    foreign key (tenant_id, ticket_id) references tickets,
    foreign key (tenant_id, customer_id) references customers,
    foreign key (tenant_id, action, version) references actions,
    foreign key (tenant_id, undoes) references action_runs
);
create unique index action_runs_once on action_runs (tenant_id, conversation_id, action, fingerprint)
    where undoes is null and status in ('proposed', 'confirmed', 'pending_approval', 'executing', 'unknown', 'done');
create unique index action_runs_undone_once on action_runs (tenant_id, undoes) where undoes is not null and status not in ('failed', 'expired', 'voided');
create index action_runs_counted on action_runs (tenant_id, action, confirmed_at) where confirmed_at is not null;
create index action_runs_of_customer on action_runs (tenant_id, customer_id, action, confirmed_at) where confirmed_at is not null;
create index action_runs_of_conversation on action_runs (tenant_id, conversation_id, proposed_at);
create index action_runs_by_status on action_runs (tenant_id, status, proposed_at desc);
create index action_runs_due on action_runs (due_at) where due_at is not null;
call guard('action_runs', 'select, insert, update');

-- Who agreed, or did not.
create table action_approvals (
    tenant_id  uuid not null default tenant() references tenants,
    run_id     uuid not null,
    approver   text not null,
    name       text not null,
    agrees     boolean not null,
    reason     text,
    created_at timestamptz not null default now(),
    primary key (tenant_id, run_id, approver),
    foreign key (tenant_id, run_id) references action_runs
);
call guard('action_approvals', 'select, insert');

-- What happened to a run and what was refused, by which rule. Written once.
create table action_audit (
    tenant_id       uuid not null default tenant() references tenants,
    id              uuid not null,
    action          text not null,
    run_id          uuid,
    conversation_id uuid,
    customer_id     uuid,
    what            text not null,
    rule            text,
    actor           text not null,
    detail          jsonb not null default '{}',
    created_at      timestamptz not null default now(),
    primary key (tenant_id, id)
);
create index action_audit_of_run on action_audit (tenant_id, run_id, created_at) where run_id is not null;
create index action_audit_by_time on action_audit (tenant_id, created_at desc);
call guard('action_audit', 'select, insert');

-- Runs that somebody has to look after, of any tenant: ids alone.
create function actions_due(moment timestamptz) returns table (tenant_id uuid, run_id uuid)
language sql stable security definer set search_path = public, pg_temp
begin atomic
    select r.tenant_id, r.id from action_runs r where r.due_at <= moment order by r.due_at limit 200;
end;
revoke all on function actions_due from public;
grant execute on function actions_due to tandem_app;

-- One-time codes sent to the address on a customer's record; right, it lifts one conversation's identity for a while.
create table step_ups (
    tenant_id       uuid not null default tenant() references tenants,
    id              uuid not null,
    customer_id     uuid not null,
    conversation_id uuid not null,
    code_hash       bytea not null,
    sent_to         text not null,                  -- as the customer may see it: c…@customer.example
    tries           integer not null default 0,
    expires_at      timestamptz not null,
    passed_at       timestamptz,
    ends_at         timestamptz,                    -- of the lifted identity
    created_at      timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers,
    foreign key (tenant_id, conversation_id) references conversations
);
create index step_ups_of_conversation on step_ups (tenant_id, conversation_id, created_at desc);
call guard('step_ups');

-- Declared procedures for intents, version by version; the newest counts.
create table workflows (
    tenant_id  uuid not null default tenant() references tenants,
    name       text not null,
    version    integer not null,
    body       jsonb not null,
    source     text not null,                       -- the YAML as it was written
    removed    boolean not null default false,
    author     text not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, name, version)
);
call guard('workflows', 'select, insert');

-- A procedure that is under way in a conversation: where it stands and what it knows.
create table procedures (
    tenant_id       uuid not null default tenant() references tenants,
    id              uuid not null,
    conversation_id uuid not null,
    workflow        text not null,
    version         integer not null,
    state           jsonb not null,
    status          text not null check (status in ('open', 'done', 'left')),
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, conversation_id) references conversations,
    foreign key (tenant_id, workflow, version) references workflows
);
create unique index procedures_open on procedures (tenant_id, conversation_id) where status = 'open';
call guard('procedures', 'select, insert, update');

-- With what authority a turn acts: how the customer was known and what their session may. Of the door, never of a text.
alter table turns add authority jsonb not null default '{}';
-- What the page said beside the message, such as page_url: the customer's word, no more.
alter table turns add metadata jsonb not null default '{}';
alter table widget_sessions add scopes text[] not null default '{}';
