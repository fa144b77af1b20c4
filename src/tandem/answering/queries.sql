-- standing -> Standing
-- What holds for every turn of the tenant just now: rules, looks, weights, state of the knowledge.
select p.version as policy_version, p.body as policy, t.name as company, t.settings,
    coalesce(k.release, 0) as knowledge, coalesce(k.generation, 1) as generation, k.model as found_by,
    s.version as scoring_version, s.body as scoring_body
from tenants t cross join lateral (select version, body from policies order by version desc limit 1) p left join knowledge_states k on k.tenant_id = t.tenant_id
    left join lateral (select version, body from scorings where status = 'in_force' order by version desc limit 1) s on true;

-- standpoint -> Standpoint
-- Whose conversation it is, and how many turns in a row, just before now, found no answer.
select c.customer_id, k.tier, k.external_id is not null as known,
    (select count(*) from (
        select u.record->'decision'->>'kind' as kind,
            count(*) filter (where u.record->'decision'->>'kind' in ('answer', 'smalltalk', 'handover')) over (order by u.created_at desc, u.id desc) as answered
        from turns u where u.conversation_id = c.id and u.status = 'done' order by u.created_at desc, u.id desc limit 20) q
        where q.answered = 0 and q.kind = 'no_answer')::int as unresolved
from conversations c join customers k on k.tenant_id = c.tenant_id and k.id = c.customer_id
where c.id = %(conversation_id)s;
