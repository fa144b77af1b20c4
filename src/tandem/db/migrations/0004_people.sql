-- Teams and the people in them, business hours, service levels, the fair queue, and what agents say of a handoff at its end.

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

alter table customers add column origin text;       -- of an anonymous one: three bytes of a hash of where they came from

alter table tickets
    add column team_id uuid,
    add column language text,
    add column assigned_at timestamptz,             -- given to the assignee, who may not have begun (claimed_at)
    add column away_since timestamptz,              -- the assignee has not begun and is not there
    add column returns integer not null default 0,  -- how often the customer came back with the issue after it was settled
    add foreign key (tenant_id, team_id) references teams;
create index tickets_assigned on tickets (tenant_id, assignee_id) where status = 'escalated';

alter table handoffs
    add column label text check (label in ('needed', 'not_needed', 'too_late')),
    add column labelled_by uuid,
    add column labelled_at timestamptz;
create index handoffs_labelled on handoffs (tenant_id, created_at desc) where label is not null;

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
-- first open escalation stands in line by priority and time, its second behind everybody's first. Where more anonymous
-- sources wait in a team than usual, they stand behind everybody the tenant knows. With the caller's own rights.
create function waiting_line(usual integer)
returns table (ticket_id uuid, team_id uuid, place integer, is_behind boolean)
language sql stable
begin atomic
    with escalated as (
        select t.id, t.team_id, t.assignee_id, t.escalated_at, k.external_id is null as anonymous,
            array_position(array['urgent', 'high', 'medium', 'low'], t.priority) as rank,
            coalesce(case when k.external_id is null then k.origin end, k.id::text) as source
        from tickets t
        join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
        join customers k on k.tenant_id = c.tenant_id and k.id = c.customer_id
        where t.status = 'escalated'),
    counted as (
        select e.*, row_number() over (partition by e.source order by e.assignee_id is null, e.rank, e.escalated_at, e.id) as nth
        from escalated e),
    lanes as (
        select c.*, c.anonymous and count(*) filter (where c.anonymous and c.nth = 1) over (partition by c.team_id) > usual as flooded
        from counted c where c.assignee_id is null)
    select l.id, l.team_id,
        row_number() over (partition by l.team_id order by l.flooded, l.nth, l.rank, l.escalated_at, l.id)::int,
        l.flooded or l.nth > 1
    from lanes l;
end;

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

revoke all on function waiting_line, tenants_to_staff, clocks_due from public;
grant execute on function waiting_line, tenants_to_staff, clocks_due to tandem_app;

-- Everybody who is here already gets a team that takes everything, and who waits stands in its line.
insert into teams (tenant_id, id, name, place, is_default) select tenant_id, gen_random_uuid(), 'Support', 0, true from tenants;
update tickets set team_id = t.id from teams t where t.tenant_id = tickets.tenant_id and tickets.status = 'escalated';
