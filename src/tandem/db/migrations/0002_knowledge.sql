-- Knowledge that stays right: labels belong to versions, vectors to generations of an embedding model, edits may wait in a
-- release, sources are synchronised, and what was answered from which passage can be looked up.

-- ---------------------------------------------------------------- documents

alter table documents
    add column kind text not null default 'article' check (kind in ('article', 'resolution')),
    add column owner_id uuid,
    add column reviewed_at timestamptz,             -- when a person last said that it is right
    add column review_every_days integer check (review_every_days between 1 and 3650),  -- null: as the policy says
    add column source_id uuid,
    add foreign key (tenant_id, owner_id) references members,
    add constraint documents_format_check check (format in ('markdown', 'text', 'html', 'pdf', 'docx', 'csv')),
    drop constraint documents_audience_check,
    add constraint documents_audience_check check (audience ~ '^(public|verified|staff|tier:[a-z0-9_-]{1,40})$'),
    drop constraint documents_status_check,
    add constraint documents_status_check check (status in ('processing', 'ready', 'error', 'draft', 'review'));

-- What is said about a document belongs to the version it was said with: an answer shows the title it was given under.
alter table document_versions
    add column category text,
    add column audience text not null default 'public',
    add column source_url text,
    add column release_id uuid,                     -- the draft it waits in; null: it answers as soon as it is read
    add column approval text check (approval in ('waiting', 'approved', 'rejected')),
    add column ready boolean not null default false,  -- its passages are stored
    add column error text,
    add column author text not null default '',
    add constraint document_versions_format_check check (format in ('markdown', 'text', 'html', 'pdf', 'docx', 'csv'));
update document_versions v set category = d.category, audience = d.audience, source_url = d.source_url,
    ready = coalesce(d.live_version = v.version, false), error = case when d.version = v.version then d.error end
from documents d where d.tenant_id = v.tenant_id and d.id = v.document_id;

-- ---------------------------------------------------------------- passages, and what they mean to a model

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
insert into passage_vectors (tenant_id, generation, passage_id, document_id, version, audience, live, embedding)
select tenant_id, 1, id, document_id, version, audience, live, embedding from passages where embedding is not null;
create index passage_vectors_live on passage_vectors (tenant_id, generation) where live;
create index passage_vectors_of_document on passage_vectors (tenant_id, document_id, version);
create index passage_vectors_by_meaning on passage_vectors using hnsw (embedding halfvec_cosine_ops) with (m = 16, ef_construction = 64) where live;
call guard('passage_vectors');

drop function search_passages;
drop index passages_by_meaning;
alter table passages drop column embedding;
alter table passages add column hash bytea;         -- of heading and text: the same passage is not embedded twice
update passages set hash = sha256(convert_to(heading || e'\n' || text, 'UTF8'));
alter table passages alter column hash set not null;

alter table knowledge_states
    add column generation integer not null default 1,       -- the vectors that answer
    add column model text not null default 'all-MiniLM-L6-v2/int8',
    add column building integer,                            -- the generation that is being filled beside it
    add column building_model text;

-- In how many live passages each word of the knowledge stands; the marker t_<tenant> counts them all.
create table vocabulary (
    tenant_id uuid not null default tenant() references tenants,
    lexeme    text not null,
    passages  integer not null,
    primary key (tenant_id, lexeme)
) with (fillfactor = 80);
insert into vocabulary (tenant_id, lexeme, passages)
select p.tenant_id, w.lexeme, count(*) from passages p, unnest(p.tsv) w where p.live group by 1, 2;
call guard('vocabulary');

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

-- What was answered before this stands in the messages, whose citations bear ids in letters (ids.py).
create function pg_temp.id_of(shown text) returns uuid language sql immutable as $$
    select string_agg(to_hex(substring(b.bits from 4 * n - 1 for 4)::bit(4)::int), '' order by n)::uuid
    from (select string_agg((strpos('0123456789abcdefghjkmnpqrstvwxyz', substr(shown, 4 + k, 1)) - 1)::bit(5)::text, '' order by k) as bits
        from generate_series(1, 26) k) b, generate_series(1, 32) n
