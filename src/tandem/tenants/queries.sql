-- add_tenant
-- A new company. Its own id is already set for the transaction.
insert into tenants (tenant_id, name, slug, settings, widget_key, identity_secret)
values (%(id)s, %(name)s, %(slug)s, %(settings)s, %(widget_key)s, %(identity_secret)s);

-- tenant -> Tenant
-- The company whose transaction this is.
select tenant_id as id, name, slug, settings, widget_key, identity_secret from tenants;

-- set_settings
-- Changes how the company's pages look and speak.
update tenants set settings = settings || %(settings)s;

-- add_login
-- A person who can log in, wherever they work; keeps the password of one who is there already.
insert into logins (id, email, password_hash) values (%(id)s, %(email)s, %(password_hash)s)
on conflict (email) do nothing;

-- login -> Login
-- The log-in identity of an e-mail address.
select id, email, password_hash from logins where email = %(email)s;

-- set_password
-- A new password, or the same one hashed with newer parameters.
update logins set password_hash = %(password_hash)s where id = %(id)s;

-- memberships -> Membership
-- Where this identity works.
select tenant_id, member_id from memberships(%(login)s);

-- add_member
-- A person of the tenant's staff.
insert into members (id, login_id, name, role) values (%(id)s, %(login_id)s, %(name)s, %(role)s);

-- member -> Member
-- One of the staff.
select m.id, m.name, l.email, m.role from members m join logins l on l.id = m.login_id where m.id = %(id)s and m.disabled_at is null;

-- members -> Member
-- The staff, by name.
select m.id, m.name, l.email, m.role from members m join logins l on l.id = m.login_id where m.disabled_at is null order by m.name, m.id;

-- add_member_session
-- A log-in of one browser.
insert into member_sessions (id, member_id, secret_hash, expires_at)
values (%(id)s, %(member_id)s, %(secret_hash)s, now() + make_interval(secs => %(lives_s)s));

-- member_session -> MemberSession
-- The session behind a cookie, and whose it is.
select s.secret_hash, s.member_id, m.name, m.role from member_sessions s
join members m on m.tenant_id = s.tenant_id and m.id = s.member_id
where s.id = %(id)s and s.expires_at > now() and m.disabled_at is null;

-- end_member_session
-- Log out.
delete from member_sessions where id = %(id)s;

-- add_api_key
-- A key for a server of the tenant's own.
insert into api_keys (id, name, secret_hash, last4, scopes) values (%(id)s, %(name)s, %(secret_hash)s, %(last4)s, %(scopes)s);

-- api_key -> ApiKey
-- The key that a token names.
select secret_hash, scopes from api_keys where id = %(id)s and revoked_at is null;

-- add_widget_session
-- A customer's browser.
insert into widget_sessions (id, customer_id, secret_hash, verified, scopes, expires_at)
values (%(id)s, %(customer_id)s, %(secret_hash)s, %(verified)s, %(scopes)s, now() + make_interval(secs => %(lives_s)s));

-- widget_session -> WidgetSession
-- The session behind a widget's token.
select secret_hash, customer_id, verified, scopes from widget_sessions where id = %(id)s and expires_at > now();

-- use_identity
-- Marks an identity token as used; touches no row when it was used before.
insert into identity_uses (jti, expires_at) values (%(jti)s, %(expires_at)s) on conflict do nothing;

-- add_customer
-- Somebody we have not met.
insert into customers (id, external_id, name, email, tier, language, origin)
values (%(id)s, %(external_id)s, %(name)s, %(email)s, %(tier)s, %(language)s, %(origin)s);

-- customer -> Customer
-- One customer.
select id, external_id, name, email, tier, language, created_at from customers where id = %(id)s;

-- meet_customer -> Customer
-- The customer with the company's own id, made when new; what the company says of them now is kept.
insert into customers (id, external_id, name, email, tier)
values (%(id)s, %(external_id)s, %(name)s, %(email)s, coalesce(%(tier)s, 'free'))
on conflict (tenant_id, external_id) do update set
    name = coalesce(excluded.name, customers.name), email = coalesce(excluded.email, customers.email),
    tier = coalesce(%(tier)s, customers.tier)
returning id, external_id, name, email, tier, language, created_at;

-- policy -> StoredPolicy
-- The rules in force.
select version, body from policies order by version desc limit 1;

