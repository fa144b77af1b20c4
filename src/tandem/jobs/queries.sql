-- add_job
-- What the tenant may know of a job, from the moment it is promised.
insert into jobs (id, kind) values (%(id)s, %(kind)s);

-- defer_job
-- The same for the queue, by procrastinate's own function; a queue bears the name of its kind.
select from procrastinate_defer_jobs_v1(array[row(%(kind)s, %(kind)s, %(priority)s, %(lock)s, null, %(order)s::jsonb, null)::procrastinate_job_to_defer_v1]);

-- job -> Job
-- One job.
select id, kind, status, progress, result, error, created_at, finished_at from jobs where id = %(id)s;

-- start_job
-- The worker has begun.
update jobs set status = 'running' where id = %(id)s and status in ('queued', 'running');

-- set_progress
-- How far it is, from 0 to 1.
update jobs set progress = %(progress)s where id = %(id)s;

-- finish_job
-- It has ended, well or badly.
update jobs set status = %(status)s, progress = case when %(status)s = 'done' then 1 else progress end, result = %(result)s,
    error = %(error)s, finished_at = clock_timestamp() where id = %(id)s;

-- pending -> Pending
-- How many jobs of a kind have not ended.
select count(*)::int as pending from jobs where kind = %(kind)s and status in ('queued', 'running');