$$;
insert into cited (tenant_id, message_id, index, document_id, version, passage_id, conversation_id, customer_id, quote, said_at)
select m.tenant_id, m.id, c.index, pg_temp.id_of(c.citation->>'document_id'), (c.citation->>'version')::int,
    pg_temp.id_of(c.citation->>'passage_id'), m.conversation_id, v.customer_id, c.citation->>'quote', m.created_at
from messages m join conversations v on v.tenant_id = m.tenant_id and v.id = m.conversation_id,
    jsonb_array_elements(m.citations) with ordinality as c (citation, index)
where m.role = 'assistant';
drop function pg_temp.id_of;

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

-- ---------------------------------------------------------------- search

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
-- therefore the owner's rights, the tenant from the setting, EXECUTE for custom plans and a pinned search_path.
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
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
set hnsw.iterative_scan = relaxed_order set hnsw.ef_search = 60 as $$
declare
    who uuid := tenant();
    q tsquery;
    state knowledge_states;
    lexemes text[] := tsvector_to_array(to_tsvector('english', question));
    of_live text := 'x.live';
    of_draft text;
    of_audience text := case when audiences is null then 'true' else 'x.audience = any($3)' end;  -- null: the staff may see all
    vectors text;
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
    vectors := case when state.passages < exact_below then 'order by 2 desc limit 50' else 'order by x.embedding <=> $1 limit 50' end;
    return query execute
        'with near as (' || case when meaning is null then
              'select null::uuid id, null::real c, null::bigint r where false'
            else
              'select id, c, row_number() over (order by c desc) r from (
                   (select x.passage_id id, (1 - (x.embedding <=> $1))::real c from passage_vectors x
                    where x.tenant_id = $2 and x.generation = $7 and ' || of_live || ' and ' || of_audience || ' ' || vectors || ')'
              || coalesce(' union all
                   (select x.passage_id, (1 - (x.embedding <=> $1))::real c from passage_vectors x
                    where x.tenant_id = $2 and x.generation = $7 and ' || of_draft || ' and ' || of_audience || ' order by 2 desc limit 50)
                   order by 2 desc limit 50', '') || ') n'
            end || '),
         said as (' || case when q is null then 'select null::uuid id, null::real w, null::bigint r where false' else
              'select id, w, row_number() over (order by w desc) r from (
                   (select x.id, ts_rank(x.tsv, $4, 1) w from passages x
                    where x.tenant_id = $2 and ' || of_live || ' and ' || of_audience || ' and x.tsv @@ $4 order by 2 desc limit 50)'
              || coalesce(' union all
                   (select x.id, ts_rank(x.tsv, $4, 1) w from passages x
                    where x.tenant_id = $2 and ' || of_draft || ' and ' || of_audience || ' and x.tsv @@ $4 order by 2 desc limit 50)
                   order by 2 desc limit 50', '') || ') s' end || ')
         select p.id, p.document_id, d.external_id, p.version, v.title, v.source_url, v.category, d.kind, p.heading, p.text, p.start, p."end",
                f.score, (1 - (e.embedding <=> $1))::real, coalesce(f.w, 0)::real, e.details, $8, $7
         from (select coalesce(near.id, said.id) id, near.c, said.w,
                      (coalesce(1.0 / (60 + near.r), 0) + coalesce(1.0 / (60 + said.r), 0))::real score
               from near full join said on near.id = said.id order by 4 desc limit $5) f
         join passages p on p.tenant_id = $2 and p.id = f.id
         join documents d on d.tenant_id = $2 and d.id = p.document_id
         join document_versions v on v.tenant_id = $2 and v.document_id = p.document_id and v.version = p.version
         left join passage_vectors e on e.tenant_id = $2 and e.generation = $7 and e.passage_id = p.id
         where d.deleted_at is null
         order by f.score desc, 14 desc nulls last, p.id'
    using meaning, who, audiences, q, wanted, draft, coalesce(state.generation, 1), coalesce(state.release, 0);
end $$;

revoke all on function search_passages, question_words, sources_due, every_tenant from public;
grant execute on function search_passages, question_words, sources_due, every_tenant to tandem_app;
