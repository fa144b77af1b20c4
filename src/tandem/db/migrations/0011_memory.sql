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
