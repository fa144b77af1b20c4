-- The whole schema of Tandem as it is today, for reading. A database is made by the migrations in db/migrations;
-- a test proves that this file and they make the same. Change both together.
--
-- Every table that belongs to a tenant has tenant_id first in its keys and goes through guard(), which turns
-- row-level security on. Foreign keys are composite, because they ignore row-level security.

create extension if not exists vector;

-- Who is asking. Unset, or left empty by an earlier transaction, is an error and never "everybody".
create function tenant() returns uuid language sql stable parallel safe
    return current_setting('tandem.tenant')::uuid;

-- What every tenant's table gets: the policy both ways, and the rights of the program's role.
create procedure guard(name regclass, rights text default 'select, insert, update, delete') language plpgsql as $$
begin
    execute format('alter table %s enable row level security', name);
    execute format('create policy own_tenant on %s using (tenant_id = tenant()) with check (tenant_id = tenant())', name);
    execute format('grant %s on %s to tandem_app', rights, name);
end $$;

-- ---------------------------------------------------------------- who

create table tenants (
    tenant_id   uuid primary key,
    name        text not null check (name <> ''),
    slug        text not null,
    plan        text not null default 'self-hosted',
    settings    jsonb not null default '{}',
    widget_key  text not null,              -- public: it stands in the tenant's web pages
    identity_secret bytea not null,         -- sealed: signs the identity tokens of the tenant's own website
    created_at  timestamptz not null default now()
);
call guard('tenants');

-- Log-in identities belong to no tenant: one person may work for several.
create table logins (
    id            uuid primary key,
    email         text not null unique check (email = lower(email)),
    password_hash text not null,
    created_at    timestamptz not null default now()
);
grant select, insert, update on logins to tandem_app;

create table members (
    tenant_id   uuid not null default tenant() references tenants,
    id          uuid not null,
    login_id    uuid not null references logins,
    name        text not null,
    role        text not null check (role in ('admin', 'agent', 'viewer')),
    created_at  timestamptz not null default now(),
    disabled_at timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, login_id)
);
call guard('members');

-- At log-in no tenant is known yet: which memberships has this identity?
create function memberships(login uuid) returns table (tenant_id uuid, member_id uuid)
language sql stable security definer set search_path = public, pg_temp
begin atomic
    select m.tenant_id, m.id from members m where m.login_id = login and m.disabled_at is null order by m.created_at;
end;

create table member_sessions (
    tenant_id   uuid not null default tenant() references tenants,
    id          uuid not null,
    member_id   uuid not null,
    secret_hash bytea not null,
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, member_id) references members on delete cascade
);
call guard('member_sessions');

create table api_keys (
    tenant_id   uuid not null default tenant() references tenants,
    id          uuid not null,
    name        text not null,
    secret_hash bytea not null,
    last4       text not null,
    scopes      text[] not null,
    created_at  timestamptz not null default now(),
    revoked_at  timestamptz,
    primary key (tenant_id, id)
);
call guard('api_keys');

create table customers (
    tenant_id   uuid not null default tenant() references tenants,
    id          uuid not null,
    external_id text,                       -- the company's own id; only a verified identity or an API key sets it
    name        text,
    email       text,
    tier        text not null default 'free',
    language    text,
    origin      text,                       -- of an anonymous one: three bytes of a hash of where they came from
    created_at  timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, external_id)
);
call guard('customers');

create table widget_sessions (
    tenant_id   uuid not null default tenant() references tenants,
    id          uuid not null,
    customer_id uuid not null,
    secret_hash bytea not null,
    verified    boolean not null,
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null,
    scopes      text[] not null default '{}',   -- what the tenant's website says that this customer may
    primary key (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers on delete cascade
);
call guard('widget_sessions');

-- Identity tokens are good once: a second use of the same jti is a replay.
create table identity_uses (
    tenant_id  uuid not null default tenant() references tenants,
    jti        text not null,
    expires_at timestamptz not null,
    primary key (tenant_id, jti)
);
call guard('identity_uses');

create table policies (
    tenant_id  uuid not null default tenant() references tenants,
    version    integer not null,
    body       jsonb not null,
    author     text not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, version)
);
call guard('policies', 'select, insert');

-- The first answer to a request that carried an Idempotency-Key, to be given again.
create table idempotency (
    tenant_id   uuid not null default tenant() references tenants,
    caller      text not null,
    key         text not null,
    fingerprint bytea not null,
    status      integer,
    answer      jsonb,
    created_at  timestamptz not null default now(),
    primary key (tenant_id, caller, key)
);
call guard('idempotency');

-- ---------------------------------------------------------------- teams, and when people are there

create table teams (
    tenant_id   uuid not null default tenant() references tenants,
    id          uuid not null,
    name        text not null check (name <> ''),
    place       integer not null,                   -- the first team that fits a ticket gets it
    is_default  boolean not null default false,     -- gets what no other takes
    categories  text[] not null default '{}',       -- what it takes; none named: everything
    tiers       text[] not null default '{}',
    languages   text[] not null default '{}',
    skills      text[] not null default '{}',       -- what a member needs to be given its tickets
    assignment  text not null default 'manual' check (assignment in ('manual', 'round_robin', 'balanced')),
    grace_s     integer not null default 120 check (grace_s between 0 and 86400),
    archived_at timestamptz,
    created_at  timestamptz not null default now(),
    primary key (tenant_id, id)
);
create unique index teams_default on teams (tenant_id) where is_default;
call guard('teams');

-- Who is in it. A team in which nobody is named is every agent's and admin's.
create table team_members (
    tenant_id uuid not null default tenant() references tenants,
    team_id   uuid not null,
    member_id uuid not null,
    is_lead   boolean not null default false,       -- hears when a promise to a customer is about to be broken
    primary key (tenant_id, team_id, member_id),
    foreign key (tenant_id, team_id) references teams on delete cascade,
    foreign key (tenant_id, member_id) references members on delete cascade
);
call guard('team_members');

