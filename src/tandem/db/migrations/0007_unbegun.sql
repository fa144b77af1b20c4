-- What is looked for every two seconds has an index as small as the work that waits.

create index tickets_unbegun on tickets (tenant_id, team_id) where status = 'escalated' and claimed_at is null;
