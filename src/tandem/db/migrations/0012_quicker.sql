-- The same answers, sooner.
-- Who waits: planned once a connection, without comparing every ticket with every customer or counting strangers once a ticket.
create or replace function waiting_line(usual integer)
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

-- The search: each leg is planned for its values, as before; what joins them is planned once a connection.
select '[1]'::vector <=> '[1]'::vector;  -- brings the extension's settings into being, which the function sets
create or replace function search_passages(question text, meaning halfvec(384), asked_of integer, audiences text[], wanted integer,
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