-- How much work of which kind a member is given. Without a row: any kind, and five at once.
create table workloads (
    tenant_id  uuid not null default tenant() references tenants,
    member_id  uuid not null,
    skills     text[] not null default '{}',
    languages  text[] not null default '{}',
    capacity   integer not null default 5 check (capacity between 0 and 100),
    given_at   timestamptz,                         -- the last ticket they were given, for whose turn it is
    primary key (tenant_id, member_id),
    foreign key (tenant_id, member_id) references members on delete cascade
);
call guard('workloads');

-- When people are there: of the tenant (team_id null), or of one team.
create table hours (
    tenant_id uuid not null default tenant() references tenants,
    id        uuid not null,
    team_id   uuid,
    body      jsonb not null,
    primary key (tenant_id, id),
    unique nulls not distinct (tenant_id, team_id),
    foreign key (tenant_id, team_id) references teams on delete cascade
);
call guard('hours');

-- ---------------------------------------------------------------- conversations

create table conversations (
    tenant_id     uuid not null default tenant() references tenants,
    id            uuid not null,
    customer_id   uuid not null,
    channel       text not null check (channel in ('web_chat', 'mobile', 'email', 'api')),
    status        text not null default 'ai' check (status in ('ai', 'escalated', 'closed')),
    contact_email text,
    last_seq      bigint not null default 0,        -- of its events; taking a number locks the conversation
    turn_id       uuid,                             -- the turn that may write to it now; nobody else's words get in
    turn_attempt  integer not null default 0,
    turn_spoke    boolean not null default false,   -- that turn has released text
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers
) with (fillfactor = 70);
create index conversations_of_customer on conversations (tenant_id, customer_id, created_at desc);
call guard('conversations');

-- What was said in a long conversation before its last turns, in a few sentences: told to a model, never to a customer.
create table conversation_summaries (
    tenant_id       uuid not null default tenant() references tenants,
    conversation_id uuid not null,
    text            text not null,
    until_at        timestamptz not null,           -- of the last message that is in it
    until_id        uuid not null,
    updated_at      timestamptz not null default now(),
    primary key (tenant_id, conversation_id),
    foreign key (tenant_id, conversation_id) references conversations
);
call guard('conversation_summaries');

create table tickets (
    tenant_id       uuid not null default tenant() references tenants,
    id              uuid not null,
    conversation_id uuid not null,
    status          text not null default 'open' check (status in ('open', 'ai_resolved', 'escalated', 'human_resolved')),
    subject         text not null,
    priority        text not null default 'low' check (priority in ('low', 'medium', 'high', 'urgent')),
    category        text,
    assignee_id     uuid,
    escalated_at    timestamptz,
    claimed_at      timestamptz,
    waiting_since   timestamptz,                    -- the customer waits for a person since
    resolved_at     timestamptz,
    resolution_type text,
    csat_score      integer check (csat_score between 1 and 5),
    csat_comment    text,
    team_id         uuid,
    language        text,
    assigned_at     timestamptz,                    -- given to the assignee, who may not have begun (claimed_at)
    away_since      timestamptz,                    -- the assignee has not begun and is not there
    returns         integer not null default 0,     -- how often the customer came back with the issue after it was settled
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, conversation_id) references conversations,
    foreign key (tenant_id, assignee_id) references members,
    foreign key (tenant_id, team_id) references teams
);
create index tickets_unbegun on tickets (tenant_id, team_id) where status = 'escalated' and claimed_at is null;
create index tickets_escalated on tickets (tenant_id, escalated_at) where escalated_at is not null;
create index tickets_assigned on tickets (tenant_id, assignee_id) where status = 'escalated';
create index tickets_of_conversation on tickets (tenant_id, conversation_id, created_at desc);
create index tickets_by_status on tickets (tenant_id, status, updated_at desc);
create index tickets_open on tickets (updated_at) where status = 'open';
call guard('tickets');

create table messages (
    tenant_id         uuid not null default tenant() references tenants,
    id                uuid not null,
    conversation_id   uuid not null,
    ticket_id         uuid not null,
    role              text not null check (role in ('user', 'assistant', 'agent', 'system', 'tool')),
    internal          boolean not null default false,
    text              text not null,
    member_id         uuid,
    citations         jsonb not null default '[]',
    client_message_id text,
    turn_id           uuid,
    created_at        timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, conversation_id) references conversations,
    foreign key (tenant_id, ticket_id) references tickets,
    foreign key (tenant_id, member_id) references members
);
create index messages_of_conversation on messages (tenant_id, conversation_id, created_at, id);
create unique index messages_sent_once on messages (tenant_id, conversation_id, client_message_id) where client_message_id is not null;
call guard('messages');

-- A new conversation has no id yet when its first message is sent twice: the customer's own message id is the anchor.
create table first_messages (
    tenant_id         uuid not null default tenant() references tenants,
    customer_id       uuid not null,
    client_message_id text not null,
    conversation_id   uuid not null,
    primary key (tenant_id, customer_id, client_message_id),
    foreign key (tenant_id, conversation_id) references conversations
);
call guard('first_messages');

create table events (
    tenant_id       uuid not null default tenant() references tenants,
    conversation_id uuid not null,
    seq             bigint not null,                -- 1, 2, 3 … without gaps in commit order within the conversation
    kind            text not null,
    for_staff       boolean not null default false,
    data            jsonb not null,
    xact            xid8 not null default pg_current_xact_id(),
    created_at      timestamptz not null default clock_timestamp(),
    primary key (tenant_id, conversation_id, seq),
    foreign key (tenant_id, conversation_id) references conversations
);
create index events_in_commit_order on events (xact);
call guard('events', 'select, insert');

-- The backstop for lost notices: which conversations have news since a transaction? Ids only, every tenant.
create function news_since(after xid8) returns table (tenant_id uuid, conversation_id uuid, seq bigint)
language sql stable security definer set search_path = public, pg_temp
begin atomic
    select e.tenant_id, e.conversation_id, max(e.seq) from events e where e.xact >= after group by 1, 2;
end;

