-- What tasks log is kept with their runs, by the day as runs and attempts are. And a run that is over can be run again:
-- it keeps its row and goes on counting attempts, as with a backfill.

create table pgbeat.run_logs (
  run_id bigint not null,
  scheduled_for timestamptz not null,
  attempt smallint not null,
  line integer not null,
  logged_at timestamptz not null,
  level text not null check (level in ('debug', 'info', 'warn', 'error')),
  message text not null,
  fields jsonb,
  primary key (run_id, attempt, line, scheduled_for)
) partition by range (scheduled_for);
create table pgbeat.run_logs_default partition of pgbeat.run_logs default;

comment on table pgbeat.run_logs is 'What tasks logged, capped for each attempt';
comment on column pgbeat.run_logs.run_id is 'The run';
comment on column pgbeat.run_logs.scheduled_for is 'The run''s nominal instant; here so that lines are partitioned as runs are';
comment on column pgbeat.run_logs.attempt is 'The attempt that logged it';
comment on column pgbeat.run_logs.line is 'Counts the lines of an attempt, from 1; 0 = not from the task: who asked for the attempt with pgbeat.retry';
comment on column pgbeat.run_logs.logged_at is 'When, by pgbeat.clock()';
comment on column pgbeat.run_logs.level is 'debug, info, warn or error';
comment on column pgbeat.run_logs.message is 'The text';
comment on column pgbeat.run_logs.fields is 'What the task gave with it';

-- Somebody may have the table locked, and neither the end of a run nor a connection is to wait for that for long. A
-- statement locks its tables before it does anything, so the limit has to be set around it.
create function pgbeat.add_run_logs(
  run_ids bigint[], scheduled_fors timestamptz[], attempts smallint[], lines integer[], logged_ats timestamptz[],
  levels text[], messages text[], fields jsonb[]
) returns void
language sql
set lock_timeout = '1s'
as $$
  insert into pgbeat.run_logs (run_id, scheduled_for, attempt, line, logged_at, level, message, fields)
  select * from unnest(run_ids, scheduled_fors, attempts, lines, logged_ats, levels, messages, fields)
  on conflict do nothing
$$;
comment on function pgbeat.add_run_logs(bigint[], timestamptz[], smallint[], integer[], timestamptz[], text[], text[], jsonb[]) is 'Writes lines, each made of the elements at one position; those that are there already stay. Waits a second at most for whoever has the table locked';

create or replace function pgbeat.create_run_partitions(first_day date, last_day date) returns integer
language plpgsql
set timezone = 'UTC' set datestyle = 'ISO' set lock_timeout = '100ms'
as $$
declare
  parent text;
  day date := first_day;
  part text;
  is_taken boolean;
  created integer := 0;
begin
  perform pg_advisory_xact_lock(hashtext('pgbeat.create_run_partitions'));
  while day <= last_day loop
    foreach parent in array array['runs', 'attempts', 'run_logs'] loop
      part := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
      continue when to_regclass('pgbeat.' || part) is not null;
      execute format('select exists (select from pgbeat.%I where scheduled_for >= $1 and scheduled_for < $2)',
        parent || '_default') into is_taken using day::timestamptz, (day + 1)::timestamptz;
      continue when is_taken;
      -- Lines are never updated, so they need no room for it.
      execute format('create table pgbeat.%I (like pgbeat.%I including defaults including constraints) with (fillfactor = %s)',
        part, parent, case parent when 'run_logs' then 100 else 80 end);
      execute format('alter table pgbeat.%I attach partition pgbeat.%I for values from (%L) to (%L)',
        parent, part, day::timestamptz, (day + 1)::timestamptz);
      created := created + 1;
    end loop;
    day := day + 1;
  end loop;
  return created;
end $$;
comment on function pgbeat.create_run_partitions(date, date) is 'Makes the partitions of runs, attempts and run_logs for each day (UTC) from first_day to last_day that has none; answers how many tables it made. Gives up with lock_not_available when somebody is reading for long. The leader does so ahead of time';