-- policy_versions -> Version
-- The rules over time, newest first.
select version, body, author, created_at from policies where %(before)s::int is null or version < %(before)s order by version desc limit %(most)s;

-- policy_version -> Version
-- The rules of one version.
select version, body, author, created_at from policies where version = %(version)s;

-- chosen_mode -> Chosen
-- The mode that an admin has chosen; versions from before there were any chose none.
select coalesce(body->>'mode', 'full') as mode from policies order by version desc limit 1;

-- add_policy
-- New rules; the old ones stay as history. A version that exists already means somebody was faster.
insert into policies (version, body, author) values (%(version)s, %(body)s, %(author)s);

-- recall_answer -> FirstAnswer
-- What was answered to this Idempotency-Key, if anything.
select fingerprint, status, answer from idempotency where caller = %(caller)s and key = %(key)s;

-- claim_key
-- Takes an Idempotency-Key; touches no row when it is taken. One whose request died a minute ago is free again.
insert into idempotency (caller, key, fingerprint) values (%(caller)s, %(key)s, %(fingerprint)s)
on conflict (tenant_id, caller, key) do update set created_at = now()
    where idempotency.status is null and idempotency.created_at < now() - interval '60 seconds' and idempotency.fingerprint = excluded.fingerprint;

-- keep_answer
-- The answer, to be given again to the same request.
update idempotency set status = %(status)s, answer = %(answer)s where caller = %(caller)s and key = %(key)s;

-- free_key
-- The request failed: the same key may try again.
delete from idempotency where caller = %(caller)s and key = %(key)s and status is null;

-- every_tenant -> Each
-- Every tenant, for what is done by the clock: ids alone.
select tenant_id from every_tenant();

-- ---------------------------------------------------------------- teams and hours

-- add_team
-- A team, asked after those that are there.
insert into teams (id, name, is_default, place) values (%(id)s, %(name)s, %(is_default)s, (select coalesce(max(place), -1) + 1 from teams));

-- teams -> Team
-- The teams in the order in which they are asked, the default one last.
select id, name, place, is_default, categories, tiers, languages, skills, assignment, grace_s
from teams where archived_at is null order by is_default, place, id;

-- change_team
-- What a team takes and how it is given work; null leaves as it is.
update teams set name = coalesce(%(name)s, name), categories = coalesce(%(categories)s::text[], categories), tiers = coalesce(%(tiers)s::text[], tiers),
    languages = coalesce(%(languages)s::text[], languages), skills = coalesce(%(skills)s::text[], skills),
    assignment = coalesce(%(assignment)s, assignment), grace_s = coalesce(%(grace_s)s::int, grace_s), place = coalesce(%(place)s::int, place) where id = %(id)s;

-- no_default_team
-- The default one is like any other, until another takes its part in the same transaction.
update teams set is_default = false where is_default;

-- make_default_team
-- It gets what no other takes.
update teams set is_default = true where id = %(id)s;

-- archive_team
-- It takes nothing any more.
update teams set archived_at = now() where id = %(id)s;

-- empty_team
-- Nobody is in it.
delete from team_members where team_id = %(team_id)s;

-- fill_team
-- Who is in it.
insert into team_members (team_id, member_id, is_lead)
select %(team_id)s, x.member_id, x.is_lead from unnest(%(members)s::uuid[], %(leads)s::bool[]) as x (member_id, is_lead);

-- team_members -> TeamMember
-- Who is in which team, by name.
select t.team_id, t.member_id, m.name, t.is_lead from team_members t
join members m on m.tenant_id = t.tenant_id and m.id = t.member_id where m.disabled_at is null order by m.name, m.id;

-- workloads -> Workload
-- What members are given.
select member_id, skills, languages, capacity from workloads;

-- set_workload
-- What a member is given.
insert into workloads (member_id, skills, languages, capacity) values (%(member_id)s, %(skills)s, %(languages)s, %(capacity)s)
on conflict (tenant_id, member_id) do update set skills = excluded.skills, languages = excluded.languages, capacity = excluded.capacity;

-- note_given
-- A member has just been given a ticket.
insert into workloads (member_id, capacity, given_at) values (%(member_id)s, %(capacity)s, clock_timestamp())
on conflict (tenant_id, member_id) do update set given_at = clock_timestamp();