-- ---------------------------------------------------------------- turns

create table turns (
    tenant_id       uuid not null default tenant() references tenants,
    id              uuid not null,
    conversation_id uuid not null,
    ticket_id       uuid not null,
    message_id      uuid not null,                  -- the customer's
    reply_id        uuid not null,                  -- the assistant's, reserved from the start
    status          text not null check (status in ('waiting', 'thinking', 'done', 'superseded', 'stopped', 'silenced')),
    holder          uuid,                           -- the process that is thinking
    attempt         integer not null default 1,
    record          jsonb,
    created_at      timestamptz not null default now(),
    finished_at     timestamptz,
    authority       jsonb not null default '{}',    -- how the customer was known and what their session may; of the door, never of a text
    metadata        jsonb not null default '{}',    -- what the page said beside the message: the customer's word, no more
    primary key (tenant_id, id),
    foreign key (tenant_id, conversation_id) references conversations,
    foreign key (tenant_id, ticket_id) references tickets,
    foreign key (tenant_id, message_id) references messages
);
create index turns_of_conversation on turns (tenant_id, conversation_id, created_at);
create unique index turns_of_message on turns (tenant_id, message_id);
create index turns_of_reply on turns (tenant_id, reply_id);
create index turns_unfinished on turns (tenant_id, holder) where status in ('waiting', 'thinking');
call guard('turns', 'select, insert, update');

-- A finished turn is evidence: it stays as it was.
create function turn_is_final() returns trigger language plpgsql as $$
begin
    raise exception 'turn % is finished and cannot change', old.id using errcode = 'restrict_violation';
end $$;
create trigger turns_immutable before update or delete on turns for each row
    when (old.status not in ('waiting', 'thinking')) execute function turn_is_final();

-- The programs that think, and when they were last seen. Belongs to no tenant.
create unlogged table processes (
    id      uuid primary key,
    seen_at timestamptz not null default clock_timestamp()
);
grant select, insert, update, delete on processes to tandem_app;

-- Turns that nobody works on and somebody must finish: their process has not been seen for a while, or it is the asking
-- one, which does not have them in hand (a commit whose answer was lost, a failure in between). A crash of the server
-- empties `processes`: until everybody has had the time to come back, nobody counts as gone.
create function abandoned_turns(silent interval, me uuid, in_hand uuid[]) returns table (tenant_id uuid, turn_id uuid, is_own boolean)
language sql stable security definer set search_path = public, pg_temp
begin atomic
    select t.tenant_id, t.id, coalesce(t.holder = me, false) from turns t left join processes p on p.id = t.holder
    where t.status = 'thinking' and not t.id = any(in_hand)
            and (t.holder = me or p.seen_at < clock_timestamp() - silent
                or p.id is null and pg_postmaster_start_time() < clock_timestamp() - silent)
       or t.status = 'waiting' and t.created_at < clock_timestamp() - silent
    order by t.created_at limit 100;
end;

-- Tickets that the assistant answered last and whose customer has been quiet since: they count as resolved. Ids alone.
create function quiet_tickets(idle interval) returns table (tenant_id uuid, ticket_id uuid)
language sql stable security definer set search_path = public, pg_temp
begin atomic
    select t.tenant_id, t.id from tickets t
    join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
    cross join lateral (select u.status, u.record->'decision'->>'kind' as kind from turns u
        where u.tenant_id = t.tenant_id and u.conversation_id = t.conversation_id order by u.created_at desc limit 1) l
    where t.status = 'open' and c.status = 'ai' and t.updated_at < now() - idle and l.status = 'done' and l.kind = 'answer'
    order by t.updated_at limit 200;
end;

create table handoffs (
    tenant_id       uuid not null default tenant() references tenants,
    id              uuid not null,
    conversation_id uuid not null,
    ticket_id       uuid not null,
    turn_id         uuid,
    trigger         text not null,
    reason          text not null,
    summary         text not null,
    urgency         text not null check (urgency in ('low', 'medium', 'high')),
    urgency_evidence text not null,
    next_step       text not null,
    tried           jsonb not null default '[]',
    citations       jsonb not null default '[]',
    label           text check (label in ('needed', 'not_needed', 'too_late')),
    labelled_by     uuid,
    labelled_at     timestamptz,
    created_at      timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, ticket_id) references tickets
);
create index handoffs_labelled on handoffs (tenant_id, created_at desc) where label is not null;
create index handoffs_of_ticket on handoffs (tenant_id, ticket_id, created_at desc);
call guard('handoffs', 'select, insert, update');

create table feedback (
    tenant_id       uuid not null default tenant() references tenants,
    id              uuid not null,
    conversation_id uuid not null,
    message_id      uuid,
    ticket_id       uuid,
    rating          text not null,
    free_text       text,
    created_at      timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, conversation_id) references conversations
);
call guard('feedback');

-- ---------------------------------------------------------------- the queue, and what is promised to who waits

-- How long each ticket waited for a person and then held one of their places: what estimates are made of.
create table handlings (
    tenant_id uuid not null default tenant() references tenants,
    id        uuid not null,
    ticket_id uuid not null,
    team_id   uuid not null,
    member_id uuid not null,
    waited_s  double precision not null,            -- both in business seconds
    began_at  timestamptz not null default now(),
    handled_s double precision,
    ended_at  timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, ticket_id) references tickets,
    foreign key (tenant_id, team_id) references teams,
    foreign key (tenant_id, member_id) references members
);
create index handlings_of_team on handlings (tenant_id, team_id, began_at desc);
create unique index handlings_open on handlings (tenant_id, ticket_id) where ended_at is null;
call guard('handlings');

-- What is promised to customers: the first that fits a ticket's priority and its customer's tier holds. Minutes of business time.
create table sla_policies (
    tenant_id   uuid not null default tenant() references tenants,
    id          uuid not null,
    place       integer not null,
    name        text not null check (name <> ''),
    priorities  text[] not null default '{}',
    tiers       text[] not null default '{}',
    first_reply integer check (first_reply > 0),
    next_reply  integer check (next_reply > 0),
    resolution  integer check (resolution > 0),
    remind      integer not null default 15 check (remind >= 0),
    primary key (tenant_id, id)
);
call guard('sla_policies');

