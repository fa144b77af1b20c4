-- standing -> Standing
-- What holds for every turn of the tenant just now: rules, looks, weights, state of the knowledge, what was spent today, keys.
select p.version as policy_version, p.body as policy, t.name as company, t.settings,
    coalesce(k.release, 0) as knowledge, coalesce(k.generation, 1) as generation, k.model as found_by,
    coalesce((select version from classifiers where live), 0) as understood_by,
    s.version as scoring_version, s.body as scoring_body, h.body as hours_body,
    coalesce(d.calls, 0)::bigint as calls_today, coalesce(d.tokens, 0)::bigint as tokens_today, coalesce(d.cost_micros, 0)::bigint as cost_today,
    (select jsonb_object_agg(m.provider, encode(m.sealed, 'base64')) from model_keys m) as sealed_keys
from tenants t cross join lateral (select version, body from policies order by version desc limit 1) p left join knowledge_states k on k.tenant_id = t.tenant_id left join hours h on h.team_id is null
    left join lateral (select version, body from scorings where status = 'in_force' order by version desc limit 1) s on true
    cross join lateral (select sum(calls) as calls, sum(tokens) as tokens, sum(cost_micros) as cost_micros
        from model_days where day = (now() at time zone 'utc')::date) d;

-- standpoint -> Standpoint
-- Whose conversation it is, how many turns in a row, just before now, found no answer or asked back, and how the last one ended.
select c.customer_id, k.tier, k.external_id, k.name, k.email, coalesce(q.unresolved, 0) as unresolved,
    coalesce(q.asked_back, false) as asked_back, coalesce(q.was_offered, false) as was_offered,
    exists (select from step_ups s where s.conversation_id = c.id and s.customer_id = c.customer_id and s.ends_at > now()) as lifted,
    coalesce((select jsonb_agg(a.acts order by a.created_at) from (select u.record->'acts' as acts, u.created_at from turns u
        where u.conversation_id = c.id and u.status = 'done' and u.record->'acts'->0 is not null order by u.created_at desc, u.id desc limit 3) a), '[]') as acted,
    coalesce((select array(select x->>'passage_id' from jsonb_array_elements(u.record->'citations') x) from turns u
        where u.conversation_id = c.id and u.status = 'done' order by u.created_at desc, u.id desc limit 1), '{}') as cited,
    coalesce((select m.text from conversation_summaries m where m.conversation_id = c.id), '') as summary,
    exists (select from procedures y where y.conversation_id = c.id and y.status = 'open') as in_hand,
    array(select jsonb_array_elements_text(w.body->'intents')
        from (select distinct on (name) body, removed from workflows order by name, version desc) w where not w.removed) as workflow_intents
from conversations c join customers k on k.tenant_id = c.tenant_id and k.id = c.customer_id
    left join lateral (select count(*) filter (where answered = 0 and kind in ('no_answer', 'ask'))::int as unresolved,
            bool_or(kind = 'ask') filter (where place = 1) as asked_back, bool_or(offers) filter (where answered = 0) as was_offered
        from (select u.record->'decision'->>'kind' as kind, (u.record->'decision'->>'offers_person')::boolean as offers,
                row_number() over w as place,
                count(*) filter (where u.record->'decision'->>'kind' in ('answer', 'smalltalk', 'handover', 'collect', 'propose')) over w as answered
            from turns u where u.conversation_id = c.id and u.status = 'done'
            window w as (order by u.created_at desc, u.id desc) order by u.created_at desc, u.id desc limit 20) l) q on true
where c.id = %(conversation_id)s;
