-- ---------------------------------------------------------------- the registry

-- actions -> Entry
-- Every action that has not been taken out, by name.
select name, version, body, author, created_at from (select distinct on (name) * from actions order by name, version desc) a where not removed order by name;

-- action -> Entry
-- One action as it is now.
select name, version, body, author, created_at from (select * from actions where name = %(name)s order by version desc limit 1) a where not removed;

-- action_version -> Entry
-- One action as it was.
select name, version, body, author, created_at from actions where name = %(name)s and version = %(version)s;

-- action_versions -> Saved
-- What an action was, newest first.
select version, body, removed, author, created_at from actions where name = %(name)s order by version desc limit 100;

-- newest_version -> Newest
-- The number of the newest version, taken out or not.
select coalesce(max(version), 0)::int as version from actions where name = %(name)s;

-- add_action
-- A new version of an action.
insert into actions (name, version, body, removed, author) values (%(name)s, %(version)s, %(body)s, %(removed)s, %(author)s);

-- secrets -> Secret
-- What an action's requests are signed with now, newest first.
select id, sealed, last4, created_at, retires_at from action_secrets
where name = %(name)s and (retires_at is null or retires_at > now()) order by created_at desc, id desc limit 2;

-- add_secret
-- A fresh secret.
insert into action_secrets (id, name, sealed, last4) values (%(id)s, %(name)s, %(sealed)s, %(last4)s);

-- retire_secrets
-- The ones before it are good for a while yet.
update action_secrets set retires_at = now() + make_interval(secs => %(grace_s)s) where name = %(name)s and id <> %(id)s and retires_at is null;

-- ---------------------------------------------------------------- the ledger

-- add_run
-- A proposal; nothing when there is a live one of the same conversation, action and arguments.
insert into action_runs (id, conversation_id, ticket_id, customer_id, turn_id, action, version, undoes, arguments, fingerprint, identity, tier,
    amount_minor, currency, quote, summary, approvals, status, expires_at, due_at)
values (%(id)s, %(conversation_id)s, %(ticket_id)s, %(customer_id)s, %(turn_id)s, %(action)s, %(version)s, %(undoes)s, %(arguments)s, %(fingerprint)s,
    %(identity)s, %(tier)s, %(amount_minor)s, %(currency)s, %(quote)s, %(summary)s, %(approvals)s, 'proposed',
    now() + make_interval(secs => %(expires_s)s), now() + make_interval(secs => %(expires_s)s)) on conflict do nothing;

-- live -> Run
-- The live run of a conversation, an action and its arguments.
select id, conversation_id, ticket_id, customer_id, turn_id, action, version, undoes, arguments, fingerprint, identity, tier, amount_minor, currency,
    quote, summary, approvals, status, expires_at, proposed_at, confirmed_at, confirmed_by, attempt, sent_at, needs_person, result, error, finished_at
from action_runs where conversation_id = %(conversation_id)s and action = %(action)s and fingerprint = %(fingerprint)s and undoes is null
    and status in ('proposed', 'confirmed', 'pending_approval', 'executing', 'unknown', 'done') for update;

-- run -> Run
-- One run.
select id, conversation_id, ticket_id, customer_id, turn_id, action, version, undoes, arguments, fingerprint, identity, tier, amount_minor, currency,
    quote, summary, approvals, status, expires_at, proposed_at, confirmed_at, confirmed_by, attempt, sent_at, needs_person, result, error, finished_at
from action_runs where id = %(id)s;

-- run_locked -> Run
-- One run, which nobody else moves meanwhile.
select id, conversation_id, ticket_id, customer_id, turn_id, action, version, undoes, arguments, fingerprint, identity, tier, amount_minor, currency,
    quote, summary, approvals, status, expires_at, proposed_at, confirmed_at, confirmed_by, attempt, sent_at, needs_person, result, error, finished_at
from action_runs where id = %(id)s for update;