-- A promise to one customer, running (due_at), paused while we wait for them (left_s), or over (stopped_at).
create table sla_clocks (
    tenant_id   uuid not null default tenant() references tenants,
    id          uuid not null,
    ticket_id   uuid not null,
    kind        text not null check (kind in ('first_reply', 'next_reply', 'resolution')),
    target_s    double precision not null,
    remind_s    double precision not null,          -- so long before it is due somebody is told
    started_at  timestamptz not null default now(),
    due_at      timestamptz,
    remind_at   timestamptz,
    left_s      double precision,                   -- of business time, while paused
    reminded_at timestamptz,
    breached_at timestamptz,
    stopped_at  timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, ticket_id) references tickets
);
create unique index sla_clocks_running on sla_clocks (tenant_id, ticket_id, kind) where stopped_at is null;
create index sla_clocks_due on sla_clocks (due_at) where stopped_at is null and breached_at is null;
create index sla_clocks_remind on sla_clocks (remind_at) where stopped_at is null and breached_at is null and reminded_at is null;
call guard('sla_clocks');

-- What a member is told in the app.
create table notices (
    tenant_id  uuid not null default tenant() references tenants,
    id         uuid not null,
    member_id  uuid not null,
    kind       text not null,
    ticket_id  uuid,
    data       jsonb not null default '{}',
    created_at timestamptz not null default now(),
    read_at    timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, member_id) references members on delete cascade,
    foreign key (tenant_id, ticket_id) references tickets
);
create index notices_of_member on notices (tenant_id, member_id, created_at desc);
call guard('notices');

-- Who waits for a person, in order, in each team. A source is a customer we know, or where anonymous ones come from: its
-- first escalation within an hour stands in line by priority and time, its second behind everybody's first. When more
-- anonymous sources than usual came within an hour, they stand behind everybody the tenant knows. With the caller's own rights; planned once a
-- connection, as whoever asks for a place would plan it anew.
create function waiting_line(usual integer)
returns table (ticket_id uuid, team_id uuid, place integer, is_behind boolean)
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
    return query
    with escalated as materialized (
        select t.id, t.team_id, t.assignee_id, t.escalated_at, k.external_id is null as anonymous, t.status = 'escalated' as waits,
            t.escalated_at > now() - interval '1 hour' as came,
            array_position(array['urgent', 'high', 'medium', 'low'], t.priority) as rank,
            coalesce(case when k.external_id is null then k.origin end, k.id::text) as source
        from tickets t
        left join lateral (select k.id, k.external_id, k.origin from conversations c
            join customers k on k.tenant_id = c.tenant_id and k.id = c.customer_id
            where c.tenant_id = t.tenant_id and c.id = t.conversation_id offset 0) k on true
        where t.status = 'escalated' or t.escalated_at > now() - interval '1 hour'),
    strangers as materialized (select count(distinct e.source) > usual as flooded from escalated e where e.came and e.anonymous),
    counted as (
        select e.*, row_number() over (partition by e.source
            order by e.waits, e.waits and e.assignee_id is null, e.rank, e.escalated_at, e.id) as nth
        from escalated e),
    lanes as (
        select c.*, c.anonymous and s.flooded as flooded from counted c cross join strangers s
        where c.waits and c.assignee_id is null)
    select l.id, l.team_id,
        row_number() over (partition by l.team_id order by l.flooded, l.nth, l.rank, l.escalated_at, l.id)::int,
        l.flooded or l.nth > 1
    from lanes l;
end $$;

-- Tenants with something to give out or to take back, of any tenant: ids alone.
create function tenants_to_staff() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp
begin atomic
    select t.tenant_id from tickets t join teams m on m.tenant_id = t.tenant_id and m.id = t.team_id
    where t.status = 'escalated' and t.claimed_at is null and (t.assignee_id is not null or m.assignment <> 'manual') group by 1;
end;

-- Promises whose reminder or due time has come, of any tenant: ids alone.
create function clocks_due(moment timestamptz) returns table (tenant_id uuid, ticket_id uuid)
language sql stable security definer set search_path = public, pg_temp
begin atomic
    select distinct c.tenant_id, c.ticket_id from sla_clocks c
    where c.stopped_at is null and c.breached_at is null and (c.due_at <= moment or c.reminded_at is null and c.remind_at <= moment)
    limit 500;
end;

-- ---------------------------------------------------------------- knowledge

create table files (
    tenant_id    uuid not null default tenant() references tenants,
    id           uuid not null,
    name         text not null,
    sha256       bytea not null,
    size         integer not null,
    bytes        bytea not null,
    created_at   timestamptz not null default now(),
    primary key (tenant_id, id)
);
alter table files alter column bytes set storage external;
call guard('files');

create table documents (
    tenant_id   uuid not null default tenant() references tenants,
    id          uuid not null,
    external_id text,
    title       text not null,
    category    text,
    audience    text not null default 'public' check (audience ~ '^(public|verified|staff|tier:[a-z0-9_-]{1,40})$'),
    source_url  text,
    kind        text not null default 'article' check (kind in ('article', 'resolution')),
    owner_id    uuid,
    reviewed_at timestamptz,                        -- when a person last said that it is right
    review_every_days integer check (review_every_days between 1 and 3650),  -- null: as the policy says
    source_id   uuid,
    source      text not null default 'page',       -- page, api, upload, or the folder's name
    format      text not null check (format in ('markdown', 'text', 'html', 'pdf', 'docx', 'csv')),
    status      text not null default 'processing' check (status in ('processing', 'ready', 'error', 'draft', 'review')),
    error       text,
    version     integer not null,                   -- the newest one
    live_version integer,                           -- the one that answers
    passages    integer not null default 0,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    deleted_at  timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, owner_id) references members
);
create unique index documents_by_external_id on documents (tenant_id, external_id) where deleted_at is null;
create index documents_listed on documents (tenant_id, updated_at desc) where deleted_at is null;
call guard('documents');

