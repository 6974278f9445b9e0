-- The ledger: for each schedule and each instant that its timetable names, one row, whatever became of the instant.
--
-- A run's row holds all that is needed to execute it, so that editing or deleting the schedule changes nothing about
-- runs that have been fired. Its identity is (schedule_id, scheduled_for). Timetables name whole milliseconds; a manual
-- run takes an instant that is none (see pgbeat.trigger), so the two can never meet and one constraint covers both.

create sequence pgbeat.runs_id_seq;

create table pgbeat.runs (
  id bigint not null default nextval('pgbeat.runs_id_seq'),
  schedule_id uuid not null,
  schedule_name text not null,
  task_name text not null,
  payload jsonb not null,
  scheduled_for timestamptz not null,
  origin text not null check (origin in ('schedule', 'catch_up', 'backfill', 'manual')),
  status text not null check (status in
    ('waiting', 'queued', 'running', 'retrying', 'succeeded', 'failed', 'cancelled', 'skipped', 'missed')),
  reason text,
  missed_since timestamptz,
  missed_count integer,

  priority smallint not null default 0,
  queue_name text,
  max_attempts smallint not null,
  timeout interval,

  attempt smallint not null default 0,
  job_id bigint,
  node_id uuid,
  queued_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  progress jsonb,
  result jsonb,
  error jsonb,

  primary key (id, scheduled_for),
  unique (schedule_id, scheduled_for)
) partition by range (scheduled_for);
alter sequence pgbeat.runs_id_seq owned by pgbeat.runs.id;

create index runs_active on pgbeat.runs (schedule_id) where status in ('waiting', 'queued', 'running', 'retrying');
create index runs_waiting on pgbeat.runs (schedule_id, scheduled_for) where status = 'waiting';

create index runs_running on pgbeat.runs (node_id) where status = 'running';

create table pgbeat.runs_default partition of pgbeat.runs default;

comment on table pgbeat.runs is 'What became of every instant: the history. Kept when the schedule is deleted';
comment on column pgbeat.runs.id is 'Grows with every run';
comment on column pgbeat.runs.schedule_id is 'The schedule that fired it; it may be gone';
comment on column pgbeat.runs.schedule_name is 'Its name then';
comment on column pgbeat.runs.task_name is 'The task';
comment on column pgbeat.runs.payload is 'What the task is given';
comment on column pgbeat.runs.scheduled_for is 'The nominal instant; with the schedule it is the run''s identity, and never changes';
comment on column pgbeat.runs.origin is 'Why it exists: schedule, catch_up, backfill or manual';
comment on column pgbeat.runs.status is 'waiting (behind an active run), queued, running, retrying (between attempts), succeeded, failed, cancelled; never started: skipped, missed';
comment on column pgbeat.runs.reason is 'Why nothing ran (overlap, catch_up_none, catch_up_latest, outside_window, paused, edited), or a word on how it ended (partial, timeout, …)';
comment on column pgbeat.runs.missed_since is 'Missed: the first instant that this row covers; scheduled_for is the last';
comment on column pgbeat.runs.missed_count is 'Missed: how many instants this row covers; null = not counted (paused, edited)';
comment on column pgbeat.runs.priority is 'Smaller runs first';
comment on column pgbeat.runs.queue_name is 'Runs with the same queue name run one after the other';
comment on column pgbeat.runs.max_attempts is 'How often it is tried, the first time included';
comment on column pgbeat.runs.timeout is 'How long one attempt may take; null = without limit';
comment on column pgbeat.runs.attempt is 'The latest attempt; 0 = none yet';
comment on column pgbeat.runs.job_id is 'The graphile-worker job of the latest attempt; null before it';
comment on column pgbeat.runs.node_id is 'The worker of the latest attempt';
comment on column pgbeat.runs.queued_at is 'When its job was added; minus scheduled_for it is the fire delay';
comment on column pgbeat.runs.started_at is 'When its first attempt began; minus scheduled_for it is the lateness';
comment on column pgbeat.runs.finished_at is 'When its outcome was known';
comment on column pgbeat.runs.progress is 'What the task last reported: {"done", "total", "message"}';
comment on column pgbeat.runs.result is 'What the task returned';
comment on column pgbeat.runs.error is 'Of the latest attempt that failed: {"code", "message", "stack"}';