-- undoing -> Run
-- The run that takes another one back, if one is under way or done.
select id, conversation_id, ticket_id, customer_id, turn_id, action, version, undoes, arguments, fingerprint, identity, tier, amount_minor, currency,
    quote, summary, approvals, status, expires_at, proposed_at, confirmed_at, confirmed_by, attempt, sent_at, needs_person, result, error, finished_at
from action_runs where undoes = %(id)s and status not in ('failed', 'expired', 'voided');

-- of_conversation -> Run
-- A conversation's runs, oldest first.
select id, conversation_id, ticket_id, customer_id, turn_id, action, version, undoes, arguments, fingerprint, identity, tier, amount_minor, currency,
    quote, summary, approvals, status, expires_at, proposed_at, confirmed_at, confirmed_by, attempt, sent_at, needs_person, result, error, finished_at
from action_runs where conversation_id = %(conversation_id)s order by proposed_at, id limit 200;

-- open_runs -> Run
-- What waits for the customer's word in a conversation.
select id, conversation_id, ticket_id, customer_id, turn_id, action, version, undoes, arguments, fingerprint, identity, tier, amount_minor, currency,
    quote, summary, approvals, status, expires_at, proposed_at, confirmed_at, confirmed_by, attempt, sent_at, needs_person, result, error, finished_at
from action_runs where conversation_id = %(conversation_id)s and status = 'proposed' and expires_at > now() order by proposed_at, id limit 20;

-- page -> Listed
-- Runs for the staff, newest first.
select r.id, r.conversation_id, r.ticket_id, r.customer_id, k.name as customer_name, k.external_id, r.action, r.version, r.undoes, r.arguments, r.tier,
    r.amount_minor, r.currency, r.quote, r.summary, r.approvals, r.status, r.needs_person, r.result, r.error, r.proposed_at, r.confirmed_at, r.confirmed_by, r.finished_at,
    (select count(*) from action_approvals a where a.run_id = r.id and a.agrees)::int as agreed
from action_runs r join customers k on k.tenant_id = r.tenant_id and k.id = r.customer_id
where (%(statuses)s::text[] is null or r.status = any(%(statuses)s)) and (%(action)s::text is null or r.action = %(action)s)
    and (%(conversation_id)s::uuid is null or r.conversation_id = %(conversation_id)s)
    and (not %(needs_person)s or r.needs_person)
    and (%(before)s::timestamptz is null or (r.proposed_at, r.id) < (%(before)s, %(before_id)s))
order by r.proposed_at desc, r.id desc limit %(most)s;

-- one_at_a_time
-- Whoever counts what was done of an action, and adds to it, is alone with that.
select pg_advisory_xact_lock(hashtextextended('tandem.action ' || tenant() || %(action)s, 0));

-- spent -> Window
-- How often and how much within each window, of this customer and of all: what was confirmed and has not come to nothing.
select w.name as name, count(*) filter (where r.customer_id = %(customer_id)s)::int as own_count,
    coalesce(sum(r.amount_minor) filter (where r.customer_id = %(customer_id)s), 0)::bigint as own_minor,
    count(r.id)::int as all_count, coalesce(sum(r.amount_minor), 0)::bigint as all_minor
from (values ('hour', interval '1 hour'), ('day', interval '24 hours'), ('month', interval '30 days')) w(name, long)
left join action_runs r on r.action = %(action)s and r.undoes is null and r.confirmed_at > now() - w.long
    and r.status in ('confirmed', 'pending_approval', 'executing', 'done', 'unknown', 'undone')
    and (%(currency)s::text is null or r.currency = %(currency)s)
group by w.name;

-- confirm
-- The customer agreed: it counts from now on.
update action_runs set status = %(status)s, confirmed_at = now(), confirmed_by = %(by)s, approvals = %(approvals)s, ticket_id = %(ticket_id)s,
    due_at = case when %(status)s = 'confirmed' then now() + make_interval(secs => %(due_s)s) end
where id = %(id)s and status = 'proposed' and expires_at > now();