create table document_versions (
    tenant_id    uuid not null default tenant() references tenants,
    document_id  uuid not null,
    version      integer not null,
    title        text not null,
    written      text,                              -- as it was typed or sent; null for a file
    file_id      uuid,
    body         text,                              -- as it can be quoted, in Markdown; null until the worker has read it
    format       text not null check (format in ('markdown', 'text', 'html', 'pdf', 'docx', 'csv')),
    content_hash bytea not null,
    category     text,                              -- what is said about it belongs to the version it was said with
    audience     text not null default 'public',
    source_url   text,
    release_id   uuid,                              -- the draft it waits in; null: it answers as soon as it is read
    approval     text check (approval in ('waiting', 'approved', 'rejected')),
    ready        boolean not null default false,    -- its passages are stored
    error        text,
    author       text not null default '',
    created_at   timestamptz not null default now(),
    primary key (tenant_id, document_id, version),
    foreign key (tenant_id, document_id) references documents,
    foreign key (tenant_id, file_id) references files
);
call guard('document_versions');

create table passages (
    tenant_id   uuid not null default tenant(),
    id          uuid not null,
    document_id uuid not null,
    version     integer not null,
    ordinal     integer not null,
    heading     text not null,
    text        text not null,
    start       integer not null,                   -- offsets in the version's body
    "end"       integer not null,
    audience    text not null,
    live        boolean not null default false,
    hash        bytea not null,                     -- of heading and text: the same passage is not embedded twice
    tsv         tsvector generated always as (
                    setweight(to_tsvector('english', heading), 'A') || to_tsvector('english', text)
                    || array_to_tsvector(array['t_' || tenant_id::text])) stored,
    primary key (tenant_id, id),
    unique (tenant_id, document_id, version, ordinal),  -- two workers on one job store each passage once
    foreign key (tenant_id, document_id) references documents
) partition by hash (tenant_id);
alter table passages alter column tsv set storage main;
do $$ begin
    for n in 0 .. 15 loop
        execute format('create table passages_%s partition of passages for values with (modulus 16, remainder %s)', n, n);
        execute format('alter table passages_%s enable row level security', n);     -- reached through the parent only
    end loop;
end $$;
create index passages_live on passages (tenant_id) where live;
create index passages_by_word on passages using gin (tsv) where live;
call guard('passages');

-- One row a passage and generation: a new embedding model fills a generation of its own beside the one that answers.
create table passage_vectors (
    tenant_id   uuid not null default tenant(),
    generation  integer not null,
    passage_id  uuid not null,
    document_id uuid not null,
    version     integer not null,
    audience    text not null,
    live        boolean not null default false,
    embedding   halfvec(384) not null,
    details     bytea,                              -- vectors of its title, sentences and words (knowledge/interaction.py); null: not known
    primary key (tenant_id, generation, passage_id),
    foreign key (tenant_id, passage_id) references passages on delete cascade
) partition by hash (tenant_id);
alter table passage_vectors alter column embedding set storage plain;
alter table passage_vectors alter column details set storage external;
do $$ begin
    for n in 0 .. 15 loop
        execute format('create table passage_vectors_%s partition of passage_vectors for values with (modulus 16, remainder %s)', n, n);
        execute format('alter table passage_vectors_%s enable row level security', n);
    end loop;
end $$;
create index passage_vectors_live on passage_vectors (tenant_id, generation) where live;
create index passage_vectors_of_document on passage_vectors (tenant_id, document_id, version);
create index passage_vectors_by_meaning on passage_vectors using hnsw (embedding halfvec_cosine_ops) with (m = 16, ef_construction = 64) where live;
call guard('passage_vectors');

-- How much a tenant knows, and which state of it: counted up whenever what answers changes.
create table knowledge_states (
    tenant_id uuid not null default tenant() primary key references tenants,
    release   integer not null default 0,
    passages  integer not null default 0,
    generation integer not null default 1,          -- the vectors that answer
    model     text not null default 'all-MiniLM-L6-v2/int8',
    building  integer,                              -- the generation that is being filled beside it
    building_model text
);
call guard('knowledge_states');

-- In how many live passages each word of the knowledge stands; the marker t_<tenant> counts them all.
create table vocabulary (
    tenant_id uuid not null default tenant() references tenants,
    lexeme    text not null,
    passages  integer not null,
    primary key (tenant_id, lexeme)
) with (fillfactor = 80);
call guard('vocabulary');

-- What the knowledge makes of a question's words: in how many live passages each stands, and for one that stands nowhere the
-- words of the knowledge that begin alike, for a guess at what was meant.
create function question_words(question text) returns table (lexeme text, passages integer, alike text[])
language sql stable security definer set search_path = public, pg_temp
begin atomic
    select w.lexeme, coalesce(v.passages, 0),
        case when v.passages is null and length(w.lexeme) between 5 and 20 then array(
            select o.lexeme from vocabulary o
            where o.tenant_id = tenant() and o.lexeme >= left(w.lexeme, 2) and o.lexeme < left(w.lexeme, 2) || chr(1114109)
                and abs(length(o.lexeme) - length(w.lexeme)) <= 1 and o.passages > 0
            order by o.passages desc limit 200) else '{}' end
    from unnest(tsvector_to_array(to_tsvector('english', question))) w (lexeme)
    left join vocabulary v on v.tenant_id = tenant() and v.lexeme = w.lexeme and v.passages > 0;
end;