-- leads -> Found
-- A team's leads, or every admin where it has none.
select m.id from members m where m.disabled_at is null and case when exists (select from team_members t where t.team_id = %(team_id)s and t.is_lead)
    then exists (select from team_members t where t.team_id = %(team_id)s and t.is_lead and t.member_id = m.id) else m.role = 'admin' end;

-- hours -> Kept
-- When people are there: the tenant's, and those of teams that have their own.
select team_id, body from hours;

-- hours_of_team -> Kept
-- The hours that hold for a team: its own before the tenant's.
select team_id, body from hours where team_id is null or team_id = %(team_id)s order by team_id nulls last limit 1;

-- hours_of_ticket -> Kept
-- The hours that hold for a ticket's team: its own before the tenant's.
select h.team_id, h.body from hours h where h.team_id is null or h.team_id = (select t.team_id from tickets t where t.id = %(ticket_id)s)
order by h.team_id nulls last limit 1;

-- keep_hours
-- Sets them.
insert into hours (id, team_id, body) values (%(id)s, %(team_id)s, %(body)s)
on conflict (tenant_id, team_id) do update set body = excluded.body;

-- drop_hours
-- Takes them away.
delete from hours where team_id is not distinct from %(team_id)s::uuid;

-- ---------------------------------------------------------------- stepping up

-- step_up_recipient -> Recipient
-- The customer whose conversation this is; nobody else sends them a code before this transaction ends.
select k.email, k.external_id is not null as is_known from customers k join conversations v on v.tenant_id = k.tenant_id and v.customer_id = k.id
where k.id = %(customer_id)s and v.id = %(conversation_id)s for no key update of k;

-- step_ups_of_the_hour -> Earlier
-- The codes that a customer was sent within the hour, newest first, with the seconds until each is an hour old.
select s.conversation_id = %(conversation_id)s as is_here, extract(epoch from s.created_at + interval '1 hour' - now())::float8 as leaves_s
from conversations v join step_ups s on s.tenant_id = v.tenant_id and s.conversation_id = v.id
where v.customer_id = %(customer_id)s and s.created_at > now() - interval '1 hour' order by s.created_at desc;

-- end_step_ups
-- The codes that a newer one replaces.
update step_ups set expires_at = now() where conversation_id = %(conversation_id)s and passed_at is null and expires_at > now();

-- add_step_up -> Expiry
-- A code that is about to be sent.
insert into step_ups (id, customer_id, conversation_id, code_hash, sent_to, expires_at)
values (%(id)s, %(customer_id)s, %(conversation_id)s, %(code_hash)s, %(sent_to)s, now() + make_interval(secs => %(lives_s)s)) returning expires_at;

-- count_step_up_try -> Tried
-- Counts a try at the open code, before anybody knows whether it is right; nothing, when none is open.
update step_ups set tries = tries + 1
where conversation_id = %(conversation_id)s and customer_id = %(customer_id)s and passed_at is null and expires_at > clock_timestamp()
    and tries < %(most)s returning id, code_hash;

-- pass_step_up
-- The right code: it is used up, and the conversation lifted.
update step_ups set passed_at = now(), ends_at = now() + make_interval(secs => %(lifts_s)s) where id = %(id)s;

-- newest_step_up -> StepUp
-- The open code of a conversation, or else the last one, as far as people may know it.
select sent_to, created_at, expires_at, passed_at is null and expires_at > now() as is_open, tries, ends_at from step_ups
where conversation_id = %(conversation_id)s and customer_id = %(customer_id)s order by is_open desc, created_at desc limit 1;

-- step_up_end -> Lift
-- Until when a conversation is lifted, if it is.
select ends_at from step_ups where conversation_id = %(conversation_id)s and customer_id = %(customer_id)s and ends_at > now()
order by ends_at desc limit 1;

-- ---------------------------------------------------------------- language models

-- add_model_calls
-- Calls to models, into the ledger and the sums of the day at once.
with added as (
    insert into model_calls (id, at, turn_id, conversation_id, ticket_id, role, model, input_tokens, output_tokens, estimated, cost_micros,
        ms, first_token_ms, outcome)
    select c.id, c.at, c.turn_id, c.conversation_id, c.ticket_id, c.role, c.model, c.input_tokens, c.output_tokens, c.estimated, c.cost_micros,
        c.ms, c.first_token_ms, c.outcome
    from jsonb_to_recordset(%(calls)s) as c (id uuid, at timestamptz, turn_id uuid, conversation_id uuid, ticket_id uuid, role text, model text,
        input_tokens bigint, output_tokens bigint, estimated boolean, cost_micros bigint, ms integer, first_token_ms integer, outcome text)
    returning input_tokens, output_tokens, cost_micros)