-- approved
-- Everybody who had to has agreed.
update action_runs set status = 'confirmed', due_at = now() + make_interval(secs => %(due_s)s) where id = %(id)s and status = 'pending_approval';

-- close
-- It came to an end without being sent.
update action_runs set status = %(status)s, error = %(error)s, due_at = null, finished_at = now() where id = %(id)s and status = any(%(from_status)s);

-- send
-- It is being sent, for the so-manieth time: from here on nobody knows whether it was done.
update action_runs set status = 'executing', attempt = attempt + 1, sent_at = coalesce(sent_at, now()), due_at = now() + make_interval(secs => %(lease_s)s)
where id = %(id)s and status = any(%(from_status)s) and attempt = %(attempt)s;

-- finish
-- What became of it.
update action_runs set status = %(status)s, result = %(result)s, error = %(error)s, due_at = null, needs_person = false, finished_at = now()
where id = %(id)s and status in ('executing', 'unknown') and (%(status)s = 'done' or attempt = %(attempt)s);

-- unsure
-- It was sent and nobody has said what became of it.
update action_runs set status = 'unknown', error = %(error)s, needs_person = %(needs_person)s,
    due_at = case when not %(needs_person)s then now() + make_interval(secs => %(again_s)s) end
where id = %(id)s and status in ('executing', 'unknown') and attempt = %(attempt)s;

-- undone
-- It was taken back.
update action_runs set status = 'undone' where id = %(id)s and status = 'done';

-- due -> Due
-- Runs that somebody has to look after, of any tenant.
select tenant_id, run_id from actions_due(%(now)s);

-- put_off
-- Nobody else needs to look after it for a while.
update action_runs set due_at = now() + make_interval(secs => %(seconds)s) where id = %(id)s and due_at <= now();

-- ---------------------------------------------------------------- approvals

-- add_approval
-- Somebody's word; the first one counts.
insert into action_approvals (run_id, approver, name, agrees, reason) values (%(run_id)s, %(approver)s, %(name)s, %(agrees)s, %(reason)s) on conflict do nothing;

-- approvals -> Approval
-- Who has said what.
select approver, name, agrees, reason, created_at from action_approvals where run_id = %(run_id)s order by created_at;

-- ---------------------------------------------------------------- the audit

-- add_audit
-- What happened, or was refused.
insert into action_audit (id, action, run_id, conversation_id, customer_id, what, rule, actor, detail)
values (%(id)s, %(action)s, %(run_id)s, %(conversation_id)s, %(customer_id)s, %(what)s, %(rule)s, %(actor)s, %(detail)s);

-- audit -> Audited
-- What happened, newest first.
select id, action, run_id, conversation_id, customer_id, what, rule, actor, detail, created_at from action_audit
where (%(run_id)s::uuid is null or run_id = %(run_id)s) and (%(before)s::uuid is null or id < %(before)s) order by id desc limit %(most)s;

-- ---------------------------------------------------------------- what if

-- past -> Past
-- What was asked for since then and reached the limits, oldest first.
select id, customer_id, tier, amount_minor, currency, status, approvals, coalesce(confirmed_at, proposed_at) as at from action_runs
where action = %(action)s and undoes is null and proposed_at > now() - make_interval(days => %(days)s) and status not in ('expired', 'voided')
order by at, id limit 50000;

-- ---------------------------------------------------------------- who is served

-- external_id -> ExternalId
-- The company's own id of a customer.
select external_id from customers where id = %(id)s;

-- served -> Served
-- Whose conversation it is, as far as authority goes.
select c.id as conversation_id, c.customer_id, k.external_id, k.tier,
    (select t.id from tickets t where t.conversation_id = c.id order by t.created_at desc, t.id desc limit 1) as ticket_id,
    exists (select from step_ups s where s.conversation_id = c.id and s.customer_id = c.customer_id and s.ends_at > now()) as lifted
from conversations c left join customers k on k.tenant_id = c.tenant_id and k.id = c.customer_id where c.id = %(conversation_id)s;