-- The one statement of hybrid search. Under row-level security the text index could not be used (@@ is not leakproof),
-- therefore the owner's rights, the tenant from the setting and a pinned search_path.
-- Each leg is planned for its values by EXECUTE; what joins them goes by keys, and is planned once a connection.
-- meaning: cosine distance, exact while the tenant is small, else through HNSW; words: ts_rank over any word of the question;
-- both fused by reciprocal rank, 1 / (60 + rank) (Cormack, Clarke and Buettcher 2009, k = 60).
-- ts_rank knows no rarity and costs some 10 us a passage: where there are many, only the question's rarest words are looked
-- for, as long as the vocabulary expects no more than ranked_most passages with them. Words that stand everywhere tell nothing.
-- `asked_of` is the generation whose model made `meaning`; when another one answers by now, nothing is compared with it.
-- `draft` searches as if that release were published.
create function search_passages(question text, meaning halfvec(384), asked_of integer, audiences text[], wanted integer,
    draft uuid default null, exact_below integer default 5000, ranked_most integer default 1000)
returns table (passage_id uuid, document_id uuid, external_id text, version integer, title text, url text, category text, kind text,
               heading text, text text, start integer, "end" integer, score real, cosine real, words real, details bytea,
               release integer, generation integer)
language plpgsql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_generic_plan
set hnsw.iterative_scan = relaxed_order set hnsw.ef_search = 60 as $$
#variable_conflict use_column
declare
    who uuid := tenant();
    q tsquery;
    state knowledge_states;
    lexemes text[] := tsvector_to_array(to_tsvector('english', question));
    of_live text := 'x.live';
    of_draft text;
    of_audience text := case when audiences is null then 'true' else 'x.audience = any($3)' end;  -- null: the staff may see all
    vectors text;
    near uuid[];
    likeness real[];
    said uuid[];
    ranks real[];
begin
    select * into state from knowledge_states k where k.tenant_id = who;
    state.passages := coalesce(state.passages, 0);
    if state.generation is distinct from asked_of then
        meaning := null;
    end if;
    if state.passages / 2 > ranked_most then
        select array_agg(w.lexeme) into lexemes from (
            select l lexeme, sum(coalesce(v.passages, 0)) over (order by coalesce(v.passages, 0), l) expected
            from unnest(lexemes) l left join vocabulary v on v.tenant_id = who and v.lexeme = l) w
        where w.expected <= ranked_most;
    end if;
    select string_agg(quote_literal(l), ' | ')::tsquery into q from unnest(lexemes) l;
    q := quote_literal('t_' || who)::tsquery && q;
    if draft is not null then
        of_live := 'x.live and not exists (select from release_changes g where g.tenant_id = $2 and g.release_id = $6 and g.document_id = x.document_id)';
        of_draft := '(x.document_id, x.version) in (select g.document_id, g.to_version from release_changes g
                                                    where g.tenant_id = $2 and g.release_id = $6 and g.to_version is not null)';
    end if;
    if meaning is not null then
        vectors := case when state.passages < exact_below then 'order by 2 desc limit 50' else 'order by x.embedding <=> $1 limit 50' end;
        execute
            'select array_agg(id order by c desc), array_agg(c order by c desc) from (
                 (select x.passage_id id, (1 - (x.embedding <=> $1))::real c from passage_vectors x
                  where x.tenant_id = $2 and x.generation = $5 and ' || of_live || ' and ' || of_audience || ' ' || vectors || ')'
            || coalesce(' union all
                 (select x.passage_id, (1 - (x.embedding <=> $1))::real c from passage_vectors x
                  where x.tenant_id = $2 and x.generation = $5 and ' || of_draft || ' and ' || of_audience || ' order by 2 desc limit 50)
                 order by 2 desc limit 50', '') || ') n'
        into near, likeness using meaning, who, audiences, q, state.generation, draft;
    end if;
    if q is not null then
        execute
            'select array_agg(id order by w desc), array_agg(w order by w desc) from (
                 (select x.id, ts_rank(x.tsv, $4, 1) w from passages x
                  where x.tenant_id = $2 and ' || of_live || ' and ' || of_audience || ' and x.tsv @@ $4 order by 2 desc limit 50)'
            || coalesce(' union all
                 (select x.id, ts_rank(x.tsv, $4, 1) w from passages x
                  where x.tenant_id = $2 and ' || of_draft || ' and ' || of_audience || ' and x.tsv @@ $4 order by 2 desc limit 50)
                 order by 2 desc limit 50', '') || ') s'
        into said, ranks using meaning, who, audiences, q, state.generation, draft;
    end if;
    return query
        select p.id, p.document_id, d.external_id, p.version, v.title, v.source_url, v.category, d.kind, p.heading, p.text, p.start, p."end",
            f.score, (1 - (e.embedding <=> meaning))::real, coalesce(f.w, 0)::real, e.details, coalesce(state.release, 0), coalesce(state.generation, 1)
        from (select coalesce(n.id, s.id) id, s.w, (coalesce(1.0 / (60 + n.r), 0) + coalesce(1.0 / (60 + s.r), 0))::real score
            from unnest(near, likeness) with ordinality n (id, c, r)
                full join unnest(said, ranks) with ordinality s (id, w, r) on n.id = s.id order by 3 desc limit wanted) f
        join passages p on p.tenant_id = who and p.id = f.id
        join documents d on d.tenant_id = who and d.id = p.document_id
        join document_versions v on v.tenant_id = who and v.document_id = p.document_id and v.version = p.version
        left join passage_vectors e on e.tenant_id = who and e.generation = coalesce(state.generation, 1) and e.passage_id = p.id
        where d.deleted_at is null
        order by f.score desc, 14 desc nulls last, p.id;
end $$;

-- ---------------------------------------------------------------- releases

create table releases (
    tenant_id    uuid not null default tenant() references tenants,
    id           uuid not null,
    title        text not null check (title <> ''),
    note         text not null default '',
    status       text not null default 'draft' check (status in ('draft', 'published', 'rolled_back', 'discarded')),
    number       integer,                           -- the state of the knowledge that it made
    created_by   text not null,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    published_by text,
    published_at timestamptz,
    ended_by     text,                              -- who rolled it back or threw it away
    ended_at     timestamptz,
    primary key (tenant_id, id)
);
call guard('releases');