create table pgbeat.attempts (
  run_id bigint not null,
  scheduled_for timestamptz not null,
  attempt smallint not null,
  node_id uuid not null,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  status text not null default 'running' check (status in
    ('running', 'succeeded', 'failed', 'cancelled', 'timed_out', 'worker_lost')),
  error jsonb,
  primary key (run_id, scheduled_for, attempt)
) partition by range (scheduled_for);
create table pgbeat.attempts_default partition of pgbeat.attempts default;

comment on table pgbeat.attempts is 'Every try of a run';
comment on column pgbeat.attempts.run_id is 'The run';
comment on column pgbeat.attempts.scheduled_for is 'The run''s nominal instant; here so that attempts are partitioned as runs are';
comment on column pgbeat.attempts.attempt is '1 for the first';
comment on column pgbeat.attempts.node_id is 'The worker that tried';
comment on column pgbeat.attempts.started_at is 'When';
comment on column pgbeat.attempts.finished_at is 'Until when';
comment on column pgbeat.attempts.status is 'running, succeeded, failed, cancelled, timed_out, or worker_lost: the worker died in the middle';
comment on column pgbeat.attempts.error is '{"code", "message", "stack"}';

-- Attaching a partition needs the default one for itself for a moment, and whoever waits for a lock makes all others
-- wait behind it: so it does not wait long, and the caller tries again later. A day of which the default partition has
-- rows already stays there; moving them would pull them away from under the workers that are writing them.
create function pgbeat.create_run_partitions(first_day date, last_day date) returns integer
language plpgsql
set timezone = 'UTC' set datestyle = 'ISO'
as $$
declare
  parent text;
  day date := first_day;
  part text;
  is_taken boolean;
  created integer := 0;
begin
  perform set_config('lock_timeout', '100ms', true);
  perform pg_advisory_xact_lock(hashtext('pgbeat.create_run_partitions'));
  while day <= last_day loop
    foreach parent in array array['runs', 'attempts'] loop
      part := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
      continue when to_regclass('pgbeat.' || part) is not null;
      execute format('select exists (select from pgbeat.%I where scheduled_for >= $1 and scheduled_for < $2)',
        parent || '_default') into is_taken using day::timestamptz, (day + 1)::timestamptz;
      continue when is_taken;
      execute format('create table pgbeat.%I (like pgbeat.%I including defaults including constraints) with (fillfactor = 80)',
        part, parent);
      execute format('alter table pgbeat.%I attach partition pgbeat.%I for values from (%L) to (%L)',
        parent, part, day::timestamptz, (day + 1)::timestamptz);
      created := created + 1;
    end loop;
    day := day + 1;
  end loop;
  return created;
end $$;
comment on function pgbeat.create_run_partitions(date, date) is 'Makes the partitions of runs and attempts for each day (UTC) from first_day to last_day that has none; answers how many tables it made. Gives up with lock_not_available when somebody is reading for long. The leader does so ahead of time';

create function pgbeat.trigger(schedule text, payload jsonb default null) returns bigint
language plpgsql as $$
declare
  target pgbeat.schedules;
  new_run_id bigint;
  instant timestamptz := clock_timestamp();
begin
  select * into target from pgbeat.schedules
  where name = $1 or id = case when $1 ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then $1::uuid end;
  if not found then
    raise exception using errcode = 'no_data_found', message = format('no schedule is called %s', quote_literal($1)),
      hint = 'Give its id or its name.';
  end if;
  while new_run_id is null loop
    -- Never a whole millisecond: those are the timetables'.
    if extract(microseconds from instant)::bigint % 1000 = 0 then
      instant := instant + interval '1 microsecond';
    end if;
    insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, priority,
      queue_name, max_attempts, timeout, queued_at)
    values (target.id, target.name, target.task_name, coalesce($2, target.payload), instant, 'manual',
      'queued', target.priority, target.queue_name, target.max_attempts, target.timeout, clock_timestamp())
    on conflict do nothing
    returning id into new_run_id;
    exit when new_run_id is not null;
    instant := instant + interval '1 microsecond';
  end loop;
  perform graphile_worker.add_job(target.task_name,
    json_build_object('run_id', new_run_id::text, 'scheduled_for', instant, 'attempt', 1),
    queue_name := target.queue_name, priority := target.priority, max_attempts := 32767);
  return new_run_id;
end $$;
comment on function pgbeat.trigger(text, jsonb) is 'Runs a schedule now, besides its timetable; takes its id or name and, for this once, another payload. Answers the run''s id';