create function pgbeat.retry(run_id bigint) returns boolean
language plpgsql as $$
declare
  run pgbeat.runs;
  target pgbeat.schedules;
  tried_before smallint;
  moment constant timestamptz := pgbeat.clock();
begin
  select * into run from pgbeat.runs where id = $1 for update;
  if not found then
    raise exception using errcode = 'no_data_found', message = format('there is no run %s', coalesce($1::text, 'null')),
      hint = 'pgbeat.runs has the ids.';
  elsif run.status not in ('succeeded', 'failed', 'cancelled', 'skipped', 'missed') then
    return false;
  elsif run.status = 'missed' and run.missed_since < run.scheduled_for then
    raise exception using
      errcode = 'invalid_parameter_value', schema = 'pgbeat', table = 'runs', column = 'status',
      message = format('run %s stands for a range of missed instants', $1),
      hint = coalesce((select format('select pgbeat.backfill(%L, %L, %L) runs each of them.',
        name, run.missed_since, run.scheduled_for) from pgbeat.schedules where id = run.schedule_id),
        'Its schedule is gone, so nobody knows them any more.');
  end if;

  -- Where an instant was only counted, nobody noted then how it would have run.
  if run.status = 'missed' then
    select * into target from pgbeat.schedules where id = run.schedule_id;
  end if;
  -- As many attempts may follow as when it was last queued.
  select coalesce(max(a.attempt), 0) into tried_before
  from pgbeat.attempts a
  where a.run_id = run.id and a.scheduled_for = run.scheduled_for and a.started_at < run.queued_at;

  insert into pgbeat.run_logs (run_id, scheduled_for, attempt, line, logged_at, level, message, fields)
  values (run.id, run.scheduled_for, run.attempt + 1, 0, moment, 'info', 'retried by ' || pgbeat.actor(),
    jsonb_strip_nulls(jsonb_build_object('status', run.status, 'reason', run.reason, 'finished_at', run.finished_at)))
  on conflict on constraint run_logs_pkey do update set
    logged_at = excluded.logged_at, message = excluded.message, fields = excluded.fields;

  update pgbeat.runs r set
    status = 'queued', queued_at = moment, reason = null, missed_since = null, missed_count = null,
    priority = coalesce(target.priority, r.priority), queue_name = coalesce(target.queue_name, r.queue_name),
    timeout = coalesce(target.timeout, r.timeout),
    max_attempts = least(32767, r.attempt::integer + r.max_attempts - tried_before),
    job_id = null, node_id = null, started_at = null, finished_at = null, progress = null, result = null, error = null,
    cancel_requested_at = null, next_attempt_at = null
  where r.id = run.id and r.scheduled_for = run.scheduled_for
  returning * into run;
  perform graphile_worker.add_job(run.task_name,
    json_build_object('run_id', run.id::text, 'scheduled_for', run.scheduled_for, 'attempt', run.attempt + 1),
    queue_name := run.queue_name, priority := run.priority, max_attempts := 32767);
  perform pgbeat.record_act(run.schedule_id, run.schedule_name, 'retried',
    jsonb_build_object('run_id', jsonb_build_object('to', run.id::text)));
  return true;
end $$;
comment on function pgbeat.retry(bigint) is 'Runs a run that is over again, now: the same row, with the payload that it had, goes on counting attempts. An operator''s act like pgbeat.trigger, so it is not held back by other runs of the schedule, whatever the overlap policy; its schedule may be gone. False when the run is under way already; an error (P0002) when there is none';

-- The days that runs have partitions for already, as far as anything will still be logged for them: the leader makes
-- those of the days to come.
select pgbeat.create_run_partitions(day, day)
from (
  select to_date(right(c.relname, 8), 'YYYYMMDD') as day
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'pgbeat.runs'::regclass and c.relname ~ '^runs_[0-9]{8}$'
) days
where day >= current_date - 30
order by day;