create table release_changes (
    tenant_id    uuid not null default tenant() references tenants,
    release_id   uuid not null,
    document_id  uuid not null,
    kind         text not null check (kind in ('add', 'replace', 'remove')),
    from_version integer,                           -- what answered when the change was begun
    to_version   integer,
    updated_at   timestamptz not null default now(),
    primary key (tenant_id, release_id, document_id),
    foreign key (tenant_id, release_id) references releases,
    foreign key (tenant_id, document_id) references documents
);
create index release_changes_of_document on release_changes (tenant_id, document_id);
call guard('release_changes');

create table replays (
    tenant_id   uuid not null default tenant() references tenants,
    id          uuid not null,
    release_id  uuid not null,
    job_id      uuid,
    status      text not null default 'running' check (status in ('running', 'done', 'failed')),
    fingerprint text not null,                      -- of the changes that were replayed: others need another replay
    knowledge   integer not null,                   -- the live state it was compared with
    days        integer not null,
    report      jsonb,
    blocked     boolean,
    created_at  timestamptz not null default now(),
    finished_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, release_id) references releases
);
create index replays_of_release on replays (tenant_id, release_id, created_at desc);
call guard('replays');

create table replay_rows (
    tenant_id uuid not null default tenant() references tenants,
    replay_id uuid not null,
    ordinal   integer not null,
    turn_id   uuid,
    question  text not null,
    verdict   text not null check (verdict in ('improved', 'same', 'worse', 'newly_unanswered', 'changed_citations')),
    live      jsonb not null,
    draft     jsonb not null,
    primary key (tenant_id, replay_id, ordinal),
    foreign key (tenant_id, replay_id) references replays on delete cascade
);
call guard('replay_rows');

-- ---------------------------------------------------------------- sources

create table sources (
    tenant_id   uuid not null default tenant() references tenants,
    id          uuid not null,
    kind        text not null check (kind in ('site', 'sitemap', 'zendesk', 'confluence', 'notion', 'git', 'folder')),
    name        text not null check (name <> ''),
    settings    jsonb not null default '{}',
    secret      bytea,                              -- sealed; never shown again
    audience    text not null default 'public' check (audience ~ '^(public|verified|staff|tier:[a-z0-9_-]{1,40})$'),
    category    text,
    approve     boolean not null default false,     -- what it brings waits for a person
    every_minutes integer not null default 1440 check (every_minutes between 5 and 43200),
    paused      boolean not null default false,
    status      text not null default 'new' check (status in ('new', 'running', 'ok', 'partly', 'failed')),
    error       text,
    failures    integer not null default 0,         -- runs in a row that failed
    cursor      jsonb not null default '{}',
    report      jsonb not null default '{}',        -- of the last run: seen, added, changed, removed, failed, waiting
    job_id      uuid,
    started_at  timestamptz,
    finished_at timestamptz,
    next_at     timestamptz not null default now(),
    created_at  timestamptz not null default now(),
    deleted_at  timestamptz,
    primary key (tenant_id, id)
);
create index sources_by_time on sources (next_at) where deleted_at is null and not paused;
create unique index sources_by_name on sources (tenant_id, name) where deleted_at is null;
call guard('sources');
alter table documents add foreign key (tenant_id, source_id) references sources;

create table source_items (
    tenant_id   uuid not null default tenant() references tenants,
    source_id   uuid not null,
    key         text not null,                      -- what the source itself calls it
    document_id uuid,
    url         text,
    etag        text,                               -- the source's own mark of a change
    run         uuid,                               -- the last run that saw it
    error       text,
    changed_at  timestamptz not null default now(),
    primary key (tenant_id, source_id, key),
    foreign key (tenant_id, source_id) references sources,
    foreign key (tenant_id, document_id) references documents
);
call guard('source_items');

-- Which sources, of any tenant, are due: ids alone.
create function sources_due() returns table (tenant_id uuid, source_id uuid)
language sql stable security definer set search_path = public, pg_temp
begin atomic
    select s.tenant_id, s.id from sources s where s.deleted_at is null and not s.paused and s.next_at <= now()
    order by s.next_at limit 100;
end;

-- Every tenant, for what is done by the clock: ids alone.
create function every_tenant() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp
begin atomic
    select t.tenant_id from tenants t order by t.tenant_id;
end;

-- ---------------------------------------------------------------- what was answered from where

create table cited (
    tenant_id       uuid not null default tenant() references tenants,
    message_id      uuid not null,
    index           integer not null,               -- 1, 2, 3 … within the message
    document_id     uuid not null,
    version         integer not null,
    passage_id      uuid not null,
    conversation_id uuid not null,
    customer_id     uuid not null,
    quote           text not null,
    said_at         timestamptz not null default now(),
    primary key (tenant_id, message_id, index)
);
create index cited_by_document on cited (tenant_id, document_id, said_at desc);
call guard('cited');

create table recalls (
    tenant_id   uuid not null default tenant() references tenants,
    id          uuid not null,
    document_id uuid not null,
    version     integer,                            -- the version found wrong; null: any
    passage_id  uuid,                               -- the passage found wrong; null: any
    by_version  integer,                            -- the version that no longer says it; null: a person opened the recall
    trigger     text not null check (trigger in ('person', 'change')),
    reason      text not null,
    status      text not null default 'open' check (status in ('open', 'closed')),
    created_by  text not null,
    created_at  timestamptz not null default now(),
    closed_at   timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, document_id) references documents
);
create index recalls_by_time on recalls (tenant_id, created_at desc);
create unique index recalls_of_change on recalls (tenant_id, document_id, by_version);
call guard('recalls');

create table recall_items (
    tenant_id       uuid not null default tenant() references tenants,
    recall_id       uuid not null,
    message_id      uuid not null,
    conversation_id uuid not null,
    customer_id     uuid not null,
    said_at         timestamptz not null,
    said            text not null,
    quotes          jsonb not null default '[]',
    correction      text not null,                  -- drafted; an agent words it as they like
    drafted_for     integer,                        -- the version that answered then; null: none did
    edited          boolean not null default false, -- an agent has worded it: it is not drafted again
    status          text not null default 'open' check (status in ('open', 'sent', 'dismissed')),
    sent_id         uuid,
    done_by         text,
    done_at         timestamptz,
    primary key (tenant_id, recall_id, message_id),
    foreign key (tenant_id, recall_id) references recalls,
    foreign key (tenant_id, conversation_id) references conversations
);
create index recall_items_of_message on recall_items (tenant_id, message_id);
call guard('recall_items');