insert into model_days as d (day, slot, calls, tokens, cost_micros)
select (now() at time zone 'utc')::date, %(slot)s, count(*), coalesce(sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)), 0),
    coalesce(sum(cost_micros), 0) from added
on conflict (tenant_id, day, slot) do update
set calls = d.calls + excluded.calls, tokens = d.tokens + excluded.tokens, cost_micros = d.cost_micros + excluded.cost_micros;

-- model_day -> Today
-- What was spent since midnight, UTC.
select coalesce(sum(calls), 0)::bigint as calls, coalesce(sum(tokens), 0)::bigint as tokens, coalesce(sum(cost_micros), 0)::bigint as cost_micros
from model_days where day = (now() at time zone 'utc')::date;

-- model_spending -> Line
-- The calls of a time, by what they have in common: the dearest first, days in order.
select what, count(*) as calls, count(*) filter (where outcome not in ('ok', 'stopped')) as failed, coalesce(sum(input_tokens), 0)::bigint as input_tokens,
    coalesce(sum(output_tokens), 0)::bigint as output_tokens, coalesce(sum(cost_micros), 0)::bigint as cost_micros,
    count(*) filter (where cost_micros is null) as unpriced, round(avg(ms))::bigint as ms
from (select c.*, case %(by)s::text when 'day' then to_char(c.at at time zone 'utc', 'YYYY-MM-DD') when 'role' then c.role when 'model' then c.model
        else coalesce(c.conversation_id::text, '') end as what
    from model_calls c where c.at >= %(since)s and c.at < %(until)s) c
group by what
order by case when %(by)s::text = 'day' then what end, coalesce(sum(cost_micros), 0) desc, coalesce(sum(input_tokens), 0) + coalesce(sum(output_tokens), 0) desc, what
limit 400;

-- conversation_spending -> Line
-- What a conversation has cost, by ticket.
select coalesce(ticket_id::text, '') as what, count(*) as calls, count(*) filter (where outcome not in ('ok', 'stopped')) as failed,
    coalesce(sum(input_tokens), 0)::bigint as input_tokens, coalesce(sum(output_tokens), 0)::bigint as output_tokens,
    coalesce(sum(cost_micros), 0)::bigint as cost_micros, count(*) filter (where cost_micros is null) as unpriced, round(avg(ms))::bigint as ms
from model_calls where conversation_id = %(conversation_id)s group by 1 order by min(at);

-- turn_calls -> ModelCall
-- The calls of a turn, in order.
select at, role, model, input_tokens, output_tokens, estimated, cost_micros, ms, first_token_ms, outcome
from model_calls where conversation_id = %(conversation_id)s and turn_id = %(turn_id)s order by at, id;

-- resolution_spending -> Resolved
-- How many tickets were resolved in a time, and what all their turns have cost.
select count(*) filter (where t.status = 'ai_resolved') as by_assistant, count(*) filter (where t.status <> 'ai_resolved') as by_people,
    coalesce(sum(c.cost_micros), 0)::bigint as cost_micros
from tickets t left join lateral (select sum(m.cost_micros) as cost_micros from model_calls m
    where m.conversation_id = t.conversation_id and m.ticket_id = t.id) c on true
where t.status in ('ai_resolved', 'human_resolved') and t.resolved_at >= %(since)s and t.resolved_at < %(until)s;

-- model_keys -> ModelKey
-- A tenant's own keys for providers of models, without the keys.
select provider, last4, author, created_at from model_keys order by provider;

-- put_model_key -> ModelKey
-- This key from now on.
insert into model_keys (provider, sealed, last4, author) values (%(provider)s, %(sealed)s, %(last4)s, %(author)s)
on conflict (tenant_id, provider) do update
set sealed = excluded.sealed, last4 = excluded.last4, author = excluded.author, created_at = now()
returning provider, last4, author, created_at;

-- remove_model_key
-- The operator's key again.
delete from model_keys where provider = %(provider)s;