-- Up to which live version a reader has looked through a document; null: to where nothing of it answers any more.
create table document_marks (
    tenant_id   uuid not null default tenant() references tenants,
    reader      text not null,
    document_id uuid not null,
    version     integer,
    primary key (tenant_id, reader, document_id)
);
call guard('document_marks');

-- ---------------------------------------------------------------- what the knowledge lacks, and what people knew

create table gaps (
    tenant_id     uuid not null default tenant() references tenants,
    id            uuid not null,
    question      text not null,                    -- the question nearest to the middle of them
    centroid      bytea not null,                   -- 384 float32: the mean of the questions' vectors
    model         text not null,
    questions     integer not null default 0,
    handed_over   integer not null default 0,       -- of these, how many a person had to answer
    status        text not null default 'open' check (status in ('open', 'drafted', 'closed', 'dismissed')),
    document_id   uuid,                             -- the draft that was made of it
    closed_because text,
    first_asked_at timestamptz not null,
    last_asked_at timestamptz not null,
    ended_at      timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, document_id) references documents
);
create index gaps_by_status on gaps (tenant_id, status, last_asked_at desc);
call guard('gaps');

create table gap_questions (
    tenant_id       uuid not null default tenant() references tenants,
    turn_id         uuid not null,
    gap_id          uuid not null,
    conversation_id uuid not null,
    text            text not null,
    outcome         text not null,
    quality         real not null,
    nearest         jsonb not null default '[]',
    vector          bytea not null,                 -- 384 float16, by the gap's model
    asked_at        timestamptz not null,
    primary key (tenant_id, turn_id),
    foreign key (tenant_id, gap_id) references gaps
);
create index gap_questions_of_gap on gap_questions (tenant_id, gap_id, asked_at desc);
call guard('gap_questions');

-- How far a reader has got with a tenant: through its turns, whose ids are in order of time; through the states of its
-- knowledge; or to a moment.
create table reading_marks (
    tenant_id uuid not null default tenant() references tenants,
    reader    text not null,
    turn_id   uuid,
    release   integer,
    read_at   timestamptz,
    primary key (tenant_id, reader),
    check (num_nonnulls(turn_id, release, read_at) <= 1)
);
call guard('reading_marks');

create table resolutions (
    tenant_id   uuid not null default tenant() references tenants,
    id          uuid not null,
    ticket_id   uuid not null,
    question    text not null,
    answer      text not null,
    status      text not null default 'proposed' check (status in ('proposed', 'approved', 'rejected')),
    document_id uuid,
    created_at  timestamptz not null default now(),
    decided_by  text,
    decided_at  timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, ticket_id),
    foreign key (tenant_id, ticket_id) references tickets,
    foreign key (tenant_id, document_id) references documents
);
create index resolutions_by_status on resolutions (tenant_id, status, created_at desc);
call guard('resolutions');

-- Two passages that say the same, or seem to say different things about the same.
create table disagreements (
    tenant_id         uuid not null default tenant() references tenants,
    id                uuid not null,
    kind              text not null check (kind in ('duplicate', 'conflict')),
    document_id       uuid not null,
    version           integer not null,
    quote             text not null,
    other_document_id uuid not null,
    other_version     integer not null,
    other_quote       text not null,
    likeness          real not null,
    status            text not null default 'open' check (status in ('open', 'dismissed')),
    found_at          timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, document_id) references documents,
    foreign key (tenant_id, other_document_id) references documents
);
create index disagreements_of_document on disagreements (tenant_id, document_id);
create index disagreements_of_other on disagreements (tenant_id, other_document_id);
create unique index disagreements_once on disagreements (tenant_id, kind, document_id, other_document_id, md5(quote), md5(other_quote));
call guard('disagreements');

-- ---------------------------------------------------------------- was it right, and how sure may the assistant be

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

-- ---------------------------------------------------------------- intents

-- A tenant without rows here is understood by the starter set that ships with Tandem.
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

-- ---------------------------------------------------------------- jobs

-- What a tenant may know of its jobs. The queue that runs them is procrastinate's own tables, which no page reads.
create table jobs (
    tenant_id   uuid not null default tenant() references tenants,
    id          uuid not null,
    kind        text not null,
    status      text not null default 'queued' check (status in ('queued', 'running', 'done', 'failed')),
    progress    real not null default 0,
    result      jsonb,
    error       text,
    created_at  timestamptz not null default now(),
    finished_at timestamptz,
    primary key (tenant_id, id)
);
create index jobs_pending on jobs (tenant_id, kind) where status in ('queued', 'running');
call guard('jobs');

-- ---------------------------------------------------------------- acting for the customer

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

-- ---------------------------------------------------------------- language models: calls, costs, keys

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

-- ---------------------------------------------------------------- hot: what may be lost in a crash

create unlogged table rate_limits (
    key text primary key,                           -- names the caller by a hash
    tat timestamptz not null                        -- GCRA's theoretical arrival time
);
grant select, insert, update, delete on rate_limits to tandem_app;

create unlogged table presence (
    tenant_id uuid not null default tenant(),
    member_id uuid not null,
    state     text not null,
    seen_at   timestamptz not null default clock_timestamp(),
    primary key (tenant_id, member_id)
);
call guard('presence');

revoke all on function waiting_line, tenants_to_staff, clocks_due from public;
grant execute on function waiting_line, tenants_to_staff, clocks_due to tandem_app;
revoke all on function memberships, news_since, abandoned_turns, quiet_tickets, search_passages, question_words, sources_due, every_tenant from public;
grant execute on function memberships, news_since, abandoned_turns, quiet_tickets, search_passages, question_words, sources_due, every_tenant, tenant
    to tandem_app;
